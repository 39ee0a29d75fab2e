internal import LodeRuntime

/// A way to write days: `YYYY`, `MM` and `DD` (or `M` and `D`, one or two digits) with signs
/// between them, each once.
public struct CSVDateFormat: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case year
    case month(isPadded: Bool)
    case day(isPadded: Bool)
    case sign(UInt8)
  }

  private let parts: [Part]
  /// The format as it was given.
  public let text: String

  /// The format of the given text, for example `DD.MM.YYYY`; nil if it is none.
  public init?(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var rest = Array(text.utf8)[...]
    while let letter = rest.first {
      let run = rest.prefix { $0 == letter }.count
      switch (letter, run) {
      case (UInt8(ascii: "Y"), 4): parts.append(.year)
      case (UInt8(ascii: "M"), 1...2): parts.append(.month(isPadded: run == 2))
      case (UInt8(ascii: "D"), 1...2): parts.append(.day(isPadded: run == 2))
      case (UInt8(ascii: "."), 1), (UInt8(ascii: "/"), 1), (UInt8(ascii: "-"), 1),
        (UInt8(ascii: " "), 1):
        parts.append(.sign(letter))
      default: return nil
      }
      rest = rest.dropFirst(run)
    }
    self.parts = parts
    let days = parts.count { if case .day = $0 { true } else { false } }
    let months = parts.count { if case .month = $0 { true } else { false } }
    guard days == 1, months == 1, parts.count(where: { $0 == .year }) == 1 else { return nil }
    // Digits of an open count may not touch other digits.
    for (part, next) in zip(parts, parts.dropFirst()) {
      if case .sign = next { continue }
      if part == .month(isPadded: false) || part == .day(isPadded: false) { return nil }
    }
  }

  /// The day at `start` and the byte behind it; nil if there is no day in this format.
  func day(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> (day: Int64, end: Int)? {
    var index = start
    var (year, month, day) = (0, 0, 0)
    for part in parts {
      switch part {
      case .sign(let sign):
        guard index < end, bytes[index] == sign else { return nil }
        index += 1
      case .year:
        guard let number = Self.number(bytes, &index, end, 4...4) else { return nil }
        year = number
      case .month(let isPadded):
        guard let number = Self.number(bytes, &index, end, (isPadded ? 2 : 1)...2) else {
          return nil
        }
        month = number
      case .day(let isPadded):
        guard let number = Self.number(bytes, &index, end, (isPadded ? 2 : 1)...2) else {
          return nil
        }
        day = number
      }
    }
    return CivilDate(year: year, month: month, day: day).map { (Int64($0.daysSinceEpoch), index) }
  }

  private static func number(
    _ bytes: Span<UInt8>,
    _ index: inout Int,
    _ end: Int,
    _ digits: ClosedRange<Int>
  ) -> Int? {
    var number = 0
    var count = 0
    while index < end, count < digits.upperBound, bytes[index] &- 0x30 <= 9 {
      number = number * 10 + Int(bytes[index] &- 0x30)
      index += 1
      count += 1
    }
    return digits.contains(count) ? number : nil
  }
}
