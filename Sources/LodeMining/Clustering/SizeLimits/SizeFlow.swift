/// A minimum-cost flow of points through clusters to a sink that takes limited numbers.
///
/// It starts with every point in its cheapest cluster. The sink takes from each cluster as many as
/// the limits allow; clusters with points left over have an excess, those with too few a need. No
/// arc of that start is negative, so each step along a cheapest path from an excess to a need keeps
/// the flow the cheapest of its kind.
struct SizeFlow {
  /// The cluster of each point.
  private(set) var labels: [Int]
  /// The cost of each point in each cluster, `n × k`.
  private let costs: [Double]
  private let k: Int
  private let limits: ClosedRange<Int>
  private var sizes: [Int]
  /// What the sink takes from each cluster.
  private var taken: [Int]
  /// The points of cluster `a` by what it costs to move them to `b`, at `a · k + b`.
  ///
  /// Made when first looked at; points that have left stay until they come up.
  private var movable: [CostHeap?]

  init(costs: [Double], clusterCount: Int, limits: ClosedRange<Int>) {
    let k = clusterCount
    self.costs = costs
    self.k = k
    self.limits = limits
    labels = (0..<costs.count / k)
      .map { point in
        (0..<k).min { (costs[point * k + $0], $0) < (costs[point * k + $1], $1) } ?? 0
      }
    sizes = Array(repeating: 0, count: k)
    for label in labels { sizes[label] += 1 }
    taken = sizes.map { min(max($0, limits.lowerBound), limits.upperBound) }
    movable = Array(repeating: nil, count: k * k)
  }

  /// Moves points until all sizes are within the limits.
  mutating func mend() {
    while let path = cheapestPath() { push(path) }
  }

  /// What a node holds above what it passes on; node `k` is the sink.
  private func excess(_ node: Int) -> Int {
    node == k ? taken.reduce(0, +) - labels.count : sizes[node] - taken[node]
  }

  /// The nodes of the cheapest path from an excess to a need; nil if there is no excess.
  private mutating func cheapestPath() -> [Int]? {
    let nodes = 0...k
    var distances = nodes.map { excess($0) > 0 ? 0 : Double.infinity }
    guard distances.contains(0) else { return nil }
    var before = [Int?](repeating: nil, count: k + 1)
    var weights = [Double](repeating: .infinity, count: (k + 1) * (k + 1))
    for a in nodes { for b in nodes where a != b { weights[a * (k + 1) + b] = weight(a, b) } }
    for _ in nodes {
      var hasChanged = false
      for a in nodes where distances[a].isFinite {
        for b in nodes where a != b {
          let distance = distances[a] + weights[a * (k + 1) + b]
          // The margin keeps rounding from turning a cycle of cost 0 into a gain.
          guard distance < distances[b] - 1e-12 * abs(distances[b]) || distances[b] == .infinity,
            distance.isFinite
          else { continue }
          distances[b] = distance
          before[b] = a
          hasChanged = true
        }
      }
      if !hasChanged { break }
    }
    let needs = nodes.filter { excess($0) < 0 && distances[$0].isFinite }
    guard let end = needs.min(by: { (distances[$0], $0) < (distances[$1], $1) }) else { return nil }
    var path = [end]
    while let node = before[path[path.count - 1]], path.count <= k + 1 { path.append(node) }
    return path.reversed()
  }

  /// What it costs to send one unit from one node to another.
  private mutating func weight(_ a: Int, _ b: Int) -> Double {
    if b == k { return taken[a] < limits.upperBound ? 0 : .infinity }
    if a == k { return taken[b] > limits.lowerBound ? 0 : .infinity }
    return cheapest(a, b)?.cost ?? .infinity
  }

  private mutating func cheapest(_ a: Int, _ b: Int) -> (cost: Double, point: Int)? {
    if movable[a * k + b] == nil {
      var heap = CostHeap()
      for point in labels.indices where labels[point] == a { heap.insert(entry(point, a, b)) }
      movable[a * k + b] = heap
    }
    while let first = movable[a * k + b]?.first {
      if labels[first.point] == a { return first }
      movable[a * k + b]?.removeFirst()
    }
    return nil
  }

  private func entry(_ point: Int, _ a: Int, _ b: Int) -> (cost: Double, point: Int) {
    (costs[point * k + b] - costs[point * k + a], point)
  }

  /// Sends one unit along a path.
  private mutating func push(_ path: [Int]) {
    // The points of all steps are those that the path was found with.
    let steps = zip(path, path.dropFirst())
      .map { a, b in (a, b, a == k || b == k ? nil : cheapest(a, b)?.point) }
    for (a, b, point) in steps {
      if b == k {
        taken[a] += 1
      } else if a == k {
        taken[b] -= 1
      } else if let point {
        labels[point] = b
        sizes[a] -= 1
        sizes[b] += 1
        for other in 0..<k where other != b {
          let moved = entry(point, b, other)
          movable[b * k + other]?.insert(moved)
        }
      }
    }
  }
}

/// A binary heap of points, the least cost first, of equal costs the lower point.
struct CostHeap: Sendable {
  private var entries: [(cost: Double, point: Int)] = []

  /// The cheapest point.
  var first: (cost: Double, point: Int)? { entries.first }

  mutating func insert(_ entry: (cost: Double, point: Int)) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child] < entries[least] {
        least = child
      }
      if least == parent { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
