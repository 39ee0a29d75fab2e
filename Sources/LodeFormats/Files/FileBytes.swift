internal import Glibc
public import LodeRuntime

/// Reads whole files, with errors in words.
public enum FileBytes {
  /// The bytes of a regular file.
  ///
  /// - Throws: a diagnostic of category `failure` (or `temporary` if the file is not there yet).
  /// - Complexity: O(size) time and memory.
  public static func read(_ path: String) throws(Diagnostic) -> [UInt8] {
    do throws(InputFileError) {
      let file = try InputFile(opening: path)
      return try file.bytes(in: 0..<file.byteCount)
    } catch {
      throw failure(path, error)
    }
  }

  /// Whether there is a file or folder at a path.
  public static func exists(_ path: String) -> Bool {
    FileTree.exists(path)
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

  static func failure(_ path: String, _ error: InputFileError) -> Diagnostic {
    switch error.code {
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
    case nil where FileTree.isFolder(path):
      Diagnostic(
        .failure,
        at: path,
        "this is a directory, not a file.",
        fix: "name the file, or a pattern such as \(path)/*.csv."
      )
    default:
      Diagnostic(
        .failure,
        at: path,
        "reading failed: \(error.words).",
        fix: "check the file and the disk, then run again."
      )
    }
  }
}
