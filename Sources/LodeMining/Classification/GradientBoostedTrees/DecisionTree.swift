/// A binary tree over bins: every inner node sends some bins of one column to the left.
public struct DecisionTree: Sendable, Hashable, Codable {
  /// One node.
  public struct Node: Sendable, Hashable, Codable {
    /// The column asked, −1 at a leaf.
    public internal(set) var column: Int
    /// One bit a bin, 256 of them: whether it goes to the left.
    ///
    /// The bin of missing cells is one of them, so its direction is learned like any other.
    public internal(set) var leftBins: SIMD4<UInt64>
    /// The place of the left child.
    public internal(set) var left: Int
    /// The place of the right child.
    public internal(set) var right: Int
    /// The log-odds added at a leaf; at an inner node the mean over its training rows.
    public internal(set) var value: Double
    /// How much the split lowered the objective.
    public internal(set) var gain: Double
    /// The training rows that reached the node.
    public internal(set) var rowCount: Int

    /// Whether the node is asked nothing.
    public var isLeaf: Bool { column < 0 }

    /// Whether rows of this bin go to the left.
    @inline(__always)
    func sendsLeft(_ bin: UInt8) -> Bool {
      leftBins[Int(bin >> 6)] >> UInt64(bin & 63) & 1 == 1
    }
  }

  /// The nodes; the first is the root, and children stand behind their parents.
  public internal(set) var nodes: [Node]

  /// The number of leaves.
  public var leafCount: Int { nodes.count { $0.isLeaf } }

  /// Adds the change of the node means along the path of a row, split by split, to its columns.
  ///
  /// - Source: Saabas (2014), "Interpreting random forests"; LightGBM's and XGBoost's
  ///   approximate contributions.
  func addContributions(_ bins: [[UInt8]], row: Int, into sums: inout [Double]) {
    var place = 0
    while nodes[place].column >= 0 {
      let node = nodes[place]
      let next = node.sendsLeft(bins[node.column][row]) ? node.left : node.right
      sums[node.column] += nodes[next].value - node.value
      place = next
    }
  }

  /// Sets the value of every inner node to the mean of its leaves over the training rows.
  mutating func setInnerValues() {
    for place in nodes.indices.reversed() where nodes[place].column >= 0 {
      let (left, right) = (nodes[nodes[place].left], nodes[nodes[place].right])
      let total = left.value * Double(left.rowCount) + right.value * Double(right.rowCount)
      nodes[place].value = total / Double(max(left.rowCount + right.rowCount, 1))
    }
  }
}
