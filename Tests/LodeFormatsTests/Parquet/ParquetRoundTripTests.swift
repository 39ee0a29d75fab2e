import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("Parquet files written and read back")
struct ParquetRoundTripTests {
  @Test(
    "every type comes back equal with every codec",
    arguments: CompressionFormat.allCases
  )
  func everyType(format: CompressionFormat) throws {
    let table = ParquetSamples.everyType(rows: 500)
    var options = ParquetOptions()
    options.compression = format
    let file = try ParquetFile(bytes: ParquetWriter.encode(table, options: options).bytes)
    let back = try file.read()
    #expect(back.schema == table.schema)
    #expect(ParquetSamples.rows(of: back) == ParquetSamples.rows(of: table))
    #expect(file.rowGroupCount == 1 && file.skippedColumns.isEmpty)
  }

  @Test(
    "many row groups and pages give the same cells",
    arguments: [(1, 1), (7, 16), (64, 100), (100_000, 64)]
  )
  func manyPages(rowsPerGroup: Int, pageByteCount: Int) throws {
    let table = ParquetSamples.everyType(rows: 150)
    var options = ParquetOptions()
    options.rowsPerGroup = rowsPerGroup
    options.pageByteCount = pageByteCount
    let file = try ParquetFile(bytes: ParquetWriter.encode(table, options: options).bytes)
    #expect(file.rowGroupCount == (150 + rowsPerGroup - 1) / rowsPerGroup)
    #expect(ParquetSamples.rows(of: try file.read()) == ParquetSamples.rows(of: table))
  }

  @Test("values that do not repeat fall back from the dictionary to plain values")
  func fallback() throws {
    let table = ParquetSamples.everyType(rows: 300)
    var options = ParquetOptions()
    options.compression = .uncompressed
    let byCodes = try ParquetWriter.encode(table, options: options)
    options.dictionaryByteLimit = 0
    let plain = try ParquetWriter.encode(table, options: options)
    #expect(
      ParquetSamples.rows(of: try ParquetFile(bytes: plain.bytes).read())
        == ParquetSamples.rows(of: table)
    )
    #expect(byCodes.bytes.count < plain.bytes.count)
  }

  @Test("an empty table and a table of missing cells keep their schema")
  func empty() throws {
    let schema = Schema(ParquetSamples.fields)
    let empty = try ParquetFile(bytes: ParquetWriter.encode(Table(emptyWith: schema)).bytes)
    #expect(empty.rowCount == 0 && empty.schema == schema)
    #expect(try empty.read() == Table(emptyWith: schema))

    let missing = Table(
      schema,
      schema.fields.map { field in
        var builder = ColumnBuilder(field.type)
        for _ in 0..<20 { builder.appendMissing() }
        return builder.build()
      }
    )
    let back = try ParquetFile(bytes: ParquetWriter.encode(missing).bytes).read()
    #expect(ParquetSamples.rows(of: back) == ParquetSamples.rows(of: missing))
  }

  @Test("extreme numbers, both zeros and infinities keep their bits")
  func extremes() throws {
    let doubles = [-0.0, 0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .pi, .nan]
    let table = Table([
      "integer": Column(integers: [.min, .max, 0, -1, 1, 2, 3]),
      "double": Column(doubles: doubles),
      "instant": Column(.timestamp, integers: [.min, .max, 0, -1, 1, 2, 3]),
    ])
    let back = try ParquetFile(bytes: ParquetWriter.encode(table).bytes).read()
    #expect(try back.requiredColumn("integer") == table.requiredColumn("integer"))
    #expect(try back.requiredColumn("instant") == table.requiredColumn("instant"))
    #expect(
      try back.requiredColumn("double").doubles.map(\.bitPattern) == doubles.map(\.bitPattern)
    )
  }

  @Test("equal cells give equal bytes for any thread count and dictionary layout")
  func determinism() throws {
    let table = ParquetSamples.everyType(rows: 400)
    let reversed = Array((0..<400).reversed())
    let relaid = table.gathering(reversed).gathering(reversed)
    let filtered = ParquetSamples.everyType(rows: 800).gathering(Array(0..<400))
    let bytes = try ParquetWriter.encode(table).bytes
    #expect(try ParquetWriter.encode(relaid).bytes == bytes)
    #expect(try ParquetWriter.encode(filtered).bytes == bytes)
  }

  @Test("only the named columns are read, in the order asked for")
  func projection() throws {
    let table = ParquetSamples.everyType(rows: 50)
    let file = try ParquetFile(bytes: ParquetWriter.encode(table).bytes)
    let back = try file.read(columns: ["day", "id"])
    #expect(back.schema.names == ["day", "id"])
    #expect(
      ParquetSamples.rows(of: back)
        == ParquetSamples.rows(of: try table.selecting(["day", "id"]))
    )
    #expect(throws: ParquetError(.unknownColumn("nobody"), file: "<memory>")) {
      try file.read(columns: ["nobody"])
    }
  }

  @Test("pairs of the footer and the writing program come back")
  func keyValues() throws {
    var options = ParquetOptions()
    options.keyValues = [("lode.run", "r1"), ("lode.source", "orders.csv")]
    let table = ParquetSamples.everyType(rows: 3)
    let file = try ParquetFile(bytes: ParquetWriter.encode(table, options: options).bytes)
    #expect(file.keyValues.map(\.key) == ["lode.run", "lode.source"])
    #expect(file.keyValues.map(\.value) == ["r1", "orders.csv"])
    #expect(file.createdBy == "lode version 0.1.0 (build release)")
  }
}

