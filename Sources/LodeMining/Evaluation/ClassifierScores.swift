internal import Glibc

/// How good predicted probabilities of a yes/no outcome are.
public struct ClassifierScores: Sendable, Hashable, Codable {
  /// The rows scored.
  public let rowCount: Int
  /// The rows in which the event happened.
  public let positiveCount: Int
  /// The chance that an event outranks a non-event, ties counting half; nil for one class.
  public let auc: Double?
  /// 2·AUC − 1; nil for one class.
  public let gini: Double?
  /// The mean precision over the events, at distinct thresholds; nil without events.
  public let averagePrecision: Double?
  /// The largest gap between the shares of events and non-events above a threshold; nil for one
  /// class.
  public let kolmogorovSmirnov: Double?
  /// The mean of −log of the probability given to what happened, in nats.
  public let logLoss: Double
  /// The mean squared difference of probability and outcome.
  public let brier: Double
  /// The event rate in the tenth of rows with the highest scores over that of all; nil without
  /// events.
  public let topDecileLift: Double?
  /// The mean gap of predicted and observed rates over ten bins of equal count, weighted by size.
  public let expectedCalibrationError: Double
  /// The same over ten bins of equal width.
  public let expectedCalibrationErrorEqualWidth: Double

  /// The scores of `probabilities` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, or a number that is missing or outside 0…1.
  public init(_ probabilities: [Double], outcomes: [Bool]) throws(EvaluationError) {
    try EvaluationError.check(probabilities: probabilities, rows: outcomes.count)
    rowCount = outcomes.count
    positiveCount = outcomes.count { $0 }
    let curve = ROCCurve(checked: probabilities, outcomes: outcomes)
    auc = curve.auc
    gini = curve.gini
    averagePrecision = curve.averagePrecision
    kolmogorovSmirnov = curve.auc.map { _ in curve.kolmogorovSmirnov.statistic }
    logLoss = Self.logLoss(probabilities, outcomes: outcomes)
    brier = Self.brier(probabilities, outcomes: outcomes)
    topDecileLift = LiftTable(probabilities, outcomes: outcomes).bins.first?.lift
    expectedCalibrationError =
      CalibrationTable(probabilities, outcomes: outcomes).expectedCalibrationError
    expectedCalibrationErrorEqualWidth =
      CalibrationTable(probabilities, outcomes: outcomes, binning: .equalWidth)
      .expectedCalibrationError
  }

  /// The area under the ROC curve, ties counting half, nil when all outcomes are equal.
  ///
  /// - Precondition: equal lengths, no NaN.
  /// - Complexity: O(`n` log `n`).
  public static func auc(_ scores: [Double], outcomes: [Bool]) -> Double? {
    precondition(scores.count == outcomes.count, "\(scores.count) scores, \(outcomes.count) rows")
    return ROCCurve(checked: scores, outcomes: outcomes).auc
  }

  /// The mean squared difference of probability and outcome.
  static func brier(_ probabilities: [Double], outcomes: [Bool]) -> Double {
    zip(probabilities, outcomes)
      .reduce(0) { sum, pair in
        let gap = pair.0 - (pair.1 ? 1 : 0)
        return sum + gap * gap
      } / Double(max(outcomes.count, 1))
  }

  /// The mean negative log-likelihood; probabilities are kept 10⁻¹⁵ away from 0 and 1.
  public static func logLoss(_ probabilities: [Double], outcomes: [Bool]) -> Double {
    var sum = 0.0
    for (probability, outcome) in zip(probabilities, outcomes) {
      let p = LogOdds.clipped(probability)
      sum -= outcome ? log(p) : log1p(-p)
    }
    return sum / Double(max(outcomes.count, 1))
  }
}
