internal import Glibc
internal import LodeRuntime

/// An error number of the system and what it means for the user.
struct SystemFailure {
  /// What was being done.
  enum Action: String {
    case writing = "write"
    case making = "make the folder"
    case reading = "read"
  }

  /// The error number.
  let code: Int32

  /// The failure of an error number.
  init(_ code: Int32) {
    self.code = code
  }

  /// The system's words for the error, for example "Permission denied".
  var words: String {
    // SAFETY: the text is copied at once.
    unsafe String(cString: strerror(code))
  }

  /// What happened, where, and how to fix it.
  func diagnostic(_ action: Action, _ path: String, byteCount: Int? = nil) -> Diagnostic {
    switch code {
    case ENOSPC, EDQUOT:
      let need = byteCount.map { " of \($0) bytes" } ?? ""
      return Diagnostic(
        .temporary,
        at: FileTree.parent(of: path) ?? path,
        "disk full: there is no room for a file\(need).",
        fix: "free at least \(byteCount ?? 4096) bytes there and run again; nothing was published."
      )
    case EACCES, EPERM, EROFS:
      return Diagnostic(
        .failure,
        at: path,
        "lode may not \(action.rawValue) here (\(words)).",
        fix: "give this user write access to the folder, or name another warehouse folder."
      )
    default:
      return Diagnostic(
        .failure,
        at: path,
        "lode cannot \(action.rawValue) here (\(words)).",
        fix: "check the path and the disk, then run again; nothing was published."
      )
    }
  }
}
