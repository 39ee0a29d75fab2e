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
  public static let version = 1

  private let patterns: [String]
  private let csv: CSVReader
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
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    guard let from = try reader.object("from") else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"from\".",
        fix: "add from: { csv: \"path/*.csv\" }."
      )
    }
    patterns = [try from.requiredString("csv")]
    var csv = CSVReader()
    if let encoding = try from.choice("encoding", of: CSVReader.TextEncoding.self) {
      csv.encoding = encoding
    }
    csv.delimiter = try Self.byte("delimiter", from)
    csv.decimalSeparator = try Self.byte("decimal", from) ?? UInt8(ascii: ".")
    csv.columnNames = try from.strings("header")
    csv.types = try Self.types(from)
    try from.finish()
    into = try reader.requiredString("into")
    let rule = try reader.choice("on_bad_row", of: BadRowRule.self) ?? .fail
    quarantines = rule == .quarantine
    let share = try reader.number("max_bad_share", in: 0...1)
    maximumBadShare = quarantines ? share ?? 0.01 : 0
    personalColumns = try reader.strings("personal") ?? []
    csv.personalColumns = Set(personalColumns)
    self.csv = csv
  }

  /// No tables.
  public var inputs: [String] { [] }
  /// The raw table.
  public var outputs: [String] { [into] }
  /// The files.
  public var sources: [String] { patterns }
  /// The same rows on every date.
  public var usesAsOf: Bool { false }

  /// Reads all files.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var documents: [(path: String, document: CSVDocument)] = []
    for source in context.sources {
      let document = try csv.read(fileBytes: source.bytes, name: source.path)
      documents.append((source.path, document))
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
    let rows = Table.concatenating(try unified(documents))
    var output = StageOutput()
    output.tables = [OutputTable(into, rows)]
    output.quarantine = quarantine
    output.rowsRead = rowsRead
    output.rowsPublished = rows.rowCount
    output.finding =
      "\(rows.rowCount) rows of \(rows.schema.fields.count - 2) columns from "
      + "\(documents.count) file\(documents.count == 1 ? "" : "s")"
    return output
  }

  /// The tables of all files with their places, all of one schema.
  private func unified(_ documents: [(path: String, document: CSVDocument)]) throws -> [Table] {
    var tables: [Table] = []
    for (path, document) in documents {
      let fields = document.table.schema.fields.map { field in
        Field(field.name, field.type, isPersonal: personalColumns.contains(field.name))
      }
      var table = Table(Schema(fields), document.table.columns)
      let codes = [UInt32](repeating: 0, count: table.rowCount)
      var builder = TextDictionaryBuilder()
      _ = builder.code(for: path)
      let file = Column(type: .text, storage: .texts(codes: codes, dictionary: builder.build()))
      table = table.setting(Field("_file", .text), file)
      let lines = Column(integers: document.lines.map { Int64($0) })
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
