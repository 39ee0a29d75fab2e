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
  private var cellCount = 0

  /// Takes in one cell that is not empty.
  mutating func observe(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, separator: UInt8) {
    cellCount += 1
    if mayBeInteger && CellParser.integer(bytes, start, end) == nil { mayBeInteger = false }
    if mayBeDecimal {
      if let shape = CellParser.decimalShape(bytes, start, end, separator: separator) {
        wholeDigits = max(wholeDigits, shape.whole)
        fractionDigits = max(fractionDigits, shape.fraction)
        mayBeDecimal = wholeDigits + fractionDigits <= 18
      } else {
        mayBeDecimal = false
      }
    }
    if mayBeBoolean && CellParser.boolean(bytes, start, end) == nil { mayBeBoolean = false }
    if mayBeDate && CellParser.date(bytes, start, end) == nil { mayBeDate = false }
    if mayBeTimestamp {
      if bytes[end - 1] == UInt8(ascii: "Z") { hasZone = true } else { lacksZone = true }
      // Clocks with and without a zone do not tell one time: such a column stays text.
      let isMixed = hasZone && lacksZone
      if isMixed || CellParser.timestamp(bytes, start, end) == nil { mayBeTimestamp = false }
    }
  }

  /// Whether only text is left, so that no further cell can change the answer.
  var isText: Bool {
    !(mayBeInteger || mayBeDecimal || mayBeBoolean || mayBeDate || mayBeTimestamp)
  }

  /// The narrowest type of all cells; text if there was no cell.
  var type: ColumnType {
    guard cellCount > 0 else { return .text }
    if mayBeInteger { return .integer }
    if mayBeDecimal { return .decimal(precision: 18, scale: fractionDigits) }
    if mayBeBoolean { return .boolean }
    if mayBeDate { return .date }
    return mayBeTimestamp ? .timestamp : .text
  }
}
