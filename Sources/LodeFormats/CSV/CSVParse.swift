internal import LodeColumns
internal import LodeRuntime
internal import Synchronization

/// Reads the records behind the header: chunks in parallel, joined in file order.
///
/// Each chunk guesses that the first line end behind its border ends a record. The guess is then
/// checked against the end of the chunk before; chunks that guessed wrong (a line end in quotes)
/// are read again from their true start. So the result is exact whatever the quotes are, and never
/// depends on the size of the chunks or on the number of threads.
struct CSVParse {
  private var plan: CSVPlan
  private var bytes: [UInt8]
  private let start: Int
  /// The line at `start`, from 1.
  private let line: Int
  private let borders: [Int]
  private let name: String
  /// Columns whose cells in the first chunk are all empty, so that nothing is known of their type.
  private var isUnknown: [Bool]

  private static let guessReach = 1 << 20

  init(
    plan: CSVPlan,
    bytes: consuming [UInt8],
    start: Int,
    line: Int,
    chunkSize: Int,
    name: String
  ) {
    self.plan = plan
    let count = bytes.count
    self.bytes = bytes
    self.start = start
    self.line = line
    self.name = name
    var borders = [start]
    while let last = borders.last, count - last > chunkSize { borders.append(last + chunkSize) }
    self.borders = borders + [max(start, count)]
    isUnknown = plan.names.map { _ in false }
  }

  static func unclosed(line: Int, name: String) -> Diagnostic {
    Diagnostic(
      .failure,
      at: "\(name):\(line)",
      "a quote that opens in this record is never closed.",
      fix: "close the quote, or double it if it is part of the text."
    )
  }

  /// The table, the lines and the rejects.
  mutating func document() throws(Diagnostic) -> CSVDocument {
    guessTypes()
    var chunks = try exactChunks()
    try checkZones(chunks)
    narrow(&chunks)
    bytes = []
    var lines: [Int] = []
    lines.reserveCapacity(chunks.reduce(0) { $0 + $1.lines.count })
    var rejects: [RejectedRecord] = []
    var firstLine = line
    for chunk in chunks {
      for line in chunk.lines { lines.append(Int(line) + firstLine) }
      for var reject in chunk.rejects {
        reject.line += firstLine
        rejects.append(reject)
      }
      firstLine += chunk.lineCount
    }
    let columns = Self.columns(&chunks, types: plan.types)
    let schema = Schema(zip(plan.names, plan.types).map { Field($0, $1) })
    return CSVDocument(table: Table(schema, columns), lines: lines, rejects: rejects)
  }

  /// Takes the types of undeclared columns from the first records; all cells will be held to them.
  private mutating func guessTypes() {
    guard plan.isInferred.contains(true) else { return }
    plan.isWanted = plan.isInferred
    let limit = min(borders[1], start + 1 << 18)
    let seen = CSVChunkParser(plan: plan, bytes: bytes).inferences(from: start, to: limit)
    take(seen)
    isUnknown = zip(seen, plan.isInferred).map { !$0.hasCells && $1 }
    plan.isWanted = plan.names.map { _ in true }
  }

  private mutating func take(_ inferences: [CSVTypeInference]) {
    plan = CSVPlan(
      delimiter: plan.delimiter,
      names: plan.names,
      types: plan.names.indices.map { plan.isWanted[$0] ? inferences[$0].type : plan.types[$0] },
      isInferred: plan.isInferred,
      personal: plan.personal,
      parser: plan.parser,
      isWanted: plan.isWanted
    )
  }

  /// All chunks from their true starts to their true ends.
  private func exactChunks() throws(Diagnostic) -> [CSVChunk] {
    let parser = CSVChunkParser(plan: plan, bytes: bytes)
    let (bytes, borders) = (bytes, borders)
    var chunks = Parallel.map(borders.count - 1) { index in
      let limit = borders[index + 1]
      guard index > 0 else {
        return parser.chunk(from: borders[0], to: limit, reach: bytes.count)
      }
      let start = Self.lineStart(bytes.span, behind: borders[index], limit: limit)
      let reach = min(bytes.count, limit + Self.guessReach)
      return parser.chunk(from: start, to: limit, reach: reach)
    }
    var next = start
    var starts: [(index: Int, start: Int)] = []
    for index in chunks.indices {
      if chunks[index].start == next && chunks[index].isComplete {
        next = chunks[index].end
      } else {
        starts.append((index, next))
        next = parser.skim(from: next, to: borders[index + 1])
      }
    }
    let todo = starts
    let again = Parallel.map(todo.count) { place in
      let (index, start) = todo[place]
      return parser.chunk(from: start, to: borders[index + 1], reach: bytes.count)
    }
    for (place, chunk) in zip(todo, again) { chunks[place.index] = chunk }
    var firstLine = line
    for chunk in chunks {
      if let line = chunk.unclosedLine {
        throw Self.unclosed(line: firstLine + line, name: name)
      }
      firstLine += chunk.lineCount
    }
    return chunks
  }

