public import LodeColumns
public import LodeNumerics
internal import LodeRuntime

/// Numbers about individuals: one row each, one named feature a column.
///
/// The one place where a table becomes a matrix. Missing values are refused, or replaced by an
/// explicit policy that is recorded by the caller; they never slip through as zero.
public struct FeatureMatrix: Sendable, Hashable {
  /// What to do with a missing cell.
  public enum MissingPolicy: Sendable, Hashable, Codable {
    /// Refuse the table.
    case refuse
    /// Take the mean of the cells that are there.
    case mean
    /// Take the median of the cells that are there.
    case median
    /// Take this number.
    case constant(Double)
  }

  /// The identifier of each row, `n` of them.
  public let rowNames: [String]
  /// The name of each feature, `d` of them.
  public let featureNames: [String]
  /// The numbers, `n × d`.
  public let matrix: Matrix

  /// A feature matrix over its parts.
  ///
  /// - Precondition: one name a row, one name a column.
  public init(rowNames: [String], featureNames: [String], matrix: Matrix) {
    precondition(
      rowNames.count == matrix.rowCount && featureNames.count == matrix.columnCount,
      "\(rowNames.count) row and \(featureNames.count) feature names for a "
        + "\(matrix.rowCount) × \(matrix.columnCount) matrix"
    )
    self.rowNames = rowNames
    self.featureNames = featureNames
    self.matrix = matrix
  }

  /// The named columns of a table as numbers; booleans become 0 and 1, decimals their value.
  ///
  /// - Parameters:
  ///   - table: one row an individual.
  ///   - identifier: the column that names the rows.
  ///   - features: the columns to take, in this order.
  ///   - missing: what to do with missing cells.
  /// - Throws: ``FeatureError`` for an unknown or text column, and for a cell without a number.
  public init(
    _ table: Table,
    identifiedBy identifier: String,
    features: [String],
    missing: MissingPolicy = .refuse
  ) throws(FeatureError) {
    guard let key = table.column(identifier) else {
      throw .unknownColumn(name: identifier, known: table.schema.names)
    }
    var columns: [[Double]] = []
    for name in features {
      guard let column = table.column(name) else {
        throw .unknownColumn(name: name, known: table.schema.names)
      }
      guard column.type != .text else { throw .notNumeric(column: name) }
      columns.append(try Self.filled(column.numbers(), name: name, missing: missing))
    }
    self.init(
      rowNames: Self.names(key),
      featureNames: features,
      matrix: features.isEmpty
        ? Matrix(rowCount: table.rowCount, columnCount: 0, elements: [])
        : Matrix(columns: columns)
    )
  }

  /// This matrix with the features of `other`, which has the same rows, behind its own.
  public func appending(_ other: FeatureMatrix) -> FeatureMatrix {
    precondition(rowNames == other.rowNames, "features of different rows")
    var elements: [Double] = []
    elements.reserveCapacity(matrix.elements.count + other.matrix.elements.count)
    for row in rowNames.indices {
      elements.append(contentsOf: matrix.row(row))
      elements.append(contentsOf: other.matrix.row(row))
    }
    return FeatureMatrix(
      rowNames: rowNames,
      featureNames: featureNames + other.featureNames,
      matrix: Matrix(
        rowCount: rowNames.count,
        columnCount: featureNames.count + other.featureNames.count,
        elements: elements
      )
    )
  }

  /// This matrix with each column transformed, one transformation a feature.
  ///
  /// - Throws: ``FeatureError/outOfDomain(column:row:value:)`` when a logarithm meets a value
  ///   below zero.
  public func transformed(
    _ transformations: [FeatureTransformation]
  ) throws(FeatureError) -> FeatureMatrix {
    precondition(
      transformations.count == featureNames.count,
      "\(transformations.count) transformations for \(featureNames.count) features"
    )
    let changing = transformations.enumerated().filter { $0.element != .identity }
    guard !changing.isEmpty else { return self }
    var elements = matrix.elements
    for row in rowNames.indices {
      for (j, transformation) in changing {
        let place = row * featureNames.count + j
        guard let value = transformation.apply(elements[place]) else {
          throw .outOfDomain(column: featureNames[j], row: row, value: elements[place])
        }
        elements[place] = value
      }
    }
    return FeatureMatrix(
      rowNames: rowNames,
      featureNames: featureNames,
      matrix: Matrix(
        rowCount: matrix.rowCount,
        columnCount: matrix.columnCount,
        elements: elements
      )
    )
  }

  private static func names(_ key: Column) -> [String] {
    guard case .texts(let codes, let dictionary) = key.storage, key.validity == nil,
      dictionary.count <= 2 * codes.count
    else { return (0..<key.count).map { key[$0].description } }
    let texts = dictionary.texts
    return codes.map { texts[Int($0)] }
  }

  private static func filled(
    _ numbers: [Double],
    name: String,
    missing: MissingPolicy
  ) throws(FeatureError) -> [Double] {
    if let row = numbers.firstIndex(where: \.isInfinite) {
      throw .notFinite(column: name, row: row)
    }
    guard let gap = numbers.firstIndex(where: \.isNaN) else { return numbers }
    let present = numbers.filter { !$0.isNaN }
    let substitute: Double
    switch missing {
    case .refuse: throw .missing(column: name, row: gap)
    case .constant(let value): substitute = value
    case .mean:
      guard !present.isEmpty else { throw .allMissing(column: name) }
      substitute = Reductions.mean(present.span)
    case .median:
      guard !present.isEmpty else { throw .allMissing(column: name) }
      substitute = Reductions.median(present)
    }
    return numbers.map { $0.isNaN ? substitute : $0 }
  }
}
