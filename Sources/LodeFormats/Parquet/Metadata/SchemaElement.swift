/// What the values of a physical type mean.
enum LogicalMeaning: Hashable {
  /// Nothing beyond the physical type.
  case none
  /// UTF-8 text, also enumerations and JSON.
  case text
  /// Bytes of a format of their own (BSON).
  case binary
  /// A whole number of units of 10^−scale.
  case decimal(precision: Int, scale: Int)
  /// Days since 1970-01-01.
  case date
  /// Time since midnight in units of a second divided by `unitsPerSecond`.
  case time(unitsPerSecond: Int)
  /// Time since 1970-01-01 in units of a second divided by `unitsPerSecond`.
  case timestamp(unitsPerSecond: Int, isLocal: Bool)
  /// Whole numbers of fewer bits, or unsigned ones.
  case integer(bits: Int, isSigned: Bool)
  /// Floating-point numbers of two bytes.
  case float16
  /// Identifiers of sixteen bytes.
  case uuid
  /// Months, days and milliseconds.
  case interval
  /// A meaning that this reader does not know; the physical value is read.
  case unknown(String)
}

/// One node of the schema tree, as the footer lists it in depth-first order.
struct SchemaElement {
  var physicalType: PhysicalType?
  var typeLength = 0
  /// 0 required, 1 optional, 2 repeated.
  var repetition = 0
  var name = ""
  var childCount = 0
  var convertedType: Int?
  var scale = 0
  var precision = 0
  var logical: LogicalMeaning?

  /// Reads a node.
  init(_ reader: inout ThriftReader) throws(ParquetError.Reason) {
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1:
        let code = try reader.integer(field)
        guard let type = PhysicalType(rawValue: code) else {
          throw .unsupported("physical type \(code)")
        }
        physicalType = type
      case 2: typeLength = try reader.integer(field)
      case 3: repetition = try reader.integer(field)
      case 4: name = try reader.text(field)
      case 5: childCount = try reader.integer(field)
      case 6: convertedType = try reader.integer(field)
      case 7: scale = try reader.integer(field)
      case 8: precision = try reader.integer(field)
      case 10: logical = try Self.logicalType(&reader, field)
      default: try reader.skip(field)
      }
    }
    guard (0...2).contains(repetition) else { throw .corrupt("repetition \(repetition)") }
    guard childCount >= 0 else { throw .corrupt("\(childCount) children") }
  }

  /// What the values mean: the logical type, or the older converted type where there is none.
  var meaning: LogicalMeaning {
    if let logical { return logical }
    switch convertedType {
    case nil: return .none
    case 0, 4, 19: return .text
    case 5: return .decimal(precision: precision, scale: scale)
    case 6: return .date
    case 7: return .time(unitsPerSecond: 1000)
    case 8: return .time(unitsPerSecond: 1_000_000)
    case 9: return .timestamp(unitsPerSecond: 1000, isLocal: false)
    case 10: return .timestamp(unitsPerSecond: 1_000_000, isLocal: false)
    case .some(let code) where (11...14).contains(code):
      return .integer(bits: 8 << (code - 11), isSigned: false)
    case .some(let code) where (15...18).contains(code):
      return .integer(bits: 8 << (code - 15), isSigned: true)
    case 20: return .binary
    case 21: return .interval
    case .some(let code): return .unknown("converted type \(code)")
    }
  }

  /// Reads the union of logical types; kinds from the future become `other`.
  private static func logicalType(
    _ reader: inout ThriftReader,
    _ field: ThriftField
  ) throws(ParquetError.Reason) -> LogicalMeaning {
    try reader.requireStructure(field)
    var meaning = LogicalMeaning.none
    var last = 0
    while let kind = try reader.nextField(after: &last) {
      switch kind.id {
      case 1, 4, 12:
        meaning = .text
        try reader.skip(kind)
      case 5:
        try reader.requireStructure(kind)
        let parts = try integers(&reader)
        meaning = .decimal(precision: parts[2] ?? 0, scale: parts[1] ?? 0)
      case 6:
        meaning = .date
        try reader.skip(kind)
      case 7:
        try reader.requireStructure(kind)
        let unit = try timeUnit(&reader)
        meaning = unit.map { .time(unitsPerSecond: $0.unitsPerSecond) } ?? .unknown("time unit")
      case 8:
        try reader.requireStructure(kind)
        let unit = try timeUnit(&reader)
        meaning =
          unit.map { .timestamp(unitsPerSecond: $0.unitsPerSecond, isLocal: $0.isLocal) }
          ?? .unknown("time unit")
      case 10:
        try reader.requireStructure(kind)
        let parts = try integers(&reader)
        meaning = .integer(bits: parts[1] ?? 64, isSigned: (parts[2] ?? 1) == 1)
      case 9, 11, 13, 14, 15:
        meaning = [9: .interval, 11: .none, 13: .binary, 14: .uuid][kind.id] ?? .float16
        try reader.skip(kind)
      default:
        meaning = .unknown("logical type \(kind.id)")
        try reader.skip(kind)
      }
    }
    return meaning
  }

  /// The fields 1 and 2 of a structure as numbers, booleans as 0 and 1.
  private static func integers(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) -> [Int: Int] {
    var parts: [Int: Int] = [:]
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.type {
      case ThriftType.isTrue: parts[field.id] = 1
      case ThriftType.isFalse: parts[field.id] = 0
      case ThriftType.int8, ThriftType.int16, ThriftType.int32, ThriftType.int64:
        parts[field.id] = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
    return parts
  }

  /// The unit of a time or timestamp, nil for one of the future.
  private static func timeUnit(
    _ reader: inout ThriftReader
  ) throws(ParquetError.Reason) -> (unitsPerSecond: Int, isLocal: Bool)? {
    var unitsPerSecond = 0
    var isLocal = false
    var last = 0
    while let field = try reader.nextField(after: &last) {
      if field.id == 1 {
        isLocal = try !reader.boolean(field)
        continue
      }
      guard field.id == 2 else {
        try reader.skip(field)
        continue
      }
      try reader.requireStructure(field)
      var lastUnit = 0
      while let unit = try reader.nextField(after: &lastUnit) {
        switch unit.id {
        case 1: unitsPerSecond = 1000
        case 2: unitsPerSecond = 1_000_000
        case 3: unitsPerSecond = 1_000_000_000
        default: unitsPerSecond = 0
        }
        try reader.skip(unit)
      }
    }
    return unitsPerSecond > 0 ? (unitsPerSecond, isLocal) : nil
  }

  /// The type in the words of the format, for messages.
  var words: String {
    let physical = physicalType.map { "\($0.name)" } ?? "group"
    switch meaning {
    case .none: return physical
    case .text: return "\(physical) (text)"
    case .binary: return "\(physical) (BSON)"
    case .decimal(let precision, let scale): return "\(physical) (decimal(\(precision),\(scale)))"
    case .date: return "\(physical) (date)"
    case .time: return "\(physical) (time of day)"
    case .timestamp: return "\(physical) (timestamp)"
    case .integer(let bits, let isSigned):
      return "\(physical) (\(isSigned ? "" : "unsigned ")\(bits) bits)"
    case .float16: return "\(physical) (float16)"
    case .uuid: return "\(physical) (uuid)"
    case .interval: return "\(physical) (interval)"
    case .unknown(let what): return "\(physical) (\(what))"
    }
  }
}
