internal import LodeNumerics
internal import LodeRuntime

extension ClusterRuleSearch {
  /// The rules of all clusters, in cluster order.
  ///
  /// - Parameters:
  ///   - features: the points in their own units, before scaling; no missing values.
  ///   - assignment: the cluster of each point, 0..<`clusterCount`.
  ///   - clusterCount: the number of clusters.
  /// - Returns: one rule a cluster; without conditions for an empty or all-embracing cluster.
  public func rules(
    of features: FeatureMatrix,
    assignment: [Int],
    clusterCount: Int
  ) -> [ClusterRule] {
    precondition(assignment.count == features.matrix.rowCount, "an assignment of other rows")
    let bins = FeatureBins(features, assignment: assignment, clusterCount: clusterCount)
    return Parallel.map(clusterCount) { cluster in
      let box = best(bins, assignment, cluster)
      return shortened(rule(box, bins, features), features, assignment, cluster)
    }
  }

  /// The box of bins of greatest F1, larger boxes of fewer sides first.
  private func best(_ bins: FeatureBins, _ assignment: [Int], _ cluster: Int) -> Box {
    let size = assignment.count { $0 == cluster }
    let all = Box(bins, hits: size, covered: assignment.count, size: size)
    var chosen = all
    var beam = [all]
    for _ in 0..<maximumLength {
      var next: Set<Box> = []
      for box in beam {
        next.formUnion(box.refinements(bins, assignment, cluster, size, keeping: beamWidth))
      }
      beam = Array(next.sorted().prefix(beamWidth))
      guard let first = beam.first else { break }
      if first.f1 > chosen.f1 + minimumGain { chosen = first }
    }
    return chosen
  }

  private func rule(
    _ box: Box,
    _ bins: FeatureBins,
    _ features: FeatureMatrix
  ) -> [ClusterRule.Condition] {
    features.featureNames.indices.flatMap { j -> [ClusterRule.Condition] in
      let (name, cuts) = (features.featureNames[j], bins.cuts[j])
      var conditions: [ClusterRule.Condition] = []
      if box.lowest[j] > 0 {
        conditions.append(.init(feature: name, side: .above, threshold: cuts[box.lowest[j] - 1]))
      }
      if box.highest[j] < cuts.count {
        conditions.append(.init(feature: name, side: .atMost, threshold: cuts[box.highest[j]]))
      }
      return conditions
    }
  }

  /// The rule with each threshold in as few digits as F1 bears.
  private func shortened(
    _ conditions: [ClusterRule.Condition],
    _ features: FeatureMatrix,
    _ assignment: [Int],
    _ cluster: Int
  ) -> ClusterRule {
    func measured(_ conditions: [ClusterRule.Condition]) -> ClusterRule {
      ClusterRule(cluster, conditions, features, assignment)
    }
    let full = measured(conditions)
    var rule = full
    for (place, condition) in conditions.enumerated() {
      let column = features.featureNames.firstIndex(of: condition.feature) ?? 0
      let values = features.matrix.column(column)
      let next = values.filter { $0 > condition.threshold }.min() ?? condition.threshold
      let middle = (condition.threshold + next) / 2
      // Every threshold below the next value does the same, so the middle may be rounded, too.
      let thresholds = (1...6)
        .flatMap { [rounded(condition.threshold, digits: $0), rounded(middle, digits: $0)] }
      for threshold in thresholds {
        var shorter = rule.conditions
        shorter[place] = .init(
          feature: condition.feature,
          side: condition.side,
          threshold: threshold
        )
        let candidate = measured(shorter)
        if candidate.f1 >= full.f1 - 0.005 {
          rule = candidate
          break
        }
      }
    }
    return rule
  }
}

extension ClusterRule {
  /// A rule with its precision and recall counted on the points.
  fileprivate init(
    _ cluster: Int,
    _ conditions: [Condition],
    _ features: FeatureMatrix,
    _ assignment: [Int]
  ) {
    let places = conditions.map { features.featureNames.firstIndex(of: $0.feature) ?? 0 }
    let (elements, d) = (features.matrix.elements, features.matrix.columnCount)
    var (covered, hits, size) = (0, 0, 0)
    for row in assignment.indices {
      let isMember = assignment[row] == cluster
      if isMember { size += 1 }
      let isMet = conditions.indices.allSatisfy {
        conditions[$0].holds(elements[row * d + places[$0]])
      }
      if isMet { covered += 1 }
      if isMet && isMember { hits += 1 }
    }
    self.cluster = cluster
    self.conditions = conditions
    precision = covered == 0 ? 0 : Double(hits) / Double(covered)
    recall = size == 0 ? 0 : Double(hits) / Double(size)
  }
}

/// A number in so many significant digits.
private func rounded(_ value: Double, digits: Int) -> Double {
  guard value != 0 else { return 0 }
  var (factor, size) = (1.0, abs(value))
  let limit = Double(powersOfTen[digits])
  while size * factor >= limit { factor /= 10 }
  while size * factor < limit / 10 { factor *= 10 }
  // Division by a whole power of ten rounds once, so that 0.3 stays 0.3.
  return factor >= 1
    ? (value * factor).rounded() / factor : (value * factor).rounded() * (1 / factor).rounded()
}

private let powersOfTen = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

