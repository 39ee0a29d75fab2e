internal import LodeRuntime

/// Grows one tree leaf by leaf, always where the objective falls most.
struct TreeGrowth {
  /// What stays the same from tree to tree.
  struct Plan: Sendable {
    let encoding: BinEncoding
    /// The bin of every row, one array a column.
    let bins: [[UInt8]]
    let search: SplitSearch
    /// One direction a column: 1, −1 or 0.
    let directions: [Int]
    let maximumLeafCount: Int
    let maximumDepth: Int
    let shrinkage: Double
  }

  /// A leaf that may still be split.
  private struct Leaf {
    var node: Int
    var rows: Range<Int>
    var depth: Int
    var bounds: LeafBounds
    var total: GradientSum
    var histograms: [GradientHistogram]
    var split: Split?
  }

  private let plan: Plan
  private let columns: [Int]
  /// The rows of the tree; those of one node stand together, in their first order.
  private(set) var rows: [Int32]
  private var pairs: [Int64]
  private var leaves: [Leaf] = []
  private(set) var tree = DecisionTree(nodes: [])

  /// Grows a tree.
  ///
  /// - Parameters:
  ///   - plan: data and limits.
  ///   - columns: the columns to look at.
  ///   - rows: the rows to learn from.
  ///   - pairs: their packed derivatives, in the same order.
  init(_ plan: Plan, columns: [Int], rows: [Int32], pairs: [Int64]) {
    self.plan = plan
    self.columns = columns
    self.rows = rows
    self.pairs = pairs
    addRoot()
    while leaves.count < plan.maximumLeafCount, let place = bestLeaf() { divide(place) }
    tree.setInnerValues()
  }

  /// The rows of each leaf as places in ``rows``, with the value of the leaf.
  var leafRows: [(rows: Range<Int>, value: Double)] {
    leaves.map { ($0.rows, tree.nodes[$0.node].value) }
  }

  private func bestLeaf() -> Int? {
    var best: Int?
    for (place, leaf) in leaves.enumerated() {
      guard let gain = leaf.split?.gain else { continue }
      if gain > best.flatMap({ leaves[$0].split?.gain }) ?? 0 { best = place }
    }
    return best
  }

  private mutating func addRoot() {
    let whole = 0..<rows.count
    let histograms = histograms(whole)
    let total = histograms.first?.sums.reduce(GradientSum(), +) ?? GradientSum()
    let value = plan.search.value(total, LeafBounds(), l2: plan.search.l2)
    tree.nodes.append(leafNode(value, rowCount: rows.count))
    var leaf = Leaf(
      node: 0,
      rows: whole,
      depth: 0,
      bounds: LeafBounds(),
      total: total,
      histograms: histograms
    )
    leaf.split = split(leaf)
    leaves.append(leaf)
  }

  private func leafNode(_ value: Double, rowCount: Int) -> DecisionTree.Node {
    DecisionTree.Node(
      column: -1,
      leftBins: SIMD4(),
      left: -1,
      right: -1,
      value: value * plan.shrinkage,
      gain: 0,
      rowCount: rowCount
    )
  }

  /// The histograms of some rows, one a column.
  private func histograms(_ range: Range<Int>) -> [GradientHistogram] {
    let (plan, columns, rows, pairs) = (plan, columns, rows, pairs)
    @Sendable func histogram(_ place: Int) -> GradientHistogram {
      GradientHistogram(
        plan.bins[columns[place]],
        rows: rows.span.extracting(range),
        pairs: pairs.span.extracting(range),
        binCount: plan.encoding.columns[columns[place]].binCount
      )
    }
    // A few thousand cells are done before a second thread is awake.
    guard range.count * columns.count > 20_000 else { return columns.indices.map(histogram) }
    return Parallel.map(columns.count) { histogram($0) }
  }

