/// What a Brier score is made of.
///
/// With bins `k` of `nₖ` of `n` rows, mean probability `p̄ₖ`, event rate `ōₖ`, and the rate `ō` of
/// all rows:
///
///     Brier = Σ nₖ(p̄ₖ − ōₖ)²/n − Σ nₖ(ōₖ − ō)²/n + ō(1 − ō) + within
///           = reliability       − resolution      + uncertainty + within
///
/// where `within = Σ (p − p̄ₖ)²/n − 2·Σ (p − p̄ₖ)(y − ōₖ)/n` is what binning hides; it is 0 where
/// all rows of a bin have one probability, and with it the sum is exact.
///
/// - Source: Murphy (1973), "A new vector partition of the probability score"; the last term by
///   Stephenson, Coelho & Jolliffe (2008), "Two extra components in the Brier score
///   decomposition", Weather and Forecasting 23.
public struct BrierDecomposition: Sendable, Hashable, Codable {
  /// The mean squared difference of probability and outcome.
  public let brier: Double
  /// How far bins miss their own event rate; 0 is best.
  public let reliability: Double
  /// How far event rates of bins differ; more is better.
  public let resolution: Double
  /// The variance of the outcome, which no model changes.
  public let uncertainty: Double
  /// What differs inside bins.
  public let within: Double

  /// The parts of the Brier score of `probabilities` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows or a number outside 0…1.
  public init(
    _ probabilities: [Double],
    outcomes: [Bool],
    binCount: Int = 10,
    binning: CalibrationTable.Binning = .equalCount
  ) throws(EvaluationError) {
    try EvaluationError.check(probabilities: probabilities, rows: outcomes.count)
    guard binCount >= 1 else {
      throw .badConfiguration(reason: "\(binCount) bins", fix: "ask for at least one")
    }
    let n = Double(outcomes.count)
    let rate = Double(outcomes.count { $0 }) / n
    var (reliability, resolution, within) = (0.0, 0.0, 0.0)
    for rows in CalibrationTable.rows(probabilities, binCount: binCount, binning: binning) {
      let size = Double(rows.count)
      let mean = rows.reduce(0) { $0 + probabilities[$1] } / size
      let observed = Double(rows.count { outcomes[$0] }) / size
      reliability += size * (mean - observed) * (mean - observed)
      resolution += size * (observed - rate) * (observed - rate)
      for row in rows {
        let gap = probabilities[row] - mean
        within += gap * (gap - 2 * ((outcomes[row] ? 1 : 0) - observed))
      }
    }
    brier = ClassifierScores.brier(probabilities, outcomes: outcomes)
    self.reliability = reliability / n
    self.resolution = resolution / n
    self.within = within / n
    uncertainty = rate * (1 - rate)
  }
}
