internal import Glibc
public import LodeRuntime

/// Reads whole files, with errors in words.
public enum FileBytes {
  /// The bytes of a regular file.
  ///
  /// - Throws: a diagnostic of category `failure` (or `temporary` if the file is not there yet).
  /// - Complexity: O(size) time and memory.
  public static func read(_ path: String) throws(Diagnostic) -> [UInt8] {
    // SAFETY: `stat` fills the whole structure before it is read; `path` lives during the call.
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw failure(path, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw Diagnostic(
        .failure,
        at: path,
        "this is a directory, not a file.",
        fix: "name the file, or a pattern such as \(path)/*.csv."
      )
    }
    // SAFETY: the descriptor is checked and closed on every path.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    let size = Int(status.st_size)
    var errorNumber: Int32 = 0
    // SAFETY: at most `buffer.count` bytes are written, and the count that was read is kept.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let rest = unsafe buffer.baseAddress.map { unsafe UnsafeMutableRawPointer($0 + count) }
        guard let rest = unsafe rest else { return }
        let read = unsafe Glibc.read(descriptor, rest, size - count)
        if read < 0 && errno == EINTR { continue }
        if read < 0 { errorNumber = errno }
        guard read > 0 else { return }
        count += read
      }
    }
    guard errorNumber == 0 else { throw failure(path, errorNumber) }
    return bytes
  }

  /// Whether there is a file or folder at a path.
  public static func exists(_ path: String) -> Bool {
    // SAFETY: the C string lives during the call.
    unsafe access(path, F_OK) == 0
  }

  /// The paths that match a pattern with `*` and `?` in its last part, sorted by their bytes.
  ///
  /// A path without such a sign stands for itself, whether it exists or not.
  public static func matching(_ pattern: String) -> [String] {
    guard pattern.contains(where: { $0 == "*" || $0 == "?" }) else { return [pattern] }
    // SAFETY: `glob` initialises the structure, which is read within its counts and then freed.
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    var paths: [String] = []
    for index in unsafe 0..<Int(found.gl_pathc) {
      if let path = unsafe found.gl_pathv[index] { paths.append(unsafe String(cString: path)) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func failure(_ path: String, _ number: Int32) -> Diagnostic {
    switch number {
    case ENOENT, ENOTDIR:
      Diagnostic(
        .temporary,
        at: path,
        "there is no such file.",
        fix: "put the file there, or correct the path in the pipeline file."
      )
    case EACCES:
      Diagnostic(
        .failure,
        at: path,
        "this user may not read the file.",
        fix: "give read permission: chmod u+r."
      )
    default:
      // SAFETY: `strerror` returns a C string that is copied at once.
      Diagnostic(.failure, at: path, "reading failed: \(unsafe String(cString: strerror(number))).")
    }
  }
}