/// The points by which bin of each feature their value lies in.
struct FeatureBins: Sendable {
  /// The thresholds of each feature, rising; bin `b` holds values above cut `b − 1` up to cut `b`.
  let cuts: [[Double]]
  /// The bin of each value, `n × d` row-major.
  let bins: [Int16]

  /// Quantiles of all points and of each cluster as thresholds.
  init(_ features: FeatureMatrix, assignment: [Int], clusterCount: Int) {
    let (n, d) = (features.matrix.rowCount, features.matrix.columnCount)
    let own = min(16, max(2, 1024 / max(clusterCount, 1)))
    var members = [[Int]](repeating: [], count: clusterCount)
    for (row, cluster) in assignment.enumerated() { members[cluster].append(row) }
    let rowsOf = members
    let binned = Parallel.map(d) { j -> (cuts: [Double], bins: [Int16]) in
      let column = features.matrix.column(j)
      var values = Self.quantiles(RadixSort.sorted(column), 64)
      for rows in rowsOf {
        values += Self.quantiles(RadixSort.sorted(rows.map { column[$0] }), own)
      }
      let highest = column.max() ?? 0
      let cuts = Set(values.map { $0 + 0 }).subtracting([highest + 0]).sorted()
      return (cuts, column.map { Int16(Self.bin($0, cuts)) })
    }
    cuts = binned.map(\.cuts)
    var bins = [Int16](repeating: 0, count: n * d)
    for (j, feature) in binned.enumerated() {
      for row in 0..<n { bins[row * d + j] = feature.bins[row] }
    }
    self.bins = bins
  }

  /// Values at evenly spaced ranks, the least and the greatest with them.
  private static func quantiles(_ sorted: [Double], _ count: Int) -> [Double] {
    guard !sorted.isEmpty else { return [] }
    return (0...count).map { sorted[(sorted.count - 1) * $0 / count] }
  }

  /// The number of cuts below the value.
  private static func bin(_ value: Double, _ cuts: [Double]) -> Int {
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// An interval of bins for each feature, with the points inside it.
private struct Box: Sendable, Hashable, Comparable {
  var lowest: [Int]
  var highest: [Int]
  var length = 0
  var f1: Double

  init(_ bins: FeatureBins, hits: Int, covered: Int, size: Int) {
    lowest = bins.cuts.map { _ in 0 }
    highest = bins.cuts.map(\.count)
    f1 = Self.f1(hits: hits, covered: covered, size: size)
  }

  /// 2·hits / (covered + size), the harmonic mean of precision and recall.
  static func f1(hits: Int, covered: Int, size: Int) -> Double {
    covered + size == 0 ? 0 : 2 * Double(hits) / Double(covered + size)
  }

  /// Better rules first; of equally good ones the shorter, then the wider in earlier features.
  static func < (left: Box, right: Box) -> Bool {
    if left.f1 != right.f1 { return left.f1 > right.f1 }
    if left.length != right.length { return left.length < right.length }
    if left.lowest != right.lowest { return left.lowest.lexicographicallyPrecedes(right.lowest) }
    return left.highest.lexicographicallyPrecedes(right.highest)
  }

  /// The best boxes with one more side moved in.
  func refinements(
    _ bins: FeatureBins,
    _ assignment: [Int],
    _ cluster: Int,
    _ size: Int,
    keeping count: Int
  ) -> [Box] {
    let widths = bins.cuts.map { $0.count + 1 }
    let starts = widths.indices.map { widths[..<$0].reduce(0, +) }
    let counts = boxCounts(self, bins.bins.span, assignment.span, cluster, starts, widths)
    var boxes: [Box] = []
    for j in widths.indices {
      let range = starts[j]..<starts[j] + widths[j]
      let (all, own) = (Array(counts.all[range]), Array(counts.own[range]))
      let (covered, hits) = (all.reduce(0, +), own.reduce(0, +))
      var (below, hitsBelow) = (0, 0)
      for bin in lowest[j]..<highest[j] {
        below += all[bin]
        hitsBelow += own[bin]
        var lower = self
        lower.highest[j] = bin
        lower.length += highest[j] == bins.cuts[j].count ? 1 : 0
        lower.f1 = Self.f1(hits: hitsBelow, covered: below, size: size)
        var upper = self
        upper.lowest[j] = bin + 1
        upper.length += lowest[j] == 0 ? 1 : 0
        upper.f1 = Self.f1(hits: hits - hitsBelow, covered: covered - below, size: size)
        boxes += [lower, upper]
      }
    }
    return Array(boxes.sorted().prefix(count))
  }
}

/// The points inside a box by bin of each feature: all, and those of one cluster.
private func boxCounts(
  _ box: Box,
  _ bins: Span<Int16>,
  _ assignment: Span<Int>,
  _ cluster: Int,
  _ starts: [Int],
  _ widths: [Int]
) -> (all: [Int], own: [Int]) {
  let d = widths.count
  var all = [Int](repeating: 0, count: widths.reduce(0, +))
  var own = all
  for row in assignment.indices {
    var isInside = true
    for j in 0..<d {
      let bin = Int(bins[row * d + j])
      if bin < box.lowest[j] || bin > box.highest[j] { isInside = false }
    }
    guard isInside else { continue }
    let isMember = assignment[row] == cluster
    for j in 0..<d {
      let place = starts[j] + Int(bins[row * d + j])
      all[place] += 1
      if isMember { own[place] += 1 }
    }
  }
  return (all, own)
}
