public import LodeRuntime

/// One cell as a value of its own: for messages, displays and small tables.
public enum Cell: Hashable, Sendable, CustomStringConvertible {
  /// No value.
  case missing
  /// A whole number.
  case integer(Int64)
  /// A whole number of units of 10^−scale.
  case decimal(Int64, scale: Int)
  /// A floating-point number.
  case double(Double)
  /// True or false.
  case boolean(Bool)
  /// Text.
  case text(String)
  /// A calendar day.
  case date(CivilDate)
  /// A point in time.
  case timestamp(Timestamp)

  /// The text of the cell: exact decimals, shortest doubles that read back equal, ISO dates,
  /// nothing for a missing cell.
  public var description: String {
    switch self {
    case .missing: ""
    case .integer(let number): String(number)
    case .decimal(let units, let scale): Self.decimalText(units, scale: scale)
    case .double(let number): Self.doubleText(number)
    case .boolean(let flag): flag ? "true" : "false"
    case .text(let text): text
    case .date(let date): date.description
    case .timestamp(let timestamp): timestamp.description
    }
  }

  /// The number behind the cell, nil for text and missing cells.
  public var number: Double? {
    switch self {
    case .missing, .text: nil
    case .integer(let number): Double(number)
    case .decimal(let units, let scale): Double(units) / Double(powerOfTen(scale))
    case .double(let number): number
    case .boolean(let flag): flag ? 1 : 0
    case .date(let date): Double(date.daysSinceEpoch)
    case .timestamp(let timestamp): Double(timestamp.microseconds)
    }
  }

  /// A decimal in plain digits, for example `-12.05` for −1205 units at scale 2.
  public static func decimalText(_ units: Int64, scale: Int) -> String {
    guard scale > 0 else { return String(units) }
    let digits = String(units.magnitude)
    let full = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    let point = full.index(full.endIndex, offsetBy: -scale)
    return (units < 0 ? "-" : "") + full[..<point] + "." + full[point...]
  }

  /// The shortest text that reads back as the same double; whole numbers without a fraction.
  public static func doubleText(_ number: Double) -> String {
    if number.isFinite, number == number.rounded(), number.magnitude < 1e15 {
      return String(Int64(number))
    }
    return "\(number)"
  }
}
