internal import LodeColumns

/// How all chunks of a file are read.
struct CSVPlan: Sendable {
  let delimiter: UInt8
  let names: [String]
  var types: [ColumnType]
  /// Whether the type of each column was found, not declared.
  let isInferred: [Bool]
  let personal: Set<String>
  let parser: CellParser
  /// Whether each column is wanted from this pass.
  var isWanted: [Bool]
}

/// What one chunk of a file holds.
struct CSVChunk: Sendable {
  /// Where its first record starts in the window.
  let start: Int
  /// Where the first record behind it starts.
  var end: Int
  /// The columns, one piece each.
  var pieces: [CSVColumnPiece] = []
  /// What the types of the columns could be, where only that was asked.
  var inferences: [CSVTypeInference] = []
  /// The line of the document at its start, from 1.
  var firstLine = 0
  /// The line of each row, from 0 at the start of the chunk.
  var lines = LineNumbers()
  /// The records with the right count of fields, bad cells or not.
  var recordCount = 0
  /// Those of them that are no rows, since a cell does not fit.
  var dropped: [Int] = []
  /// The records that are no rows, lines from 0 at the start of the chunk.
  var rejects: [RejectedRecord] = []
  /// The lines of the chunk.
  var lineCount = 0
  /// The line of the record with a quote that is never closed.
  var unclosedLine: Int?
  /// Whether the chunk was read to its end.
  var isComplete = true
}

/// What is done with the cells of a pass.
enum CSVWork: Sendable {
  /// They are read as the types of the plan.
  case cells
  /// They narrow the types that they could have.
  case types
}

/// Reads one chunk: the records that start in it.
struct CSVChunkParser {
  /// The records of a block: its cells stay in the caches while they are read column by column.
  private static let blockBytes = 1 << 15

  let plan: CSVPlan
  let work: CSVWork
  /// A window of the document.
  let bytes: [UInt8]
  /// The bytes of the window that are in use.
  let count: Int
  /// Where the window starts in the document.
  let base: Int
  /// Whether the document ends where the window ends.
  let isEnd: Bool

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
  ///   - spare: pieces of this plan whose cells are no longer needed, for their room.
  /// - Returns: the rows and rejects of the chunk.
  func chunk(
    from start: Int,
    to limit: Int,
    reach: Int,
    spare: consuming [CSVColumnPiece] = []
  ) -> CSVChunk {
    let window = bytes.span.extracting(0..<reach)
    var chunk = CSVChunk(start: start, end: start)
    switch work {
    case .types: chunk.inferences = plan.names.map { _ in CSVTypeInference() }
    case .cells:
      chunk.pieces = spare
      for column in chunk.pieces.indices { chunk.pieces[column].clear() }
      if chunk.pieces.isEmpty {
        chunk.pieces = zip(plan.types, plan.isInferred)
          .map { CSVColumnPiece(type: $0, isInferred: $1) }
      }
    }
    var scanner = CSVScanner(
      delimiter: plan.delimiter,
      position: start,
      isEnd: isEnd && reach == count
    )
    var block = block()
    scan: while true {
      var malformed: [CSVMalformedRecord] = []
      let first = scanner.position
      let stop = scanner.fill(&block, window, limit: limit, malformed: &malformed)
      var rejects = malformed.map { reject($0) }
      if !UTF8Check.isPlainText(window, first..<scanner.position) {
        removeDamaged(from: &block, &rejects)
      }
      if chunk.recordCount == 0, block.count == block.capacity {
        // Records of the first block tell how many there will be, with some to spare.
        let rest = max(0, min(limit, reach) - start) / max(1, (scanner.position - start))
        let cells = (rest + 1) * block.count
        chunk.reserve(cells + cells / 16 + block.capacity, plan)
      }
      take(block, window, into: &chunk, &rejects)
      if !rejects.isEmpty {
        rejects.sort { $0.offset < $1.offset }
        chunk.rejects += rejects
      }
      switch stop {
      case .full: continue scan
      case .limit: break scan
      case .cut:
        chunk.isComplete = false
        break scan
      case .unclosed(let line):
        chunk.unclosedLine = line
        chunk.end = count
        return chunk
      }
    }
    chunk.end = scanner.position
    chunk.lineCount = scanner.line
    chunk.dropRecords()
    return chunk
  }

  /// Takes the cells of a block; records with bad cells go to the rejects.
  @inline(__always)
  private func take(
    _ block: borrowing CSVRecordBlock,
    _ window: Span<UInt8>,
    into chunk: inout CSVChunk,
    _ rejects: inout [RejectedRecord]
  ) {
    let rowBase = chunk.recordCount
    chunk.append(block)
    var bad: [(row: Int, column: Int)] = []
    for column in plan.names.indices where plan.isWanted[column] {
      switch work {
      case .cells:
        let rows = chunk.pieces[column].append(window, block, column: column, plan.parser)
        for row in rows { bad.append((row, column)) }
      case .types:
        chunk.inferences[column].observe(window, block, column: column, plan.parser)
      }
    }
    guard !bad.isEmpty else { return }
    let found = badCellRejects(bad, block)
    chunk.dropped += found.map { $0.row + rowBase }
    rejects += found.map(\.reject)
  }

  /// Where the first record at or behind `limit` starts, from the start of a record.
  func skim(from start: Int, to limit: Int) -> Int {
    var scanner = CSVScanner(delimiter: plan.delimiter, position: start, isEnd: isEnd)
    var block = block()
    while true {
      var malformed: [CSVMalformedRecord] = []
      let window = bytes.span.extracting(0..<count)
      switch scanner.fill(&block, window, limit: limit, malformed: &malformed) {
      case .full: continue
      case .limit: return scanner.position
      case .cut, .unclosed: return count
      }
    }
  }
}

extension CSVChunk {
  /// Takes the lines of a block.
  fileprivate mutating func append(_ block: borrowing CSVRecordBlock) {
    guard block.count > 0 else { return }
    recordCount += block.count
    let (first, last) = (block.lines[0], block.lines[block.count - 1])
    if last - first == block.count - 1 {
      lines.append(from: first, count: block.count)
    } else {
      for row in 0..<block.count { lines.append(from: block.lines[row]) }
    }
  }

  /// Makes room for cells at once.
  fileprivate mutating func reserve(_ cells: Int, _ plan: CSVPlan) {
    for column in pieces.indices where plan.isWanted[column] { pieces[column].reserve(cells) }
  }

  /// Forgets records with bad cells.
  fileprivate mutating func dropRecords() {
    guard !dropped.isEmpty else { return }
    dropped.sort()
    for column in pieces.indices where pieces[column].count == recordCount {
      pieces[column].remove(dropped)
    }
    lines.remove(dropped)
  }
}

extension CSVChunkParser {
  private func raw(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private func reject(_ record: CSVMalformedRecord) -> RejectedRecord {
    var found = UTF8Check.damage(bytes, record.offset..<record.end, base: base)
    if record.isBadlyQuoted { found.insert(("bad_quoting", "text behind a closing quote"), at: 0) }
    if record.fieldCount != plan.names.count {
      let words = "\(record.fieldCount) fields where the header has \(plan.names.count)"
      found.insert(("ragged", words), at: 0)
    }
    return RejectedRecord(
      line: record.line,
      offset: base + record.offset,
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
      let found = UTF8Check.damage(bytes, range, base: base)
      if found.isEmpty {
        kept.append(row)
        continue
      }
      rejects.append(
        RejectedRecord(
          line: block.lines[row],
          offset: base + range.lowerBound,
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
        offset: base + range.lowerBound,
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
