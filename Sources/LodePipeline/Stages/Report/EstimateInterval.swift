/// Intervals of estimates that come as counts.
enum EstimateInterval {
  /// Wilson's 95 % interval of a share, nil without cases.
  ///
  /// - Source: Wilson (1927), JASA 22, 209–212.
  static func wilson(_ successes: Double, of cases: Double) -> ClosedRange<Double>? {
    guard cases > 0 else { return nil }
    let z = 1.96
    let share = min(max(successes / cases, 0), 1)
    let spread = z * z / cases
    let middle = (share + spread / 2) / (1 + spread)
    let half =
      z * (share * (1 - share) / cases + spread / (4 * cases)).squareRoot() / (1 + spread)
    return max(0, middle - half)...min(1, middle + half)
  }

  /// The 95 % interval of an area under the ROC curve, nil without both kinds of cases.
  ///
  /// - Source: Hanley & McNeil (1982), Radiology 143, 29–36.
  static func auc(_ auc: Double, positives: Double, negatives: Double) -> ClosedRange<Double>? {
    guard positives >= 1, negatives >= 1, (0...1).contains(auc) else { return nil }
    let square = auc * auc
    let first = auc / (2 - auc) - square
    let second = 2 * square / (1 + auc) - square
    let variance =
      (auc * (1 - auc) + (positives - 1) * first + (negatives - 1) * second)
      / (positives * negatives)
    let half = 1.96 * max(0, variance).squareRoot()
    return max(0, auc - half)...min(1, auc + half)
  }
}
