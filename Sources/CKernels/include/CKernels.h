// Kernels that need vector instructions chosen at run time, which Swift cannot say yet.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The sets of instructions that the kernels are built for.
enum lode_instructions { lode_baseline = 0, lode_avx2 = 1, lode_avx512 = 2 };

// The best set of this machine.
enum lode_instructions lode_best_instructions(void);

// Keeps the process from better instructions than these; before anything else is asked of it.
void lode_limit_instructions(enum lode_instructions most);

// Where rows and centroids lie, and what is asked of them.
struct lode_nearest {
  const void *rows;         // count × dimension doubles or floats, row-major
  size_t count;
  size_t dimension;
  const void *origin;       // dimension numbers like those of rows, subtracted from every row
  const double *centroids;  // cluster_count × dimension, already without the origin
  size_t cluster_count;     // 1 to 2³¹ - 1
  int sums_squares;         // 1: sums (x - c)², never fused; 0: |c|²/2 - x·c
  void *workspace;          // lode_nearest_workspace bytes, at a multiple of 64
  int32_t *labels;          // count results: the nearest centroid, of equals the lowest
};

// The bytes of workspace for the two kernels.
size_t lode_nearest_workspace(size_t dimension, size_t cluster_count);

// The nearest centroid of every row of doubles, worked out in doubles.
void lode_nearest_double(const struct lode_nearest *task, enum lode_instructions set);

// The nearest centroid of every row of floats, worked out in floats.
void lode_nearest_float(const struct lode_nearest *task, enum lode_instructions set);

// Rows that change their clusters, and the exact sums of the clusters; see ExactSums in Swift.
struct lode_regroup {
  const void *rows;           // count × dimension doubles or floats, row-major
  int are_floats;             // 1: floats, 0: doubles
  size_t count;               // at most 4,096, so that nothing overflows
  size_t cluster_count;
  size_t dimension;
  const double *origin;       // dimension numbers, subtracted from every row
  const double *scale;        // dimension powers of two
  const double *row_weights;  // count numbers, or null: all 1
  double weight_scale;        // a power of two
  const int32_t *before;      // count clusters, -1 for none
  const int32_t *labels;      // count clusters from now on
  int64_t *sums;              // clusters × dimension, changed
  int64_t *weights;           // one a cluster, changed
  int64_t *counts;            // one a cluster, changed
};

// Takes every row whose label changes out of its old cluster and into its new one; returns how
// many did, or SIZE_MAX if a cluster is not there (nothing is changed then).
size_t lode_regroup(const struct lode_regroup *task, enum lode_instructions set);

// Lowers `lowest` and lifts `highest`, `dimension` numbers each, to the extents of the columns.
void lode_extents(
  const void *rows, int are_floats, size_t count, size_t dimension, double *lowest,
  double *highest, enum lode_instructions set);

// Rows of a logistic regression and the place at which it is asked for.
struct lode_logistic {
  const double *rows;      // the first row; row i of the task lies i × step rows behind it
  const bool *outcomes;    // one a row, at the same steps
  size_t count;
  size_t dimension;
  size_t step;             // 1 takes every row
  const double *origin;    // dimension numbers, subtracted from every row
  const double *slopes;    // dimension numbers
  double intercept;        // the log-odds at the origin
  double *residuals;       // count results: y - p
  double *weights;         // count results: p · (1 - p)
  double *gradient;        // 1 + dimension sums of (y - p) · (1, x - origin) are added here
};

// The loss -log L of the rows; fills in the results and adds to the gradient.
double lode_logistic_evaluate(const struct lode_logistic *task, enum lode_instructions set);

// Rows to be centred and scaled.
struct lode_scaled_rows {
  const double *rows;
  size_t count;
  size_t dimension;
  size_t step;
  const double *origin;    // dimension numbers
  const double *factors;   // dimension numbers
  const double *scales;    // count numbers
  double *filled;          // count × (1 + dimension) results: scale · (1, (x - origin) · factor)
};

// Fills in the centred and scaled rows with a constant in front.
void lode_fill_scaled_rows(const struct lode_scaled_rows *task, enum lode_instructions set);

// Adds x - origin to `sums` and its squares to `squares`, `dimension` numbers each.
void lode_add_moments(
  const double *rows, size_t count, size_t dimension, const double *origin, double *sums,
  double *squares, enum lode_instructions set);

// Adds blocks of 64 bytes to a SHA-256 state; `plain` leaves the instructions of the CPU aside.
void lode_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t count, int plain);

// Whether the CPU has instructions for SHA-256.
int lode_has_sha(void);
