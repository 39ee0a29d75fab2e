internal import FoundationEssentials
internal import Glibc
package import LodeRuntime

/// Runs a program to its end and keeps what it wrote.
///
/// The program is started from an argument array, never through a shell, with nothing to read.
package enum ChildProcess {
  /// What a program left behind.
  package struct Outcome: Sendable {
    /// Everything it wrote to standard output.
    package let output: [UInt8]
    /// Everything it wrote to standard error.
    package let errors: [UInt8]
    /// How it ended, in words, unless with status 0.
    package let failure: String?
  }

  /// Runs a program.
  ///
  /// - Parameters:
  ///   - arguments: the program, looked up in PATH, and its arguments.
  ///   - environment: its environment; nil for that of this process.
  ///   - place: what asks for it, for messages.
  /// - Returns: what it wrote and how it ended.
  /// - Throws: a diagnostic if it cannot be started.
  package static func run(
    _ arguments: [String],
    environment: [String: String]? = nil,
    at place: String
  ) throws(Diagnostic) -> Outcome {
    guard !arguments.isEmpty else {
      throw Diagnostic(.usage, at: place, "the command is empty.", fix: "name a program.")
    }
    let variables = environment ?? ProcessInfo.processInfo.environment
    let output = try PipeEnds(place)
    let errors = try PipeEnds(place)
    let process = try spawn(arguments, variables, output, errors, place)
    close(output.writing)
    close(errors.writing)
    let (bytes, words) = drain(output.reading, errors.reading)
    close(output.reading)
    close(errors.reading)
    var status: Int32 = 0
    // SAFETY: the status is filled before it is read.
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let how =
      status & 0x7F == 0
      ? "ended with status \((status >> 8) & 0xFF)" : "was ended by signal \(status & 0x7F)"
    return Outcome(output: bytes, errors: words, failure: status == 0 ? nil : how)
  }

  private struct PipeEnds {
    let reading: Int32
    let writing: Int32

    init(_ place: String) throws(Diagnostic) {
      var ends: [Int32] = [0, 0]
      // SAFETY: `pipe` writes two descriptors into an array of two.
      guard unsafe pipe(&ends) == 0 else {
        throw Diagnostic(.temporary, at: place, "no more pipes can be opened.", fix: "try again.")
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      reading = ends[0]
      writing = ends[1]
    }
  }

  private static func spawn(
    _ arguments: [String],
    _ environment: [String: String],
    _ output: PipeEnds,
    _ errors: PipeEnds,
    _ place: String
  ) throws(Diagnostic) -> pid_t {
    let variables = environment.keys.sorted().map { "\($0)=\(environment[$0] ?? "")" }
    // SAFETY: the copied strings, the actions and the process id live until the call returns; the
    // strings are freed after it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var settings = unsafe variables.map { unsafe strdup($0) } + [nil]
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      for index in unsafe words.indices { unsafe free(words[index]) }
      for index in unsafe settings.indices { unsafe free(settings[index]) }
    }
    var process: pid_t = 0
    let error = unsafe posix_spawnp(
      &process,
      arguments[0],
      &actions,
      nil,
      &words,
      &settings
    )
    guard error == 0 else {
      throw Diagnostic(
        .failure,
        at: place,
        "the program \"\(arguments[0])\" cannot be started: "
          + "\(unsafe String(cString: strerror(error))).",
        fix: "install it, or write its full path."
      )
    }
    return process
  }

  /// Reads both pipes to their ends, whichever has something.
  private static func drain(_ output: Int32, _ errors: Int32) -> (output: [UInt8], errors: [UInt8])
  {
    var results: [Int32: [UInt8]] = [output: [], errors: []]
    var open = [output, errors]
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !open.isEmpty {
      var waiting = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      // SAFETY: the array has as many entries as said.
      if unsafe poll(&waiting, nfds_t(waiting.count), -1) < 0 {
        if errno == EINTR { continue }
        break
      }
      for entry in waiting where entry.revents != 0 {
        // SAFETY: at most the buffer's size is read into it.
        let count = unsafe read(entry.fd, &buffer, buffer.count)
        if count > 0 {
          results[entry.fd, default: []].append(contentsOf: buffer[..<count])
        } else if count == 0 || errno != EINTR {
          open.removeAll { $0 == entry.fd }
        }
      }
    }
    return (results[output] ?? [], results[errors] ?? [])
  }
}
