// The one door to this Debian library: its own header, and one function it has without a header.
#pragma once
#include <cblas.h>

// Ends the threads of the library; absent (null) where it was built without threads.
int blas_thread_shutdown_(void) __attribute__((weak));

// Ends the threads that OpenBLAS starts when it is loaded. They wait for work by spinning for some
// 0.08 s of CPU, and calls stay on the caller's thread anyway.
static inline void lode_end_blas_threads(void) {
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
