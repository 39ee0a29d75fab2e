internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Writes one file of every kind that lode writes, each with its rows as JSON lines beside it.
struct ParquetZoo {
  let folder: String

  /// Writes the files; the exit code.
  func write() throws -> Int32 {
    for rowCount in [0, 1, 1000] {
      let table = Self.everyType(rows: rowCount)
      for format in CompressionFormat.allCases {
        var options = ParquetOptions()
        options.compression = format
        options.rowsPerGroup = 400
        options.pageByteCount = 1000
        try write(table, "\(format)-\(rowCount)", options)
      }
    }
    var options = ParquetOptions()
    options.bloomFilterColumns = ["id", "customer", "city"]
    options.sortingColumns = [.init("id")]
    try write(Self.everyType(rows: 100_000), "defaults-100000", options)
    options.pageByteCount = 4000
    options.rowsPerGroup = 7000
    options.keyValues = [("lode.run", "zoo")]
    try write(Self.everyType(rows: 20_000), "small-pages-20000", options)
    options.compatibility = .plain
    try write(Self.everyType(rows: 20_000), "plain-20000", options)
    return 0
  }

  private func write(_ table: Table, _ name: String, _ options: ParquetOptions) throws {
    let bytes = try ParquetWriter.encode(table, options: options).bytes
    try AtomicFile.write(bytes, to: "\(folder)/\(name).parquet")
    let lines = TableLines.text(of: table)
    try AtomicFile.write(Array(lines.utf8), to: "\(folder)/\(name).expected.jsonl")
  }

  /// Every column type, with and without missing cells, from a seedless formula.
  static func everyType(rows: Int) -> Table {
    var builders = fields.map { ColumnBuilder($0.type) }
    for row in 0..<rows {
      let number = Int64(row)
      let cells: [Cell] = [
        .integer(number &* 7_919 &- 1_000_000),
        .integer(row % 2 == 0 ? .min + number : .max - number),
        row % 3 == 0 ? .missing : .integer(number % 5),
        row % 7 == 0 ? .missing : .decimal(number * 125 - 5000, scale: 2),
        .decimal(number % 2 == 0 ? 999_999_999_999_999_999 : -999_999_999_999_999_999, scale: 18),
        row % 11 == 0 ? .missing : .double(Double(row) / 3 - 100),
        .double([0.0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude][row % 6]),
        row % 4 == 1 ? .missing : .boolean(row % 3 == 0),
        .text("customer-\(row)"),
        row % 5 == 2 ? .missing : .text(["", "München", "東京", "x\u{0}y\"\\\n"][row % 4]),
        .text(String(repeating: "long ", count: row % 30)),
        row % 6 == 3 ? .missing : .date(CivilDate(daysSinceEpoch: 18_000 + row % 900 - 400)),
        row % 9 == 4
          ? .missing : .timestamp(Timestamp(microseconds: number * 1_000_001 - 5_000_000)),
        .missing,
        .text("always the same"),
      ]
      for (index, cell) in cells.enumerated() { builders[index].append(cell) }
    }
    return Table(Schema(fields), builders.map { $0.build() })
  }

  private static let fields: [Field] = [
    Field("id", .integer), Field("extreme", .integer), Field("grade", .integer),
    Field("amount", .money(scale: 2)), Field("tiny", .decimal(precision: 18, scale: 18)),
    Field("score", .double), Field("odd", .double), Field("is_member", .boolean),
    Field("customer", .text), Field("city", .text), Field("note", .text), Field("day", .date),
    Field("placed_at", .timestamp), Field("nothing", .decimal(precision: 9, scale: 4)),
    Field("constant", .text),
  ]
}
