internal import CMalloc
internal import Glibc

/// How the process keeps memory that it has given back to the allocator.
public enum MemoryReuse {
  /// Makes freed memory be used again instead of returning to the system at once.
  ///
  /// Columns are arrays of megabytes that live shortly. By its defaults glibc maps and unmaps each
  /// of them, and the system clears every page anew: a scan of three Parquet columns (10 M rows)
  /// took 0.26 s of CPU with the defaults and 0.12 s with these settings. Nor does what one thread
  /// frees serve another by default, as each has a heap of its own; one heap for two cores is
  /// enough, since small objects have their caches by thread anyway: a week of ten stages over
  /// 10 M lines then faults 0.3 M pages instead of 0.6 M. Called once at start, by programs; a
  /// library must not decide this for its host.
  public static func keepFreedPages() {
    // The largest threshold that glibc takes on 64 bits; larger arrays are mapped as before.
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, 1 << 30)
    _ = mallopt(M_TOP_PAD, 16 << 20)
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    _ = mallopt(M_ARENA_MAX, Int32(clamping: max(1, cores / 2)))
  }

  /// Gives memory that was freed back to the system if there is much of it, as between two stages
  /// of a run.
  ///
  /// What one stage leaves in pieces may not serve the next, and every page that is given back
  /// must be cleared anew when it is asked for: given back after each stage, a week of ten stages
  /// faulted 0.8 M pages instead of 0.3 M, a second of CPU.
  ///
  /// - Parameter limit: the most bytes that stay with the process.
  public static func giveBackFreedPages(above limit: Int = 512 << 20) {
    guard mallinfo2().fordblks > limit else { return }
    _ = malloc_trim(0)
  }
}
