internal import LodeRuntime
internal import Synchronization

/// One walk through all records of a document: some chunks at a time in parallel, in file order.
///
/// A window slides over the text and is cut into chunks. Each chunk guesses that the first line end
/// behind its border ends a record. The guess is then checked against the end of the chunk before;
/// chunks that guessed wrong (a line end in quotes) are read again from their true start, and a
/// record that the window cuts is carried into the next one. So the result is exact whatever the
/// quotes are, and never depends on the size of the chunks or on the number of threads.
///
/// Memory: the window and what its chunks hold, however long the document is.
struct CSVPass {
  private let plan: CSVPlan
  private let work: CSVWork
  private let name: String
  private let chunkSize: Int
  private var stream: TextStream
  private var window: [UInt8] = []
  /// The bytes of the window that are in use.
  private var filled = 0
  /// Where the window starts in the document.
  private var base: Int
  /// The line at the start of the window, from 1.
  private var line: Int
  /// The bytes that the window is filled up to.
  private var wanted: Int
  private var isDone = false
  /// Pieces whose cells are no longer needed: using their room again spares the system much work.
  private var spares: [[CSVColumnPiece]] = []

  private static let guessReach = 1 << 20
  /// The most bytes of one record.
  static let recordLimit = 256 << 20

  private var windowSize: Int { chunkSize * max(8, 4 * Parallel.threadCount) }

  /// A walk that has not begun.
  ///
  /// - Throws: a diagnostic if the source cannot be read.
  init(
    _ source: SourceBytes,
    _ reader: CSVReader,
    _ start: CSVStart,
    _ plan: CSVPlan,
    _ work: CSVWork
  ) throws(Diagnostic) {
    self.plan = plan
    self.work = work
    name = source.name
    chunkSize = reader.chunkSize
    stream = try TextStream(source, encoding: reader.encoding)
    _ = try stream.peek(start.offset)
    stream.skip(start.offset)
    base = start.offset
    line = start.line
    wanted = max(1 << 16, source.byteCount + 1)
    wanted = min(windowSize, wanted)
  }

  /// The part of the source that was read so far, 0…1.
  var fractionRead: Double { stream.fractionRead }

  /// The next chunks, their lines and offsets those of the document; nil behind the last.
  ///
  /// - Throws: a diagnostic when the document as a whole cannot be read.
  mutating func next() throws(Diagnostic) -> [CSVChunk]? {
    if isDone { return nil }
    while true {
      if window.count < wanted {
        window.append(contentsOf: repeatElement(0, count: wanted - window.count))
      }
      filled += try stream.read(wanted - filled, into: &window, at: filled)
      let isEnd = filled < wanted
      var chunks = try exactChunks(isEnd: isEnd)
      let end = chunks.last?.end ?? 0
      if end == 0 && !isEnd {
        wanted *= 2
        guard wanted <= Self.recordLimit else { throw tooLong }
        continue
      }
      for index in chunks.indices {
        for place in chunks[index].rejects.indices { chunks[index].rejects[place].line += line }
        chunks[index].firstLine = line
        line += chunks[index].lineCount
      }
      isDone = isEnd
      slide(by: end)
      return chunks
    }
  }

  /// Takes back chunks whose cells are no longer needed.
  mutating func recycle(_ chunks: consuming [CSVChunk]) {
    for chunk in chunks where !chunk.pieces.isEmpty { spares.append(chunk.pieces) }
  }

  /// Lets go of the first bytes of the window.
  private mutating func slide(by count: Int) {
    for index in count..<filled { window[index - count] = window[index] }
    filled -= count
    base += count
    wanted = max(windowSize, filled + chunkSize)
    if window.count > 2 * wanted { window = Array(window[..<wanted]) }
  }

  /// All chunks of the window from their true starts to their true ends.
  private mutating func exactChunks(isEnd: Bool) throws(Diagnostic) -> [CSVChunk] {
    let parser = CSVChunkParser(
      plan: plan,
      work: work,
      bytes: window,
      count: filled,
      base: base,
      isEnd: isEnd
    )
    let count = filled
    let borders = Array(stride(from: 0, to: max(1, count), by: chunkSize)) + [count]
    let box = Mutex(spares)
    spares = []
    var chunks = Parallel.map(borders.count - 1) { index in
      let spare = box.withLock { $0.popLast() ?? [] }
      let limit = borders[index + 1]
      let start = Self.lineStart(
        parser.bytes.span.extracting(0..<count),
        behind: borders[index],
        limit: limit
      )
      let reach = min(count, limit + Self.guessReach)
      return parser.chunk(from: start, to: limit, reach: reach, spare: spare)
    }
    var next = 0
    var starts: [(index: Int, start: Int)] = []
    for index in chunks.indices {
      let hasReachedAll = borders[index + 1] + Self.guessReach >= count
      if chunks[index].start == next && (chunks[index].isComplete || hasReachedAll) {
        next = chunks[index].isComplete ? chunks[index].end : count
      } else {
        starts.append((index, next))
        next = parser.skim(from: next, to: borders[index + 1])
      }
    }
    let todo = starts
    let again = Parallel.map(todo.count) { place in
      let (index, start) = todo[place]
      return parser.chunk(from: start, to: borders[index + 1], reach: count)
    }
    for (place, chunk) in zip(todo, again) { chunks[place.index] = chunk }
    // A record that the window cuts is read by the next one, and nothing stands behind it here.
    if let cut = chunks.firstIndex(where: { !$0.isComplete }) {
      chunks.removeSubrange((cut + 1)...)
    }
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
    guard border > 0 else { return 0 }
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

  static func unclosed(line: Int, name: String) -> Diagnostic {
    Diagnostic(
      .failure,
      at: "\(name):\(line)",
      "a quote that opens in this record is never closed.",
      fix: "close the quote, or double it if it is part of the text."
    )
  }

  private var tooLong: Diagnostic {
    Diagnostic(
      .failure,
      at: "\(name):\(line)",
      "this record goes on for more than \(Self.recordLimit >> 20) MiB: most likely a quote in it "
        + "is never closed.",
      fix: "close the quote, or double it if it is part of the text."
    )
  }
}
