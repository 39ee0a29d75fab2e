#include "CKernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT ON

enum { PART = 64, MOST_ROWS = 4096 };

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

#define INLINE static inline __attribute__((always_inline))

// A number of either kind; `are_floats` is known where this is inlined.
INLINE double number_at(const void *rows, int are_floats, size_t place) {
  return are_floats ? ((const float *)rows)[place] : ((const double *)rows)[place];
}

typedef int32_t LABELS __attribute__((vector_size(64)));
typedef bool FLAGS __attribute__((ext_vector_type(16)));

// Lists the rows whose labels change; returns how many there are, or SIZE_MAX.
INLINE size_t list_changes(const struct lode_regroup *task, uint16_t changes[MOST_ROWS]) {
  const size_t whole = task->count & ~(size_t)15;
  const int32_t most = (int32_t)task->cluster_count - 1;
  LABELS wrong = {0};
  size_t count = 0;
  for (size_t i = 0; i < whole; i += 16) {
    LABELS from, to;
    memcpy(&from, task->before + i, sizeof from);
    memcpy(&to, task->labels + i, sizeof to);
    wrong |= (from > most) | (to > most) | (to < 0);
    const FLAGS differ = __builtin_convertvector(from != to, FLAGS);
    uint16_t flags;
    memcpy(&flags, &differ, sizeof flags);
    for (uint32_t left = flags; left != 0; left &= left - 1) {
      changes[count++] = (uint16_t)(i + (size_t)__builtin_ctz(left));
    }
  }
  int32_t is_wrong = 0;
  for (size_t i = 0; i < 16; i++) is_wrong |= wrong[i];
  for (size_t i = whole; i < task->count; i++) {
    const int32_t from = task->before[i], to = task->labels[i];
    is_wrong |= from > most || to > most || to < 0;
    if (from != to) changes[count++] = (uint16_t)i;
  }
  return is_wrong ? SIZE_MAX : count;
}

INLINE size_t regroup_rows(const struct lode_regroup *task, int are_floats) {
  const size_t d = task->dimension;
  uint16_t changes[MOST_ROWS];
  const size_t moved = list_changes(task, changes);
  if (moved == SIZE_MAX) return moved;
  for (size_t place = 0; place < moved; place++) {
    const size_t i = changes[place];
    const int32_t from = task->before[i], to = task->labels[i];
    const double weight = task->row_weights ? task->row_weights[i] : 1;
    const int64_t exact = fixed_point(weight, task->weight_scale);
    task->counts[to] += 1;
    task->weights[to] += exact;
    if (from >= 0) {
      task->counts[from] -= 1;
      task->weights[from] -= exact;
    }
    for (size_t start = 0; start < d; start += PART) {
      const size_t count = d - start < PART ? d - start : PART;
      int64_t values[PART];
      for (size_t j = 0; j < count; j++) {
        const double value = number_at(task->rows, are_floats, i * d + start + j);
        const double difference = value - task->origin[start + j];
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

INLINE size_t regroup(const struct lode_regroup *task) {
  return task->are_floats ? regroup_rows(task, 1) : regroup_rows(task, 0);
}

INLINE void row_extents(
    const void *rows, int are_floats, size_t count, size_t d, double *lowest, double *highest) {
  for (size_t i = 0; i < count; i++) {
    for (size_t start = 0; start < d; start += PART) {
      const size_t width = d - start < PART ? d - start : PART;
      double *low = lowest + start, *high = highest + start;
      for (size_t j = 0; j < width; j++) {
        const double value = number_at(rows, are_floats, i * d + start + j);
        low[j] = value < low[j] ? value : low[j];
        high[j] = value > high[j] ? value : high[j];
      }
    }
  }
}

INLINE void extents(
    const void *rows, int are_floats, size_t count, size_t d, double *lowest, double *highest) {
  if (are_floats) {
    row_extents(rows, 1, count, d, lowest, highest);
  } else {
    row_extents(rows, 0, count, d, lowest, highest);
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
    const void *rows, int are_floats, size_t count, size_t d, double *restrict low,
    double *restrict high) {
  extents(rows, are_floats, count, d, low, high);
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
    const void *rows, int are_floats, size_t count, size_t dimension, double *lowest,
    double *highest, enum lode_instructions set) {
#if defined(__x86_64__)
  if (set >= lode_avx2) {
    extents_avx2(rows, are_floats, count, dimension, lowest, highest);
    return;
  }
#endif
  extents(rows, are_floats, count, dimension, lowest, highest);
}
