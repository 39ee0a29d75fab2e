#include "CKernels.h"
#include <math.h>
#include <string.h>

// Within one expression a product may be fused with a sum where the machine can.
#pragma STDC FP_CONTRACT ON

typedef double QUAD __attribute__((vector_size(32)));
typedef float QUAD_OF_FLOATS __attribute__((vector_size(16)));

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define VECTOR JOIN(vector, SUFFIX)
#define MARKS JOIN(marks, SUFFIX)
#define LANES JOIN(lanes, SUFFIX)
#define TURN JOIN(turn, SUFFIX)
#define PACK JOIN(pack, SUFFIX)
#define NEAREST JOIN(nearest, SUFFIX)

#define NUMBER double
#define NARROW QUAD
#define INDEX int64_t
#define BLOCK 2
#define SUFFIX _double_baseline
#include "nearest.inc"
#if defined(__x86_64__)
#undef BLOCK
#define BLOCK 4
#undef SUFFIX
#define SUFFIX _double_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "nearest.inc"
#pragma clang attribute pop
#undef BLOCK
#define BLOCK 8
#undef SUFFIX
#define SUFFIX _double_avx512
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#include "nearest.inc"
#pragma clang attribute pop
#endif

#undef NUMBER
#undef NARROW
#undef INDEX
#define NUMBER float
#define NARROW QUAD_OF_FLOATS
#define INDEX int32_t
#undef BLOCK
#define BLOCK 2
#undef SUFFIX
#define SUFFIX _float_baseline
#include "nearest.inc"
#if defined(__x86_64__)
#undef BLOCK
#define BLOCK 4
#undef SUFFIX
#define SUFFIX _float_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "nearest.inc"
#pragma clang attribute pop
#undef BLOCK
#define BLOCK 8
#undef SUFFIX
#define SUFFIX _float_avx512
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#include "nearest.inc"
#pragma clang attribute pop
#endif

enum lode_instructions lode_best_instructions(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) return lode_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return lode_avx2;
#endif
  return lode_baseline;
}

size_t lode_nearest_workspace(size_t dimension, size_t cluster_count) {
  size_t filled = (cluster_count + 7) / 8 * 8;
  return (dimension + 1) * 64 + filled * (dimension + 1) * sizeof(double);
}

void lode_nearest_double(const struct lode_nearest *task, enum lode_instructions set) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: nearest_double_avx512(task); return;
  case lode_avx2: nearest_double_avx2(task); return;
#endif
  default: nearest_double_baseline(task);
  }
}

void lode_nearest_float(const struct lode_nearest *task, enum lode_instructions set) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: nearest_float_avx512(task); return;
  case lode_avx2: nearest_float_avx2(task); return;
#endif
  default: nearest_float_baseline(task);
  }
}
