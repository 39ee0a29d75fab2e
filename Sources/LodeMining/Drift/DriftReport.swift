internal import LodeNumerics
internal import LodeRuntime

/// How far new rows have moved from the training rows, by feature and in total.
public struct DriftReport: Sendable, Hashable, Codable {
  /// One feature.
  public struct Feature: Sendable, Hashable, Codable {
    /// The name of the feature.
    public let name: String
    /// The index over the rows with a value; nil where a sample has none.
    public let stability: PopulationStability?
    /// The share of training rows without a value, 0…1.
    public let missingBefore: Double
    /// The share of new rows without a value, 0…1.
    public let missingNow: Double
    /// The two-sided p-value of no change of that share (pooled z test of two proportions).
    public let missingPValue: Double
    /// The share of new rows in categories outside the bins of training, beyond that in training.
    public let addedUnknownShare: Double
    /// The weight in the total.
    public let importance: Double
  }

  /// The features in the order of the baseline.
  public let features: [Feature]
  /// `Σ wⱼ·PSIⱼ / Σ wⱼ` over features with an index; nil if there is none or all weights are 0.
  public let weightedIndex: Double?

  /// The verdict on the total by the rule of thumb; nil without a total.
  public var verdict: PopulationStability.Verdict? {
    weightedIndex.map { PopulationStability.Verdict(index: $0) }
  }
}

extension DriftBaseline {
  /// How far `columns` have moved from the baseline.
  ///
  /// - Parameters:
  ///   - columns: the features of the baseline by name, in any order; others are not looked at.
  ///   - importances: the weight of each feature by name, at least 0, such as mean |contribution|;
  ///     features that are not named weigh 0. nil weighs all alike.
  /// - Returns: one entry a feature of the baseline.
  /// - Throws: ``EvaluationError`` for a feature that is not there or has another kind, columns of
  ///   unequal length, or a negative weight.
  public func report(
    _ columns: [DriftColumn],
    importances: [String: Double]? = nil
  ) throws(EvaluationError) -> DriftReport {
    try Self.check(columns)
    var reports: [DriftReport.Feature] = []
    var (total, weights) = (0.0, 0.0)
    var found: [DriftColumn.Values] = []
    for feature in features { found.append(try values(of: feature, in: columns)) }
    let (bins, compared) = (features.map(\.bins), found)
    let samples = Parallel.map(bins.count) { Self.sample(compared[$0], bins[$0]) }
    for (feature, now) in zip(features, samples) {
      let before = feature.sample
      let weight = importances.map { $0[feature.name] ?? 0 } ?? 1
      guard weight >= 0, weight.isFinite else {
        throw .badConfiguration(
          reason: "the importance of \(feature.name) is \(weight)",
          fix: "give weights of at least 0"
        )
      }
      let hasRows = before.rows > before.missing && now.rows > now.missing
      let stability =
        hasRows ? try PopulationStability(expected: before.counts, actual: now.counts) : nil
      if let stability {
        total += weight * stability.index
        weights += weight
      }
      reports.append(
        DriftReport.Feature(
          name: feature.name,
          stability: stability,
          missingBefore: Double(before.missing) / Double(before.rows),
          missingNow: Double(now.missing) / Double(now.rows),
          missingPValue: Self.pValue(before, now),
          addedUnknownShare: max(
            0,
            Double(now.unknown) / Double(now.rows) - Double(before.unknown) / Double(before.rows)
          ),
          importance: weight
        )
      )
    }
    return DriftReport(features: reports, weightedIndex: weights > 0 ? total / weights : nil)
  }

  private func values(
    of feature: Feature,
    in columns: [DriftColumn]
  ) throws(EvaluationError) -> DriftColumn.Values {
    guard let column = columns.first(where: { $0.name == feature.name }) else {
      throw .badConfiguration(
        reason: "the new rows have no feature \(feature.name)",
        fix: "give all features that the baseline was made of"
      )
    }
    switch (column.values, feature.bins) {
    case (.numbers, .edges), (.categories, .categories): return column.values
    case (.numbers, .categories), (.categories, .edges):
      throw .badConfiguration(
        reason: "\(feature.name) was a number in one sample and a category in the other",
        fix: "give it the type it had in training"
      )
    }
  }

  private static func pValue(_ before: Sample, _ now: Sample) -> Double {
    let (n, m) = (Double(before.rows), Double(now.rows))
    let share = Double(before.missing + now.missing) / (n + m)
    let error = (share * (1 - share) * (1 / n + 1 / m)).squareRoot()
    guard error > 0 else { return 1 }
    let gap = Double(now.missing) / m - Double(before.missing) / n
    return Distributions.normalTwoSided(gap / error)
  }
}
