#include "CKernels.h"
#include <math.h>
#include <string.h>

// Within one expression a product may be fused with a sum where the machine can.
#pragma STDC FP_CONTRACT ON

typedef double VECTOR __attribute__((vector_size(64)));
typedef int64_t MARKS __attribute__((vector_size(64)));

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPONENTIAL JOIN(exponential, SUFFIX)
#define LANE_SUMS JOIN(lane_sums, SUFFIX)
#define LOGARITHMS JOIN(logarithms, SUFFIX)
#define EVALUATE JOIN(evaluate, SUFFIX)
#define FILL JOIN(fill, SUFFIX)
#define MOMENTS JOIN(moments, SUFFIX)

#define SUFFIX _baseline
#include "logistic.inc"
#if defined(__x86_64__)
#undef SUFFIX
#define SUFFIX _avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "logistic.inc"
#pragma clang attribute pop
#undef SUFFIX
#define SUFFIX _avx512
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#include "logistic.inc"
#pragma clang attribute pop
#endif

double lode_logistic_evaluate(const struct lode_logistic *task, enum lode_instructions set) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: return evaluate_avx512(task);
  case lode_avx2: return evaluate_avx2(task);
#endif
  default: return evaluate_baseline(task);
  }
}

void lode_fill_scaled_rows(const struct lode_scaled_rows *task, enum lode_instructions set) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: fill_avx512(task); return;
  case lode_avx2: fill_avx2(task); return;
#endif
  default: fill_baseline(task);
  }
}

void lode_add_moments(
  const double *rows, size_t count, size_t dimension, const double *origin, double *sums,
  double *squares, enum lode_instructions set
) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: moments_avx512(rows, count, dimension, origin, sums, squares); return;
  case lode_avx2: moments_avx2(rows, count, dimension, origin, sums, squares); return;
#endif
  default: moments_baseline(rows, count, dimension, origin, sums, squares);
  }
}
