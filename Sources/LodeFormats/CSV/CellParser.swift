internal import LodeColumns
internal import LodeRuntime

/// Parses the bytes of single cells; every function returns nil for text that is not wholly a
/// value.
enum CellParser {
  /// A whole number without leading zeros, at most 18 digits.
  static func integer(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    var index = start
    let isNegative = index < end && bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let count = end - index
    guard count > 0, count <= 18 else { return nil }
    if bytes[index] == UInt8(ascii: "0") && (count > 1 || isNegative) { return nil }
    var number: Int64 = 0
    while index < end {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      number = number * 10 + Int64(digit)
      index += 1
    }
    return isNegative ? -number : number
  }

  /// The shape of a plain decimal: digits before and behind the separator, nil for other text.
  static func decimalShape(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    separator: UInt8
  ) -> (whole: Int, fraction: Int)? {
    var index = start
    if index < end && bytes[index] == UInt8(ascii: "-") { index += 1 }
    let firstDigit = index
    while index < end, bytes[index] &- 0x30 <= 9 { index += 1 }
    let whole = index - firstDigit
    guard whole > 0, whole == 1 || bytes[firstDigit] != UInt8(ascii: "0") else { return nil }
    if index == end { return (whole, 0) }
    guard bytes[index] == separator else { return nil }
    let fraction = end - index - 1
    guard fraction > 0 else { return nil }
    index += 1
    while index < end, bytes[index] &- 0x30 <= 9 { index += 1 }
    return index == end ? (whole, fraction) : nil
  }

  /// A plain decimal as units of 10^−scale; nil if it has more digits than the type holds.
  static func decimal(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    type: ColumnType,
    separator: UInt8
  ) -> Int64? {
    guard case .decimal(let precision, let scale) = type,
      let shape = decimalShape(bytes, start, end, separator: separator),
      shape.fraction <= scale, shape.whole + scale <= 18
    else { return nil }
    var number: Int64 = 0
    for index in start..<end {
      let digit = bytes[index] &- 0x30
      if digit <= 9 { number = number * 10 + Int64(digit) }
    }
    number *= powerOfTen(scale - shape.fraction)
    guard precision == 18 || number < powerOfTen(precision) else { return nil }
    return bytes[start] == UInt8(ascii: "-") ? -number : number
  }

  /// A finite double in plain or exponent form.
  static func double(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, separator: UInt8) -> Double? {
    var text = ""
    for index in start..<end {
      let byte = bytes[index]
      let isNumeric =
        byte &- 0x30 <= 9 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") || byte == separator
      guard isNumeric else { return nil }
      text.unicodeScalars.append(Unicode.Scalar(byte == separator ? UInt8(ascii: ".") : byte))
    }
    guard let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// `true` or `false`.
  static func boolean(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool? {
    if matches(bytes, start, end, "true") { return true }
    return matches(bytes, start, end, "false") ? false : nil
  }

  /// `YYYY-MM-DD` as days since the epoch.
  static func date(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    guard end - start == 10, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
      let year = digits(bytes, start, 4), let month = digits(bytes, start + 5, 2),
      let day = digits(bytes, start + 8, 2),
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    return Int64(date.daysSinceEpoch)
  }

  /// `YYYY-MM-DD[T ]hh:mm[:ss[.fraction]][Z]` as microseconds since the epoch; without a zone the
  /// clock is taken as it stands.
  static func timestamp(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    guard end - start >= 16, let day = date(bytes, start, start + 10),
      bytes[start + 10] == 0x20 || bytes[start + 10] == UInt8(ascii: "T"),
      bytes[start + 13] == 0x3A, let hour = digits(bytes, start + 11, 2), hour < 24,
      let minute = digits(bytes, start + 14, 2), minute < 60
    else { return nil }
    var micros = (Int64(hour) * 3600 + Int64(minute) * 60) * 1_000_000
    var index = start + 16
    if index < end, bytes[index] == 0x3A {
      guard end - index >= 3, let second = digits(bytes, index + 1, 2), second < 60 else {
        return nil
      }
      micros += Int64(second) * 1_000_000
      index += 3
      if index < end, bytes[index] == UInt8(ascii: ".") {
        index += 1
        var unit: Int64 = 100_000
        let first = index
        while index < end, bytes[index] &- 0x30 <= 9, unit > 0 {
          micros += Int64(bytes[index] &- 0x30) * unit
          unit /= 10
          index += 1
        }
        guard index > first else { return nil }
      }
    }
    if index < end, bytes[index] == UInt8(ascii: "Z") { index += 1 }
    guard index == end else { return nil }
    return day * Timestamp.microsecondsPerDay + micros
  }

  private static func digits(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
    var number = 0
    for index in start..<start + count {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      number = number * 10 + Int(digit)
    }
    return number
  }

  private static func matches(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    _ word: StaticString
  ) -> Bool {
    let wanted = Array(word.description.utf8)
    guard end - start == wanted.count else { return false }
    for offset in wanted.indices where bytes[start + offset] | 0x20 != wanted[offset] {
      return false
    }
    return true
  }
}
