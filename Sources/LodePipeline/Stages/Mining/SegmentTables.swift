internal import LodeColumns
internal import LodeMining
internal import LodeNumerics

/// Short names of segments from what sets them apart.
enum SegmentLabels {
  /// Words for high and low values of the usual features.
  private static let words: [String: (high: String, low: String)] = [
    "days_since_last": ("long silent", "recent"),
    "orders": ("frequent", "few orders"),
    "frequency": ("frequent", "few orders"),
    "value_total": ("high value", "low value"),
    "value_364d": ("high value", "low value"),
    "monetary_value": ("big orders", "small orders"),
    "average_order_value": ("big orders", "small orders"),
    "age_days": ("long-standing", "new"),
    "basket_products": ("full baskets", "small baskets"),
    "returns_share": ("many returns", "few returns"),
    "spend_trend": ("rising", "falling"),
  ]

  /// One label a segment: its two strongest traits in words; equal labels get a number.
  static func labels(_ profiles: [ClusterProfile]) -> [String] {
    var labels: [String] = []
    for profile in profiles {
      let strongest = profile.traits.sorted { abs($0.zScore) > abs($1.zScore) }
      let traits = strongest.filter { abs($0.zScore) >= 0.25 }.prefix(2)
      let label = traits.isEmpty ? "average" : traits.map(word).joined(separator: " and ")
      let same = labels.count { $0 == label || $0.hasPrefix(label + " (") }
      labels.append(same == 0 ? label : "\(label) (\(same + 1))")
    }
    return labels
  }

  private static func word(_ trait: ClusterProfile.Trait) -> String {
    let isHigh = trait.zScore > 0
    guard let pair = words[trait.feature] else {
      return "\(isHigh ? "high" : "low") \(trait.feature)"
    }
    return isHigh ? pair.high : pair.low
  }
}

/// The tables that describe a segmentation.
enum SegmentTables {
  /// One row a segment and feature: size, shares, mean, median, deviation from all, and the rule
  /// that describes the segment.
  static func profiles(
    _ profiles: [ClusterProfile],
    labels: [String],
    rules: [ClusterRule],
    identities: SegmentIdentities,
    values: [Double]
  ) -> Table {
    let (model, numbers) = (identities.model, identities.numbers)
    var valueOfSegment = [Double](repeating: 0, count: profiles.count)
    for (row, segment) in model.assignment.enumerated() { valueOfSegment[segment] += values[row] }
    let total = valueOfSegment.reduce(0, +)
    let rows = profiles.flatMap { profile in profile.traits.map { (profile, $0) } }
    return Table([
      "segment": Column(integers: rows.map { Int64(numbers[$0.0.cluster]) }),
      "label": Column(texts: rows.map { labels[$0.0.cluster] }),
      "size": Column(integers: rows.map { Int64($0.0.size) }),
      "share": Column(doubles: rows.map(\.0.share)),
      "value_share": Column(
        doubles: rows.map { total == 0 ? 0 : valueOfSegment[$0.0.cluster] / total }
      ),
      "feature": Column(texts: rows.map(\.1.feature)),
      "mean": Column(doubles: rows.map(\.1.mean)),
      "median": Column(doubles: rows.map(\.1.median)),
      "overall_mean": Column(doubles: rows.map(\.1.overallMean)),
      "z_score": Column(doubles: rows.map(\.1.zScore)),
      "rule": Column(texts: rows.map { text(rules[$0.0.cluster]) }),
      "rule_precision": Column(doubles: rows.map { rules[$0.0.cluster].precision }),
      "rule_recall": Column(doubles: rows.map { rules[$0.0.cluster].recall }),
    ])
  }

  /// A rule as `days_since_last > 120 and orders <= 2`; empty without conditions.
  static func text(_ rule: ClusterRule) -> String {
    rule.conditions
      .map { "\($0.feature) \($0.side.rawValue) \(Cell.doubleText($0.threshold))" }
      .joined(separator: " and ")
  }

  /// One row a segment and feature: the centroid in standard units, and the scaling.
  static func centroids(
    _ identities: SegmentIdentities,
    names: [String],
    scaling: Standardization
  ) -> Table {
    let model = identities.model
    var segment: [Int64] = []
    var feature: [String] = []
    var centroid: [Double] = []
    for cluster in 0..<model.clusterCount {
      for (index, name) in names.enumerated() {
        segment.append(Int64(identities.numbers[cluster]))
        feature.append(name)
        centroid.append(model.centroids[cluster, index])
      }
    }
    let repeats = model.clusterCount
    return Table([
      "segment": Column(integers: segment),
      "feature": Column(texts: feature),
      "centroid": Column(doubles: centroid),
      "mean": Column(doubles: Array(repeating: scaling.means, count: repeats).flatMap(\.self)),
      "standard_deviation": Column(
        doubles: Array(repeating: scaling.standardDeviations, count: repeats).flatMap(\.self)
      ),
    ])
  }

  /// One row a tried number of segments.
  static func choice(_ outcome: ClusterCountChoice.Outcome) -> Table {
    Table([
      "k": Column(integers: outcome.scores.map { Int64($0.clusterCount) }),
      "inertia": Column(doubles: outcome.scores.map(\.inertia)),
      "calinski_harabasz": Column(doubles: outcome.scores.map(\.calinskiHarabasz)),
      "davies_bouldin": Column(doubles: outcome.scores.map(\.daviesBouldin)),
      "simplified_silhouette": Column(doubles: outcome.scores.map(\.simplifiedSilhouette)),
      "silhouette": Column(doubles: outcome.silhouettes.map(\.value)),
      "silhouette_name": Column(texts: outcome.silhouettes.map(\.variant.rawValue)),
      "stability": Column(doubles: outcome.stabilities),
      "smallest_share": Column(doubles: outcome.scores.map(\.smallestShare)),
      "is_chosen": Column(
        type: .boolean,
        storage: .booleans(outcome.scores.map { $0.clusterCount == outcome.clusterCount })
      ),
    ])
  }
}
