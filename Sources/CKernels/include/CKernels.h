// Kernels that need vector instructions chosen at run time, which Swift cannot say yet.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The sets of instructions that the kernels are built for.
enum lode_instructions { lode_baseline = 0, lode_avx2 = 1, lode_avx512 = 2 };

// The best set of this machine.
enum lode_instructions lode_best_instructions(void);

// Where rows and centroids lie, and what is asked of them.
struct lode_nearest {
  const double *rows;       // count × dimension, row-major
  size_t count;
  size_t dimension;
  const double *origin;     // dimension numbers, subtracted from every row
  const double *centroids;  // cluster_count × dimension, already without the origin
  size_t cluster_count;     // 1 to 2³¹ - 1
  int sums_squares;         // 1: sums (x - c)², never fused; 0: |c|²/2 - x·c
  void *workspace;          // lode_nearest_workspace bytes, at a multiple of 64
  int32_t *labels;          // count results: the nearest centroid, of equals the lowest
};

// The bytes of workspace for the two kernels.
size_t lode_nearest_workspace(size_t dimension, size_t cluster_count);

// The nearest centroid of every row, worked out in doubles.
void lode_nearest_double(const struct lode_nearest *task, enum lode_instructions set);

// The nearest centroid of every row, worked out in floats.
void lode_nearest_float(const struct lode_nearest *task, enum lode_instructions set);

// Adds blocks of 64 bytes to a SHA-256 state; `plain` leaves the instructions of the CPU aside.
void lode_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t count, int plain);

// Whether the CPU has instructions for SHA-256.
int lode_has_sha(void);
