internal import LodeNumerics

/// What sets one cluster apart, in the features' own units.
public struct ClusterProfile: Sendable, Hashable, Codable {
  /// One feature of a cluster beside all points.
  public struct Trait: Sendable, Hashable, Codable {
    /// The feature.
    public let feature: String
    /// The mean in the cluster.
    public let mean: Double
    /// The median in the cluster.
    public let median: Double
    /// The mean over all points.
    public let overallMean: Double
    /// (mean − overall mean) / overall population standard deviation; 0 for a constant feature.
    public let zScore: Double
    /// 100 · mean / overall mean, the marketer's index; nil where the overall mean is 0.
    public let index: Double?
  }

  /// The cluster's number.
  public let cluster: Int
  /// How many points it holds.
  public let size: Int
  /// Its share of all points, 0…1.
  public let share: Double
  /// All features in the order of the matrix.
  public let traits: [Trait]

  /// The features that stand out most above the average, strongest first.
  ///
  /// - Parameters:
  ///   - count: the most traits to give.
  ///   - threshold: the least z-score that counts as standing out.
  /// - Returns: over-indexed traits.
  public func overIndexed(_ count: Int = 3, threshold: Double = 0.25) -> [Trait] {
    Array(ranked.filter { $0.zScore >= threshold }.prefix(count))
  }

  /// The features that lie most below the average, strongest first.
  ///
  /// - Parameters:
  ///   - count: the most traits to give.
  ///   - threshold: the least size of the z-score that counts as standing out.
  /// - Returns: under-indexed traits.
  public func underIndexed(_ count: Int = 3, threshold: Double = 0.25) -> [Trait] {
    Array(ranked.filter { $0.zScore <= -threshold }.prefix(count))
  }

  private var ranked: [Trait] {
    traits.enumerated()
      .sorted { (abs($1.element.zScore), $0.offset) < (abs($0.element.zScore), $1.offset) }
      .map(\.element)
  }

  /// The profiles of all clusters, in cluster order.
  ///
  /// - Parameters:
  ///   - features: the points in their own units, before scaling.
  ///   - assignment: the cluster of each point, 0..<`clusterCount`.
  ///   - clusterCount: the number of clusters.
  /// - Returns: one profile a cluster.
  public static func profiles(
    of features: FeatureMatrix,
    assignment: [Int],
    clusterCount: Int
  ) -> [ClusterProfile] {
    precondition(assignment.count == features.matrix.rowCount, "an assignment of other rows")
    let overall = Standardization(features.matrix)
    var members = [[Int]](repeating: [], count: clusterCount)
    for (row, cluster) in assignment.enumerated() { members[cluster].append(row) }
    let columns = features.featureNames.indices.map { features.matrix.column($0) }
    return members.enumerated()
      .map { cluster, rows in
        let traits = features.featureNames.enumerated()
          .map { j, name in
            trait(
              name,
              rows.map { columns[j][$0] },
              overall.means[j],
              overall.standardDeviations[j]
            )
          }
        return ClusterProfile(
          cluster: cluster,
          size: rows.count,
          share: assignment.isEmpty ? 0 : Double(rows.count) / Double(assignment.count),
          traits: traits
        )
      }
  }

  private static func trait(
    _ name: String,
    _ values: [Double],
    _ overallMean: Double,
    _ deviation: Double
  ) -> Trait {
    let mean = Reductions.mean(values.span)
    return Trait(
      feature: name,
      mean: mean,
      median: values.isEmpty ? 0 : Reductions.median(values),
      overallMean: overallMean,
      zScore: deviation == 0 || values.isEmpty ? 0 : (mean - overallMean) / deviation,
      index: overallMean == 0 ? nil : 100 * mean / overallMean
    )
  }
}
