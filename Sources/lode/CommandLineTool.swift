internal import Glibc
internal import LodePipeline
internal import LodeRuntime

/// Finds the command, runs it, and turns errors into messages and exit codes.
struct CommandLineTool {
  let arguments: [String]

  /// Runs the command.
  ///
  /// - Returns: the exit code, as PRODUCT and `lode help exit-codes` list them.
  func run() -> Int32 {
    do {
      return try dispatch()
    } catch let diagnostic as Diagnostic {
      Terminal.error("error: \(diagnostic)")
      return diagnostic.category.rawValue
    } catch let interruption as Interruption {
      Terminal.error("interrupted: nothing was published, unfinished files were removed.")
      return interruption.exitCode
    } catch {
      Terminal.error("error: \(error)")
      return Diagnostic.Category.failure.rawValue
    }
  }

  private func dispatch() throws -> Int32 {
    guard let name = arguments.first else {
      Terminal.error(Help.overview)
      return Diagnostic.Category.usage.rawValue
    }
    let rest = Array(arguments.dropFirst())
    if rest.contains("--help") || rest.contains("-h") {
      Terminal.print(Help.text(for: name))
      return 0
    }
    switch name {
    case "help", "--help", "-h":
      Terminal.print(rest.first.map { Help.text(for: $0) } ?? Help.overview)
      return 0
    case "version", "--version":
      Terminal.print("lode \(LodeVersion.current)")
      return 0
    case "run", "plan": return try RunCommand(name, rest).run()
    case "sample": return try SampleCommand(rest).run()
    default:
      if LookCommand.verbs.contains(name) { return try LookCommand(name, rest).run() }
      if KeepCommand.verbs.contains(name) { return try KeepCommand(name, rest).run() }
      if Operation(rawValue: name) != nil { return try RunCommand(name, rest).run() }
      let known = Help.commandNames
      throw Diagnostic(
        .usage,
        "unknown command \"\(name)\"\(Suggestion.ending(for: name, in: known))",
        fix: "lode help lists the commands."
      )
    }
  }
}

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Whether progress bars make sense.
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Prints a result line.
  static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Prints a line for people.
  static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Prints a part of a line for people, for example a progress bar.
  static func errorPart(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    // SAFETY: reads stay inside the buffer: `done` never exceeds its count.
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var done = 0
      while done < buffer.count {
        let count = unsafe Glibc.write(descriptor, base + done, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return }
        done += count
      }
    }
  }
}
