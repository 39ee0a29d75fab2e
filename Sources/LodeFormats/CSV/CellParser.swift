internal import LodeColumns
internal import LodeRuntime

/// Parses the bytes of single cells; every function returns nil for text that is not wholly a
/// value.
struct CellParser: Sendable {
  /// The sign before the fraction of a number.
  var separator = UInt8(ascii: ".")
  /// The sign between groups of three digits, if there is one.
  var thousands: UInt8?
  /// How days are written; nil is `YYYY-MM-DD`.
  var dates: CSVDateFormat?

  /// A whole number without leading zeros, at most 18 digits.
  @inline(__always)
  func integer(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    if let thousands, end - start > 4, let plain = ungrouped(bytes, start, end, thousands) {
      return Self.integer(plain.span, 0, plain.count)
    }
    return Self.integer(bytes, start, end)
  }

  @inline(__always)
  private static func integer(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    var index = start
    let isNegative = index < end && bytes[index] == UInt8(ascii: "-")
    if isNegative { index &+= 1 }
    let count = end &- index
    guard count > 0, count <= 18 else { return nil }
    if bytes[index] == UInt8(ascii: "0") && (count > 1 || isNegative) { return nil }
    var number: Int64 = 0
    while index < end {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      number = number &* 10 &+ Int64(digit)
      index &+= 1
    }
    return isNegative ? -number : number
  }

  /// The shape of a plain decimal: digits before and behind the separator, nil for other text.
  func decimalShape(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int
  ) -> (whole: Int, fraction: Int)? {
    if let thousands, end - start > 4, let plain = ungrouped(bytes, start, end, thousands) {
      return CellParser(separator: separator).decimalShape(plain.span, 0, plain.count)
    }
    guard let number = units(bytes, start, end), number.whole + number.fraction <= 18 else {
      return nil
    }
    return (number.whole, number.fraction)
  }

  /// A plain decimal as units of 10^−scale; nil if it has more digits than the type holds.
  @inline(__always)
  func decimal(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    precision: Int,
    scale: Int
  ) -> Int64? {
    if let thousands, end - start > 4, let plain = ungrouped(bytes, start, end, thousands) {
      return CellParser(separator: separator)
        .decimal(plain.span, 0, plain.count, precision: precision, scale: scale)
    }
    guard let number = units(bytes, start, end), number.fraction <= scale,
      number.whole &+ scale <= 18
    else { return nil }
    var units = number.units
    var fraction = number.fraction
    while fraction < scale {
      units &*= 10
      fraction &+= 1
    }
    guard precision == 18 || units < powerOfTen(precision) else { return nil }
    return bytes[start] == UInt8(ascii: "-") ? -units : units
  }

  /// The digits of a plain decimal as one number, which is right for up to 18 of them.
  ///
  /// `-0` is none, since it would lose its sign unseen; `-0.00` is an amount of nothing.
  @inline(__always)
  private func units(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int
  ) -> (units: Int64, whole: Int, fraction: Int)? {
    var index = start
    if index < end && bytes[index] == UInt8(ascii: "-") { index &+= 1 }
    let first = index
    var units: Int64 = 0
    while index < end {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { break }
      units = units &* 10 &+ Int64(digit)
      index &+= 1
    }
    let whole = index &- first
    guard whole > 0, whole == 1 || bytes[first] != UInt8(ascii: "0") else { return nil }
    if index == end {
      let isNegativeZero = units == 0 && whole == 1 && first > start
      return isNegativeZero ? nil : (units, whole, 0)
    }
    guard bytes[index] == separator else { return nil }
    index &+= 1
    let fraction = end &- index
    guard fraction > 0 else { return nil }
    while index < end {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      units = units &* 10 &+ Int64(digit)
      index &+= 1
    }
    return (units, whole, fraction)
  }

