internal import LodeColumns
internal import LodeRuntime

/// A cell that is not of its column's type.
private struct BadCell {
  let record: Int
  let field: Int
}

extension CSVReader {
  /// The table of all records that fit, and the rejects.
  func document(
    _ records: CSVRecords,
    names: [String],
    bytes: [UInt8],
    name: String
  ) throws(Diagnostic) -> CSVDocument {
    for declared in types.keys.sorted() where !names.contains(declared) {
      throw Diagnostic(
        .failure,
        at: "\(name):1",
        "the header has no column \"\(declared)\", whose type is declared"
          + "\(Suggestion.ending(for: declared, in: names))",
        fix: "correct the name in types; the columns are \(names.joined(separator: ", "))."
      )
    }
    var rejects = malformedRecords(records, columnCount: names.count, bytes: bytes)
    let isMalformed = Set(rejects.map(\.record))
    let rows = (0..<records.count).filter { !isMalformed.contains($0) }
    let columnTypes = Parallel.map(names.count) { index in
      types[names[index]] ?? inferredType(records, rows, column: index, bytes: bytes)
    }
    let parsed = Parallel.map(names.count) { index in
      column(records, rows, column: index, type: columnTypes[index], bytes: bytes)
    }
    rejects += badCellRejects(parsed.map(\.bad), names: names, types: columnTypes, records, bytes)
    rejects.sort { $0.record < $1.record }
    var table = Table(
      Schema(zip(names, columnTypes).map { Field($0, $1) }),
      parsed.map(\.column)
    )
    var lines = rows.map { records.lines[$0] }
    let badRecords = Set(parsed.flatMap { $0.bad.map(\.record) })
    if !badRecords.isEmpty {
      let isKept = rows.map { !badRecords.contains($0) }
      table = table.filtered(isKept)
      lines = lines.indices.filter { isKept[$0] }.map { lines[$0] }
    }
    return CSVDocument(table: table, lines: lines, rejects: rejects.map(\.reject))
  }

  /// Records that are no row whatever the types: wrong count of fields, bad quotes, bad bytes.
  private func malformedRecords(
    _ records: CSVRecords,
    columnCount: Int,
    bytes: [UInt8]
  ) -> [(record: Int, reject: RejectedRecord)] {
    var rejects: [(record: Int, reject: RejectedRecord)] = []
    let span = bytes.span
    for record in 0..<records.count {
      let range = records.offsets[record]..<records.recordEnds[record]
      var reasons: [String] = []
      var words: [String] = []
      let fieldCount = records.fieldCount(record)
      if fieldCount != columnCount {
        reasons.append("ragged")
        words.append("\(fieldCount) fields where the header has \(columnCount)")
      }
      if records.badlyQuoted.contains(record) {
        reasons.append("bad_quoting")
        words.append("text behind a closing quote")
      }
      if let offset = UTF8Check.firstInvalid(span, range) {
        let byte = String(span[offset], radix: 16)
        reasons.append("bad_utf8")
        words.append("byte 0x\(byte) at offset \(offset) is not UTF-8")
      }
      if !reasons.isEmpty {
        let reject = RejectedRecord(
          line: records.lines[record],
          reasons: reasons,
          column: nil,
          message: words.joined(separator: "; "),
          raw: String(decoding: bytes[range], as: UTF8.self)
        )
        rejects.append((record, reject))
      }
    }
    return rejects
  }

  private func inferredType(
    _ records: CSVRecords,
    _ rows: [Int],
    column: Int,
    bytes: [UInt8]
  ) -> ColumnType {
    var inference = CSVTypeInference()
    let span = bytes.span
    for record in rows {
      let field = records.firstFields[record] + column
      let (start, end) = (records.starts[field], records.ends[field])
      if start == end { continue }
      inference.observe(span, start, end, separator: decimalSeparator)
      if inference.isText { break }
    }
    return inference.type
  }

  private func column(
    _ records: CSVRecords,
    _ rows: [Int],
    column: Int,
    type: ColumnType,
    bytes: [UInt8]
  ) -> (column: Column, bad: [BadCell]) {
    var builder = ColumnBuilder(type)
    var bad: [BadCell] = []
    let span = bytes.span
    for record in rows {
      let field = records.firstFields[record] + column
      let (start, end) = (records.starts[field], records.ends[field])
      if start == end && !(type == .text && records.isQuoted[field]) {
        builder.appendMissing()
        continue
      }
      let isGood: Bool
      switch type {
      case .text:
        builder.append(utf8: records.fieldBytes(field, in: bytes).span)
        isGood = true
      case .double:
        let number = CellParser.double(span, start, end, separator: decimalSeparator)
        builder.append(double: number)
        isGood = number != nil
      case .boolean:
        let flag = CellParser.boolean(span, start, end)
        builder.append(boolean: flag)
        isGood = flag != nil
      default:
        let number = storedInteger(span, start, end, type)
        builder.append(integer: number)
        isGood = number != nil
      }
      if !isGood { bad.append(BadCell(record: record, field: field)) }
    }
    return (builder.build(), bad)
  }

  private func storedInteger(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    _ type: ColumnType
  ) -> Int64? {
    switch type {
    case .integer: CellParser.integer(bytes, start, end)
    case .date: CellParser.date(bytes, start, end)
    case .timestamp:
      CellParser.timestamp(bytes, start, end)
        ?? CellParser.date(bytes, start, end).map { $0 * Timestamp.microsecondsPerDay }
    default:
      CellParser.decimal(bytes, start, end, scale: type.scale, separator: decimalSeparator)
    }
  }

  private func badCellRejects(
    _ badByColumn: [[BadCell]],
    names: [String],
    types: [ColumnType],
    _ records: CSVRecords,
    _ bytes: [UInt8]
  ) -> [(record: Int, reject: RejectedRecord)] {
    var found: [Int: [(column: Int, field: Int)]] = [:]
    for (column, cells) in badByColumn.enumerated() {
      for cell in cells { found[cell.record, default: []].append((column, cell.field)) }
    }
    return found.keys.sorted()
      .map { record in
        let cells = found[record] ?? []
        let words = cells.map { cell in
          let text = String(decoding: records.fieldBytes(cell.field, in: bytes), as: UTF8.self)
          let shown = personalColumns.contains(names[cell.column]) ? "a value" : "\"\(text)\""
          return "column \"\(names[cell.column])\" holds \(shown), which is not of type "
            + "\(types[cell.column])"
        }
        let range = records.offsets[record]..<records.recordEnds[record]
        let reject = RejectedRecord(
          line: records.lines[record],
          reasons: cells.map { "bad_" + Self.reasonWord(types[$0.column]) },
          column: cells.first.map { names[$0.column] },
          message: words.joined(separator: "; "),
          raw: String(decoding: bytes[range], as: UTF8.self)
        )
        return (record, reject)
      }
  }

  private static func reasonWord(_ type: ColumnType) -> String {
    if case .decimal = type { return "decimal" }
    return type.description
  }
}
