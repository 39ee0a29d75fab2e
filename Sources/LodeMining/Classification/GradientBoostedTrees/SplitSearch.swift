/// The best way to divide one node by one column.
struct Split: Sendable {
  var gain: Double
  var column: Int
  var leftBins: SIMD4<UInt64>
  var left: GradientSum
  var right: GradientSum
  /// The optimal log-odds of the children, before shrinkage.
  var leftValue: Double
  var rightValue: Double
}

/// Between which values a leaf must stay, so that monotone columns stay monotone.
struct LeafBounds: Sendable {
  var low = -Double.infinity
  var high = Double.infinity

  func clamp(_ value: Double) -> Double { min(max(value, low), high) }
}

/// Second-order gains of splits of one node.
///
/// A child with gradient `G` and curvature `H` lowers the objective by `−(G·w + ½·(H + λ)·w²)`
/// with its value `w = −G/(H + λ)`, kept within the bounds of the node.
///
/// - Source: Chen & Guestrin (2016), "XGBoost", KDD, eq. 5–7; ordering of categories by
///   gradient: Fisher (1958), as in LightGBM (Ke et al. 2017, NIPS).
struct SplitSearch: Sendable {
  let l2: Double
  let minimumCurvature: Double
  let minimumRowCount: Int64
  /// Added to the curvature of a level before levels are ordered, and to λ of their splits.
  static let levelSmoothing = 10.0

  /// The value of a leaf.
  func value(_ sum: GradientSum, _ bounds: LeafBounds, l2: Double) -> Double {
    bounds.clamp(-sum.gradient / (sum.curvature + l2))
  }

  private func reduction(_ sum: GradientSum, _ value: Double, _ l2: Double) -> Double {
    -(sum.gradient * value + 0.5 * (sum.curvature + l2) * value * value)
  }

  private func isLargeEnough(_ sum: GradientSum) -> Bool {
    sum.count >= minimumRowCount && sum.curvature >= minimumCurvature
  }

  /// Takes a division of the node if it is better than `best`.
  private func consider(
    _ node: Node,
    _ left: GradientSum,
    l2: Double,
    _ bins: @autoclosure () -> SIMD4<UInt64>,
    _ best: inout Split?
  ) {
    let right = node.total - left
    guard isLargeEnough(left), isLargeEnough(right) else { return }
    let leftValue = value(left, node.bounds, l2: l2)
    let rightValue = value(right, node.bounds, l2: l2)
    if node.direction > 0, leftValue > rightValue { return }
    if node.direction < 0, leftValue < rightValue { return }
    let parent = value(node.total, node.bounds, l2: l2)
    let gain =
      reduction(left, leftValue, l2) + reduction(right, rightValue, l2)
      - reduction(node.total, parent, l2)
    guard gain > 1e-9, gain > best?.gain ?? 0 else { return }
    best = Split(
      gain: gain,
      column: node.column,
      leftBins: bins(),
      left: left,
      right: right,
      leftValue: leftValue,
      rightValue: rightValue
    )
  }

  /// What a search has to know of a node.
  struct Node {
    let total: GradientSum
    let bounds: LeafBounds
    let column: Int
    /// 1 where the log-odds must not fall with the column, −1 where they must not rise, else 0.
    let direction: Int
  }

  /// The best threshold, with missing cells on the better side.
  ///
  /// Where the node has no missing cell they go the way of most rows.
  func bestThreshold(_ histogram: GradientHistogram, _ node: Node) -> Split? {
    let sums = histogram.sums
    let missingBin = sums.count - 1
    let missing = sums[missingBin]
    var best: Split?
    var left = GradientSum()
    for bin in 0..<missingBin where sums[bin].count > 0 {
      left = left + sums[bin]
      if missing.count == 0 {
        let goesLeft = left.count * 2 > node.total.count
        consider(
          node,
          left,
          l2: l2,
          Self.mask(upTo: bin, and: goesLeft ? missingBin : nil),
          &best
        )
      } else {
        consider(node, left, l2: l2, Self.mask(upTo: bin, and: nil), &best)
        consider(node, left + missing, l2: l2, Self.mask(upTo: bin, and: missingBin), &best)
      }
    }
    return best
  }

  /// The best set of levels, among those that are first in the order of their mean gradient.
  ///
  /// Missing cells are a level like the others. Levels that the node has no row of go the way of
  /// most rows.
  func bestSubset(_ histogram: GradientHistogram, _ node: Node) -> Split? {
    let sums = histogram.sums
    let present = sums.indices.filter { sums[$0].count > 0 }
    guard present.count > 1 else { return nil }
    let ratios = sums.map { $0.gradient / ($0.curvature + Self.levelSmoothing) }
    let order = present.sorted { (ratios[$0], $0) < (ratios[$1], $1) }
    // Two levels leave nothing to choose, so they need no more shrinkage than a threshold.
    let l2 = present.count > 2 ? l2 + Self.levelSmoothing : l2
    var best: Split?
    var left = GradientSum()
    for (place, bin) in order.enumerated().dropLast() {
      left = left + sums[bin]
      let leftCount = left.count
      consider(
        node,
        left,
        l2: l2,
        Self.mask(
          Array(order[...place])
            + (leftCount * 2 > node.total.count
              ? sums.indices.filter { sums[$0].count == 0 } : [])
        ),
        &best
      )
    }
    return best
  }

  private static func mask(upTo bin: Int, and extra: Int?) -> SIMD4<UInt64> {
    var mask = SIMD4<UInt64>()
    for word in 0..<4 {
      let bits = min(max(bin + 1 - 64 * word, 0), 64)
      mask[word] = bits == 64 ? .max : (1 << UInt64(bits)) - 1
    }
    if let extra { mask[extra >> 6] |= 1 << UInt64(extra & 63) }
    return mask
  }

  private static func mask(_ bins: [Int]) -> SIMD4<UInt64> {
    var mask = SIMD4<UInt64>()
    for bin in bins { mask[bin >> 6] |= 1 << UInt64(bin & 63) }
    return mask
  }
}
