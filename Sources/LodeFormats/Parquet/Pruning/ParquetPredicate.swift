public import LodeColumns
internal import LodeRuntime

/// A condition on one column, for reading only the rows that fulfil it.
///
/// Missing cells and NaN fulfil no condition. Texts are ordered by their UTF-8 bytes, false comes
/// before true, both zeros are equal.
public struct ParquetPredicate: Sendable, Hashable {
  /// What a cell must be.
  public enum Condition: Sendable, Hashable {
    /// Equal to one of the cells.
    case isIn([Cell])
    /// Not below the first and not above the second; nil is no bound.
    case isBetween(Cell?, Cell?)
  }

  /// The name of the column.
  public let column: String
  /// What its cells must be.
  public let condition: Condition

  /// A condition on a column.
  public init(_ column: String, _ condition: Condition) {
    self.column = column
    self.condition = condition
  }

  /// Cells equal to the given one.
  public static func equals(_ column: String, _ cell: Cell) -> ParquetPredicate {
    ParquetPredicate(column, .isIn([cell]))
  }
}

/// A cell as columns store it.
enum StoredKey {
  case integer(Int64)
  case double(Double)
  case boolean(Bool)
  case text([UInt8])

  /// The key of a cell in a column of a type, nil if the cell is of another type.
  init?(_ cell: Cell, _ type: ColumnType) {
    switch (cell, type) {
    case (.integer(let number), .integer): self = .integer(number)
    case (.decimal(let units, let scale), .decimal(_, let own)) where scale == own:
      self = .integer(units)
    case (.date(let date), .date): self = .integer(Int64(date.daysSinceEpoch))
    case (.timestamp(let timestamp), .timestamp): self = .integer(timestamp.microseconds)
    case (.double(let number), .double): self = .double(number)
    case (.boolean(let flag), .boolean): self = .boolean(flag)
    case (.text(let text), .text): self = .text(Array(text.utf8))
    default: return nil
    }
  }
}

/// A predicate bound to a column of a file.
struct BoundPredicate {
  /// The keys of the condition.
  enum Condition {
    case isIn([StoredKey])
    case isBetween(StoredKey?, StoredKey?)
  }

  let column: ReadableColumn
  let condition: Condition

  /// A predicate on a column.
  ///
  /// - Throws: `mismatch` if a cell is not of the column's type.
  init(_ predicate: ParquetPredicate, _ column: ReadableColumn) throws(ParquetError.Reason) {
    func key(_ cell: Cell) throws(ParquetError.Reason) -> StoredKey {
      guard let key = StoredKey(cell, column.field.type) else {
        throw .mismatch("\(cell) is no \(column.field.type)")
      }
      return key
    }
    self.column = column
    switch predicate.condition {
    case .isIn(let cells):
      var keys: [StoredKey] = []
      for cell in cells { keys.append(try key(cell)) }
      condition = .isIn(keys)
    case .isBetween(let low, let high):
      var bounds: [StoredKey?] = []
      for cell in [low, high] {
        guard let cell else {
          bounds.append(nil)
          continue
        }
        bounds.append(try key(cell))
      }
      condition = .isBetween(bounds[0], bounds[1])
    }
  }

  /// Whether a value between the bounds may fulfil the condition.
  func mayMatch(_ bounds: ValueBounds) -> Bool {
    func isWithin(_ key: StoredKey) -> Bool { reaches(bounds, low: key, high: key) }
    switch condition {
    case .isIn(let keys): return keys.contains(where: isWithin)
    case .isBetween(let low, let high): return reaches(bounds, low: low, high: high)
    }
  }

  /// Whether the bounds overlap an interval; true if they cannot be compared.
  private func reaches(_ bounds: ValueBounds, low: StoredKey?, high: StoredKey?) -> Bool {
    // Nothing is equal to NaN, and nothing lies beside it.
    for case .double(let key) in [low, high] where key.isNaN { return false }
    var isBelow = false
    var isAbove = false
    switch bounds {
    case .none: return true
    case .integers(let least, let greatest):
      if case .integer(let key) = low { isBelow = greatest < key }
      if case .integer(let key) = high { isAbove = least > key }
    case .doubles(let least, let greatest):
      if case .double(let key) = low { isBelow = greatest < key }
      if case .double(let key) = high { isAbove = least > key }
    case .booleans(let least, let greatest):
      if case .boolean(let key) = low { isBelow = !greatest && key }
      if case .boolean(let key) = high { isAbove = least && !key }
    case .texts(let least, let greatest):
      if case .text(let key) = low { isBelow = greatest.lexicographicallyPrecedes(key) }
      if case .text(let key) = high { isAbove = key.lexicographicallyPrecedes(least) }
    }
    return !isBelow && !isAbove
  }

  /// For each cell whether it fulfils the condition.
  func matches(_ column: Column) -> [Bool] {
    var matches: [Bool]
    switch column.storage {
    case .integers(let cells): matches = cells.map { mayMatch(.integers($0, $0)) }
    case .doubles(let cells):
      matches = cells.map { number in
        guard !number.isNaN else { return false }
        return mayMatch(.doubles(number, number))
      }
    case .booleans(let cells): matches = cells.map { mayMatch(.booleans($0, $0)) }
    case .texts(let codes, let dictionary):
      let fits = (0..<dictionary.count)
        .map { code in
          let text = Array(dictionary.utf8(code))
          return mayMatch(.texts(text, text))
        }
      matches = codes.map { fits[Int($0)] }
    }
    if let marks = column.validity {
      for row in marks.indices where !marks[row] { matches[row] = false }
    }
    return matches
  }

  /// The hashes of the values looked for, nil if the condition is no look-up or the column's values
  /// are not hashed as they are.
  var hashes: [UInt64]? {
    guard case .isIn(let keys) = condition else { return nil }
    var hashes: [UInt64] = []
    for key in keys {
      switch (key, column.physicalType, column.form) {
      case (.integer(let number), .int64, .numbers): hashes.append(BloomFilter.hash(number))
      case (.integer(let number), .int32, .numbers):
        guard let short = Int32(exactly: number) else { continue }
        var bytes: [UInt8] = []
        RawNumbers.append([short], to: &bytes)
        hashes.append(BloomFilter.hash(bytes))
      case (.text(let text), .byteArray, .texts(.text)): hashes.append(BloomFilter.hash(text))
      default: return nil
      }
    }
    return hashes
  }
}
