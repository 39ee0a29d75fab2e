import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("CSV reader")
struct CSVReaderTests {
  /// Batches give what reading the whole gives.
  private func checkBatches(
    of item: CSVCase,
    _ reader: CSVReader,
    _ whole: CSVDocument
  ) throws {
    var batches = try reader.batches(of: SourceBytes(item.bytes, name: "f.csv"))
    #expect(batches.schema == whole.table.schema)
    var tables = [Table(emptyWith: batches.schema)]
    var lines: [Int] = []
    var rejects: [RejectedRecord] = []
    while let batch = try batches.next(rows: 2) {
      #expect(batch.table.rowCount <= 2)
      tables.append(batch.table)
      lines += batch.lines
      rejects += batch.rejects
    }
    let all = Table.concatenating(tables)
    #expect(
      all.rowCount == whole.table.rowCount
        && zip(all.columns, whole.table.columns)
          .allSatisfy { left, right in (0..<all.rowCount).allSatisfy { left[$0] == right[$0] } }
    )
    #expect(lines == Array(whole.lines) && rejects == whole.rejects)
  }

  /// Every case is read as one chunk and as chunks of seven bytes and of one.
  private func check(_ item: CSVCase) throws {
    for chunkSize in [4 << 20, 7, 1] {
      var reader = CSVReader()
      item.options(&reader)
      reader.chunkSize = chunkSize
      try check(item, reader)
    }
  }

  private func check(_ item: CSVCase, _ reader: CSVReader) throws {
    let document = try reader.read(SourceBytes(item.bytes, name: "f.csv"))
    let table = document.table
    let columns = table.schema.fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    #expect(columns == item.columns)
    let rows = (0..<table.rowCount)
      .map { row in
        table.columns.map { $0.isMissing(row) ? nil : $0[row].description }
      }
    #expect(rows == item.rows)
    #expect(document.lines.count == rows.count)
    if let lines = item.lines { #expect(Array(document.lines) == lines) }
    let rejects = document.rejects.map { "\($0.line) \($0.reasons.joined(separator: " "))" }
    #expect(rejects == item.rejects)
    #expect(document.recordCount == rows.count + rejects.count)
    try checkBatches(of: item, reader, document)
  }

  @Test("records and fields", arguments: CSVCorpus.structure)
  func structure(item: CSVCase) throws { try check(item) }

  @Test("types of columns", arguments: CSVCorpus.types)
  func types(item: CSVCase) throws { try check(item) }

  @Test("words that look like numbers, times and names", arguments: CSVCorpus.lookAlikes)
  func lookAlikes(item: CSVCase) throws { try check(item) }

  @Test("options that say how values are written", arguments: CSVCorpus.options)
  func options(item: CSVCase) throws { try check(item) }

  @Test("encodings", arguments: CSVCorpus.encodings)
  func encodings(item: CSVCase) throws { try check(item) }

  @Test(
    "documents that are refused as a whole",
    arguments: CSVCorpus.refusals + CSVCorpus.ambiguous
  )
  func refusals(item: CSVRefusal) {
    var reader = CSVReader()
    item.options(&reader)
    let error = #expect(throws: Diagnostic.self) {
      try reader.read(SourceBytes(item.bytes, name: "f.csv"))
    }
    #expect(error?.description == item.message)
  }

  @Test("a gzip file of two members is one document")
  func members() throws {
    let bytes =
      try Compression.gzip(Array("a,b\n1,".utf8)) + Compression.gzip(Array("x\n2,y\n".utf8))
    let document = try CSVReader().read(SourceBytes(bytes, name: "f.csv.gz"))
    #expect(document.table.rowCount == 2 && document.table.columns[1][0] == .text("x"))
  }

  @Test("a cut gzip file is refused")
  func cutGzip() throws {
    let bytes = try Compression.gzip(Array("a,b\n1,x\n".utf8)).dropLast(9)
    let error = #expect(throws: Diagnostic.self) {
      try CSVReader().read(SourceBytes(Array(bytes), name: "f.csv.gz"))
    }
    #expect(
      error?.message
        == "the compressed file cannot be read: the gzip data ends too early: it was cut off while "
        + "being written or copied."
    )
    #expect(error?.fix == "fetch the file again.")
  }

  @Test("a reject tells column, value and raw text; personal values are kept back")
  func rejects() throws {
    var reader = CSVReader()
    reader.types = ["born": .date, "n": .integer]
    let bytes = Array("id,born,n\nx,1.2.1980,y\nz\n".utf8)
    let first = try reader.read(SourceBytes(bytes, name: "f.csv")).rejects
    #expect(
      first[0].message
        == "column \"born\" holds \"1.2.1980\", which is not of type date; "
        + "column \"n\" holds \"y\", which is not of type integer"
    )
    #expect(first[0].column == "born" && first[0].raw == "x,1.2.1980,y")
    #expect(first[1].message == "1 fields where the header has 3" && first[1].column == nil)
    reader.personalColumns = ["born"]
    #expect(
      try reader.read(SourceBytes(bytes, name: "f.csv")).rejects[0].message
        == "column \"born\" holds a value, which is not of type date; "
        + "column \"n\" holds \"y\", which is not of type integer"
    )
  }

  @Test("a bad cell after thousands of good ones is found")
  func lateCell() throws {
    var text = "id,n\n"
    for row in 0..<5000 { text += "\(1000 + row),\(row)\n" }
    text += "0012345,2.75\n"
    let table = try CSVReader().read(SourceBytes(Array(text.utf8), name: "f.csv")).table
    #expect(table.columns[0][5000] == .text("0012345"))
    #expect(table.columns[1][5000] == .decimal(275, scale: 2))
    #expect(table.columns[0][0] == .text("1000"))
  }

  @Test("a compressed file cut anywhere is refused in words, none of its rows is given")
  func cutAnywhere() throws {
    let text = Array("id,n\n".utf8) + (0..<200).flatMap { Array("A\($0 * 37),\($0)\n".utf8) }
    for whole in [try Compression.gzip(text), try Compression.zstd(text)] {
      #expect(try CSVReader().read(SourceBytes(whole, name: "f")).table.rowCount == 200)
      for count in 4..<whole.count {
        let error = #expect(throws: Diagnostic.self) {
          try CSVReader().read(SourceBytes(Array(whole[..<count]), name: "f"))
        }
        #expect(error?.message.hasPrefix("the compressed file cannot be read: ") ?? false)
      }
    }
  }

  @Test("ids with numbers stay as they are, whatever forms stand in one column")
  func numberedIDs() throws {
    var ids: [String?] = (0..<400).map { "C\(String(10_000 + $0 * 7 % 300).dropFirst())" }
    ids += ["C300", nil, "C0300", "c0300", "99999999", "00000000", "guest", "C9", "A-0000000012"]
    ids += ["123456789012", "123456780012", "12345678901234567", "\"C0001\"", nil, "C0001", "x1"]
    ids += (0..<300).map { "C\(20_000 + $0)" }
    ids += ["C0299", "8388608", "90000000", "", "C0002"]
    let text = "k,id\n" + ids.map { "1,\($0 == "" ? "\"\"" : $0 ?? "")\n" }.joined()
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for (chunkSize, threads) in [(4 << 20, 2), (40, 2), (700, 1), (3000, 3)] {
      var reader = CSVReader()
      reader.types = ["id": .text]
      reader.chunkSize = chunkSize
      Parallel.threadCount = threads
      let document = try reader.read(SourceBytes(Array(text.utf8), name: "f.csv"))
      let column = try document.table.requiredColumn("id")
      #expect(column.count == ids.count)
      for (row, id) in ids.enumerated() {
        let wanted = id.map { Cell.text($0.replacing("\"", with: "")) } ?? .missing
        #expect(column[row] == wanted, "row \(row), chunks of \(chunkSize)")
      }
      #expect(Set(column.dictionary.texts).count == column.dictionary.count)
    }
  }

  @Test("types, codes and rejects do not depend on chunks or threads")
  func chunks() throws {
    var text = "id,city,note,n\n"
    for row in 0..<600 {
      let city = row % 7 == 0 ? "" : "city\(row * row % 11)"
      let note = row % 5 == 0 ? "\"a\nb\"\"\(row)\"" : row % 3 == 0 ? "5\" x" : "plain"
      text += "\(row),\(city),\(note),\(row < 590 ? "\(row)" : "1.5")\n"
      if row % 97 == 0 { text += "\"\(row)\",ragged\n" }
    }
    var reader = CSVReader()
    reader.types = ["id": .integer]
    let bytes = Array(text.utf8)
    let whole = try reader.read(SourceBytes(bytes, name: "f.csv"))
    #expect(whole.rejects.count == 7 && whole.table.rowCount == 600)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for (chunkSize, threads) in [(1, 2), (13, 1), (64, 2), (1000, 8), (5000, 3)] {
      reader.chunkSize = chunkSize
      Parallel.threadCount = threads
      let document = try reader.read(SourceBytes(bytes, name: "f.csv"))
      #expect(document.table == whole.table)
      #expect(document.lines == whole.lines)
      #expect(document.rejects == whole.rejects)
    }
  }

  @Test("one, two and eight threads read the same")
  func threads() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let bytes = Array("a,b,c\n1,x,2026-01-01\n2,y,2026-01-02\n".utf8)
    let tables = try [1, 2, 8]
      .map { threads in
        Parallel.threadCount = threads
        return try CSVReader().read(SourceBytes(bytes, name: "f.csv")).table
      }
    #expect(tables[0] == tables[1] && tables[0] == tables[2])
  }

  @Test("random bytes are read or refused, never a trap", arguments: 0..<40 as Range<UInt64>)
  func randomBytes(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    let signs = Array("ab12,;\"\n\r \t|-.é".utf8) + [0xFF, 0xC3]
    for _ in 0..<30 {
      let bytes = (0..<random.integer(below: 60) + 1)
        .map { _ in
          signs[random.integer(below: signs.count)]
        }
      guard let document = try? CSVReader().read(SourceBytes(bytes, name: "f.csv")) else {
        continue
      }
      #expect(document.lines.count == document.table.rowCount)
    }
  }
}
