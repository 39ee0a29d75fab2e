public import LodeColumns
internal import LodeNumerics

/// Turns text columns into 0/1 features, one a level, the first level in byte order left out.
///
/// The level left out is the reference: a coefficient of `Contract=Two year` compares with it.
/// A level first seen at prediction time counts as the reference and is reported.
public struct OneHotEncoding: Sendable, Hashable, Codable {
  /// The name given to a missing cell.
  public static let missingLevel = "(missing)"

  /// The levels of one text column.
  public struct Levels: Sendable, Hashable, Codable {
    /// The column.
    public let column: String
    /// All levels in byte order; the first is the reference.
    public let levels: [String]
  }

  /// What an encoding gives.
  public struct Encoded: Sendable, Hashable {
    /// The features, named `column=level`.
    public let features: FeatureMatrix
    /// The source column of each feature.
    public let sources: [String]
    /// How many cells of each column held a level that the fit had not seen.
    public let unknownCounts: [String: Int]
  }

  /// The levels, one entry a column.
  public let columns: [Levels]

  /// The levels that occur in the named text columns.
  ///
  /// - Parameters:
  ///   - table: the training rows.
  ///   - columns: the text columns.
  ///   - maximumLevelCount: the most levels a column may have.
  /// - Throws: ``FeatureError`` for unknown columns, columns without text, too many levels.
  public init(
    _ table: Table,
    columns: [String],
    maximumLevelCount: Int = 100
  ) throws(FeatureError) {
    var all: [Levels] = []
    for name in columns {
      let texts = try Self.texts(table, name)
      let levels = Set(texts).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
      guard levels.count <= maximumLevelCount else {
        throw .tooManyLevels(column: name, levelCount: levels.count, maximum: maximumLevelCount)
      }
      all.append(Levels(column: name, levels: levels))
    }
    self.columns = all
  }

  /// The names of the features in order, `column=level`.
  public var featureNames: [String] {
    columns.flatMap { entry in entry.levels.dropFirst().map { "\(entry.column)=\($0)" } }
  }

  /// The 0/1 features of the rows of `table`.
  ///
  /// - Throws: ``FeatureError`` for unknown columns and columns without text.
  public func encode(_ table: Table, identifiedBy identifier: String) throws(FeatureError)
    -> Encoded
  {
    guard let key = table.column(identifier) else {
      throw .unknownColumn(name: identifier, known: table.schema.names)
    }
    let d = featureNames.count
    var elements = [Double](repeating: 0, count: table.rowCount * d)
    var sources: [String] = []
    var unknownCounts: [String: Int] = [:]
    for entry in columns {
      let first = sources.count
      let places = Dictionary(
        uniqueKeysWithValues: entry.levels.enumerated().map { ($1, $0) }
      )
      for (row, text) in try Self.texts(table, entry.column).enumerated() {
        guard let place = places[text] else {
          unknownCounts[entry.column, default: 0] += 1
          continue
        }
        if place > 0 { elements[row * d + first + place - 1] = 1 }
      }
      sources += Array(repeating: entry.column, count: max(entry.levels.count - 1, 0))
    }
    let features = FeatureMatrix(
      rowNames: (0..<table.rowCount).map { key[$0].description },
      featureNames: featureNames,
      matrix: Matrix(rowCount: table.rowCount, columnCount: d, elements: elements)
    )
    return Encoded(features: features, sources: sources, unknownCounts: unknownCounts)
  }

  private static func texts(_ table: Table, _ name: String) throws(FeatureError) -> [String] {
    guard let column = table.column(name) else {
      throw .unknownColumn(name: name, known: table.schema.names)
    }
    guard column.type == .text else { throw .notText(column: name) }
    let dictionary = column.dictionary.texts
    return column.codes.enumerated()
      .map { row, code in
        column.isMissing(row) ? missingLevel : dictionary[Int(code)]
      }
  }
}
