/// Moves all log-odds by one number, so that the mean probability is a forecast base rate.
///
/// The cure for seasons: a model trained where half of the customers left keeps its ranking, but
/// says too much where a third will. No ranking changes.
///
/// - Complexity: O(`n`) per step of a bracketed Newton search, about ten steps.
/// - Source: Saerens, Latinne & Decaestecker (2002), "Adjusting the outputs of a classifier to new
///   a priori probabilities", Neural Computation 14; King & Zeng (2001), "Logistic regression in
///   rare events data", Political Analysis 9, eq. 7.
public struct BaseRateCorrection: Sendable, Hashable, Codable {
  /// What is added to every log-odds.
  public let shift: Double

  /// The correction that gives `probabilities` the mean `baseRate`.
  ///
  /// - Throws: ``EvaluationError`` for no rows, a number outside 0…1, or a base rate of 0 or 1.
  public init(
    _ probabilities: [Double],
    toBaseRate baseRate: Double
  ) throws(EvaluationError) {
    try EvaluationError.check(probabilities: probabilities, rows: probabilities.count)
    try Self.check(baseRate)
    shift = LogOdds.shift(of: probabilities.map { LogOdds.of($0) }, toMean: baseRate).shift
  }

  /// The correction by Bayes' rule alone: from the odds of training to those of the forecast.
  ///
  /// It needs no rows. The mean reaches the base rate where events and non-events look as they did
  /// in training.
  ///
  /// - Throws: ``EvaluationError`` for a base rate of 0 or 1.
  public init(
    fromBaseRate trained: Double,
    toBaseRate forecast: Double
  ) throws(EvaluationError) {
    try Self.check(trained)
    try Self.check(forecast)
    shift = LogOdds.of(forecast) - LogOdds.of(trained)
  }

  /// The corrected probabilities, in 0…1.
  public func corrected(_ probabilities: [Double]) -> [Double] {
    probabilities.map { LogOdds.probability(LogOdds.of($0) + shift) }
  }

  private static func check(_ baseRate: Double) throws(EvaluationError) {
    guard baseRate > 0, baseRate < 1 else {
      throw .badConfiguration(
        reason: "the base rate is \(baseRate)",
        fix: "give the expected share of events, above 0 and below 1"
      )
    }
  }
}