  /// The cell without its signs between groups of three digits; nil if there is none, or if the
  /// groups are not of three.
  private func ungrouped(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    _ sign: UInt8
  ) -> [UInt8]? {
    var plain: [UInt8] = []
    var run = 0
    var groups = 0
    var isFraction = false
    for index in start..<end {
      let byte = bytes[index]
      if byte == sign {
        guard !isFraction, groups == 0 ? (1...3).contains(run) : run == 3 else { return nil }
        groups += 1
        run = 0
        continue
      }
      if byte == separator {
        guard groups == 0 || run == 3 else { return nil }
        isFraction = true
      }
      if byte &- 0x30 <= 9 { run += 1 }
      plain.append(byte)
    }
    guard groups > 0, isFraction || run == 3 else { return nil }
    return plain
  }

  /// A finite double in plain or exponent form.
  func double(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Double? {
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

  /// `true` or `false`, in any case.
  func boolean(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool? {
    guard end - start == 4 || end - start == 5 else { return nil }
    let word = CSVTextPiece.word(bytes, start, 4) | 0x2020_2020
    // The letters of "true" and "fals", the first in the lowest byte.
    if end - start == 4 { return word & 0xFFFF_FFFF == 0x6575_7274 ? true : nil }
    let isFalse = word & 0xFFFF_FFFF == 0x736C_6166 && bytes[start + 4] | 0x20 == 0x65
    return isFalse ? false : nil
  }

  /// A day as days since the epoch.
  func date(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    guard let found = day(bytes, start, end), found.end == end else { return nil }
    return found.day
  }

  /// The day at `start` and the byte behind it.
  @inline(__always)
  private func day(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> (day: Int64, end: Int)? {
    if let dates { return dates.day(bytes, start, end) }
    guard end - start >= 10, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
      let year = Self.digits(bytes, start, 4), let month = Self.digits(bytes, start + 5, 2),
      let day = Self.digits(bytes, start + 8, 2),
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    return (Int64(date.daysSinceEpoch), start + 10)
  }

  /// A point in time and whether its zone was told.
  struct Time {
    var microseconds: Int64
    var hasZone: Bool
  }

  /// A day, then `[T ]hh:mm[:ss[.fraction]]`, then nothing, `Z` or `±hh:mm`.
  ///
  /// With a zone it is the instant in UTC; without one the clock is taken as it stands.
  func timestamp(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Time? {
    guard let (day, behind) = day(bytes, start, end), end - behind >= 6,
      bytes[behind] == 0x20 || bytes[behind] == UInt8(ascii: "T"),
      bytes[behind + 3] == 0x3A, let hour = Self.digits(bytes, behind + 1, 2), hour < 24,
      let minute = Self.digits(bytes, behind + 4, 2), minute < 60
    else { return nil }
    var micros = (Int64(hour) * 3600 + Int64(minute) * 60) * 1_000_000
    var index = behind + 6
    if index < end, bytes[index] == 0x3A {
      guard end - index >= 3, let second = Self.digits(bytes, index + 1, 2), second < 60 else {
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
    micros += day * Timestamp.microsecondsPerDay
    if index == end { return Time(microseconds: micros, hasZone: false) }
    guard let offset = Self.zone(bytes, index, end) else { return nil }
    return Time(microseconds: micros - offset, hasZone: true)
  }

  /// `Z` or `±hh:mm` as microseconds ahead of UTC.
  private static func zone(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    if bytes[start] == UInt8(ascii: "Z") { return end == start + 1 ? 0 : nil }
    guard end - start == 6, bytes[start] == 0x2B || bytes[start] == 0x2D, bytes[start + 3] == 0x3A,
      let hours = digits(bytes, start + 1, 2), hours <= 14,
      let minutes = digits(bytes, start + 4, 2), minutes < 60
    else { return nil }
    let micros = (Int64(hours) * 3600 + Int64(minutes) * 60) * 1_000_000
    return bytes[start] == 0x2D ? -micros : micros
  }

  @inline(__always)
  private static func digits(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
    var number = 0
    for index in start..<start + count {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      number = number &* 10 &+ Int(digit)
    }
    return number
  }
}
