public import LodeNumerics

/// Models the probability of a yes/no outcome as a logistic function of features.
///
/// Maximum likelihood by Newton's method (iteratively reweighted least squares) with an optional
/// L2 penalty. The fit works on standardised columns inside and reports in the units given.
///
/// - Input: `features`, shape `n × d`, any units, no missing values; `outcomes`, length `n`.
/// - Output: coefficients with standard errors, z, p and Wald intervals (unpenalised fits only);
///   log-likelihoods in nats; aliased columns by name.
/// - Determinism: rows are summed in fixed blocks, so the thread count never changes a bit.
/// - Complexity: O(`n·d²`) per iteration; memory O(`d²`) beside the input.
/// - Source: McCullagh & Nelder (1989), "Generalized linear models", §2.5 and §4.4.
/// - Agrees with: statsmodels `Logit` (unpenalised) and scikit-learn
///   `LogisticRegression(C=1/l2)` on standardised features.
public struct LogisticRegression: Sendable, Hashable, Codable {
  /// The penalty `λ` in `−log L + ½·λ·Σγ²`, with `γ` the coefficients per standard deviation.
  ///
  /// The intercept is not penalised. `λ = 1` is scikit-learn's `C = 1` on standardised features;
  /// 0 is plain maximum likelihood.
  public var l2: Double
  /// The most Newton steps.
  public var maximumIterations: Int
  /// Half the squared Newton decrement, relative to the log-likelihood, that ends the fit.
  public var tolerance: Double
  /// The level of the Wald intervals, 0…1.
  public var confidenceLevel: Double

  /// A configuration.
  public init(
    l2: Double = 0,
    maximumIterations: Int = 60,
    tolerance: Double = 1e-14,
    confidenceLevel: Double = 0.95
  ) {
    self.l2 = l2
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.confidenceLevel = confidenceLevel
  }

  /// Why a fit was refused.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration makes no sense.
    case badConfiguration(reason: String)
    /// There are more or fewer outcomes than rows.
    case wrongOutcomeCount(outcomes: Int, rows: Int)
    /// All outcomes are equal.
    case oneClass(rows: Int, outcome: Bool)
    /// A missing or infinite feature; rows and columns count from 0.
    case notFinite(row: Int, feature: String)
    /// Some features tell the outcomes apart without error, so their coefficients have no limit.
    case separated(features: [String])
    /// The information matrix cannot be inverted.
    case singular

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .badConfiguration(let reason): "the logistic regression cannot run: \(reason)."
      case .wrongOutcomeCount(let outcomes, let rows):
        "there are \(outcomes) outcomes for \(rows) rows; give one outcome a row."
      case .oneClass(let rows, let outcome):
        "all \(rows) outcomes are \(outcome ? "yes" : "no"), so there is nothing to tell apart; "
          + "widen the window or change the definition of the outcome."
      case .notFinite(let row, let feature):
        "feature \"\(feature)\" is missing or infinite in row \(row + 1); fill or drop it first."
      case .separated(let features):
        "\(features.map { "\"\($0)\"" }.joined(separator: ", ")) predicts some outcomes without "
          + "error, so the coefficient has no finite best value; drop the feature if it leaks the "
          + "outcome, or set l2 above 0."
      case .singular:
        "the information matrix is singular; set l2 above 0 or drop nearly equal features."
      }
    }
  }

  /// The model of `outcomes` by `features`.
  ///
  /// - Parameters:
  ///   - features: the features with their names.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the fitted model; `converged` is false when the steps ran out.
  /// - Throws: ``FitError``.
  public func fit(_ features: FeatureMatrix, outcomes: [Bool]) throws(FitError) -> Model {
    try fit(features.matrix, featureNames: features.featureNames, outcomes: outcomes)
  }

  /// The model of `outcomes` by the columns of `matrix`, `n × d`.
  ///
  /// - Parameters:
  ///   - matrix: the features, `n × d`.
  ///   - featureNames: one name a column.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the fitted model; `converged` is false when the steps ran out.
  /// - Throws: ``FitError``.
  public func fit(
    _ matrix: Matrix,
    featureNames: [String],
    outcomes: [Bool]
  ) throws(FitError) -> Model {
    try validate(matrix, featureNames, outcomes)
    let design = LogisticDesign(matrix, outcomes: outcomes, keepsCollinear: l2 > 0)
    let path = try newton(design)
    if l2 == 0 {
      let separated = separatedColumns(path)
      guard separated.isEmpty else {
        throw .separated(features: separated.map { featureNames[design.active[$0]] })
      }
    }
    return try Model(self, path, design, featureNames: featureNames)
  }

  private func validate(
    _ matrix: Matrix,
    _ featureNames: [String],
    _ outcomes: [Bool]
  ) throws(FitError) {
    precondition(
      featureNames.count == matrix.columnCount,
      "\(featureNames.count) names for \(matrix.columnCount) features"
    )
    guard l2 >= 0, l2.isFinite, maximumIterations >= 1, confidenceLevel > 0, confidenceLevel < 1
    else {
      throw .badConfiguration(
        reason: "l2 \(l2), iterations \(maximumIterations) or confidence level "
          + "\(confidenceLevel) is out of range"
      )
    }
    guard outcomes.count == matrix.rowCount else {
      throw .wrongOutcomeCount(outcomes: outcomes.count, rows: matrix.rowCount)
    }
    let positiveCount = outcomes.count { $0 }
    guard positiveCount > 0, positiveCount < outcomes.count else {
      throw .oneClass(rows: outcomes.count, outcome: positiveCount > 0)
    }
    if let place = matrix.firstNonFinite() {
      throw .notFinite(row: place.row, feature: featureNames[place.column])
    }
  }
}
