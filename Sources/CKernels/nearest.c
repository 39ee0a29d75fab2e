#include "CKernels.h"
#include <math.h>
#include <string.h>

// Within one expression a product may be fused with a sum where the machine can.
#pragma STDC FP_CONTRACT ON

// Shuffles of two vectors in parts of four lanes: a0 b0 a2 b2, a1 b1 a3 b3; then the first and the
// last two of each.
#define DOUBLES_(a, b, c, e) a, 8 + b, c, 8 + e, 4 + a, 12 + b, 4 + c, 12 + e
#define FLOATS_(a, b, c, e) \
  a, 16 + b, c, 16 + e, 4 + a, 20 + b, 4 + c, 20 + e, \
  8 + a, 24 + b, 8 + c, 24 + e, 12 + a, 28 + b, 12 + c, 28 + e
#define DOUBLE_PAIRS_(a, b) a, b, 8 + a, 8 + b, 4 + a, 4 + b, 12 + a, 12 + b
#define FLOAT_PAIRS_(a, b) \
  a, b, 16 + a, 16 + b, 4 + a, 4 + b, 20 + a, 20 + b, \
  8 + a, 8 + b, 24 + a, 24 + b, 12 + a, 12 + b, 28 + a, 28 + b

// How many bytes ahead rows are asked for: half the time of a pass over rows that lie in memory.
enum { PREFETCH_DISTANCE = 8192 };

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define VECTOR JOIN(vector, SUFFIX)
#define MARKS JOIN(marks, SUFFIX)
#define LABELS JOIN(labels, SUFFIX)
#define LANES JOIN(lanes, SUFFIX)
#define TURN JOIN(turn, SUFFIX)
#define PACK JOIN(pack, SUFFIX)
#define NEAREST JOIN(nearest, SUFFIX)

#define NUMBER double
#define INDEX int64_t
#define EVEN DOUBLES_(0, 0, 2, 2)
#define ODD DOUBLES_(1, 1, 3, 3)
#define LOW DOUBLE_PAIRS_(0, 1)
#define HIGH DOUBLE_PAIRS_(2, 3)
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
#undef INDEX
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH
#define NUMBER float
#define INDEX int32_t
#define EVEN FLOATS_(0, 0, 2, 2)
#define ODD FLOATS_(1, 1, 3, 3)
#define LOW FLOAT_PAIRS_(0, 1)
#define HIGH FLOAT_PAIRS_(2, 3)
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

static enum lode_instructions most_instructions = lode_avx512;

void lode_limit_instructions(enum lode_instructions most) { most_instructions = most; }

static enum lode_instructions machine_instructions(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) return lode_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return lode_avx2;
#endif
  return lode_baseline;
}

enum lode_instructions lode_best_instructions(void) {
  enum lode_instructions best = machine_instructions();
  return best < most_instructions ? best : most_instructions;
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
