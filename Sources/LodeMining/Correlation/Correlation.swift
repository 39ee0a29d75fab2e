public import LodeNumerics
internal import LodeRuntime

/// Correlations of all pairs of features, with p-values corrected for the number of pairs.
///
/// - Input: a ``FeatureMatrix``, `n × d`, no missing values, at least 3 rows.
/// - Output: one entry a pair `i < j`; a pair with a constant feature has no coefficient.
/// - Complexity: O(`n·d²`) for the product, O(`n·d` log `n`) for ranks.
/// - Source: Student's t test of a correlation; Spearman's ρ is Pearson's r of mid-ranks.
/// - Agrees with: scipy `pearsonr` and `spearmanr`.
public struct Correlation: Sendable, Hashable, Codable {
  /// What is measured.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// Linear correlation of the values.
    case pearson
    /// Linear correlation of the mid-ranks: any monotone relation.
    case spearman
  }

  /// Two features and how they go together.
  public struct Pair: Sendable, Hashable, Codable {
    /// The earlier feature.
    public let first: String
    /// The later feature.
    public let second: String
    /// The coefficient, −1…1; nil if one of the features does not vary.
    public let coefficient: Double?
    /// The two-sided p-value of no correlation; nil without a coefficient.
    public let pValue: Double?
    /// The p-value corrected for all pairs (Benjamini–Hochberg); nil without a coefficient.
    public let qValue: Double?
  }

  /// What is measured.
  public var method: Method

  /// A measure.
  public init(_ method: Method) {
    self.method = method
  }

  /// The correlations of all pairs of features.
  ///
  /// - Throws: ``FeatureError/notFinite(column:row:)`` for a missing or infinite value.
  public func pairs(of features: FeatureMatrix) throws(FeatureError) -> [Pair] {
    let coefficients = try matrix(of: features)
    let names = features.featureNames
    let n = features.matrix.rowCount
    var places: [(Int, Int)] = []
    for i in names.indices { for j in names.indices where j > i { places.append((i, j)) } }
    let values = places.map { i, j in
      n >= 3 && !coefficients[i, j].isNaN ? coefficients[i, j] : nil
    }
    let pValues = values.map { $0.map { Self.pValue($0, rowCount: n) } }
    let qValues = MultipleTests.benjaminiHochberg(pValues.compactMap(\.self))
    var next = qValues.makeIterator()
    return places.indices.map { place in
      Pair(
        first: names[places[place].0],
        second: names[places[place].1],
        coefficient: values[place],
        pValue: pValues[place],
        qValue: pValues[place] == nil ? nil : next.next()
      )
    }
  }

  /// The correlation matrix, `d × d`; NaN for features that do not vary.
  ///
  /// - Throws: ``FeatureError/notFinite(column:row:)`` for a missing or infinite value.
  public func matrix(of features: FeatureMatrix) throws(FeatureError) -> Matrix {
    if let place = features.matrix.firstNonFinite() {
      throw .notFinite(column: features.featureNames[place.column], row: place.row)
    }
    let d = features.matrix.columnCount
    var values = features.matrix
    if method == .spearman {
      values = Matrix(columns: Parallel.map(d) { Ranks.midRanks(features.matrix.column($0)) })
    }
    let standardization = Standardization(values)
    let isConstant = Set(standardization.constantColumns)
    let gram = standardization.gram(of: values)
    var coefficients = Matrix(rowCount: d, columnCount: d)
    for i in 0..<d {
      for j in 0..<d {
        let isUndefined = isConstant.contains(i) || isConstant.contains(j)
        let raw = gram[i, j] / (gram[i, i] * gram[j, j]).squareRoot()
        let value = i == j ? 1 : min(1, max(-1, raw))
        coefficients.set(isUndefined ? .nan : value, row: i, column: j)
      }
    }
    return coefficients
  }

  /// The two-sided p-value of a correlation of `rowCount` rows under independence.
  static func pValue(_ coefficient: Double, rowCount: Int) -> Double {
    let freedom = Double(rowCount - 2)
    let rest = (1 - coefficient) * (1 + coefficient)
    guard rest > 0 else { return 0 }
    let t = coefficient * (freedom / rest).squareRoot()
    return Distributions.studentTwoSided(t, degreesOfFreedom: freedom)
  }
}
