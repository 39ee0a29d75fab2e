internal import LodeColumns
internal import LodeRuntime

/// The least and the greatest value of a part of a column.
enum ValueBounds: Sendable {
  /// No present value, or none that can be ordered (NaN).
  case none
  /// Of whole numbers, dates, timestamps and units of decimals.
  case integers(Int64, Int64)
  /// Of doubles, NaN left out.
  case doubles(Double, Double)
  /// Of booleans.
  case booleans(Bool, Bool)
  /// Of texts by their bytes.
  case texts([UInt8], [UInt8])

  /// The bounds of whole numbers.
  static func of<Number: FixedWidthInteger & SignedInteger>(
    _ numbers: ArraySlice<Number>
  ) -> ValueBounds {
    guard var least = numbers.first else { return .none }
    var greatest = least
    for number in numbers {
      least = min(least, number)
      greatest = max(greatest, number)
    }
    return .integers(Int64(least), Int64(greatest))
  }

  /// The bounds of doubles; a zero bound covers both zeros, as the format asks.
  static func of(_ numbers: ArraySlice<Double>) -> ValueBounds {
    var least = Double.infinity
    var greatest = -Double.infinity
    for number in numbers {
      if number < least { least = number }
      if number > greatest { greatest = number }
    }
    guard least <= greatest else { return .none }
    return .doubles(least == 0 ? -0.0 : least, greatest == 0 ? 0.0 : greatest)
  }

  /// The bounds of booleans.
  static func of(_ flags: ArraySlice<Bool>) -> ValueBounds {
    guard !flags.isEmpty else { return .none }
    return .booleans(flags.allSatisfy(\.self), flags.contains(true))
  }

  /// The bounds of the texts with the given codes.
  static func of(_ codes: [UInt32], in dictionary: TextDictionary) -> ValueBounds {
    guard let first = codes.first else { return .none }
    let bytes = dictionary.bytes
    let offsets = dictionary.offsets
    func range(_ code: UInt32) -> Range<Int> { offsets[Int(code)]..<offsets[Int(code) + 1] }
    var least = first
    var greatest = first
    // The first eight bytes as a number mostly tell which text comes first.
    var leastHead = head(bytes, range(first))
    var greatestHead = leastHead
    var last = first
    for code in codes where code != last {
      last = code
      let codeHead = head(bytes, range(code))
      if codeHead < leastHead
        || codeHead == leastHead && precedes(bytes, range(code), range(least))
      {
        (least, leastHead) = (code, codeHead)
      }
      if codeHead > greatestHead
        || codeHead == greatestHead && precedes(bytes, range(greatest), range(code))
      {
        (greatest, greatestHead) = (code, codeHead)
      }
    }
    return .texts(Array(bytes[range(least)]), Array(bytes[range(greatest)]))
  }

  /// The first eight bytes of a text as a number that orders as they do, filled up with zeros.
  private static func head(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    if range.lowerBound + 8 <= bytes.count {
      let word = ByteWords.load(bytes.span, range.lowerBound).byteSwapped
      // Bytes of the next text are taken off again.
      guard range.count < 8 else { return word }
      guard !range.isEmpty else { return 0 }
      return (word >> shift(range)) << shift(range)
    }
    var head: UInt64 = 0
    for place in range.lowerBound..<range.lowerBound + 8 {
      head = head << 8 | (place < range.upperBound ? UInt64(bytes[place]) : 0)
    }
    return head
  }

  /// The bits behind a text of fewer than eight bytes.
  private static func shift(_ range: Range<Int>) -> UInt64 { UInt64(8 * (8 - range.count)) }

  private static func precedes(_ bytes: [UInt8], _ left: Range<Int>, _ right: Range<Int>) -> Bool {
    let common = min(left.count, right.count)
    for place in 0..<common {
      let a = bytes[left.lowerBound + place]
      let b = bytes[right.lowerBound + place]
      if a != b { return a < b }
    }
    return left.count < right.count
  }

  /// The bounds of both parts together.
  func merging(_ other: ValueBounds) -> ValueBounds {
    switch (self, other) {
    case (.none, _): other
    case (_, .none): self
    case (.integers(let a, let b), .integers(let c, let d)): .integers(min(a, c), max(b, d))
    case (.doubles(let a, let b), .doubles(let c, let d)):
      .doubles(c < a ? c : a, d > b ? d : b)
    case (.booleans(let a, let b), .booleans(let c, let d)): .booleans(a && c, b || d)
    case (.texts(let a, let b), .texts(let c, let d)):
      .texts(
        c.lexicographicallyPrecedes(a) ? c : a,
        b.lexicographicallyPrecedes(d) ? d : b
      )
    default: preconditionFailure("bounds of different types")
    }
  }

  /// The statistics of a chunk with these bounds.
  func statistics(missingCount: Int, physicalType: PhysicalType) -> ColumnStatistics {
    var statistics = ColumnStatistics()
    statistics.missingCount = missingCount
    switch self {
    case .none: break
    case .integers(let least, let greatest):
      let isShort = physicalType == .int32
      statistics.minimum = Self.bytes(least, isShort: isShort)
      statistics.maximum = Self.bytes(greatest, isShort: isShort)
    case .doubles(let least, let greatest):
      statistics.minimum = Self.bytes(Int64(bitPattern: least.bitPattern), isShort: false)
      statistics.maximum = Self.bytes(Int64(bitPattern: greatest.bitPattern), isShort: false)
    case .booleans(let least, let greatest):
      statistics.minimum = [least ? 1 : 0]
      statistics.maximum = [greatest ? 1 : 0]
    case .texts(let least, let greatest):
      statistics.minimum = TextBound.lower(least)
      statistics.isMinimumExact = least.count <= TextBound.limit
      statistics.maximum = TextBound.upper(greatest)
      statistics.isMaximumExact = greatest.count <= TextBound.limit
    }
    return statistics
  }

  private static func bytes(_ number: Int64, isShort: Bool) -> [UInt8] {
    (0..<(isShort ? 4 : 8)).map { UInt8(truncatingIfNeeded: number >> Int64(8 * $0)) }
  }
}

/// Bounds of texts cut to a length that a footer can bear.
enum TextBound {
  /// The most bytes of a bound.
  static let limit = 64

  /// The longest beginning of whole characters within the limit: not above the text.
  static func lower(_ text: [UInt8]) -> [UInt8] {
    guard text.count > limit else { return text }
    var end = limit
    while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
    return Array(text[..<end])
  }

  /// The text, or a short text above it; nil if there is none.
  ///
  /// The last character of the beginning that can grow is put up by one; bytes of UTF-8 order as
  /// the characters do.
  static func upper(_ text: [UInt8]) -> [UInt8]? {
    guard text.count > limit else { return text }
    var scalars = Array(String(decoding: lower(text), as: UTF8.self).unicodeScalars)
    while let last = scalars.popLast() {
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      guard let scalar = Unicode.Scalar(next) else { continue }
      scalars.append(scalar)
      var bound = String.UnicodeScalarView()
      bound.append(contentsOf: scalars)
      return Array(String(bound).utf8)
    }
    return nil
  }
}
