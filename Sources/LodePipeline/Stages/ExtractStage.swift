internal import LodeColumns
public import LodeFormats
public import LodeRuntime

/// Files to one raw table: every row with its file and line, what cannot be read to quarantine.
public struct ExtractStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.extract
  /// There is one method.
  public static let method = "files"
  /// The version of the method.
  public static let version = 4

  private let request: SourceRequest
  private let key: [String]
  private let csv: CSVReader
  /// The reader of JSON Lines, where `from` names them.
  private let jsonLines: JSONLinesReader?
  private let into: String
  private let rejectLimit: RejectLimit
  private let personalColumns: [String]

  /// What to do with rows that cannot be read.
  enum BadRowRule: String, CaseIterable {
    case fail
    case quarantine
  }

  /// Reads `from`, `into`, `on_bad_row`, `personal` and the limit of bad rows.
  ///
  /// The limit is `max_bad_share`, a share of all records, or `max_bad_rows`, a number of them; no
  /// bad row is allowed without `on_bad_row: "quarantine"`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    guard let from = try reader.object("from") else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"from\".",
        fix: "add from: { csv: \"path/*.csv\" }."
      )
    }
    into = try reader.requiredString("into")
    request = try Self.request(from, into: into)
    key = try reader.strings("key") ?? []
    var csv = CSVReader()
    if let encoding = try from.choice("encoding", of: CSVReader.TextEncoding.self) {
      csv.encoding = encoding
    }
    csv.delimiter = try Self.byte("delimiter", from)
    csv.decimalSeparator = try Self.byte("decimal", from) ?? UInt8(ascii: ".")
    csv.thousandsSeparator = try Self.byte("thousands", from)
    csv.dateFormat = try Self.dates(from)
    csv.columnNames = try from.strings("header")
    csv.types = try Self.types(from)
    let isJSONLines = from.node("jsonl") != nil
    if isJSONLines {
      let only = ["encoding", "delimiter", "decimal", "thousands", "dates", "header"]
      if let key = only.first(where: { from.node($0) != nil }), let node = from.node(key) {
        throw from.problem(
          at: node,
          "\"\(key)\" does not apply to JSON Lines.",
          fix: "remove it: JSON says how values are written."
        )
      }
    }
    try from.finish()
    let rule = try reader.choice("on_bad_row", of: BadRowRule.self) ?? .fail
    let limit = try RejectLimit.read(reader)
    rejectLimit = rule == .quarantine ? limit ?? .share(0.01) : .share(0)
    personalColumns = try reader.strings("personal") ?? []
    csv.personalColumns = Set(personalColumns)
    self.csv = csv
    var reader = JSONLinesReader()
    reader.types = csv.types
    reader.personalColumns = csv.personalColumns
    jsonLines = isJSONLines ? reader : nil
  }

  /// No tables.
  public var inputs: [String] { [] }
  /// What was read so far, where only what is new is read.
  public var previous: [String] {
    if case .command(_, .some) = request { return [into] }
    return []
  }
  /// The raw table.
  public var outputs: [String] { [into] }
  /// The files.
  public var sources: [SourceRequest] { [request] }
  /// The same rows on every date.
  public var usesAsOf: Bool { false }

  /// Reads all files; a table of many rows goes to disk by batches meanwhile.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let earlier = try tables.optionalTable(into)
    var rows = ExtractedRows(
      into: into,
      personal: personalColumns,
      spool: earlier == nil ? context.spool : nil,
      layingApart: previous.isEmpty
        ? context.customerColumns[into].map { ($0, context.shardCount) } : nil
    )
    defer { rows.settle() }
    for source in context.sources {
      if let jsonLines {
        try rows.append(try jsonLines.read(source), of: source.name)
        continue
      }
      var batches = try csv.batches(of: source)
      try rows.begin(batches.schema, of: source.name)
      while let batch = try batches.next(rows: rows.room) {
        try rows.append(batch, of: source.name)
      }
    }
    try rows.quarantine.check(
      against: rows.rowsRead,
      limit: context.rejectLimit ?? rejectLimit,
      stageName: context.stageName
    )
    var output = StageOutput()
    output.quarantine = rows.quarantine
    output.rowsRead = rows.rowsRead
    output.rowsPublished = rows.rowsRead - rows.quarantine.count
    var table = try rows.finish()
    if let earlier { table = OutputTable(into, try adding(table.rows, to: earlier, context)) }
    output.tables = [table]
    let files = context.sources.count
    output.finding =
      "\(table.rowCount) rows of \(table.rows.schema.fields.count - 2) columns from "
      + "\(files) file\(files == 1 ? "" : "s")"
    return output
  }

  /// The rows read before and the new ones; of rows with equal keys the newest stays.
  private func adding(
    _ new: Table,
    to earlier: Table,
    _ context: StageContext
  ) throws -> Table {
    guard new.rowCount > 0 else { return earlier }
    guard new.schema == earlier.schema else {
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the new rows have other columns (\(ExtractedRows.words(new.schema))) than those read "
          + "before (\(ExtractedRows.words(earlier.schema))).",
        fix: "declare the types in from.types, or read into a new table."
      )
    }
    let all = Table.concatenating([earlier, new])
    guard !key.isEmpty else { return all }
    let grouping = try all.grouping(by: key)
    var last = grouping.firstRows
    for (row, group) in grouping.groupOfRow.enumerated() { last[Int(group)] = row }
    return all.gathering(last.sorted())
  }

  /// The file pattern or the command of `from`.
  private static func request(
    _ from: ConfigurationReader,
    into: String
  ) throws(Diagnostic) -> SourceRequest {
    guard let command = try from.strings("command") else {
      if let pattern = try from.string("jsonl") { return .files(pattern: pattern) }
      return .files(pattern: try from.requiredString("csv"))
    }
    guard let reader = try from.object("watermark") else {
      return .command(arguments: command, watermark: nil)
    }
    let watermark = SourceRequest.Watermark(
      table: into,
      column: try reader.requiredString("column"),
      start: try reader.requiredString("start")
    )
    try reader.finish()
    return .command(arguments: command, watermark: watermark)
  }

  private static func byte(
    _ key: String,
    _ reader: ConfigurationReader
  ) throws(Diagnostic) -> UInt8? {
    guard let text = try reader.string(key), let node = reader.node(key) else { return nil }
    let bytes = Array((text == "tab" ? "\t" : text).utf8)
    guard bytes.count == 1, let byte = bytes.first, byte < 0x80 else {
      throw reader.problem(
        at: node,
        "\"\(key)\" of \(reader.subject) is \"\(text)\".",
        fix: "write one sign, for example \",\"."
      )
    }
    return byte
  }

  private static func dates(_ from: ConfigurationReader) throws(Diagnostic) -> CSVDateFormat? {
    guard let text = try from.string("dates"), let node = from.node("dates") else { return nil }
    guard let format = CSVDateFormat(text) else {
      throw from.problem(
        at: node,
        "\"dates\" of \(from.subject) is \"\(text)\".",
        fix: "write YYYY, MM and DD (or M and D) with signs between, for example \"DD.MM.YYYY\"."
      )
    }
    return format
  }

  private static func types(_ from: ConfigurationReader) throws(Diagnostic) -> [String: ColumnType]
  {
    guard let reader = try from.object("types") else { return [:] }
    var types: [String: ColumnType] = [:]
    for column in reader.keys {
      let name = try reader.requiredString(column)
      guard let type = ColumnType(name), let node = reader.node(column) else {
        let names = ["integer", "decimal(18,2)", "double", "boolean", "text", "date", "timestamp"]
        throw reader.problem(
          at: reader.node(column) ?? reader.node,
          "the type of \"\(column)\" is \"\(name)\"\(Suggestion.ending(for: name, in: names))",
          fix: "choose one of \(names.joined(separator: ", "))."
        )
      }
      _ = node
      types[column] = type
    }
    return types
  }
}
