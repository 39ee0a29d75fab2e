internal import Glibc
internal import LodeNumerics

/// How sure an AUC is, and whether two scores of the same rows differ in theirs.
///
/// Each event's share of non-events below it, and each non-event's of events above it, are the
/// *placements* `V₁₀`, `V₀₁`; the variance is `s²(V₁₀)/P + s²(V₀₁)/N` for `P` events and `N`
/// non-events. Mid-ranks give all placements at once.
///
/// - Complexity: O(`n` log `n`).
/// - Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44; Sun & Xu (2014), "Fast
///   implementation of DeLong's algorithm", IEEE Signal Processing Letters 21.
/// - Agrees with: R pROC `ci.auc` and `roc.test(paired = TRUE)`.
public struct AUCInterval: Sendable, Hashable, Codable {
  /// The area under the curve.
  public let auc: Double
  /// Its standard error; 0 where the ranking is perfect, which says little for few rows.
  public let standardError: Double
  /// The lower end of the normal interval, at least 0.
  public let lowerBound: Double
  /// The upper end of the normal interval, at most 1.
  public let upperBound: Double

  /// The interval of the AUC of `scores` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, fewer than two events or non-events, or a score
  ///   that is not finite.
  public init(
    _ scores: [Double],
    outcomes: [Bool],
    confidenceLevel: Double = 0.95
  ) throws(EvaluationError) {
    try EvaluationError.check(level: confidenceLevel)
    let placements = try Placements(scores, outcomes)
    auc = placements.auc
    standardError = max(0, placements.covariance(placements)).squareRoot()
    let reach = Distributions.normalQuantile((1 + confidenceLevel) / 2) * standardError
    lowerBound = max(0, auc - reach)
    upperBound = min(1, auc + reach)
  }

  /// The difference of two AUCs of the same rows.
  public struct Difference: Sendable, Hashable, Codable {
    /// The AUC of the first score less that of the second.
    public let difference: Double
    /// Its standard error, with the covariance of the two.
    public let standardError: Double
    /// The two-sided p-value of no difference; 1 where both rank alike.
    public let pValue: Double
  }

  /// The difference of the AUCs of `first` and `second`, two scores of the same rows.
  ///
  /// - Throws: ``EvaluationError`` as ``init(_:outcomes:confidenceLevel:)``.
  public static func difference(
    _ first: [Double],
    _ second: [Double],
    outcomes: [Bool]
  ) throws(EvaluationError) -> Difference {
    let (a, b) = (try Placements(first, outcomes), try Placements(second, outcomes))
    let variance = a.covariance(a) + b.covariance(b) - 2 * a.covariance(b)
    let error = max(0, variance).squareRoot()
    let gap = a.auc - b.auc
    let pValue = error > 0 ? Distributions.normalTwoSided(gap / error) : (gap == 0 ? 1 : 0)
    return Difference(difference: gap, standardError: error, pValue: pValue)
  }
}

/// The placements of events and non-events in a ranking.
private struct Placements {
  var events: [Double] = []
  var others: [Double] = []
  let auc: Double

  init(_ scores: [Double], _ outcomes: [Bool]) throws(EvaluationError) {
    try EvaluationError.check(scores, "scores", rows: outcomes.count)
    let positives = outcomes.indices.filter { outcomes[$0] }
    let negatives = outcomes.indices.filter { !outcomes[$0] }
    for (rows, name) in [(positives, "events"), (negatives, "non-events")] where rows.count < 2 {
      throw .tooFewRows(of: name, rows: rows.count, needed: 2)
    }
    let all = Ranks.midRanks(scores)
    let amongEvents = Ranks.midRanks(positives.map { scores[$0] })
    let amongOthers = Ranks.midRanks(negatives.map { scores[$0] })
    let (p, n) = (Double(positives.count), Double(negatives.count))
    events = zip(positives, amongEvents).map { (all[$0] - $1) / n }
    others = zip(negatives, amongOthers).map { 1 - (all[$0] - $1) / p }
    let rankSum = positives.reduce(0) { $0 + all[$1] }
    auc = (rankSum - p * (p + 1) / 2) / (p * n)
  }

  func covariance(_ other: Placements) -> Double {
    sampleCovariance(events, other.events) / Double(events.count)
      + sampleCovariance(others, other.others) / Double(others.count)
  }

  private func sampleCovariance(_ x: [Double], _ y: [Double]) -> Double {
    let (meanX, meanY) = (Reductions.mean(x.span), Reductions.mean(y.span))
    return zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / Double(x.count - 1)
  }
}
