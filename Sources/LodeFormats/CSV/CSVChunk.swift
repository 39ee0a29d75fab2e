internal import LodeColumns

/// How all chunks of a file are read.
struct CSVPlan: Sendable {
  let delimiter: UInt8
  let names: [String]
  let types: [ColumnType]
  /// Whether the type of each column was found, not declared.
  let isInferred: [Bool]
  let personal: Set<String>
  let parser: CellParser
  /// Whether each column is wanted from this pass.
  var isWanted: [Bool]
}

/// What one chunk of a file holds.
struct CSVChunk: Sendable {
  /// Where its first record starts.
  let start: Int
  /// Where the first record behind it starts.
  var end: Int
  /// The columns, one piece each.
  var pieces: [CSVColumnPiece] = []
  /// The line of each row, from 0 at the start of the chunk.
  var lines: [Int32] = []
  /// The records that are no rows, lines from 0 at the start of the chunk.
  var rejects: [RejectedRecord] = []
  /// The lines of the chunk.
  var lineCount = 0
  /// The line of the record with a quote that is never closed.
  var unclosedLine: Int?
  /// Whether the chunk was read to its end.
  var isComplete = true
}

/// Reads one chunk: the records that start in it.
struct CSVChunkParser {
  /// The records of a block: its cells stay in the caches while they are read column by column.
  private static let blockBytes = 1 << 15

  let plan: CSVPlan
  let bytes: [UInt8]

  /// A block for records of as many columns as the plan has.
  private func block() -> CSVRecordBlock {
    let columnCount = plan.names.count
    return CSVRecordBlock(
      columnCount: columnCount,
      capacity: max(16, Self.blockBytes / 8 / max(1, columnCount))
    )
  }

  /// The records from `start` that start before `limit`.
  ///
  /// - Parameters:
  ///   - start: the start of a record.
  ///   - limit: where the next chunk begins.
  ///   - reach: how far a record may go on; a record that goes further makes the chunk incomplete.
  /// - Returns: the rows and rejects of the chunk.
  func chunk(from start: Int, to limit: Int, reach: Int) -> CSVChunk {
    let window = bytes.span.extracting(0..<reach)
    var chunk = CSVChunk(start: start, end: start)
    chunk.pieces = zip(plan.types, plan.isInferred)
      .map { CSVColumnPiece(type: $0, isInferred: $1) }
    var scanner = CSVScanner(
      delimiter: plan.delimiter,
      position: start,
      isEnd: reach == bytes.count
    )
    var block = block()
    var badRows: [Int] = []
    while true {
      var malformed: [CSVMalformedRecord] = []
      let first = scanner.position
      let stop = scanner.fill(&block, window, limit: limit, malformed: &malformed)
      var rejects = malformed.map { reject($0) }
      if !UTF8Check.isPlainText(window, first..<scanner.position) {
        removeDamaged(from: &block, &rejects)
      }
      let rowBase = chunk.lines.count
      if rowBase == 0, block.count == block.capacity {
        // Records of the first block tell how many there will be, with some to spare.
        let rest = max(0, min(limit, reach) - start) / max(1, (scanner.position - start))
        let cells = (rest + 1) * block.count
        let spare = cells / 16 + block.capacity
        chunk.lines.reserveCapacity(cells + spare)
        for column in plan.names.indices where plan.isWanted[column] {
          chunk.pieces[column].reserve(cells + spare)
        }
      }
      for row in 0..<block.count { chunk.lines.append(Int32(block.lines[row])) }
      var bad: [(row: Int, column: Int)] = []
      for column in plan.names.indices where plan.isWanted[column] {
        let rows = chunk.pieces[column].append(window, block, column: column, plan.parser)
        for row in rows { bad.append((row, column)) }
      }
      if !bad.isEmpty {
        let found = badCellRejects(bad, block)
        badRows += found.map { $0.row + rowBase }
        rejects += found.map(\.reject)
      }
      if !rejects.isEmpty {
        rejects.sort { $0.offset < $1.offset }
        chunk.rejects += rejects
      }
      switch stop {
      case .full: continue
      case .limit: break
      case .cut: chunk.isComplete = false
      case .unclosed(let line):
        chunk.unclosedLine = line
        chunk.end = bytes.count
        return chunk
      }
      break
    }
    for column in chunk.pieces.indices { chunk.pieces[column].seal() }
    chunk.end = scanner.position
    chunk.lineCount = scanner.line
    if !badRows.isEmpty {
      for column in chunk.pieces.indices where plan.isWanted[column] {
        chunk.pieces[column].remove(badRows)
      }
      var isKept = [Bool](repeating: true, count: chunk.lines.count)
      for row in badRows { isKept[row] = false }
      chunk.lines = zip(chunk.lines, isKept).filter(\.1).map(\.0)
    }
    return chunk
  }

