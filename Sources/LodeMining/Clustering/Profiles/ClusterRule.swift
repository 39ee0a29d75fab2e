/// The shortest rule found that tells the points of one cluster from all others.
///
/// A conjunction of at most ``ClusterRuleSearch/maximumLength`` conditions on features in their own
/// units, for example `days_since_last > 120 and orders <= 2`.
public struct ClusterRule: Sendable, Hashable, Codable {
  /// One condition of a rule.
  public struct Condition: Sendable, Hashable, Codable {
    /// The feature.
    public let feature: String
    /// On which side of the threshold.
    public let side: Side
    /// In the unit of the feature.
    public let threshold: Double

    /// On which side of a threshold a value lies.
    public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
      /// At the threshold or below.
      case atMost = "<="
      /// Above the threshold.
      case above = ">"
    }

    /// A condition.
    public init(feature: String, side: Side, threshold: Double) {
      self.feature = feature
      self.side = side
      self.threshold = threshold
    }

    /// Whether a value meets the condition.
    public func holds(_ value: Double) -> Bool {
      side == .atMost ? value <= threshold : value > threshold
    }
  }

  /// The cluster.
  public let cluster: Int
  /// The conditions, all of which must hold; none if no condition helps.
  public let conditions: [Condition]
  /// The share of the points that meet the rule which are in the cluster, 0…1.
  public let precision: Double
  /// The share of the cluster's points that meet the rule, 0…1.
  public let recall: Double

  /// The harmonic mean of precision and recall.
  public var f1: Double {
    precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }
}

/// Finds for each cluster the rule of greatest F1 by a beam search.
///
/// - Input: features in their own units, `n × d`, and the cluster of each point.
/// - Output: one ``ClusterRule`` a cluster; its thresholds have as few digits as they can without
///   losing more than 0.005 of F1.
/// - Determinism: counts are whole numbers and thresholds come from sorted values: the same for
///   rows in any order and on any thread count; ties go to fewer conditions, then to the earlier
///   feature, then to the lower threshold.
/// - Complexity: O(`k · maximumLength · beamWidth · n · d`).
/// - Source: Clark & Niblett (1989), "The CN2 induction algorithm", the beam search of §2;
///   scored by F1 (van Rijsbergen 1979) in place of entropy, since a rule should cover, too.
public struct ClusterRuleSearch: Sendable, Hashable, Codable {
  /// The most conditions of a rule.
  public var maximumLength: Int
  /// How many unfinished rules are kept.
  public var beamWidth: Int
  /// What one more condition must add to F1.
  public var minimumGain: Double

  /// A search; three conditions are what a reader takes in at once.
  public init(maximumLength: Int = 3, beamWidth: Int = 8, minimumGain: Double = 0.01) {
    self.maximumLength = maximumLength
    self.beamWidth = beamWidth
    self.minimumGain = minimumGain
  }
}
