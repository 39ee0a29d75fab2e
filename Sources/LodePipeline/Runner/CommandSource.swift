internal import LodeRuntime

/// Runs a program and takes its standard output: a source beyond files.
///
/// Its output counts only if it ended with status 0.
enum CommandSource {
  /// The output of a program.
  ///
  /// - Parameters:
  ///   - arguments: the program, looked up in PATH, and its arguments.
  ///   - place: the place in the pipeline file, for messages.
  /// - Returns: everything the program wrote to standard output.
  /// - Throws: a diagnostic if it cannot be started or fails; category `temporary` if it fails.
  static func output(of arguments: [String], at place: String) throws(Diagnostic) -> [UInt8] {
    let outcome = try ChildProcess.run(arguments, at: place)
    let program = arguments.first ?? ""
    if let how = outcome.failure {
      let last = String(decoding: outcome.errors.suffix(2000), as: UTF8.self)
        .split(separator: "\n").suffix(3).joined(separator: "\n    ")
      throw Diagnostic(
        .temporary,
        at: place,
        "\(program) \(how)\(last.isEmpty ? "." : ":\n    \(last)")",
        fix: "run the command by hand and mend it; nothing of its output was loaded."
      )
    }
    let bytes = outcome.output
    guard bytes.last == UInt8(ascii: "\n") else {
      throw Diagnostic(
        .temporary,
        at: place,
        bytes.isEmpty
          ? "\(program) wrote nothing, not even a header."
          : "the output of \(program) ends in the middle of a line, after \(bytes.count) bytes.",
        fix: "run the command by hand and mend it; nothing of its output was loaded."
      )
    }
    return bytes
  }
}
