internal import Glibc

/// How good predicted probabilities of a yes/no outcome are.
public struct ClassifierScores: Sendable, Hashable, Codable {
  /// The rows scored.
  public let rowCount: Int
  /// The rows in which the event happened.
  public let positiveCount: Int
  /// The chance that an event outranks a non-event, ties counting half; nil for one class.
  public let auc: Double?
  /// The mean of −log of the probability given to what happened, in nats.
  public let logLoss: Double
  /// The mean squared difference of probability and outcome.
  public let brier: Double
  /// The event rate in the tenth of rows with the highest scores over that of all; nil without
  /// events.
  public let topDecileLift: Double?
  /// The mean gap of predicted and observed rates over ten bins of equal count, weighted by size.
  public let expectedCalibrationError: Double

  /// The scores of `probabilities` against `outcomes`, one of each a row.
  ///
  /// - Precondition: equal lengths, at least one row.
  public init(_ probabilities: [Double], outcomes: [Bool]) {
    precondition(
      probabilities.count == outcomes.count && !outcomes.isEmpty,
      "\(probabilities.count) probabilities for \(outcomes.count) outcomes"
    )
    rowCount = outcomes.count
    positiveCount = outcomes.count { $0 }
    auc = Self.auc(probabilities, outcomes: outcomes)
    logLoss = Self.logLoss(probabilities, outcomes: outcomes)
    brier =
      zip(probabilities, outcomes)
      .reduce(0) { sum, pair in
        let gap = pair.0 - (pair.1 ? 1 : 0)
        return sum + gap * gap
      } / Double(outcomes.count)
    topDecileLift = LiftTable(probabilities, outcomes: outcomes).bins.first?.lift
    expectedCalibrationError =
      CalibrationTable(probabilities, outcomes: outcomes).expectedCalibrationError
  }

  /// The area under the ROC curve by mid-ranks (Mann–Whitney), nil when all outcomes are equal.
  ///
  /// - Complexity: O(`n` log `n`).
  public static func auc(_ scores: [Double], outcomes: [Bool]) -> Double? {
    precondition(scores.count == outcomes.count, "\(scores.count) scores, \(outcomes.count) rows")
    let ranks = Ranks.midRanks(scores)
    var rankSum = 0.0
    var positives = 0.0
    for (rank, outcome) in zip(ranks, outcomes) where outcome {
      rankSum += rank
      positives += 1
    }
    let negatives = Double(outcomes.count) - positives
    guard positives > 0, negatives > 0 else { return nil }
    return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
  }

  /// The mean negative log-likelihood; probabilities are kept 10⁻¹⁵ away from 0 and 1.
  public static func logLoss(_ probabilities: [Double], outcomes: [Bool]) -> Double {
    var sum = 0.0
    for (probability, outcome) in zip(probabilities, outcomes) {
      let p = min(max(probability, 1e-15), 1 - 1e-15)
      sum -= outcome ? log(p) : log1p(-p)
    }
    return sum / Double(max(outcomes.count, 1))
  }
}
