public import LodeColumns
public import LodeNumerics

/// Numeric and categorical columns about individuals, gaps included, for non-linear classifiers.
///
/// Unlike a ``FeatureMatrix`` it keeps missing cells as missing and categories as categories, so
/// that a model can give each an effect of its own. Nothing is imputed.
public struct FeatureColumns: Sendable, Hashable {
  /// The cells of one column.
  public enum Values: Sendable, Hashable {
    /// Numbers; NaN is a missing cell.
    case numeric([Double])
    /// Places in `levels`, one a row; −1 is a missing cell.
    case categorical(levels: [String], codes: [Int32])
  }

  /// One named column.
  public struct Column: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The cells.
    public let values: Values

    /// A column of numbers; NaN is a missing cell.
    public init(_ name: String, numbers: [Double]) {
      self.name = name
      values = .numeric(numbers)
    }

    /// A column of categories; nil is a missing cell, levels are kept in byte order.
    public init(_ name: String, categories: [String?]) {
      self.name = name
      let levels = Set(categories.compactMap(\.self))
        .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
      var places: [String: Int32] = [:]
      for (place, level) in levels.enumerated() { places[level] = Int32(place) }
      let codes = categories.map { text in text.flatMap { places[$0] } ?? -1 }
      values = .categorical(levels: levels, codes: codes)
    }

    private init(_ name: String, _ values: Values) {
      self.name = name
      self.values = values
    }

    /// The number of cells.
    public var count: Int {
      switch values {
      case .numeric(let numbers): numbers.count
      case .categorical(_, let codes): codes.count
      }
    }

    /// The cells of the given rows, in that order.
    public func gathering(rows: [Int]) -> Column {
      switch values {
      case .numeric(let numbers): Column(name, .numeric(rows.map { numbers[$0] }))
      case .categorical(let levels, let codes):
        Column(name, .categorical(levels: levels, codes: rows.map { codes[$0] }))
      }
    }
  }

  /// The columns in order, all of one length.
  public let columns: [Column]
  /// The number of rows.
  public let rowCount: Int

  /// The names of the columns in order.
  public var names: [String] { columns.map(\.name) }

  /// The given columns.
  ///
  /// - Precondition: equal lengths, different names.
  public init(_ columns: [Column], rowCount: Int? = nil) {
    self.columns = columns
    self.rowCount = rowCount ?? columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == self.rowCount }, "columns of different lengths")
    precondition(Set(columns.map(\.name)).count == columns.count, "two columns of one name")
  }

  /// The columns of a matrix, all numeric; NaN is a missing cell.
  public init(_ matrix: Matrix, names: [String]) {
    precondition(names.count == matrix.columnCount, "\(names.count) names")
    self.init(
      names.indices.map { Column(names[$0], numbers: matrix.column($0)) },
      rowCount: matrix.rowCount
    )
  }

  /// The named columns of a table: text becomes categorical, everything else numeric.
  ///
  /// - Parameters:
  ///   - table: one row an individual.
  ///   - features: the columns to take, in this order.
  ///   - categorical: columns without text whose values are names rather than amounts.
  /// - Throws: ``FeatureError/unknownColumn(name:known:)``.
  public init(
    _ table: Table,
    features: [String],
    categorical: Set<String> = []
  ) throws(FeatureError) {
    var columns: [Column] = []
    for name in features {
      guard let column = table.column(name) else {
        throw .unknownColumn(name: name, known: table.schema.names)
      }
      guard column.type == .text || categorical.contains(name) else {
        columns.append(Column(name, numbers: column.numbers()))
        continue
      }
      let cells = (0..<table.rowCount)
        .map { row in column.isMissing(row) ? nil : column[row].description }
      columns.append(Column(name, categories: cells))
    }
    self.init(columns, rowCount: table.rowCount)
  }

  /// The given rows, in that order.
  public func gathering(rows: [Int]) -> FeatureColumns {
    FeatureColumns(columns.map { $0.gathering(rows: rows) }, rowCount: rows.count)
  }

  /// The column of this name.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}