  /// The best split of a leaf; nil where none is allowed or lowers the objective.
  private func split(_ leaf: Leaf) -> Split? {
    guard leaf.depth < plan.maximumDepth else { return nil }
    var best: Split?
    for (place, column) in columns.enumerated() {
      let node = SplitSearch.Node(
        total: leaf.total,
        bounds: leaf.bounds,
        column: column,
        direction: plan.directions[column]
      )
      let histogram = leaf.histograms[place]
      let candidate =
        plan.encoding.columns[column].isCategorical
        ? plan.search.bestSubset(histogram, node) : plan.search.bestThreshold(histogram, node)
      if let candidate, candidate.gain > best?.gain ?? 0 { best = candidate }
    }
    return best
  }

  /// Replaces a leaf by two.
  private mutating func divide(_ place: Int) {
    let parent = leaves[place]
    guard let split = parent.split else { return }
    let middle = partition(parent.rows, split)
    var (low, high) = (parent.bounds, parent.bounds)
    let direction = plan.directions[split.column]
    if direction != 0 {
      let border = split.leftValue / 2 + split.rightValue / 2
      if direction > 0 {
        low.high = border
        high.low = border
      } else {
        low.low = border
        high.high = border
      }
    }
    let first = tree.nodes.count
    tree.nodes[parent.node].column = split.column
    tree.nodes[parent.node].leftBins = split.leftBins
    tree.nodes[parent.node].left = first
    tree.nodes[parent.node].right = first + 1
    tree.nodes[parent.node].gain = split.gain
    tree.nodes.append(leafNode(split.leftValue, rowCount: middle - parent.rows.lowerBound))
    tree.nodes.append(leafNode(split.rightValue, rowCount: parent.rows.upperBound - middle))
    var left = Leaf(
      node: first,
      rows: parent.rows.lowerBound..<middle,
      depth: parent.depth + 1,
      bounds: low,
      total: split.left,
      histograms: []
    )
    var right = Leaf(
      node: first + 1,
      rows: middle..<parent.rows.upperBound,
      depth: parent.depth + 1,
      bounds: high,
      total: split.right,
      histograms: []
    )
    if leaves.count + 1 < plan.maximumLeafCount, left.depth < plan.maximumDepth {
      // Only the smaller child is counted; the other is what is left of the parent.
      if left.rows.count <= right.rows.count {
        left.histograms = histograms(left.rows)
        right.histograms = zip(parent.histograms, left.histograms).map { $0.subtracting($1) }
      } else {
        right.histograms = histograms(right.rows)
        left.histograms = zip(parent.histograms, right.histograms).map { $0.subtracting($1) }
      }
      left.split = self.split(left)
      right.split = self.split(right)
    }
    leaves[place] = left
    leaves.append(right)
  }

  /// Brings the rows that go left to the front, both sides in their old order.
  ///
  /// - Returns: where the right side begins.
  private mutating func partition(_ range: Range<Int>, _ split: Split) -> Int {
    let isLeft = (0..<256).map { split.leftBins[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
    var rightRows: [Int32] = []
    var rightPairs: [Int64] = []
    rightRows.reserveCapacity(Int(split.right.count))
    rightPairs.reserveCapacity(Int(split.right.count))
    let column = plan.bins[split.column]
    let bins = column.span
    let sides = isLeft.span
    // Taken out of the struct, so that both can be changed in place.
    var (ownRows, ownPairs) = (rows, pairs)
    (rows, pairs) = ([], [])
    defer { (rows, pairs) = (ownRows, ownPairs) }
    var rowSpan = ownRows.mutableSpan
    var pairSpan = ownPairs.mutableSpan
    var end = range.lowerBound
    for i in range {
      let row = rowSpan[i]
      if sides[Int(bins[Int(row)])] {
        rowSpan[end] = row
        pairSpan[end] = pairSpan[i]
        end += 1
      } else {
        rightRows.append(row)
        rightPairs.append(pairSpan[i])
      }
    }
    for i in rightRows.indices {
      rowSpan[end + i] = rightRows[i]
      pairSpan[end + i] = rightPairs[i]
    }
    return end
  }
}
