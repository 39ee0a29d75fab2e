internal import LodePipeline
internal import LodeRuntime

/// `lode fsck`, `lode vacuum`, `lode unlock` and `lode tag list | set | delete`.
struct KeepCommand {
  /// The verbs of this command.
  static let verbs = ["fsck", "vacuum", "unlock", "tag"]

  private let verb: String
  private let arguments: Arguments

  init(_ verb: String, _ rest: [String]) throws(Diagnostic) {
    self.verb = verb
    let isVacuum = verb == "vacuum"
    let options = OptionTable(
      valued: ["warehouse"] + (isVacuum ? ["keep-days"] : []),
      flags: isVacuum ? ["delete"] : verb == "unlock" ? ["force"] : []
    )
    arguments = try Arguments(rest, options: options, command: verb)
  }

  /// Does the work; the exit code.
  func run() throws -> Int32 {
    let keeper = try WarehouseKeeper(root: WarehouseFolder.path(arguments))
    switch verb {
    case "fsck": return try check(keeper)
    case "vacuum":
      let days = try arguments.integer("keep-days", in: 0...100_000) ?? 30
      let done = try keeper.vacuum(
        keepingDays: days,
        now: AsOf.now(),
        isDryRun: !arguments.has("delete")
      )
      Terminal.print(String(done.csv.dropLast()))
      Terminal.error(done.sentence)
      return 0
    case "unlock":
      Terminal.print(try keeper.unlock(isForced: arguments.has("force")))
      return 0
    default:
      try tag(keeper)
      return 0
    }
  }

  private func check(_ keeper: WarehouseKeeper) throws -> Int32 {
    Parallel.threadCount = 2
    let (figures, problems) = try keeper.check()
    for problem in problems { Terminal.error("error: \(problem)") }
    let count = problems.count
    let verdict = count == 0 ? "all whole" : "\(count) problem\(count == 1 ? "" : "s")"
    Terminal.print("\(figures): \(verdict)")
    return problems.isEmpty ? 0 : 1
  }

  private func tag(_ keeper: WarehouseKeeper) throws {
    let words = arguments.words
    switch (words.first ?? "list", words.count) {
    case ("list", 0...1): Terminal.print(String(try keeper.listTags().dropLast()))
    case ("set", 2...): try keeper.setTag(words[1], tables: Array(words.dropFirst(2)))
    case ("delete", 2): try keeper.deleteTag(words[1])
    default:
      throw Diagnostic(
        .usage,
        "lode tag does not know \"\(words.joined(separator: " "))\".",
        fix: "write lode tag list, lode tag set NAME [TABLE[@VERSION]…] or lode tag delete NAME."
      )
    }
  }
}
