internal import LodePipeline
internal import LodeRuntime

/// `lode ls` and `lode show TABLE`.
struct LookCommand {
  private let verb: String
  private let arguments: Arguments

  init(_ verb: String, _ rest: [String]) throws(Diagnostic) {
    self.verb = verb
    let options = OptionTable(valued: ["warehouse", "where", "limit"], flags: [])
    arguments = try Arguments(rest, options: options, command: verb)
  }

  /// Prints tables or rows; the exit code.
  func run() throws -> Int32 {
    let viewer = try TableViewer(root: arguments.value("warehouse") ?? "warehouse")
    if verb == "ls" {
      Terminal.print(String(try viewer.list().dropLast()))
      return 0
    }
    guard let table = arguments.words.first, arguments.words.count == 1 else {
      throw Diagnostic(.usage, "lode show needs the name of one table.", fix: "lode ls lists them.")
    }
    let limit = try arguments.integer("limit", in: 0...Int.max) ?? 10
    let text = try viewer.show(table, where: arguments.value("where"), limit: limit)
    Terminal.print(String(text.dropLast()))
    return 0
  }
}
