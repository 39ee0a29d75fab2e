internal import LodeRuntime

/// One typed column of cells, some of which may be missing.
///
/// Storage is whole arrays, which cross module borders without a copy. A missing cell has a neutral
/// value in the storage (0, false, code 0) that no algorithm may read; `validity` says which.
public struct Column: Sendable, Hashable {
  /// The arrays behind a column.
  public enum Storage: Sendable, Hashable {
    /// Integers, decimals (scaled), dates (days) and timestamps (microseconds).
    case integers([Int64])
    /// Doubles.
    case doubles([Double])
    /// Booleans.
    case booleans([Bool])
    /// Codes into a dictionary of distinct texts.
    case texts(codes: [UInt32], dictionary: TextDictionary)
  }

  /// What the cells mean.
  public let type: ColumnType
  /// The cells.
  public let storage: Storage
  /// One entry a cell, false where it is missing; nil if no cell is missing.
  public let validity: [Bool]?

  /// A column over its arrays.
  ///
  /// - Precondition: the storage fits the type, and `validity` has one entry a cell.
  public init(type: ColumnType, storage: Storage, validity: [Bool]? = nil) {
    self.type = type
    self.storage = storage
    self.validity = validity.flatMap { $0.allSatisfy(\.self) ? nil : $0 }
    switch storage {
    case .integers: precondition(type.isStoredAsInteger, "integers stored for \(type)")
    case .doubles: precondition(type == .double, "doubles stored for \(type)")
    case .booleans: precondition(type == .boolean, "booleans stored for \(type)")
    case .texts: precondition(type == .text, "texts stored for \(type)")
    }
    if let validity {
      precondition(validity.count == count, "\(validity.count) marks for \(count) cells")
    }
  }

  /// A column of whole numbers without missing cells.
  public init(_ type: ColumnType = .integer, integers: [Int64]) {
    self.init(type: type, storage: .integers(integers))
  }

  /// A column of doubles without missing cells.
  public init(doubles: [Double]) {
    self.init(type: .double, storage: .doubles(doubles))
  }

  /// A column of texts; nil is a missing cell.
  public init(texts: [String?]) {
    var builder = ColumnBuilder(.text)
    for text in texts { builder.append(text: text) }
    self = builder.build()
  }

  /// A column of few texts, by their places in a list.
  ///
  /// - Parameters:
  ///   - codes: a place in `names` for each cell, −1 for a missing one.
  ///   - names: the texts; equal ones become one.
  public init(codes: [Int], names: [String]) {
    var builder = TextDictionaryBuilder()
    let codeOfName = names.map { builder.code(for: $0) }
    if names.isEmpty { _ = builder.code(for: "") }
    self = Column(
      type: .text,
      storage: .texts(
        codes: codes.map { $0 < 0 ? 0 : codeOfName[$0] },
        dictionary: builder.build()
      ),
      validity: codes.contains { $0 < 0 } ? codes.map { $0 >= 0 } : nil
    )
    .compacted()
  }

  /// The number of cells.
  public var count: Int {
    switch storage {
    case .integers(let cells): cells.count
    case .doubles(let cells): cells.count
    case .booleans(let cells): cells.count
    case .texts(let codes, _): codes.count
    }
  }

  /// The number of missing cells.
  public var missingCount: Int {
    validity.map { marks in marks.reduce(0) { $0 + ($1 ? 0 : 1) } } ?? 0
  }

  /// The whole numbers behind an integer, decimal, date or timestamp column.
  ///
  /// - Precondition: the column is stored as integers.
  public var integers: [Int64] {
    guard case .integers(let cells) = storage else {
      preconditionFailure("a \(type) column holds no integers")
    }
    return cells
  }

  /// The cells of a double column.
  ///
  /// - Precondition: the column is of type double.
  public var doubles: [Double] {
    guard case .doubles(let cells) = storage else {
      preconditionFailure("a \(type) column holds no doubles")
    }
    return cells
  }

  /// The cells of a boolean column.
  ///
  /// - Precondition: the column is of type boolean.
  public var booleans: [Bool] {
    guard case .booleans(let cells) = storage else {
      preconditionFailure("a \(type) column holds no booleans")
    }
    return cells
  }

  /// The codes of a text column.
  ///
  /// - Precondition: the column is of type text.
  public var codes: [UInt32] {
    guard case .texts(let codes, _) = storage else {
      preconditionFailure("a \(type) column holds no texts")
    }
    return codes
  }

