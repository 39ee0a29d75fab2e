internal import LodeColumns
internal import LodeRuntime

/// The cells of one column in one chunk of the file.
struct CSVColumnPiece: Sendable {
  /// The type the cells are read as.
  let type: ColumnType
  /// Whether the type was found, not declared: then a cell that does not fit only shows that the
  /// type is too narrow.
  let isInferred: Bool
  private(set) var integers: [Int64] = []
  private(set) var doubles: [Double] = []
  private(set) var booleans: [Bool] = []
  private(set) var codes: [UInt32] = []
  private(set) var texts = CSVTextPiece()
  /// The form of all texts so far, whose codes are then their numbers; nil if they have not one.
  private(set) var numbers: CSVNumberFormat?
  /// One entry a cell, false where it is missing; empty if none is.
  private(set) var validity: [Bool] = []
  private(set) var count = 0
  /// Whether some cell does not fit the inferred type.
  private(set) var isTooNarrow = false
  /// Whether there are times with a zone.
  private(set) var hasZone = false
  /// Whether there are times without a zone.
  private(set) var lacksZone = false

  private var lastDay: (word: UInt64, tail: UInt16, micros: Int64)?

  /// A piece without cells.
  init(type: ColumnType, isInferred: Bool) {
    self.type = type
    self.isInferred = isInferred
  }

  /// Reads the cells of one column of a block; the rows of bad cells are returned.
  mutating func append(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    column: Int,
    _ parser: CellParser
  ) -> [Int] {
    if isTooNarrow { return [] }
    if !validity.isEmpty {
      validity.append(contentsOf: repeatElement(true, count: block.count))
    }
    var bad: [Int] = []
    switch type {
    case .text: appendTexts(bytes, block, column)
    case .double, .boolean: appendFew(bytes, block, column, parser, &bad)
    default: appendIntegers(bytes, block, column, parser, &bad)
    }
    count += block.count
    if isInferred && !bad.isEmpty {
      isTooNarrow = true
      return []
    }
    return bad
  }

  private mutating func markMissing(_ row: Int, of blockCount: Int) {
    if validity.isEmpty { validity = Array(repeating: true, count: count + blockCount) }
    validity[count + row] = false
  }

  private mutating func appendTexts(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    _ column: Int
  ) {
    let base = codes.count
    codes.append(contentsOf: repeatElement(0, count: block.count))
    var first = 0
    if numbers == nil, texts.count == 0 { numbers = firstFormat(bytes, block, column) }
    if numbers != nil {
      first = appendNumbers(bytes, block, column)
      if first == block.count { return }
      spellNumbers(upTo: base + first)
    }
    var index = first &* block.columnCount &+ column
    var last: (word: UInt64, count: Int, code: UInt32) = (0, -1, 0)
    for row in first..<block.count {
      let (start, mark) = (block.starts[index], block.marks[index])
      index &+= block.columnCount
      let length = mark >> 2 &- start
      if mark & CSVRecordBlock.hasDoubledQuotes != 0 {
        let text = CSVRecordBlock.bytes(bytes, start: start, mark: mark)
        codes[base + row] = texts.code(text.span, 0, text.count)
        continue
      }
      if length == 0 && mark & CSVRecordBlock.isQuoted == 0 {
        markMissing(row, of: block.count)
        continue
      }
      // Neighbours are often equal: lines of one order, orders of one customer.
      if length <= 8 {
        let word = CSVTextPiece.word(bytes, start, length)
        if last.count != length || last.word != word {
          last = (word, length, texts.code(word: word, count: length))
        }
        codes[base &+ row] = last.code
      } else {
        codes[base &+ row] = texts.code(bytes, start, length)
      }
    }
  }

  /// The form of the first text of a block.
  private func firstFormat(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    _ column: Int
  ) -> CSVNumberFormat? {
    for row in 0..<block.count {
      let index = row * block.columnCount + column
      let (start, mark) = (block.starts[index], block.marks[index])
      if start == mark >> 2, mark & CSVRecordBlock.isQuoted == 0 { continue }
      guard mark & CSVRecordBlock.hasDoubledQuotes == 0 else { return nil }
      return CSVNumberFormat(bytes, start, mark >> 2 - start)
    }
    return nil
  }

  /// Reads texts as numbers of their form; the first row whose text has another one.
  private mutating func appendNumbers(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    _ column: Int
  ) -> Int {
    guard let numbers else { return 0 }
    let base = codes.count - block.count
    var index = column
    for row in 0..<block.count {
      let (start, mark) = (block.starts[index], block.marks[index])
      index &+= block.columnCount
      let length = mark >> 2 &- start
      if length == 0 && mark & CSVRecordBlock.isQuoted == 0 {
        markMissing(row, of: block.count)
        continue
      }
      guard mark & CSVRecordBlock.hasDoubledQuotes == 0,
        let number = numbers.number(bytes, start, length)
      else { return row }
      codes[base &+ row] = number
    }
    return block.count
  }

  /// Makes texts of the numbers read so far: a text of another form has come.
  private mutating func spellNumbers(upTo end: Int) {
    guard let format = numbers else { return }
    numbers = nil
    for row in 0..<end where validity.isEmpty || validity[row] {
      let text = format.text(codes[row])
      codes[row] = texts.code(text.span, 0, text.count)
    }
  }

