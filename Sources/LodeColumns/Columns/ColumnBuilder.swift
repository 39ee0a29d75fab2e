internal import LodeRuntime

/// Builds a ``Column`` cell by cell, for small tables and for decoders that know their type late.
public struct ColumnBuilder: Sendable {
  /// The type of the column to build.
  public let type: ColumnType
  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var booleans: [Bool] = []
  private var codes: [UInt32] = []
  private var dictionary = TextDictionaryBuilder()
  private var validity: [Bool] = []

  /// An empty column of the given type.
  public init(_ type: ColumnType) {
    self.type = type
  }

  /// The number of cells so far.
  public var count: Int { validity.count }

  /// Appends a whole number, or the stored number of a decimal, date or timestamp.
  public mutating func append(integer: Int64?) {
    precondition(type.isStoredAsInteger, "an integer for a \(type) column")
    integers.append(integer ?? 0)
    validity.append(integer != nil)
  }

  /// Appends a double.
  public mutating func append(double: Double?) {
    precondition(type == .double, "a double for a \(type) column")
    doubles.append(double ?? 0)
    validity.append(double != nil)
  }

  /// Appends a boolean.
  public mutating func append(boolean: Bool?) {
    precondition(type == .boolean, "a boolean for a \(type) column")
    booleans.append(boolean ?? false)
    validity.append(boolean != nil)
  }

  /// Appends a text.
  public mutating func append(text: String?) {
    precondition(type == .text, "a text for a \(type) column")
    codes.append(text.map { dictionary.code(for: $0) } ?? 0)
    validity.append(text != nil)
  }

  /// Appends a text given as UTF-8 bytes.
  public mutating func append(utf8 text: Span<UInt8>) {
    precondition(type == .text, "a text for a \(type) column")
    codes.append(dictionary.code(for: text))
    validity.append(true)
  }

  /// Appends a missing cell.
  public mutating func appendMissing() {
    switch type {
    case .double: append(double: nil)
    case .boolean: append(boolean: nil)
    case .text: append(text: nil)
    default: append(integer: nil)
    }
  }

  /// Appends a cell whose kind must fit the type of the column.
  public mutating func append(_ cell: Cell) {
    switch cell {
    case .missing: appendMissing()
    case .integer(let number): append(integer: number)
    case .decimal(let units, let scale):
      precondition(scale == type.scale, "a decimal of scale \(scale) for a \(type) column")
      append(integer: units)
    case .double(let number): append(double: number)
    case .boolean(let flag): append(boolean: flag)
    case .text(let text): append(text: text)
    case .date(let date): append(integer: Int64(date.daysSinceEpoch))
    case .timestamp(let timestamp): append(integer: timestamp.microseconds)
    }
  }

  /// The finished column.
  public func build() -> Column {
    let storage: Column.Storage
    switch type {
    case .double: storage = .doubles(doubles)
    case .boolean: storage = .booleans(booleans)
    case .text:
      var texts = dictionary
      if texts.count == 0 && !codes.isEmpty { _ = texts.code(for: "") }
      storage = .texts(codes: codes, dictionary: texts.build())
    default: storage = .integers(integers)
    }
    return Column(type: type, storage: storage, validity: validity)
  }
}
