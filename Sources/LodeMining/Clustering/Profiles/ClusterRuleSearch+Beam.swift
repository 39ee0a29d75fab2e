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
      let box = best(bins, cluster)
      return shortened(rule(box, bins, features), features, assignment, cluster)
    }
  }

  /// The box of bins of greatest F1, larger boxes of fewer sides first.
  private func best(_ bins: FeatureBins, _ cluster: Int) -> Box {
    let size = bins.sizes[cluster]
    let all = Box(bins, hits: size, covered: bins.sizes.reduce(0, +), size: size)
    var chosen = all
    var beam = [all]
    for _ in 0..<maximumLength {
      var next: Set<Box> = []
      for box in beam {
        next.formUnion(box.refinements(bins, cluster, size, keeping: beamWidth))
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
    let matrix = features.matrix
    var isMet = [Bool](repeating: true, count: assignment.count)
    for (condition, place) in zip(conditions, places) {
      var marks = isMet.mutableSpan
      narrow(&marks, to: condition, matrix.elements.span, place, matrix.columnCount)
    }
    let (covered, hits, size) = memberCounts(isMet.span, assignment.span, cluster)
    self.cluster = cluster
    self.conditions = conditions
    precision = covered == 0 ? 0 : Double(hits) / Double(covered)
    recall = size == 0 ? 0 : Double(hits) / Double(size)
  }
}

/// Takes the mark from all points that do not meet a condition.
private func narrow(
  _ marks: inout MutableSpan<Bool>,
  to condition: ClusterRule.Condition,
  _ elements: Span<Double>,
  _ column: Int,
  _ columnCount: Int
) {
  let (isAtMost, threshold) = (condition.side == .atMost, condition.threshold)
  for row in marks.indices {
    let value = elements[row * columnCount + column]
    let holds = isAtMost ? value <= threshold : value > threshold
    marks[row] = marks[row] && holds
  }
}

/// How many points have a mark, how many of them are in a cluster, and how many are in it at all.
private func memberCounts(
  _ marks: Span<Bool>,
  _ assignment: Span<Int>,
  _ cluster: Int
) -> (covered: Int, hits: Int, size: Int) {
  var (covered, hits, size) = (0, 0, 0)
  for row in marks.indices {
    let isMember = assignment[row] == cluster
    covered += marks[row] ? 1 : 0
    hits += marks[row] && isMember ? 1 : 0
    size += isMember ? 1 : 0
  }
  return (covered, hits, size)
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
    _ cluster: Int,
    _ size: Int,
    keeping count: Int
  ) -> [Box] {
    let widths = bins.cuts.map { $0.count + 1 }
    let starts = widths.indices.map { widths[..<$0].reduce(0, +) }
    let counts = boxCounts(self, bins, cluster, starts, widths)
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
  _ points: FeatureBins,
  _ cluster: Int,
  _ starts: [Int],
  _ widths: [Int]
) -> (all: [Int], own: [Int]) {
  let (d, k) = (widths.count, points.sizes.count)
  let (bins, counts) = (points.bins.span, points.counts.span)
  var all = [Int](repeating: 0, count: widths.reduce(0, +))
  var own = all
  for combination in 0..<(d == 0 ? 0 : bins.count / d) {
    var isInside = true
    for j in 0..<d {
      let bin = Int(bins[combination * d + j])
      if bin < box.lowest[j] || bin > box.highest[j] { isInside = false }
    }
    guard isInside else { continue }
    var total = 0
    for other in 0..<k { total += counts[combination * k + other] }
    let members = counts[combination * k + cluster]
    for j in 0..<d {
      let place = starts[j] + Int(bins[combination * d + j])
      all[place] += total
      own[place] += members
    }
  }
  return (all, own)
}