  /// The dictionary of a text column.
  ///
  /// - Precondition: the column is of type text.
  public var dictionary: TextDictionary {
    guard case .texts(_, let dictionary) = storage else {
      preconditionFailure("a \(type) column holds no texts")
    }
    return dictionary
  }

  /// The cells as doubles: numbers by their value, booleans as 0 and 1, missing cells as NaN.
  ///
  /// Dates and timestamps give their stored number.
  ///
  /// - Precondition: the column is not of type text.
  public func numbers() -> [Double] {
    var numbers: [Double]
    switch storage {
    case .integers(let cells):
      let divisor = Double(powerOfTen(type.scale))
      numbers = cells.map { Double($0) / divisor }
    case .doubles(let cells): numbers = cells
    case .booleans(let cells): numbers = cells.map { $0 ? 1 : 0 }
    case .texts: preconditionFailure("a text column has no numbers")
    }
    if let validity {
      for row in validity.indices where !validity[row] { numbers[row] = .nan }
    }
    return numbers
  }

  /// Some cells as ``numbers()`` gives them.
  ///
  /// - Parameters:
  ///   - rows: their rows.
  ///   - numbers: takes one number a row, in their order.
  /// - Precondition: the column is not of type text; there is room for all rows.
  package func copyNumbers(of rows: Span<Int>, into numbers: inout [Double]) {
    precondition(numbers.count >= rows.count, "\(numbers.count) numbers for \(rows.count) rows")
    var output = numbers.mutableSpan
    switch storage {
    case .integers(let cells) where type.scale == 0:
      for place in rows.indices { output[place] = Double(cells[rows[place]]) }
    case .integers(let cells):
      let divisor = Double(powerOfTen(type.scale))
      for place in rows.indices { output[place] = Double(cells[rows[place]]) / divisor }
    case .doubles(let cells):
      for place in rows.indices { output[place] = cells[rows[place]] }
    case .booleans(let cells):
      for place in rows.indices { output[place] = cells[rows[place]] ? 1 : 0 }
    case .texts: preconditionFailure("a text column has no numbers")
    }
    guard let validity else { return }
    for place in rows.indices where !validity[rows[place]] { output[place] = .nan }
  }

  /// Whether the cell in `row` is missing.
  public func isMissing(_ row: Int) -> Bool {
    validity.map { !$0[row] } ?? false
  }

  /// The cell in `row` as a value of its own; for display and for small tables, not for hot loops.
  public subscript(row: Int) -> Cell {
    if isMissing(row) { return .missing }
    switch storage {
    case .doubles(let cells): return .double(cells[row])
    case .booleans(let cells): return .boolean(cells[row])
    case .texts(let codes, let dictionary): return .text(dictionary[Int(codes[row])])
    case .integers(let cells):
      switch type {
      case .decimal(_, let scale): return .decimal(cells[row], scale: scale)
      case .date: return .date(.init(daysSinceEpoch: Int(cells[row])))
      case .timestamp: return .timestamp(.init(microseconds: cells[row]))
      default: return .integer(cells[row])
      }
    }
  }

  /// The column of the cells in the given rows, in that order.
  ///
  /// A text column keeps its dictionary, unused texts included.
  public func gathering(_ rows: [Int]) -> Column {
    let marks = validity.map { validity in rows.map { validity[$0] } }
    switch storage {
    case .integers(let cells):
      return Column(type: type, storage: .integers(rows.map { cells[$0] }), validity: marks)
    case .doubles(let cells):
      return Column(type: type, storage: .doubles(rows.map { cells[$0] }), validity: marks)
    case .booleans(let cells):
      return Column(type: type, storage: .booleans(rows.map { cells[$0] }), validity: marks)
    case .texts(let codes, let dictionary):
      let gathered = Storage.texts(codes: rows.map { codes[$0] }, dictionary: dictionary)
      return Column(type: type, storage: gathered, validity: marks)
    }
  }
}

/// 10 to the given power, 0…18.
public func powerOfTen(_ exponent: Int) -> Int64 {
  precondition((0...18).contains(exponent), "10^\(exponent) in 64 bits")
  var power: Int64 = 1
  for _ in 0..<exponent { power *= 10 }
  return power
}
