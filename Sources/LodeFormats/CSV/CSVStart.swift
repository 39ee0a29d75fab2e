internal import LodeColumns
internal import LodeRuntime

/// How a document begins: its delimiter, its columns and where its first record stands.
struct CSVStart {
  let delimiter: UInt8
  let names: [String]
  /// Where the records begin, header and byte-order mark behind it.
  let offset: Int
  /// The line at `offset`, from 1.
  let line: Int
  /// The first bytes of the document, and whether they are all of it.
  private let head: [UInt8]
  private let isWhole: Bool

  /// Looks at the first bytes of a document.
  ///
  /// - Throws: a diagnostic when the document cannot be read.
  init(_ source: SourceBytes, _ reader: CSVReader) throws(Diagnostic) {
    if reader.encoding != .utf16 {
      var bytes = try TextStream(source, encoding: .utf8)
      let head = try bytes.peek(2)
      guard !head.starts(with: [0xFF, 0xFE]), !head.starts(with: [0xFE, 0xFF]) else {
        throw Diagnostic(
          .failure,
          at: source.name,
          "the file starts with a UTF-16 byte-order mark.",
          fix: "declare it: encoding: \"utf-16\", or save the file as UTF-8."
        )
      }
    }
    var stream = try TextStream(source, encoding: reader.encoding)
    var size = CSVDialect.sampleBytes
    while true {
      let head = try stream.peek(size)
      let isWhole = head.count < size
      if let start = try CSVStart(head, isWhole: isWhole, reader, name: source.name) {
        self = start
        return
      }
      size *= 2
      guard size <= CSVPass.recordLimit else {
        throw CSVPass.unclosed(line: 1, name: source.name)
      }
    }
  }

  /// The start of a document by its first bytes; nil if more of them are needed.
  private init?(
    _ bytes: [UInt8],
    isWhole: Bool,
    _ reader: CSVReader,
    name: String
  ) throws(Diagnostic) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = bytes.starts(with: mark) ? mark.count : 0
    guard bytes.count > start else {
      throw Diagnostic(
        .failure,
        at: name,
        "the file is empty.",
        fix: "export it again with a header line, even if there are no rows."
      )
    }
    if let zero = bytes.prefix(4096).firstIndex(of: 0) {
      throw Diagnostic(
        .failure,
        at: name,
        "byte \(zero) is zero: this is a binary file, not delimited text.",
        fix: "name a CSV file (plain or gzip); save spreadsheets as CSV UTF-8 first."
      )
    }
    var declared = reader.delimiter
    if declared == nil {
      declared = try CSVDialect.delimiter(bytes, from: start, isWhole: isWhole, name: name)
    }
    guard let found = declared else { return nil }
    var scanner = CSVScanner(delimiter: found, position: start, isEnd: isWhole)
    guard let first = scanner.nextFields(bytes.span) else {
      guard isWhole else { return nil }
      guard scanner.position < bytes.count else {
        throw Diagnostic(
          .failure,
          at: name,
          "the file holds blank lines only.",
          fix: "export it again with a header line, even if there are no rows."
        )
      }
      throw CSVPass.unclosed(line: scanner.line + 1, name: name)
    }
    if let columnNames = reader.columnNames {
      names = columnNames
      try reader.checkNames(names, at: name, "the option header")
      scanner = CSVScanner(delimiter: found, position: start, isEnd: isWhole)
    } else {
      names = try reader.header(first, bytes, name: name)
    }
    try reader.checkTypes(names, name: name)
    delimiter = found
    offset = scanner.position
    line = scanner.line + 1
    head = bytes
    self.isWhole = isWhole
  }

  /// Takes the types of undeclared columns from the first records; all cells will be held to them.
  ///
  /// - Returns: the plan, and the columns of whose types nothing is known.
  func guess(_ reader: CSVReader) -> (plan: CSVPlan, isUnknown: [Bool]) {
    var plan = CSVPlan(
      delimiter: delimiter,
      names: names,
      types: names.map { reader.types[$0] ?? .text },
      isInferred: names.map { reader.types[$0] == nil },
      personal: reader.personalColumns,
      parser: CellParser(
        separator: reader.decimalSeparator,
        thousands: reader.thousandsSeparator,
        dates: reader.dateFormat
      ),
      isWanted: names.map { _ in true }
    )
    guard plan.isInferred.contains(true) else { return (plan, names.map { _ in false }) }
    plan.isWanted = plan.isInferred
    let parser = CSVChunkParser(
      plan: plan,
      work: .types,
      bytes: head,
      count: head.count,
      base: 0,
      isEnd: isWhole
    )
    let limit = min(head.count, offset + min(reader.chunkSize, 1 << 18))
    let seen = parser.chunk(from: offset, to: limit, reach: head.count).inferences
    for column in names.indices where plan.isInferred[column] {
      plan.types[column] = seen[column].type
    }
    let isUnknown = zip(seen, plan.isInferred).map { !$0.hasCells && $1 }
    plan.isWanted = names.map { _ in true }
    return (plan, isUnknown)
  }
}

extension CSVReader {
  /// The names of the columns by the first record.
  fileprivate func header(
    _ first: CSVFirstRecord,
    _ bytes: [UInt8],
    name: String
  ) throws(Diagnostic) -> [String] {
    let place = "\(name):\(first.record.line + 1)"
    var damage = UTF8Check.damage(bytes, first.record.offset..<first.record.end).map(\.words)
    if first.record.isBadlyQuoted { damage.insert("text behind a closing quote", at: 0) }
    if let words = damage.first {
      throw Diagnostic(
        .failure,
        at: place,
        "the header cannot be read: \(words).",
        fix: "correct the header line of the file."
      )
    }
    let cells = first.fields.map { String(decoding: $0, as: UTF8.self) }
    let looksLikeData = cells.contains { cell in
      let startsLikeNumber = cell.utf8.first.map { "+-.0123456789".utf8.contains($0) } ?? false
      return startsLikeNumber && Double(cell) != nil || CivilDate(String(cell.prefix(10))) != nil
    }
    guard !looksLikeData else {
      throw Diagnostic(
        .failure,
        at: place,
        "the first line looks like data, not like a header of column names.",
        fix: "add a header line, or name the columns: header: [\"customer\", \"date\", \"amount\"]."
      )
    }
    if let unnamed = cells.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      let isLast = unnamed > 0 && unnamed == cells.count - 1
      throw Diagnostic(
        .failure,
        at: place,
        "column \(unnamed + 1) of the header has no name"
          + (isLast ? " (the line ends with a delimiter)." : "."),
        fix: "name the column in the file."
      )
    }
    try checkNames(cells, at: place, "the header")
    return cells
  }

  /// Refuses names that cannot be those of a table.
  fileprivate func checkNames(
    _ names: [String],
    at place: String,
    _ subject: String
  ) throws(Diagnostic) {
    guard let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) else {
      return
    }
    throw Diagnostic(
      .failure,
      at: place,
      "\(subject) names the column \"\(names[twice])\" twice.",
      fix: "rename one of the two\(columnNames == nil ? " in the file" : "")."
    )
  }

  fileprivate func checkTypes(_ names: [String], name: String) throws(Diagnostic) {
    for declared in types.keys.sorted() where !names.contains(declared) {
      throw Diagnostic(
        .failure,
        at: "\(name):1",
        "the header has no column \"\(declared)\", whose type is declared"
          + "\(Suggestion.ending(for: declared, in: names))",
        fix: "correct the name in types; the columns are \(names.joined(separator: ", "))."
      )
    }
  }
}
