/// The form of ids such as `C0012345`: a fixed beginning, then a fixed count of digits.
///
/// Ids of one form are told apart by their numbers alone, which spares a dictionary most of its
/// work. Each text has one form at most, so texts of two forms are never equal.
struct CSVNumberFormat: Hashable, Sendable {
  /// The bytes of a text.
  let length: Int
  /// The digits at its end, at most eight.
  private let digitCount: Int
  /// The bytes before them, at most eight, the first in the lowest byte.
  private let prefix: UInt64

  private static let zeroDigits = ByteWords.repeating(0x30)

  private var prefixCount: Int { length &- digitCount }

  /// The form of a text; nil if it has none.
  init?(_ text: Span<UInt8>, _ start: Int, _ count: Int) {
    guard count > 0, count <= 16 else { return nil }
    var digits = 0
    while digits < min(8, count), text[start + count - 1 - digits] &- 0x30 <= 9 { digits += 1 }
    guard digits > 0, count - digits <= 8 else { return nil }
    length = count
    digitCount = digits
    prefix = CSVTextPiece.word(text, start, count - digits)
  }

  /// The number of a text of this form; nil for other texts.
  @inline(__always)
  func number(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> UInt32? {
    guard count == length else { return nil }
    let end = start &+ count
    var word: UInt64 = 0
    if end >= 8 {
      word = ByteWords.load(text, end &- 8)
    } else {
      for index in 0..<end { word |= UInt64(text[index]) << UInt64((8 &- end &+ index) &* 8) }
    }
    let mask = UInt64.max << UInt64((8 &- digitCount) &* 8)
    guard let number = ByteWords.eightDigits(word & mask | Self.zeroDigits & ~mask),
      prefixCount == 0 || CSVTextPiece.word(text, start, prefixCount) == prefix
    else { return nil }
    return UInt32(truncatingIfNeeded: number)
  }

  /// The text of a number.
  func text(_ number: UInt32) -> [UInt8] {
    var text: [UInt8] = []
    append(number, to: &text)
    return text
  }

  /// Appends the text of a number.
  func append(_ number: UInt32, to text: inout [UInt8]) {
    for index in 0..<prefixCount {
      text.append(UInt8(truncatingIfNeeded: prefix >> UInt64(index * 8)))
    }
    var divisor: UInt32 = 1
    for _ in 1..<digitCount { divisor *= 10 }
    while divisor > 0 {
      text.append(0x30 + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}

/// The codes of texts of one form by their numbers.
struct CSVNumberTable: Sendable {
  let format: CSVNumberFormat
  /// The number of the first entry.
  private let base: Int
  /// The code of each number plus 1, 0 where the number has not been seen.
  private(set) var codes: [UInt32] = []

  /// The numbers that a table covers: numbers further up go through the dictionary.
  private static let reach = 1 << 23

  /// A table that begins somewhat below a number.
  init(_ format: CSVNumberFormat, near number: UInt32) {
    self.format = format
    base = max(0, Int(number) - Self.reach / 8)
  }

  /// The place of a number in the table; nil if it is not covered.
  @inline(__always)
  func place(_ number: UInt32) -> Int? {
    let place = Int(number) &- base
    return place >= 0 && place < Self.reach ? place : nil
  }

  /// Notes the code of a number.
  mutating func set(_ code: UInt32, at place: Int) {
    if place >= codes.count {
      let count = max(place + 1, min(Self.reach, codes.count + codes.count / 2 + 1024))
      codes.append(contentsOf: repeatElement(0, count: count - codes.count))
    }
    codes[place] = code + 1
  }
}
