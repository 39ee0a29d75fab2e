/// What a threshold on a score finds among events and non-events, at every threshold.
///
/// - Input: finite `scores`, higher for likelier events; `outcomes`, one a row, both classes.
/// - Output: one point for each distinct score, so tied rows are never told apart.
/// - Complexity: O(`n` log `n`).
/// - Source: Fawcett (2006), "An introduction to ROC analysis", Pattern Recognition Letters 27.
/// - Agrees with: scikit-learn `roc_auc_score`, `average_precision_score`; scipy `ks_2samp`.
public struct ROCCurve: Sendable, Hashable, Codable {
  /// The rows at or above one threshold.
  public struct Point: Sendable, Hashable, Codable {
    /// The lowest score taken; nil where no row is.
    public let threshold: Double?
    /// Events at or above the threshold.
    public let positives: Int
    /// Non-events at or above the threshold.
    public let negatives: Int

    /// Rows at or above the threshold.
    public var rows: Int { positives + negatives }
  }

  /// From no row to all rows, by descending threshold.
  public let points: [Point]

  /// All events.
  public var positiveCount: Int { points.last?.positives ?? 0 }
  /// All non-events.
  public var negativeCount: Int { points.last?.negatives ?? 0 }

  /// The curve of `scores` against `outcomes`, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, one class or a score that is not finite.
  public init(_ scores: [Double], outcomes: [Bool]) throws(EvaluationError) {
    try EvaluationError.check(scores, "scores", rows: outcomes.count)
    try EvaluationError.checkBothClasses(outcomes)
    self.init(checked: scores, outcomes: outcomes)
  }

  /// The curve of scores known to be finite.
  init(checked scores: [Double], outcomes: [Bool]) {
    var points = [Point(threshold: nil, positives: 0, negatives: 0)]
    let order = Ranks.descending(scores)
    var positives = 0
    for (place, row) in order.enumerated() {
      if outcomes[row] { positives += 1 }
      let isLast = place + 1 == order.count || scores[order[place + 1]] != scores[row]
      guard isLast else { continue }
      points.append(
        Point(threshold: scores[row], positives: positives, negatives: place + 1 - positives)
      )
    }
    self.points = points
  }

  /// The chance that an event outranks a non-event, ties counting half; nil for one class.
  public var auc: Double? {
    guard positiveCount > 0, negativeCount > 0 else { return nil }
    var twice = 0
    for (before, point) in zip(points, points.dropFirst()) {
      twice += (point.negatives - before.negatives) * (point.positives + before.positives)
    }
    return Double(twice) / 2 / (Double(positiveCount) * Double(negativeCount))
  }

  /// 2·AUC − 1 (Somers' D, the accuracy ratio); nil for one class.
  public var gini: Double? { auc.map { 2 * $0 - 1 } }

  /// `Σ (Rₖ − Rₖ₋₁)·Pₖ` over distinct thresholds: recall `R`, precision `P`; nil without events.
  public var averagePrecision: Double? {
    guard positiveCount > 0 else { return nil }
    var sum = 0.0
    for (before, point) in zip(points, points.dropFirst()) {
      let precision = Double(point.positives) / Double(point.rows)
      sum += Double(point.positives - before.positives) * precision
    }
    return sum / Double(positiveCount)
  }

  /// The widest gap of two distributions, and where it is.
  public struct Gap: Sendable, Hashable, Codable {
    /// The largest |share of events − share of non-events| at or above a threshold, 0…1.
    public let statistic: Double
    /// The highest threshold with that gap; nil if there is none.
    public let threshold: Double?
  }

  /// The Kolmogorov–Smirnov distance of the scores of events and of non-events.
  public var kolmogorovSmirnov: Gap {
    var best = Gap(statistic: 0, threshold: nil)
    for point in points {
      let gap = abs(positiveShare(point) - negativeShare(point))
      if gap > best.statistic { best = Gap(statistic: gap, threshold: point.threshold) }
    }
    return best
  }

  /// The corners of the convex hull from (0, 0) to (1, 1), by descending threshold.
  ///
  /// Only here can a threshold be the best for some costs. Slopes fall strictly from corner to
  /// corner; all products are of whole numbers, so no rounding decides.
  ///
  /// - Source: Provost & Fawcett (2001), "Robust classification for imprecise environments",
  ///   Machine Learning 42, §3; Andrew's monotone chain.
  public var convexHull: [Point] {
    var hull: [Point] = []
    for point in points {
      while let last = hull.last, hull.count > 1 {
        let before = hull[hull.count - 2]
        let rise = (last.positives - before.positives) * (point.negatives - before.negatives)
        let run = (point.positives - before.positives) * (last.negatives - before.negatives)
        guard rise <= run else { break }
        hull.removeLast()
      }
      hull.append(point)
    }
    return hull
  }

  /// The share of events at or above a point's threshold, 0…1.
  func positiveShare(_ point: Point) -> Double {
    positiveCount == 0 ? 0 : Double(point.positives) / Double(positiveCount)
  }

  /// The share of non-events at or above a point's threshold, 0…1.
  func negativeShare(_ point: Point) -> Double {
    negativeCount == 0 ? 0 : Double(point.negatives) / Double(negativeCount)
  }
}
