internal import Glibc
public import LodeRuntime

/// Writes whole files so that a reader sees the old or the new content, never a part.
public enum AtomicFile {
  /// Writes `bytes` to `path`: a temporary file beside it, fsync, rename, fsync of the folder.
  ///
  /// Missing folders are made. On any error the old file stays and the temporary one is removed.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - path: where it goes.
  ///   - mode: the permission bits.
  /// - Throws: a diagnostic; of category `temporary` when the disk is full.
  public static func write(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32 = 0o644
  ) throws(Diagnostic) {
    try prepare(bytes, for: path, mode: mode).publish()
  }

  /// A file that is written and on disk, but not yet under its name.
  public struct Prepared: Sendable {
    /// Where it goes.
    public let path: String
    fileprivate let temporary: String

    /// Gives the file its name, in place of the file that has it.
    ///
    /// - Throws: a diagnostic if the file cannot be renamed.
    public func publish() throws(Diagnostic) {
      // SAFETY: both C strings live during the call.
      guard unsafe rename(temporary, path) == 0 else {
        let number = errno
        discard()
        throw failure("cannot write", path, number)
      }
      syncFolder(folder(of: path))
    }

    /// Removes the file.
    public func discard() {
      // SAFETY: the C string lives during the call.
      unsafe unlink(temporary)
    }
  }

  /// Writes `bytes` beside `path` and brings them to disk.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - path: where the file will go.
  ///   - mode: the permission bits.
  /// - Returns: the file, to publish or to discard.
  /// - Throws: a diagnostic; of category `temporary` when the disk is full.
  public static func prepare(
    _ bytes: [UInt8],
    for path: String,
    mode: UInt32 = 0o644
  ) throws(Diagnostic) -> Prepared {
    try makeFolder(folder(of: path))
    let prepared = Prepared(path: path, temporary: "\(path).tmp-\(getpid())")
    // SAFETY: the descriptor is checked and closed on every path; the C string lives in the call.
    let descriptor = unsafe open(
      prepared.temporary,
      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
      mode
    )
    guard descriptor >= 0 else { throw failure("cannot write", path, errno) }
    let written = writeAll(bytes, to: descriptor)
    let error = written ? (fsync(descriptor) == 0 ? 0 : errno) : errno
    close(descriptor)
    guard error == 0 else {
      prepared.discard()
      throw failure("cannot write", path, error)
    }
    return prepared
  }

  /// Makes a folder and those above it.
  ///
  /// - Throws: a diagnostic if that is not allowed.
  public static func makeFolder(_ path: String) throws(Diagnostic) {
    guard !path.isEmpty, path != "/", path != "." else { return }
    // SAFETY: the C string lives during the call.
    if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw failure("cannot make the folder", path, errno) }
    try makeFolder(folder(of: path))
    if unsafe mkdir(path, 0o755) != 0 && errno != EEXIST {
      throw failure("cannot make the folder", path, errno)
    }
  }

  /// The folder that holds a path.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    // SAFETY: reads stay inside the buffer: `done` never exceeds its count.
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        guard let base = buffer.baseAddress else { return true }
        let count = unsafe Glibc.write(descriptor, base + done, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  fileprivate static func syncFolder(_ path: String) {
    // SAFETY: the descriptor is checked before use and closed.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  fileprivate static func failure(_ what: String, _ path: String, _ number: Int32) -> Diagnostic {
    // SAFETY: `strerror` returns a C string that is copied at once.
    let reason = unsafe String(cString: strerror(number))
    let isFull = number == ENOSPC || number == EDQUOT
    return Diagnostic(
      isFull ? .temporary : .failure,
      at: path,
      "\(what): \(reason).",
      fix: isFull
        ? "free some space and run again; nothing was changed."
        : "choose a folder that this user may write, or change its permissions."
    )
  }
}
