#include "CKernels.h"

#pragma STDC FP_CONTRACT ON

enum { PART = 64 };

// Adding this moves a whole number below 2⁵¹ into the low bits of a double.
static const double magic = 0x1.8p52;

static inline int64_t bits_of(double value) {
  union { double number; int64_t bits; } both = {.number = value};
  return both.bits;
}

// value · scale as a whole number, rounded to nearest even; `scale` is a power of two, so the
// product is exact and may be fused.
static inline int64_t fixed_point(double value, double scale) {
  return bits_of(value * scale + magic) - bits_of(magic);
}

static inline __attribute__((always_inline)) size_t regroup(const struct lode_regroup *task) {
  const size_t d = task->dimension;
  size_t moved = 0;
  for (size_t i = 0; i < task->count; i++) {
    const int32_t from = task->before[i], to = task->labels[i];
    if (from == to) continue;
    moved++;
    const double weight = task->row_weights ? task->row_weights[i] : 1;
    const int64_t exact = fixed_point(weight, task->weight_scale);
    task->counts[to] += 1;
    task->weights[to] += exact;
    if (from >= 0) {
      task->counts[from] -= 1;
      task->weights[from] -= exact;
    }
    const double *row = task->rows + i * d;
    for (size_t start = 0; start < d; start += PART) {
      const size_t count = d - start < PART ? d - start : PART;
      int64_t values[PART];
      for (size_t j = 0; j < count; j++) {
        const double difference = row[start + j] - task->origin[start + j];
        // Two statements: rounded before it is scaled, on every machine.
        const double weighted = difference * weight;
        values[j] = fixed_point(weighted, task->scale[start + j]);
      }
      int64_t *into = task->sums + (size_t)to * d + start;
      for (size_t j = 0; j < count; j++) into[j] += values[j];
      if (from < 0) continue;
      int64_t *out = task->sums + (size_t)from * d + start;
      for (size_t j = 0; j < count; j++) out[j] -= values[j];
    }
  }
  return moved;
}

static inline __attribute__((always_inline)) void extents(
    const double *rows, size_t count, size_t d, double *lowest, double *highest) {
  for (size_t i = 0; i < count; i++) {
    const double *row = rows + i * d;
    for (size_t start = 0; start < d; start += PART) {
      const size_t width = d - start < PART ? d - start : PART;
      double *low = lowest + start, *high = highest + start;
      for (size_t j = 0; j < width; j++) {
        const double value = row[start + j];
        low[j] = value < low[j] ? value : low[j];
        high[j] = value > high[j] ? value : high[j];
      }
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static size_t regroup_avx2(const struct lode_regroup *task) {
  return regroup(task);
}

__attribute__((target("avx512f,avx512dq,avx512vl,fma"))) static size_t regroup_avx512(
    const struct lode_regroup *task) {
  return regroup(task);
}

__attribute__((target("avx2,fma"))) static void extents_avx2(
    const double *rows, size_t count, size_t d, double *restrict low, double *restrict high) {
  extents(rows, count, d, low, high);
}
#endif

size_t lode_regroup(const struct lode_regroup *task, enum lode_instructions set) {
  switch (set) {
#if defined(__x86_64__)
  case lode_avx512: return regroup_avx512(task);
  case lode_avx2: return regroup_avx2(task);
#endif
  default: return regroup(task);
  }
}

void lode_extents(
    const double *rows, size_t count, size_t dimension, double *lowest, double *highest,
    enum lode_instructions set) {
#if defined(__x86_64__)
  if (set >= lode_avx2) {
    extents_avx2(rows, count, dimension, lowest, highest);
    return;
  }
#endif
  extents(rows, count, dimension, lowest, highest);
}
