internal import Glibc
internal import LodeNumerics

/// Measures how probabilities are off, and straightens them: `logit p′ = a + b·logit p`.
///
/// Fit it on a *later* slice than the one the model saw: on its own training rows every model
/// looks right. As a measure, `b` (the calibration slope) is 1 and `a` 0 for honest probabilities;
/// `b < 1` means too extreme (overfitted), `b > 1` too timid. As a correction it is Platt scaling
/// on log-odds, and it keeps the ranking as long as `b > 0`.
///
/// - Input: `probabilities` in 0…1 (kept 10⁻¹⁵ away from the ends), `outcomes`, one a row.
/// - Output: both numbers with standard errors, and calibration in the large.
/// - Complexity: O(`n`) per Newton step.
/// - Source: Cox (1958), "Two further applications of a model for binary regression", Biometrika
///   45; Platt (1999), "Probabilistic outputs for support vector machines".
/// - Agrees with: statsmodels `Logit` of the outcome on the log-odds; with an offset for the
///   calibration in the large.
public struct LogisticRecalibration: Sendable, Hashable, Codable {
  /// What is maximised; Firth's likelihood also copes with perfect separation.
  public var likelihood: LogisticRegression.Likelihood
  /// The level of intervals, 0…1.
  public var confidenceLevel: Double

  /// A configuration.
  public init(
    likelihood: LogisticRegression.Likelihood = .plain,
    confidenceLevel: Double = 0.95
  ) {
    self.likelihood = likelihood
    self.confidenceLevel = confidenceLevel
  }

  /// A number with its error.
  public struct Estimate: Sendable, Hashable, Codable {
    /// The number.
    public let value: Double
    /// The standard error.
    public let standardError: Double
    /// The lower end of the Wald interval.
    public let lowerBound: Double
    /// The upper end of the Wald interval.
    public let upperBound: Double
  }

  /// A fitted recalibration.
  public struct Model: Sendable, Hashable, Codable {
    /// The intercept `a`, 0 for honest probabilities.
    ///
    /// It goes with the slope: see ``inTheLarge`` for the level.
    public let intercept: Estimate
    /// The calibration slope `b`, 1 for honest probabilities.
    public let slope: Estimate
    /// The shift of log-odds, with the slope held at 1, that makes the mean probability the event
    /// rate: below 0 for probabilities that are too high.
    public let inTheLarge: Estimate
    /// The rows of the fit.
    public let rowCount: Int
    /// The rows in which the event happened.
    public let positiveCount: Int
    /// Whether the steps ended at the maximum.
    public let converged: Bool

    /// Whether higher probabilities went with fewer events, so that correcting turns the ranking.
    public var isInverted: Bool { slope.value <= 0 }

    /// The corrected probabilities, in 0…1.
    public func calibrated(_ probabilities: [Double]) -> [Double] {
      probabilities.map { p in
        LogOdds.probability(intercept.value + slope.value * LogOdds.of(p))
      }
    }
  }

  /// The recalibration of `probabilities` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, one class, equal or impossible probabilities, or
  ///   where they separate the outcomes without error.
  public func fit(
    _ probabilities: [Double],
    outcomes: [Bool]
  ) throws(EvaluationError) -> Model {
    try EvaluationError.check(probabilities: probabilities, rows: outcomes.count)
    try EvaluationError.check(level: confidenceLevel)
    try EvaluationError.checkBothClasses(outcomes)
    let logOdds = probabilities.map { LogOdds.of($0) }
    let regression = LogisticRegression(confidenceLevel: confidenceLevel, likelihood: likelihood)
    let fitted: LogisticRegression.Model
    do throws(LogisticRegression.FitError) {
      fitted = try regression.fit(
        Matrix(columns: [logOdds]),
        featureNames: ["log-odds of the prediction"],
        outcomes: outcomes
      )
    } catch {
      throw .fit(error)
    }
    guard let a = fitted.terms[0].inference, let b = fitted.terms[1].inference else {
      throw .constantScores(rows: outcomes.count, value: probabilities[0])
    }
    let positives = outcomes.count { $0 }
    let (shift, information) = LogOdds.shift(
      of: logOdds,
      toMean: Double(positives) / Double(outcomes.count)
    )
    return Model(
      intercept: estimate(fitted.intercept, a.standardError),
      slope: estimate(fitted.coefficients[0], b.standardError),
      inTheLarge: estimate(shift, 1 / information.squareRoot()),
      rowCount: outcomes.count,
      positiveCount: positives,
      converged: fitted.converged
    )
  }

  private func estimate(_ value: Double, _ error: Double) -> Estimate {
    let reach = Distributions.normalQuantile((1 + confidenceLevel) / 2) * error
    return Estimate(
      value: value,
      standardError: error,
      lowerBound: value - reach,
      upperBound: value + reach
    )
  }
}
