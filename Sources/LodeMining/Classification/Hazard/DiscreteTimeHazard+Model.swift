internal import Glibc
public import LodeNumerics

extension DiscreteTimeHazard {
  /// A fitted hazard.
  public struct Model: Sendable, Hashable, Codable {
    /// Who was there and who left, by period.
    public let table: LifeTable
    /// The features, `d` of them.
    public let featureNames: [String]
    /// The regression of the rows of customers and periods; nil where the life table says all.
    public let fit: LogisticRegression.Model?

    /// The chance of leaving in each period that is reached, `m × periods`, for each row.
    ///
    /// - Precondition: as many columns as the model has features.
    public func hazards(for features: Matrix) -> Matrix {
      precondition(features.columnCount == featureNames.count, "other features")
      var hazards: [Double] = []
      let shares = table.hazards
      let effects = periodEffects
      let slopes = fit?.coefficients.suffix(featureNames.count) ?? []
      for row in 0..<features.rowCount {
        let score = zip(slopes, features.row(row)).reduce(0.0) { $0 + $1.0 * $1.1 }
        hazards += shares.indices.map { period in
          effects[period].map { 1 / (1 + exp(-($0 + score))) } ?? shares[period]
        }
      }
      return Matrix(rowCount: features.rowCount, columnCount: shares.count, elements: hazards)
    }

    /// The chance of still being there at the end of each period, `m × periods`, for each row.
    ///
    /// - Precondition: as many columns as the model has features.
    public func survival(for features: Matrix) -> Matrix {
      let hazards = hazards(for: features)
      return Matrix(
        rowCount: hazards.rowCount,
        columnCount: hazards.columnCount,
        elements: (0..<hazards.rowCount).flatMap { LifeTable.survival(hazards.row($0)) }
      )
    }

    /// The lines of the features in the coefficient table.
    public var featureTerms: [LogisticRegression.Term] {
      Array(fit?.terms.suffix(featureNames.count) ?? [])
    }

    /// The log-odds of each period where all features are 0; nil where the hazard is fixed.
    private var periodEffects: [Double?] {
      var effects = [Double?](repeating: nil, count: table.eventCounts.count)
      guard let fit else { return effects }
      for (place, period) in table.freePeriods.enumerated() {
        effects[period] = fit.intercept + (place == 0 ? 0 : fit.coefficients[place - 1])
      }
      return effects
    }
  }
}
