internal import LodeColumns

/// The types that all cells seen so far could have; it only ever narrows.
struct CSVTypeInference: Sendable {
  private var mayBeInteger = true
  private var mayBeDecimal = true
  private var mayBeBoolean = true
  private var mayBeDate = true
  private var mayBeTimestamp = true
  private var hasZone = false
  private var lacksZone = false
  private var wholeDigits = 0
  private var fractionDigits = 0
  /// Whether there was a cell that is not empty.
  private(set) var hasCells = false

  /// Takes in one cell that is not empty.
  mutating func observe(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ parser: CellParser) {
    hasCells = true
    if mayBeInteger && parser.integer(bytes, start, end) == nil { mayBeInteger = false }
    if mayBeDecimal {
      if let shape = parser.decimalShape(bytes, start, end) {
        wholeDigits = max(wholeDigits, shape.whole)
        fractionDigits = max(fractionDigits, shape.fraction)
        mayBeDecimal = wholeDigits + fractionDigits <= 18
      } else {
        mayBeDecimal = false
      }
    }
    if mayBeBoolean && parser.boolean(bytes, start, end) == nil { mayBeBoolean = false }
    if mayBeDate && parser.date(bytes, start, end) == nil { mayBeDate = false }
    if mayBeTimestamp {
      if let time = parser.timestamp(bytes, start, end) {
        if time.hasZone { hasZone = true } else { lacksZone = true }
        // Clocks with and without a zone do not tell one time: such a column stays text.
        mayBeTimestamp = !(hasZone && lacksZone)
      } else {
        mayBeTimestamp = false
      }
    }
  }

  /// Takes in the cells of one column of a block.
  mutating func observe(
    _ bytes: Span<UInt8>,
    _ block: borrowing CSVRecordBlock,
    column: Int,
    _ parser: CellParser
  ) {
    for row in 0..<block.count {
      if isText { return }
      let index = row * block.columnCount + column
      let (start, end) = (block.starts[index], block.marks[index] >> 2)
      if start < end { observe(bytes, start, end, parser) }
    }
  }

  /// Takes in all cells that another one has seen.
  mutating func merge(_ other: CSVTypeInference) {
    hasCells = hasCells || other.hasCells
    mayBeInteger = mayBeInteger && other.mayBeInteger
    wholeDigits = max(wholeDigits, other.wholeDigits)
    fractionDigits = max(fractionDigits, other.fractionDigits)
    mayBeDecimal =
      mayBeDecimal && other.mayBeDecimal && wholeDigits + fractionDigits <= 18
    mayBeBoolean = mayBeBoolean && other.mayBeBoolean
    mayBeDate = mayBeDate && other.mayBeDate
    hasZone = hasZone || other.hasZone
    lacksZone = lacksZone || other.lacksZone
    mayBeTimestamp =
      mayBeTimestamp && other.mayBeTimestamp && !(hasZone && lacksZone)
  }

  /// Whether only text is left, so that no further cell can change the answer.
  var isText: Bool {
    !(mayBeInteger || mayBeDecimal || mayBeBoolean || mayBeDate || mayBeTimestamp)
  }

  /// The narrowest type of all cells; text if there was no cell.
  var type: ColumnType {
    guard hasCells else { return .text }
    if mayBeInteger { return .integer }
    if mayBeDecimal { return .decimal(precision: 18, scale: fractionDigits) }
    if mayBeBoolean { return .boolean }
    if mayBeDate { return .date }
    return mayBeTimestamp ? .timestamp : .text
  }
}
