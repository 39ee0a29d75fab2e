internal import Glibc
internal import LodeFormats
internal import LodeRuntime

/// One run at a time on a warehouse: an advisory lock that dies with its process.
struct RunLock {
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Throws: a diagnostic of category `temporary` that names the holder.
  init(folder: String, runID: String) throws(Diagnostic) {
    try AtomicFile.makeFolder(folder)
    let path = "\(folder)/.lode-lock"
    // SAFETY: the descriptor is checked; the C string lives during the call.
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Diagnostic(
        .failure,
        at: folder,
        "this user may not write in the warehouse: \(unsafe String(cString: strerror(errno))).",
        fix: "give write permission, or choose another folder with --warehouse."
      )
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? FileBytes.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      close(descriptor)
      throw Diagnostic(
        .temporary,
        at: folder,
        "another run holds the warehouse: \(holder.isEmpty ? "unknown" : holder).",
        fix: "wait until it ends and run again."
      )
    }
    let holder = Array("run \(runID), process \(getpid())".utf8)
    ftruncate(descriptor, 0)
    // SAFETY: the buffer is read within its count. The text is only for people, so a failure to
    // write it does not matter.
    _ = unsafe holder.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Gives the lock back.
  func release() {
    ftruncate(descriptor, 0)
    close(descriptor)
  }
}
