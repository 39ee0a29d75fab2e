/// What the cells of a column mean.
public enum ColumnType: Hashable, Sendable, CustomStringConvertible {
  /// Whole numbers, 64 bits.
  case integer
  /// Exact decimals: a whole number of units of 10^−scale, at most 18 digits. Money is of this
  /// type.
  case decimal(precision: Int, scale: Int)
  /// Floating-point numbers, 64 bits.
  case double
  /// True or false.
  case boolean
  /// UTF-8 text.
  case text
  /// Calendar days, as days since 1970-01-01.
  case date
  /// Points in time, as microseconds since 1970-01-01 UTC.
  case timestamp

  /// Money with the given number of digits behind the point.
  public static func money(scale: Int) -> ColumnType { .decimal(precision: 18, scale: scale) }

  /// The name used in contracts, messages and pipeline files, for example `decimal(18,2)`.
  public var description: String {
    switch self {
    case .integer: "integer"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .double: "double"
    case .boolean: "boolean"
    case .text: "text"
    case .date: "date"
    case .timestamp: "timestamp"
    }
  }

  /// The type of the given name, as `description` writes it; nil for an unknown name.
  public init?(_ name: String) {
    switch name {
    case "integer": self = .integer
    case "double": self = .double
    case "boolean": self = .boolean
    case "text": self = .text
    case "date": self = .date
    case "timestamp": self = .timestamp
    default:
      guard name.hasPrefix("decimal("), name.hasSuffix(")") else { return nil }
      let parts = name.dropFirst(8).dropLast().split(separator: ",").map { Int($0) }
      guard parts.count == 2, let precision = parts[0], let scale = parts[1],
        (1...18).contains(precision), (0...precision).contains(scale)
      else { return nil }
      self = .decimal(precision: precision, scale: scale)
    }
  }

  /// The digits behind the point: the scale of a decimal, 0 for every other type.
  public var scale: Int {
    if case .decimal(_, let scale) = self { return scale }
    return 0
  }

  /// Whether the cells are stored as 64-bit whole numbers.
  public var isStoredAsInteger: Bool {
    switch self {
    case .integer, .decimal, .date, .timestamp: true
    case .double, .boolean, .text: false
    }
  }
}
