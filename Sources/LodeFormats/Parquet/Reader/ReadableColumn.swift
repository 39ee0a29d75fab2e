internal import LodeColumns

/// A column of a file that lode does not read, and why.
public struct SkippedColumn: Sendable, Hashable {
  /// The column's path, names joined by dots.
  public let path: String
  /// What about it lode cannot read.
  public let reason: String
}

/// A column of a file that is read as something else than the file declares.
public struct ColumnNote: Sendable, Hashable {
  /// The name of the column.
  public let column: String
  /// What a user of its cells must know.
  public let words: String
}

/// How stored values become cells.
enum CellForm: Hashable {
  /// Whole numbers are the cells.
  case numbers
  /// Whole numbers that say something in coarser units than the cells.
  case multiplied(by: Int64)
  /// Whole numbers that say something in finer units than the cells.
  case divided(by: Int64)
  /// Whole numbers without sign, of 32 or 64 bits.
  case unsigned(bits: Int)
  /// Whole numbers of many bytes, the high byte first, that must fit 18 digits.
  case bigEndian
  /// A Julian day and nanoseconds within it, in twelve bytes.
  case int96
  /// Floating-point numbers of four or eight bytes.
  case doubles
  /// Floating-point numbers of two bytes.
  case float16
  /// True or false.
  case booleans
  /// Runs of bytes shown as text.
  case texts(TextForm)
}

/// A column of a file that lode reads, and how its values become cells.
struct ReadableColumn {
  /// The name and type of the cells.
  let field: Field
  /// The place among the leaves of the schema, and so in each row group.
  let leaf: Int
  /// How values lie in pages.
  let physicalType: PhysicalType
  /// The bytes of a value of fixed length.
  let typeLength: Int
  /// Whether values can be missing.
  let isOptional: Bool
  /// How stored values become cells.
  let form: CellForm
  /// What a user of the cells must know.
  let note: String?

  /// Why a leaf cannot be read.
  enum Refusal: Error {
    case skipped(String)
  }

  /// The way to read a leaf.
  ///
  /// - Throws: the reason why there is none.
  init(_ node: SchemaElement, leaf: Int) throws(Refusal) {
    guard let physicalType = node.physicalType else { throw .skipped("a column without a type") }
    let mapping = try ColumnMapping(physicalType, node)
    field = Field(node.name, mapping.type)
    form = mapping.form
    note = mapping.note
    self.leaf = leaf
    self.physicalType = physicalType
    self.typeLength = physicalType == .int96 ? 12 : node.typeLength
    self.isOptional = node.repetition == 1
  }
}

/// The column type and the form that a declared type is read as.
///
/// There are only decimals of up to 18 digits, no time of day and no bytes in lode, so: decimals of
/// more digits are read as 18 digits if their values fit; times of day as whole microseconds since
/// midnight; bytes as text (see ``TextForm``).
struct ColumnMapping {
  let type: ColumnType
  let form: CellForm
  var note: String?

  /// The mapping of a leaf.
  ///
  /// - Throws: the reason why there is none.
  init(_ physicalType: PhysicalType, _ node: SchemaElement) throws(ReadableColumn.Refusal) {
    if case .interval = node.meaning { throw .skipped("\(node.words): there is no such type") }
    if physicalType == .fixedLengthByteArray, !(1...65_536).contains(node.typeLength) {
      throw .skipped("\(node.words): values of \(node.typeLength) bytes")
    }
    switch (physicalType, node.meaning) {
    case (.int32, .integer(_, false)): (type, form) = (.integer, .unsigned(bits: 32))
    case (.int64, .integer(_, false)): (type, form) = (.integer, .unsigned(bits: 64))
    case (.int32, .date): (type, form) = (.date, .numbers)
    case (.int32, .time(let units)), (.int64, .time(let units)):
      (type, form) = (.integer, Self.scaling(units))
      note = "times of day are read as whole microseconds since midnight"
    case (.int64, .timestamp(let units, let isLocal)):
      (type, form) = (.timestamp, Self.scaling(units))
      if isLocal { note = "local times are read as if they were UTC" }
    case (.int32, .decimal(let precision, let scale)),
      (.int64, .decimal(let precision, let scale)),
      (.byteArray, .decimal(let precision, let scale)),
      (.fixedLengthByteArray, .decimal(let precision, let scale)):
      guard precision >= 1, (0...min(precision, 18)).contains(scale) else {
        throw .skipped("\(node.words): decimals have at most 18 digits behind the point")
      }
      type = .decimal(precision: min(precision, 18), scale: scale)
      form = physicalType == .int32 || physicalType == .int64 ? .numbers : .bigEndian
      if precision > 18 { note = "decimal(\(precision),\(scale)) is read as \(type)" }
    case (.fixedLengthByteArray, .float16) where node.typeLength == 2:
      (type, form) = (.double, .float16)
    case (.fixedLengthByteArray, .uuid) where node.typeLength == 16:
      (type, form) = (.text, .texts(.uuid))
    case (.byteArray, .text): (type, form) = (.text, .texts(.text))
    default:
      (type, form) = Self.physical(physicalType)
      if case .unknown(let what) = node.meaning {
        note = "\(what) is not known; the stored values are read"
      } else if case .texts = form {
        note = "bytes are read as text; what is no UTF-8 is written as \\x and hexadecimal digits"
      } else if physicalType == .int96 {
        note = "INT96 times are read as UTC"
      }
    }
  }

  /// The mapping of a type without a meaning.
  private static func physical(_ physicalType: PhysicalType) -> (ColumnType, CellForm) {
    switch physicalType {
    case .boolean: (.boolean, .booleans)
    case .int32, .int64: (.integer, .numbers)
    case .int96: (.timestamp, .int96)
    case .float, .double: (.double, .doubles)
    case .byteArray, .fixedLengthByteArray: (.text, .texts(.binary))
    }
  }

  private static func scaling(_ unitsPerSecond: Int) -> CellForm {
    if unitsPerSecond == 1_000_000 { return .numbers }
    return unitsPerSecond < 1_000_000
      ? .multiplied(by: Int64(1_000_000 / unitsPerSecond))
      : .divided(by: Int64(unitsPerSecond / 1_000_000))
  }
}