@Suite("Statistics of Parquet columns")
struct ParquetStatisticsTests {
  @Test("bounds and missing cells of each type, by hand")
  func bounds() throws {
    var text = ColumnBuilder(.text)
    for word in ["Köln", nil, "Aachen", "Zürich"] { text.append(text: word) }
    var money = ColumnBuilder(.money(scale: 2))
    for units: Int64? in [5, -7, nil, nil] { money.append(integer: units) }
    let table = Table([
      "text": text.build(),
      "money": money.build(),
      "double": Column(doubles: [.nan, 2, 0, 1]),
      "day": Column(.date, integers: [1, 2, 3, 0]),
    ])
    let summaries = try ParquetWriter.encode(table).columns
    #expect(summaries[0].minimum == .text("Aachen") && summaries[0].maximum == .text("Zürich"))
    #expect(summaries[0].missingCount == 1)
    #expect(summaries[1].minimum == .decimal(-7, scale: 2))
    #expect(summaries[1].maximum == .decimal(5, scale: 2))
    #expect(summaries[1].missingCount == 2)
    #expect(summaries[2].minimum == .double(0) && summaries[2].maximum == .double(2))
    #expect(summaries[3].minimum == .date(CivilDate(daysSinceEpoch: 0)))
  }

  @Test("long texts are bounded by short ones: cut below, the last character put up above")
  func longTexts() throws {
    func bounds(_ text: String) throws -> (Cell, Cell) {
      let summary = try ParquetWriter.encode(Table(["t": Column(texts: [text])])).columns[0]
      return (summary.minimum, summary.maximum)
    }
    let a = String(repeating: "a", count: 100)
    #expect(
      try bounds(a)
        == (
          .text(String(repeating: "a", count: 64)), .text(String(repeating: "a", count: 63) + "b")
        )
    )
    // Two bytes a character: 32 of them fit, and ü (U+FC) becomes ý (U+FD).
    let u = String(repeating: "ü", count: 100)
    #expect(
      try bounds(u)
        == (
          .text(String(repeating: "ü", count: 32)), .text(String(repeating: "ü", count: 31) + "ý")
        )
    )
    // Nothing lies above a text of the greatest characters.
    #expect(try bounds(String(repeating: "\u{10FFFF}", count: 20)).1 == .missing)
    // No character may be cut in half: 64 is within the 22nd character of three bytes.
    #expect(
      try bounds(String(repeating: "東", count: 40)).0
        == .text(String(repeating: "東", count: 21))
    )
  }
}
