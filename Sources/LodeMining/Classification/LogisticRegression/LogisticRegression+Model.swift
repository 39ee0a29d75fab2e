internal import Glibc
public import LodeNumerics
internal import LodeRuntime

extension LogisticRegression {
  /// One line of the coefficient table.
  public struct Term: Sendable, Hashable, Codable {
    /// The feature, or `(intercept)`.
    public let name: String
    /// The change of the log-odds for one unit of the feature; 0 when aliased.
    public let coefficient: Double
    /// Whether the column is constant or a sum of earlier columns, and so was left out.
    public let isAliased: Bool
    /// Standard error, test and interval; nil for penalised fits and aliased columns.
    public let inference: Inference?
  }

  /// How sure a coefficient is.
  public struct Inference: Sendable, Hashable, Codable {
    /// The standard error.
    public let standardError: Double
    /// Coefficient over standard error.
    public let z: Double
    /// The two-sided p-value of z.
    public let pValue: Double
    /// The lower end of the Wald interval.
    public let lowerBound: Double
    /// The upper end of the Wald interval.
    public let upperBound: Double
  }

  /// A fitted logistic regression.
  public struct Model: Sendable, Hashable, Codable {
    /// The log-odds where all features are 0.
    public let intercept: Double
    /// The names of the features, `d` of them.
    public let featureNames: [String]
    /// The change of the log-odds for one unit of each feature; 0 for aliased ones.
    public let coefficients: [Double]
    /// The coefficient table: the intercept, then the features in order.
    public let terms: [Term]
    /// The mean of each feature in the training rows.
    public let means: [Double]
    /// The population standard deviation of each feature in the training rows.
    public let standardDeviations: [Double]
    /// The penalty of the fit.
    public let l2: Double
    /// The training rows.
    public let rowCount: Int
    /// The training rows in which the event happened.
    public let positiveCount: Int
    /// Intercept and features that were not aliased.
    public let parameterCount: Int
    /// The log-likelihood at the coefficients, without penalty.
    public let logLikelihood: Double
    /// The log-likelihood of the base rate alone.
    public let nullLogLikelihood: Double
    /// Newton steps taken.
    public let iterations: Int
    /// Whether the decrement fell below the tolerance.
    public let converged: Bool

    /// Akaike's criterion with ``parameterCount`` parameters.
    public var aic: Double { 2 * Double(parameterCount) - 2 * logLikelihood }
    /// Schwarz's criterion with ``parameterCount`` parameters.
    public var bic: Double { Double(parameterCount) * log(Double(rowCount)) - 2 * logLikelihood }
    /// 1 − log L / log L₀ (McFadden).
    public var pseudoRSquared: Double { 1 - logLikelihood / nullLogLikelihood }
    /// The features left out because they are constant or sums of earlier ones.
    public var aliasedFeatures: [String] { terms.filter(\.isAliased).map(\.name) }

    /// The probability of the event for each row of `features`, `m × d`.
    public func probabilities(for features: Matrix) -> [Double] {
      logOdds(for: features).map { 1 / (1 + exp(-$0)) }
    }

    /// The log-odds of the event for each row of `features`, `m × d`.
    public func logOdds(for features: Matrix) -> [Double] {
      precondition(
        features.columnCount == coefficients.count,
        "\(features.columnCount) features for a model of \(coefficients.count)"
      )
      var result = [Double](repeating: intercept, count: features.rowCount)
      var output = result.mutableSpan
      BLAS.multiply(
        features.elements.span,
        rows: features.rowCount,
        columns: features.columnCount,
        vector: coefficients.span,
        keep: 1,
        into: &output
      )
      return result
    }

    /// How much each feature moves one row's log-odds away from the average row's.
    ///
    /// Entry `j` is `βⱼ·(xⱼ − meanⱼ)`; all entries add up to the row's log-odds minus those of a
    /// row of means.
    public func contributions(for row: [Double]) -> [Double] {
      precondition(row.count == coefficients.count, "\(row.count) values for a row")
      return row.indices.map { coefficients[$0] * (row[$0] - means[$0]) }
    }
  }
}

extension LogisticRegression.Model {
  /// Brings a Newton path back to the features' own units.
  init(
    _ configuration: LogisticRegression,
    _ path: LogisticRegression.NewtonPath,
    _ design: LogisticDesign,
    featureNames: [String]
  ) throws(LogisticRegression.FitError) {
    let scale = design.standardization
    let n = design.outcomes.count
    let positives = design.outcomes.reduce(0, +)
    var coefficients = [Double](repeating: 0, count: featureNames.count)
    var intercept = path.parameters[0]
    for (place, column) in design.active.enumerated() {
      coefficients[column] = path.parameters[place + 1] / scale.standardDeviations[column]
      intercept -= coefficients[column] * scale.means[column]
    }
    guard intercept.isFinite, coefficients.allSatisfy(\.isFinite) else { throw .singular }
    let errors = configuration.l2 == 0 ? Self.standardErrors(path, design) : nil
    let quantile = Distributions.normalQuantile(0.5 + configuration.confidenceLevel / 2)
    func term(_ name: String, _ coefficient: Double, _ error: Double?, _ isAliased: Bool)
      -> LogisticRegression.Term
    {
      LogisticRegression.Term(
        name: name,
        coefficient: coefficient,
        isAliased: isAliased,
        inference: error.map { error in
          LogisticRegression.Inference(
            standardError: error,
            z: coefficient / error,
            pValue: Distributions.normalTwoSided(coefficient / error),
            lowerBound: coefficient - quantile * error,
            upperBound: coefficient + quantile * error
          )
        }
      )
    }
    let isAliased = Set(design.aliased)
    let share = positives / Double(n)
    self.init(
      intercept: intercept,
      featureNames: featureNames,
      coefficients: coefficients,
      terms: [term("(intercept)", intercept, errors?.intercept, false)]
        + featureNames.indices.map { j in
          term(featureNames[j], coefficients[j], errors?.columns[j] ?? nil, isAliased.contains(j))
        },
      means: scale.means,
      standardDeviations: scale.standardDeviations,
      l2: configuration.l2,
      rowCount: n,
      positiveCount: Int(positives),
      parameterCount: design.parameterCount,
      logLikelihood: -path.evaluation.loss,
      nullLogLikelihood: positives * log(share) + (Double(n) - positives) * log(1 - share),
      iterations: path.iterations,
      converged: path.converged
    )
  }

  private static func standardErrors(
    _ path: LogisticRegression.NewtonPath,
    _ design: LogisticDesign
  ) -> (intercept: Double, columns: [Double?]) {
    let scale = design.standardization
    var columns = [Double?](repeating: nil, count: design.matrix.columnCount)
    var weights = [1.0]
    for (place, column) in design.active.enumerated() {
      let deviation = scale.standardDeviations[column]
      columns[column] = path.covariance[place + 1, place + 1].squareRoot() / deviation
      weights.append(-scale.means[column] / deviation)
    }
    var variance = 0.0
    for i in weights.indices {
      for j in weights.indices { variance += weights[i] * path.covariance[i, j] * weights[j] }
    }
    return (variance.squareRoot(), columns)
  }
}
