internal import LodeColumns

/// A value that no cell can hold exactly: which of the values, and what is wrong with it.
struct ConversionFailure: Error {
  let index: Int
  let words: String
}

/// Present values as cells hold them.
enum CellValues {
  /// Whole numbers and what is stored as such.
  case integers([Int64])
  /// Floating-point numbers.
  case doubles([Double])
  /// Booleans.
  case booleans([Bool])
  /// Codes of runs of bytes.
  case codes([UInt32])

  /// Turns stored values into cells.
  ///
  /// - Parameters:
  ///   - values: the stored values.
  ///   - form: what they become.
  ///   - texts: gives runs of bytes their codes.
  ///   - areDistinct: whether no value is there twice, as is known of a dictionary of our own.
  /// - Throws: the first value that no cell can hold exactly.
  init(
    _ values: PhysicalValues,
    _ form: CellForm,
    texts: inout TextDictionaryBuilder,
    areDistinct: Bool = false
  ) throws(ConversionFailure) {
    switch (values, form) {
    case (.integers(let numbers), .multiplied(let factor)):
      self = .integers(try Self.multiplied(numbers, by: factor))
    case (.integers(let numbers), .divided(let divisor)):
      self = .integers(try Self.divided(numbers, by: divisor))
    case (.integers(let numbers), .unsigned(let bits)):
      if bits == 32 {
        self = .integers(numbers.map { $0 & 0xFFFF_FFFF })
      } else {
        if let index = numbers.firstIndex(where: { $0 < 0 }) {
          let words = "holds \(UInt64(bitPattern: numbers[index])), more than \(Int64.max)"
          throw ConversionFailure(index: index, words: words)
        }
        self = .integers(numbers)
      }
    case (.integers(let numbers), _): self = .integers(numbers)
    case (.doubles(let numbers), _): self = .doubles(numbers)
    case (.booleans(let flags), _): self = .booleans(flags)
    case (.strings(let strings), .bigEndian): self = .integers(try Self.decimals(strings))
    case (.strings(let strings), .int96): self = .integers(try Self.int96Times(strings))
    case (.strings(let strings), .float16): self = .doubles(Self.halves(strings))
    case (.strings(let strings), _):
      self = .codes(
        areDistinct
          ? texts.codes(for: strings.bytes.span, in: strings.ranges.span, areDistinct: true)
          : Self.codes(strings, &texts)
      )
    }
  }

  /// The code of each run of bytes; one that is equal to the one before is looked up only once.
  private static func codes(
    _ strings: ByteStrings,
    _ texts: inout TextDictionaryBuilder
  ) -> [UInt32] {
    let (bytes, ranges) = (strings.bytes.span, strings.ranges.span)
    guard
      let second = ranges.indices.dropFirst()
        .first(where: {
          isEqual(bytes, ranges[$0], ranges[$0 - 1])
        })
    else { return texts.codes(for: bytes, in: ranges) }
    // Lines of one order lie side by side: the text before is often this one.
    var heads = Array(strings.ranges[..<second])
    var headOfPlace = heads.indices.map { UInt32(truncatingIfNeeded: $0) }
    headOfPlace.reserveCapacity(ranges.count)
    for place in second..<ranges.count {
      if !isEqual(bytes, ranges[place], ranges[place - 1]) { heads.append(ranges[place]) }
      headOfPlace.append(UInt32(truncatingIfNeeded: heads.count - 1))
    }
    let codes = texts.codes(for: bytes, in: heads.span)
    return headOfPlace.map { codes[Int($0)] }
  }

  private static func isEqual(
    _ bytes: Span<UInt8>,
    _ left: Range<Int>,
    _ right: Range<Int>
  ) -> Bool {
    guard left.count == right.count else { return false }
    // Ids differ at their end.
    var place = left.count
    while place > 0 {
      place -= 1
      if bytes[left.lowerBound + place] != bytes[right.lowerBound + place] { return false }
    }
    return true
  }