  /// The start of the first line that starts at or behind `border`, at most `limit`.
  private static func lineStart(_ bytes: Span<UInt8>, behind border: Int, limit: Int) -> Int {
    var index = border - 1
    while index < limit {
      if bytes[index] == 0x0A { return index + 1 }
      if bytes[index] == 0x0D {
        return index + 1 < bytes.count && bytes[index + 1] == 0x0A ? index + 2 : index + 1
      }
      index += 1
    }
    return limit
  }

  /// Refuses declared times of which some tell their zone and some do not.
  private func checkZones(_ chunks: [CSVChunk]) throws(Diagnostic) {
    for column in plan.names.indices where !plan.isInferred[column] {
      let hasZone = chunks.contains { $0.pieces[column].hasZone }
      guard hasZone, chunks.contains(where: { $0.pieces[column].lacksZone }) else { continue }
      throw Diagnostic(
        .failure,
        at: name,
        "column \"\(plan.names[column])\" holds times with a zone and times without one, which "
          + "cannot be put on one clock.",
        fix: "declare it text and convert it in the pipeline, or export all times in UTC."
      )
    }
  }

  /// Reads the columns again whose found type does not hold for all cells.
  private mutating func narrow(_ chunks: inout [CSVChunk]) {
    let wrong = plan.names.indices.map { column in
      guard plan.isInferred[column] else { return false }
      let pieces = chunks.map { $0.pieces[column] }
      return pieces.contains { $0.isTooNarrow }
        || pieces.contains { $0.hasZone } && pieces.contains { $0.lacksZone }
        || isUnknown[column] && pieces.contains { !$0.texts.bytes.isEmpty }
    }
    guard wrong.contains(true) else { return }
    plan.isWanted = wrong
    let parser = CSVChunkParser(plan: plan, bytes: bytes)
    let ranges = chunks.map { ($0.start, $0.end) }
    let parts = Parallel.map(ranges.count) { index in
      parser.inferences(from: ranges[index].0, to: ranges[index].1)
    }
    var all = [CSVTypeInference](repeating: CSVTypeInference(), count: plan.names.count)
    for part in parts {
      for column in all.indices { all[column].merge(part[column]) }
    }
    take(all)
    let second = CSVChunkParser(plan: plan, bytes: bytes)
    let reach = bytes.count
    let again = Parallel.map(ranges.count) { index in
      second.chunk(from: ranges[index].0, to: ranges[index].1, reach: reach)
    }
    for (index, chunk) in again.enumerated() {
      let kept = chunks[index].lines
      var dropped: [Int] = []
      // Rows with a bad cell in a declared column are gone from the first pass already.
      if kept.count < chunk.lines.count {
        var place = 0
        for (row, line) in chunk.lines.enumerated() {
          if place < kept.count && kept[place] == line { place += 1 } else { dropped.append(row) }
        }
      }
      for column in wrong.indices where wrong[column] {
        chunks[index].pieces[column] = chunk.pieces[column]
        chunks[index].pieces[column].remove(dropped)
      }
    }
  }

  /// The columns; the pieces of a column are let go as soon as it is joined.
  private static func columns(_ chunks: inout [CSVChunk], types: [ColumnType]) -> [Column] {
    var pieces: [[CSVColumnPiece]] = types.map { _ in [] }
    for index in chunks.indices {
      for (column, piece) in chunks[index].pieces.enumerated() { pieces[column].append(piece) }
      chunks[index].pieces = []
    }
    let box = Mutex(pieces)
    pieces = []
    return Parallel.map(types.count) { column in
      let own = box.withLock { all in
        let own = all[column]
        all[column] = []
        return own
      }
      return CSVColumnPiece.merged(own, type: types[column])
    }
  }
}
