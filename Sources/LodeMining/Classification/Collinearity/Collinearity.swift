public import LodeNumerics

/// How much the columns of a feature matrix say the same.
///
/// - Input: features, `n × d`, no missing values, at least two rows.
/// - Output: variance inflation of each column, condition number, columns that are combinations.
/// - Complexity: one pass, O(`n·d² + d³`).
/// - Source: Belsley, Kuh & Welsch (1980), "Regression Diagnostics", §3.2; here on the centred
///   columns, so that the intercept and the units take no part.
/// - Agrees with: statsmodels `variance_inflation_factor` with a constant.
public struct Collinearity: Sendable, Hashable, Codable {
  /// The names of the features, `d` of them.
  public let featureNames: [String]
  /// 1 / (1 − R²) of each column regressed on the others.
  ///
  /// By so much collinearity inflates the variance of its coefficient; ∞ for a column that takes
  /// part in an exact combination, nil for a constant one.
  public let varianceInflation: [Double?]
  /// The ratio of the largest to the least singular value of the standardised columns.
  ///
  /// It is ∞ when one is an exact combination of others. Above 30 coefficients are hard to tell
  /// apart.
  public let conditionNumber: Double
  /// The columns that are constant or combinations of earlier ones.
  public let aliases: [LogisticRegression.Alias]

  /// The collinearity of the columns of `matrix`, `n × d`.
  ///
  /// - Precondition: one name a column.
  public init(_ matrix: Matrix, featureNames: [String]) {
    precondition(featureNames.count == matrix.columnCount, "one name a column")
    self.featureNames = featureNames
    let standardization = Standardization(parallel: matrix)
    let scaled = ScaledGram(matrix, standardization)
    let combinations = scaled.aliases(featureNames)
    aliases =
      (standardization.constantColumns.map {
        LogisticRegression.Alias(column: $0, name: featureNames[$0], combinationOf: [])
      } + combinations)
      .sorted { $0.column < $1.column }
    var inflation = [Double?](repeating: nil, count: matrix.columnCount)
    let entangled = Set(
      combinations.flatMap { alias in
        [alias.column] + alias.combinationOf.compactMap { featureNames.firstIndex(of: $0) }
      }
    )
    let dropped = Set(combinations.map(\.column))
    let places = scaled.columns.indices.filter { !dropped.contains(scaled.columns[$0]) }
    let n = Double(matrix.rowCount)
    if let inverse = Cholesky(scaled.gram.submatrix(places))?.inverse() {
      for (i, place) in places.enumerated() {
        // The Gram matrix of standardised columns holds n on its diagonal.
        inflation[scaled.columns[place]] = max(1, n * inverse[i, i])
      }
    }
    for column in entangled { inflation[column] = .infinity }
    varianceInflation = inflation
    let values = SymmetricEigen(scaled.gram).values
    if let least = values.first, let most = values.last, combinations.isEmpty {
      conditionNumber = least > 0 ? (most / least).squareRoot() : .infinity
    } else {
      conditionNumber = combinations.isEmpty ? 1 : .infinity
    }
  }
}
