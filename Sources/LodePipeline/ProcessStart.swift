internal import LodeNumerics
internal import LodeRuntime

/// What a program of ours sets once, before anything else.
public enum ProcessStart {
  /// Keeps freed memory for use again, and OpenBLAS on the calling thread.
  ///
  /// A library must not decide this for its host, so programs call it.
  public static func prepare() {
    MemoryReuse.keepFreedPages()
    BLAS.useOneThread()
  }
}
