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
  public static let version = 3

  private let request: SourceRequest
  private let key: [String]
  private let csv: CSVReader
  /// The reader of JSON Lines, where `from` names them.
  private let jsonLines: JSONLinesReader?
  private let into: String
  private let maximumBadShare: Double
  private let quarantines: Bool
  private let personalColumns: [String]

  /// What to do with rows that cannot be read.
  enum BadRowRule: String, CaseIterable {
    case fail
    case quarantine
  }

  /// Reads `from`, `into`, `on_bad_row`, `max_bad_share` and `personal`.
  ///
  /// `max_bad_share` is the one limit of rejects: a share of all records, 0 without quarantine.
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
    quarantines = rule == .quarantine
    let share = try reader.number("max_bad_share", in: 0...1)
    maximumBadShare = quarantines ? share ?? 0.01 : 0
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

  /// Reads all files.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var documents: [(path: String, document: CSVDocument)] = []
    for source in context.sources {
      let document =
        try jsonLines?.read(source)
        ?? csv.read(source)
      documents.append((source.name, document))
    }
    var quarantine = QuarantineRows()
    for (path, document) in documents {
      for reject in document.rejects {
        quarantine.append(
          source: into,
          file: path,
          line: Int64(reject.line),
          reasons: reject.reasons,
          message: reject.message,
          raw: reject.raw
        )
      }
    }
    let rowsRead = documents.reduce(0) { $0 + $1.document.recordCount }
    try quarantine.check(
      against: rowsRead,
      limit: maximumBadShare,
      stageName: context.stageName
    )
    var rows = Table.concatenating(try unified(documents))
    if let earlier = tables.optionalTable(into) { rows = try adding(rows, to: earlier, context) }
    var output = StageOutput()
    output.tables = [OutputTable(into, rows)]
    output.quarantine = quarantine
    output.rowsRead = rowsRead
    output.rowsPublished = documents.reduce(0) { $0 + $1.document.table.rowCount }
    output.finding =
      "\(rows.rowCount) rows of \(rows.schema.fields.count - 2) columns from "
      + "\(documents.count) file\(documents.count == 1 ? "" : "s")"
    return output
  }

  /// The tables of all files with their places, all of one schema.
  private func unified(_ documents: [(path: String, document: CSVDocument)]) throws -> [Table] {
    var tables: [Table] = []
    for (path, document) in documents {
      if let taken = ["_file", "_line"].first(where: { document.table.column($0) != nil }) {
        throw Diagnostic(
          .failure,
          at: path,
          "the file has a column \"\(taken)\", a name that Lode needs for the place of a row.",
          fix: "rename the column in the file."
        )
      }
      let fields = document.table.schema.fields.map { field in
        Field(field.name, field.type, isPersonal: personalColumns.contains(field.name))
      }
      var table = Table(Schema(fields), document.table.columns)
      let codes = [UInt32](repeating: 0, count: table.rowCount)
      var builder = TextDictionaryBuilder()
      _ = builder.code(for: path)
      let file = Column(type: .text, storage: .texts(codes: codes, dictionary: builder.build()))
      table = table.setting(Field("_file", .text), file)
      let lines = Column(integers: document.lines.integers())
      table = table.setting(Field("_line", .integer), lines)
      if let first = tables.first, first.schema != table.schema {
        throw Diagnostic(
          .failure,
          at: path,
          "its columns (\(Self.words(table.schema))) differ from those of the first file "
            + "(\(Self.words(first.schema))).",
          fix: "declare the types in from.types, or read the files by two stages."
        )
      }
      tables.append(table)
    }
    return tables
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
        "the new rows have other columns (\(Self.words(new.schema))) than those read before "
          + "(\(Self.words(earlier.schema))).",
        fix: "declare the types in from.types, or read into a new table."
      )
    }
    let all = Table.concatenating([earlier, new])
    guard !key.isEmpty else { return all }
    let grouping = try all.grouping(by: key)
    var last = grouping.firstRows
    for (row, group) in grouping.groupOfRow.enumerated() { last[group] = row }
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

  private static func words(_ schema: Schema) -> String {
    schema.fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
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