  /// The values that codes of a dictionary stand for.
  ///
  /// - Throws: `corrupt` for a code beyond the dictionary.
  func looked(up codes: [UInt32]) throws(ParquetError.Reason) -> CellValues {
    switch self {
    case .integers(let values): .integers(try Self.look(up: codes, in: values))
    case .doubles(let values): .doubles(try Self.look(up: codes, in: values))
    case .booleans(let values): .booleans(try Self.look(up: codes, in: values))
    case .codes(let values): .codes(try Self.look(up: codes, in: values))
    }
  }

  /// Whether these are the codes 0, 1, 2 and so on, which stand for themselves.
  var areOwnCodes: Bool {
    guard case .codes(let values) = self else { return false }
    let codes = values.span
    return codes.indices.allSatisfy { codes[$0] == UInt32(truncatingIfNeeded: $0) }
  }

  private static func look<Value>(
    up codes: [UInt32],
    in values: [Value]
  ) throws(ParquetError.Reason) -> [Value] {
    try require(codes, below: values.count)
    return codes.map { values[Int($0)] }
  }

  /// Refuses codes that are not below a bound.
  ///
  /// - Throws: `corrupt`.
  static func require(
    _ codes: [UInt32],
    below bound: Int
  ) throws(ParquetError.Reason) {
    var largest: UInt32 = 0
    for code in codes { largest = max(largest, code) }
    guard Int(largest) < bound else { throw .corrupt("a code beyond the dictionary") }
  }

  private static func multiplied(
    _ numbers: [Int64],
    by factor: Int64
  ) throws(ConversionFailure) -> [Int64] {
    var products = numbers
    for index in products.indices {
      let (product, hasOverflowed) = numbers[index].multipliedReportingOverflow(by: factor)
      guard !hasOverflowed else {
        throw ConversionFailure(
          index: index,
          words: "holds a time beyond 64 bits of microseconds"
        )
      }
      products[index] = product
    }
    return products
  }

  private static func divided(
    _ numbers: [Int64],
    by divisor: Int64
  ) throws(ConversionFailure) -> [Int64] {
    var quotients = numbers
    for index in quotients.indices {
      let (quotient, rest) = numbers[index].quotientAndRemainder(dividingBy: divisor)
      guard rest == 0 else {
        throw ConversionFailure(
          index: index,
          words: "holds a time finer than a microsecond (\(numbers[index]) nanoseconds)"
        )
      }
      quotients[index] = quotient
    }
    return quotients
  }