  /// Where the first record at or behind `limit` starts, from the start of a record.
  func skim(from start: Int, to limit: Int) -> Int {
    var scanner = CSVScanner(delimiter: plan.delimiter, position: start, isEnd: true)
    var block = block()
    while true {
      var malformed: [CSVMalformedRecord] = []
      switch scanner.fill(&block, bytes.span, limit: limit, malformed: &malformed) {
      case .full: continue
      case .limit: return scanner.position
      case .cut, .unclosed: return bytes.count
      }
    }
  }

  /// What the types of the wanted columns could be by the cells of all records of a range.
  func inferences(from start: Int, to limit: Int) -> [CSVTypeInference] {
    var scanner = CSVScanner(delimiter: plan.delimiter, position: start, isEnd: true)
    var block = block()
    var inferences = [CSVTypeInference](repeating: CSVTypeInference(), count: plan.names.count)
    while true {
      var malformed: [CSVMalformedRecord] = []
      let first = scanner.position
      let stop = scanner.fill(&block, bytes.span, limit: limit, malformed: &malformed)
      var rejects: [RejectedRecord] = []
      if !UTF8Check.isPlainText(bytes.span, first..<scanner.position) {
        removeDamaged(from: &block, &rejects)
      }
      for column in plan.names.indices where plan.isWanted[column] {
        for row in 0..<block.count where !inferences[column].isText {
          let index = row * block.columnCount + column
          let (start, end) = (block.starts[index], block.marks[index] >> 2)
          if start < end { inferences[column].observe(bytes.span, start, end, plan.parser) }
        }
      }
      guard case .full = stop else { return inferences }
    }
  }
}

extension CSVChunkParser {
  private func raw(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private func reject(_ record: CSVMalformedRecord) -> RejectedRecord {
    var found = UTF8Check.damage(bytes, record.offset..<record.end)
    if record.isBadlyQuoted { found.insert(("bad_quoting", "text behind a closing quote"), at: 0) }
    if record.fieldCount != plan.names.count {
      let words = "\(record.fieldCount) fields where the header has \(plan.names.count)"
      found.insert(("ragged", words), at: 0)
    }
    return RejectedRecord(
      line: record.line,
      offset: record.offset,
      reasons: found.map(\.reason),
      column: nil,
      message: found.map(\.words).joined(separator: "; "),
      raw: raw(record.offset..<record.end)
    )
  }

  private func removeDamaged(
    from block: inout CSVRecordBlock,
    _ rejects: inout [RejectedRecord]
  ) {
    var kept: [Int] = []
    for row in 0..<block.count {
      let range = block.offsets[row]..<block.ends[row]
      let found = UTF8Check.damage(bytes, range)
      if found.isEmpty {
        kept.append(row)
        continue
      }
      rejects.append(
        RejectedRecord(
          line: block.lines[row],
          offset: range.lowerBound,
          reasons: found.map(\.reason),
          column: nil,
          message: found.map(\.words).joined(separator: "; "),
          raw: raw(range)
        )
      )
    }
    block.keep(kept)
  }

  private func badCellRejects(
    _ cells: [(row: Int, column: Int)],
    _ block: borrowing CSVRecordBlock
  ) -> [(row: Int, reject: RejectedRecord)] {
    var found: [(row: Int, reject: RejectedRecord)] = []
    let sorted = cells.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
    var first = 0
    while first < sorted.count {
      let row = sorted[first].row
      let columns = sorted[first...].prefix { $0.row == row }.map(\.column)
      first += columns.count
      var words: [String] = []
      for column in columns {
        let index = row * block.columnCount + column
        let text = CSVRecordBlock.bytes(
          bytes.span,
          start: block.starts[index],
          mark: block.marks[index]
        )
        let isPersonal = plan.personal.contains(plan.names[column])
        let shown = isPersonal ? "a value" : "\"\(String(decoding: text, as: UTF8.self))\""
        words.append(
          "column \"\(plan.names[column])\" holds \(shown), which is not of type "
            + "\(plan.types[column])"
        )
      }
      let range = block.offsets[row]..<block.ends[row]
      let reject = RejectedRecord(
        line: block.lines[row],
        offset: range.lowerBound,
        reasons: columns.map { "bad_" + Self.reasonWord(plan.types[$0]) },
        column: columns.first.map { plan.names[$0] },
        message: words.joined(separator: "; "),
        raw: raw(range)
      )
      found.append((row, reject))
    }
    return found
  }

  private static func reasonWord(_ type: ColumnType) -> String {
    if case .decimal = type { return "decimal" }
    return type.description
  }
}

extension CSVRecordBlock {
  /// Keeps the records of the given rows, which are sorted.
  mutating func keep(_ rows: [Int]) {
    guard rows.count < count else { return }
    for (new, old) in rows.enumerated() {
      offsets[new] = offsets[old]
      ends[new] = ends[old]
      lines[new] = lines[old]
      for column in 0..<columnCount {
        starts[new * columnCount + column] = starts[old * columnCount + column]
        marks[new * columnCount + column] = marks[old * columnCount + column]
      }
    }
    count = rows.count
  }
}