  private mutating func appendFew(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    _ column: Int,
    _ parser: CellParser,
    _ bad: inout [Int]
  ) {
    for row in 0..<block.count {
      let index = row * block.columnCount + column
      let (start, end) = (block.starts[index], block.marks[index] >> 2)
      if start == end { markMissing(row, of: block.count) }
      if type == .double {
        let number = start == end ? 0 : parser.double(bytes, start, end)
        doubles.append(number ?? 0)
        if number == nil { bad.append(row) }
      } else {
        let flag = start == end ? false : parser.boolean(bytes, start, end)
        booleans.append(flag ?? false)
        if flag == nil { bad.append(row) }
      }
    }
  }

  private mutating func appendIntegers(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    _ column: Int,
    _ parser: CellParser,
    _ bad: inout [Int]
  ) {
    let base = integers.count
    integers.append(contentsOf: repeatElement(0, count: block.count))
    var precisionAndScale = (18, 0)
    if case .decimal(let precision, let scale) = type { precisionAndScale = (precision, scale) }
    var index = column
    for row in 0..<block.count {
      let (start, end) = (block.starts[index], block.marks[index] >> 2)
      index &+= block.columnCount
      if start == end {
        markMissing(row, of: block.count)
        continue
      }
      let number: Int64?
      switch type {
      case .integer: number = parser.integer(bytes, start, end)
      case .date: number = parser.date(bytes, start, end)
      case .timestamp: number = time(bytes, start, end, parser)
      default:
        let (precision, scale) = precisionAndScale
        number = parser.decimal(bytes, start, end, precision: precision, scale: scale)
      }
      if let number { integers[base &+ row] = number } else { bad.append(row) }
    }
  }

  /// A point in time; with a declared type a day alone is its midnight.
  @inline(__always)
  private mutating func time(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    _ parser: CellParser
  ) -> Int64? {
    if end &- start == 19, parser.dates == nil, let micros = usualTime(bytes, start, parser) {
      lacksZone = true
      return micros
    }
    if let time = parser.timestamp(bytes, start, end) {
      if time.hasZone { hasZone = true } else { lacksZone = true }
      return time.microseconds
    }
    guard !isInferred, let day = parser.date(bytes, start, end) else { return nil }
    lacksZone = true
    return day * Timestamp.microsecondsPerDay
  }

  /// `YYYY-MM-DD[T ]hh:mm:ss`, with the day remembered from the cell before.
  @inline(__always)
  private mutating func usualTime(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ parser: CellParser
  ) -> Int64? {
    let sign = bytes[start &+ 10]
    guard sign == UInt8(ascii: "T") || sign == 0x20 else { return nil }
    let word = ByteWords.load(bytes, start)
    let tail = UInt16(bytes[start &+ 8]) << 8 | UInt16(bytes[start &+ 9])
    let micros: Int64
    if let lastDay, lastDay.word == word, lastDay.tail == tail {
      micros = lastDay.micros
    } else {
      guard let day = parser.date(bytes, start, start &+ 10) else { return nil }
      micros = day * Timestamp.microsecondsPerDay
      lastDay = (word, tail, micros)
    }
    // "hh:mm:ss" less "00:00:00": digits become 0…9, the colons 0.
    let clock = ByteWords.load(bytes, start &+ 11) ^ 0x3030_3A30_303A_3030
    guard clock & 0x8080_FF80_80FF_8080 == 0,
      (clock &+ 0x7676_0076_7600_7676) & 0x8080_8080_8080_8080 == 0
    else { return nil }
    let hour = (clock & 0xFF) &* 10 &+ (clock >> 8 & 0xFF)
    let minute = (clock >> 24 & 0xFF) &* 10 &+ (clock >> 32 & 0xFF)
    let second = (clock >> 48 & 0xFF) &* 10 &+ (clock >> 56)
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return micros &+ Int64(hour &* 3600 &+ minute &* 60 &+ second) &* 1_000_000
  }

  /// Makes room for cells at once: growing by doubling would leave half of the memory unused.
  mutating func reserve(_ cells: Int) {
    switch type {
    case .text: codes.reserveCapacity(cells)
    case .double: doubles.reserveCapacity(cells)
    case .boolean: booleans.reserveCapacity(cells)
    default: integers.reserveCapacity(cells)
    }
  }

  /// Forgets all cells and keeps the room that they had.
  mutating func clear() {
    integers.removeAll(keepingCapacity: true)
    doubles.removeAll(keepingCapacity: true)
    booleans.removeAll(keepingCapacity: true)
    codes.removeAll(keepingCapacity: true)
    validity.removeAll(keepingCapacity: true)
    texts.clear()
    numbers = nil
    count = 0
    (isTooNarrow, hasZone, lacksZone) = (false, false, false)
  }

  /// Forgets the cells of the given rows, which are sorted.
  mutating func remove(_ rows: [Int]) {
    guard !rows.isEmpty, !isTooNarrow else { return }
    var isKept = [Bool](repeating: true, count: count)
    for row in rows { isKept[row] = false }
    func kept<Cell>(_ cells: [Cell]) -> [Cell] {
      cells.indices.filter { isKept[$0] }.map { cells[$0] }
    }
    integers = kept(integers)
    doubles = kept(doubles)
    booleans = kept(booleans)
    codes = kept(codes)
    if !validity.isEmpty { validity = kept(validity) }
    count = isKept.count { $0 }
  }
}
