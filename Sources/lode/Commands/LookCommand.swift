internal import LodePipeline
internal import LodeRuntime

/// `lode ls | show | schema | profile | files | history TABLE` and `lode diff TABLE A B`.
struct LookCommand {
  /// The verbs of this command.
  static let verbs = ["ls", "show", "schema", "profile", "diff", "files", "history"]

  private let verb: String
  private let arguments: Arguments

  init(_ verb: String, _ rest: [String]) throws(Diagnostic) {
    self.verb = verb
    var valued = ["warehouse"]
    var flags: [String] = []
    switch verb {
    case "show": valued += ["where", "limit"]
    case "profile": flags = ["show-personal"]
    case "files": flags = ["sql"]
    case "diff":
      valued.append("key")
      flags = ["exit-code"]
    default: break
    }
    let options = OptionTable(valued: valued, flags: flags)
    arguments = try Arguments(rest, options: options, command: verb)
  }

  /// Prints tables or rows; the exit code.
  func run() throws -> Int32 {
    let viewer = try TableViewer(root: WarehouseFolder.path(arguments))
    let words = arguments.words
    switch verb {
    case "ls":
      guard words.isEmpty else {
        throw Diagnostic(
          .usage,
          "lode ls takes no table.",
          fix: "lode show \(words[0]) prints its rows, lode history \(words[0]) its versions."
        )
      }
      show(try viewer.list())
    case "diff": return try difference(viewer)
    case "show":
      let limit = try arguments.integer("limit", in: 0...Int.max) ?? 10
      show(try viewer.show(try table(), where: arguments.value("where"), limit: limit))
    case "schema": show(try viewer.schema(try table()))
    case "profile":
      show(try viewer.profile(try table(), showsPersonal: arguments.has("show-personal")))
    case "history": show(try viewer.history(try table()))
    default:
      let table = try table()
      show(arguments.has("sql") ? try viewer.selectStatement(table) : try viewer.files(table))
    }
    return 0
  }

  private func difference(_ viewer: TableViewer) throws -> Int32 {
    let words = arguments.words
    guard words.count == 3 else {
      throw Diagnostic(
        .usage,
        "lode diff needs a table and two of its versions.",
        fix: "write lode diff orders 3 4; dates and tags do as well."
      )
    }
    let key = (arguments.value("key") ?? "").split(separator: ",").map(String.init)
    let difference = try viewer.difference(words[0], words[1], words[2], key: key)
    show(difference.csv)
    return arguments.has("exit-code") && !difference.isEmpty ? 10 : 0
  }

  private func table() throws(Diagnostic) -> String {
    guard let table = arguments.words.first, arguments.words.count == 1 else {
      throw Diagnostic(
        .usage,
        "lode \(verb) needs the name of one table.",
        fix: "lode ls lists them."
      )
    }
    return table
  }

  private func show(_ text: String) {
    if !text.isEmpty { Terminal.print(String(text.dropLast())) }
  }
}

/// The warehouse that a command looks at.
enum WarehouseFolder {
  /// The folder of `--warehouse`, or of the environment, or `warehouse`.
  static func path(_ arguments: Arguments) -> String {
    arguments.value("warehouse") ?? AsOf.environment("LODE_WAREHOUSE") ?? "warehouse"
  }
}