  private static func decimals(_ strings: ByteStrings) throws(ConversionFailure) -> [Int64] {
    let bytes = strings.bytes
    var numbers: [Int64] = []
    numbers.reserveCapacity(strings.ranges.count)
    for (index, range) in strings.ranges.enumerated() {
      guard let first = range.first else {
        numbers.append(0)
        continue
      }
      let isNegative = bytes[first] & 0x80 != 0
      let filling: UInt8 = isNegative ? 0xFF : 0
      var number: Int64 = isNegative ? -1 : 0
      let surplus = max(0, range.count - 8)
      let isShort = range.prefix(surplus).allSatisfy { bytes[$0] == filling }
      for place in range.dropFirst(surplus) { number = number << 8 | Int64(bytes[place]) }
      guard isShort, (number < 0) == isNegative,
        number.magnitude < 1_000_000_000_000_000_000
      else {
        throw ConversionFailure(index: index, words: "holds a decimal of more than 18 digits")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Eight bytes of nanoseconds within a day and four of the Julian day, the low bytes first.
  private static func int96Times(_ strings: ByteStrings) throws(ConversionFailure) -> [Int64] {
    let bytes = strings.bytes
    var times: [Int64] = []
    times.reserveCapacity(strings.ranges.count)
    for (index, range) in strings.ranges.enumerated() {
      var nanoseconds: Int64 = 0
      var day: UInt32 = 0
      for place in range.prefix(8).reversed() {
        nanoseconds = nanoseconds << 8 | Int64(bytes[place])
      }
      for place in range.dropFirst(8).reversed() { day = day << 8 | UInt32(bytes[place]) }
      guard nanoseconds % 1000 == 0 else {
        throw ConversionFailure(
          index: index,
          words: "holds a time finer than a microsecond (\(nanoseconds) nanoseconds of its day)"
        )
      }
      // 2,440,588 is the Julian day of 1970-01-01.
      let days = Int64(Int32(bitPattern: day)) - 2_440_588
      let (start, isFar) = days.multipliedReportingOverflow(by: 86_400_000_000)
      let (time, isFarther) = start.addingReportingOverflow(nanoseconds / 1000)
      guard !isFar, !isFarther else {
        throw ConversionFailure(
          index: index,
          words: "holds a time beyond 64 bits of microseconds"
        )
      }
      times.append(time)
    }
    return times
  }

  /// Floating-point numbers of two bytes (IEEE 754 binary16).
  private static func halves(_ strings: ByteStrings) -> [Double] {
    strings.ranges.map { range in
      let bits =
        UInt16(strings.bytes[range.lowerBound])
        | UInt16(strings.bytes[range.lowerBound + 1]) << 8
      let fraction = Double(bits & 0x3FF)
      let sign: Double = bits & 0x8000 == 0 ? 1 : -1
      switch bits >> 10 & 0x1F {
      case 0: return sign * fraction / 16_777_216
      case 31: return fraction == 0 ? sign * .infinity : .nan
      case let exponent:
        let power = Double(sign: .plus, exponent: Int(exponent) - 15, significand: 1)
        return sign * power * (1 + fraction / 1024)
      }
    }
  }
}

/// The cells of a column as its pages are decoded one after the other.
struct CellStore {
  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var booleans: [Bool] = []
  private var codes: [UInt32] = []
  /// Cells to make room for at once: those of the chunk, if it is not of an absurd size.
  private let expectedCount: Int

  /// An empty store for a chunk of so many rows.
  init(rowCount: Int) {
    expectedCount = min(rowCount, 1 << 21)
  }

  /// Appends present values, and a neutral one where `marks` says that a value is missing.
  mutating func append(_ values: CellValues, _ marks: [Bool]?) {
    switch values {
    case .integers(let values): Self.append(values, marks, 0, expectedCount, to: &integers)
    case .doubles(let values): Self.append(values, marks, 0, expectedCount, to: &doubles)
    case .booleans(let values): Self.append(values, marks, false, expectedCount, to: &booleans)
    case .codes(let values): Self.append(values, marks, 0, expectedCount, to: &codes)
    }
  }

  private static func append<Value>(
    _ values: [Value],
    _ marks: [Bool]?,
    _ placeholder: Value,
    _ expectedCount: Int,
    to cells: inout [Value]
  ) {
    // A first page that is the whole chunk is taken as it is.
    if cells.isEmpty, values.count >= expectedCount, marks == nil {
      cells = values
      return
    }
    if cells.isEmpty { cells.reserveCapacity(expectedCount) }
    guard let marks else {
      cells += values
      return
    }
    let needed = cells.count + marks.count
    if needed > cells.capacity { cells.reserveCapacity(max(needed, 2 * cells.capacity)) }
    var next = 0
    for isPresent in marks {
      cells.append(isPresent ? values[next] : placeholder)
      next += isPresent ? 1 : 0
    }
  }

  /// The storage of a column of the given type.
  ///
  /// - Throws: `unrepresentable` for texts that are not UTF-8.
  func storage(
    of column: ReadableColumn,
    texts: TextDictionaryBuilder
  ) throws(ParquetError.Reason) -> Column.Storage {
    switch column.field.type {
    case .double: return .doubles(doubles)
    case .boolean: return .booleans(booleans)
    case .text:
      var texts = texts
      // Missing cells have code 0, which must be a text.
      if texts.count == 0 && !codes.isEmpty { _ = texts.code(for: "") }
      guard case .texts(let form) = column.form else { throw .corrupt("a text of no form") }
      return .texts(codes: codes, dictionary: try form.texts(of: texts.build()))
    default: return .integers(integers)
    }
  }
}
