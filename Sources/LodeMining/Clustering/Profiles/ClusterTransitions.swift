/// How many points went from which cluster of an earlier run to which of this one.
public struct ClusterTransitions: Sendable, Hashable, Codable {
  /// Points by earlier cluster and by present cluster, `p × k`.
  public let counts: [[Int]]
  /// Points without an earlier cluster, by present cluster.
  public let newcomers: [Int]

  /// The transitions between two assignments of the same points.
  ///
  /// - Parameters:
  ///   - previous: the earlier cluster of each point, 0..<`previousCount`; nil for a new point.
  ///   - current: the present cluster of each point, 0..<`currentCount`.
  ///   - previousCount: the number of earlier clusters `p`.
  ///   - currentCount: the number of present clusters `k`.
  public init(previous: [Int?], current: [Int], previousCount: Int, currentCount: Int) {
    precondition(previous.count == current.count, "\(previous.count) and \(current.count) points")
    var counts = [[Int]](
      repeating: Array(repeating: 0, count: currentCount),
      count: previousCount
    )
    var newcomers = [Int](repeating: 0, count: currentCount)
    for (before, now) in zip(previous, current) {
      if let before { counts[before][now] += 1 } else { newcomers[now] += 1 }
    }
    self.counts = counts
    self.newcomers = newcomers
  }

  /// The number of each present cluster: that of its partner, else the next one never used.
  ///
  /// A pair counts as the same cluster only if a point stayed in it; so a cluster that formed
  /// elsewhere does not inherit the number of one that dissolved.
  ///
  /// - Parameters:
  ///   - partners: the earlier partner of each present cluster, ``ClusterMatching``.
  ///   - previousNumbers: the numbers of the earlier clusters.
  ///   - highestNumber: the highest number that any run has used so far.
  /// - Returns: one number a present cluster, all different.
  public func numbers(
    partners: [Int?],
    previousNumbers: [Int],
    highestNumber: Int
  ) -> [Int] {
    precondition(previousNumbers.count == counts.count, "\(previousNumbers.count) numbers")
    var next = highestNumber
    return partners.enumerated()
      .map { cluster, partner in
        if let partner, counts[partner][cluster] > 0 { return previousNumbers[partner] }
        next += 1
        return next
      }
  }
}
