internal import LodeNumerics

/// The log-rank test of whether groups leave at the same rate.
///
/// - Source: Mantel (1966), Cancer Chemotherapy Reports 50; Kalbfleisch & Prentice (2002), §1.5.
/// - Agrees with: R `survival::survdiff`.
public struct LogRankTest: Sendable, Hashable, Codable {
  /// Those who left, of each group.
  public let observed: [Double]
  /// Those who would have left if all groups had the same rates.
  public let expected: [Double]
  /// The test statistic; nil where fewer than two groups can be compared.
  public let chiSquare: Double?
  /// The number of groups that can be compared, less one.
  public let degreesOfFreedom: Int
  /// The chance of a statistic as large or larger without a difference; nil without a statistic.
  public let pValue: Double?

  /// Compares the groups of a sample.
  ///
  /// - Parameters:
  ///   - sample: the customers; a weight counts as that many customers.
  ///   - group: the group of each row, 0 ..< `groupCount`.
  ///   - groupCount: the number of groups.
  /// - Complexity: O(`n log n` + times · groups²).
  public init(_ sample: SurvivalSample, group: [Int], groupCount: Int) {
    precondition(
      group.count == sample.durations.count && group.allSatisfy { 0..<groupCount ~= $0 },
      "\(group.count) groups below \(groupCount) of \(sample.durations.count) rows"
    )
    let all = sample.steps(of: Array(group.indices))
    // For each group the weights present at, and lost at, each time of events.
    var atRisk = [[Double]](
      repeating: Array(repeating: 0, count: groupCount),
      count: all.count
    )
    var lost = atRisk
    for (row, group) in group.enumerated() where sample.weights[row] > 0 {
      let end = Self.count(all, upTo: sample.durations[row])
      let start = Self.count(all, upTo: sample.entries[row])
      guard end > start else { continue }
      // As differences; summed up below.
      atRisk[end - 1][group] += sample.weights[row]
      if start > 0 { atRisk[start - 1][group] -= sample.weights[row] }
      if sample.isEvent[row] { lost[end - 1][group] += sample.weights[row] }
    }
    var (observed, expected) = (
      [Double](repeating: 0, count: groupCount), [Double](repeating: 0, count: groupCount)
    )
    var variance = [Double](repeating: 0, count: groupCount * groupCount)
    var present = [Double](repeating: 0, count: groupCount)
    for step in stride(from: all.count - 1, through: 0, by: -1) {
      for j in 0..<groupCount { present[j] += atRisk[step][j] }
      let (n, d) = (present.reduce(0, +), lost[step].reduce(0, +))
      let spread = n > 1 ? d * (n - d) / (n - 1) : 0
      for j in 0..<groupCount {
        observed[j] += lost[step][j]
        expected[j] += d * present[j] / n
        for l in 0..<groupCount {
          let share = (j == l ? 1 : 0) - present[l] / n
          variance[j * groupCount + l] += spread * present[j] / n * share
        }
      }
    }
    (self.observed, self.expected) = (observed, expected)
    // The rows of the variance add up to 0: the last group that can be compared is left out.
    let usable = (0..<groupCount).filter { variance[$0 * groupCount + $0] > 1e-12 }
    let kept = Array(usable.dropLast())
    let square = Matrix(
      rowCount: kept.count,
      columnCount: kept.count,
      elements: kept.flatMap { j in kept.map { variance[j * groupCount + $0] } }
    )
    let difference = kept.map { observed[$0] - expected[$0] }
    degreesOfFreedom = kept.count
    guard !kept.isEmpty, let factor = Cholesky(square) else {
      (chiSquare, pValue) = (nil, nil)
      return
    }
    let statistic = zip(difference, factor.solve(difference)).reduce(0) { $0 + $1.0 * $1.1 }
    chiSquare = statistic
    pValue = Distributions.chiSquareSurvival(
      statistic,
      degreesOfFreedom: Double(kept.count)
    )
  }

  /// How many times of events lie at or before a time.
  private static func count(_ steps: [SurvivalSample.Step], upTo time: Double) -> Int {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
