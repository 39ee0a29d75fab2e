internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// The rounds of a fit: derivatives, a tree, new log-odds.
struct Boosting: Sendable {
  /// Trees over a constant.
  struct Boosted: Sendable {
    var origin: Double
    var trees: [DecisionTree] = []
  }

  /// What the held out rows say about the number of trees.
  struct Search: Sendable {
    var treeCount: Int
    /// The mean log-loss after 0, 1, 2… trees.
    var logLosses: [Double]
  }

  private static let chunkSize = 16_384
  private let configuration: GradientBoostedTrees
  private let plan: TreeGrowth.Plan
  private let outcomes: [Bool]
  private let groups: [Int]
  private let rowBins: BinnedRows

  init(
    _ configuration: GradientBoostedTrees,
    _ plan: TreeGrowth.Plan,
    _ training: TrainingRows
  ) {
    self.configuration = configuration
    self.plan = plan
    outcomes = training.outcomes
    groups = training.groups
    rowBins = BinnedRows(plan.bins, rowCount: training.outcomes.count)
  }

  var allRows: [Int32] { outcomes.indices.map { Int32($0) } }

  /// The number of trees that is best for held out groups; nil without a holdout.
  ///
  /// Rows of one class on either side say nothing about the number of trees.
  func search() -> Search? {
    guard configuration.holdoutShare > 0 else { return nil }
    let isHeldOut = groups.map { group in
      var random = CounterRandom(
        seed: configuration.seed ^ 0x686f_6c64,
        stream: UInt64(bitPattern: Int64(group))
      )
      return random.uniform() < configuration.holdoutShare
    }
    let holdout = allRows.filter { isHeldOut[Int($0)] }
    let rows = allRows.filter { !isHeldOut[Int($0)] }
    for part in [holdout, rows] {
      let positives = part.count { outcomes[Int($0)] }
      guard positives > 0, positives < part.count else { return nil }
    }
    var search = Search(treeCount: 0, logLosses: [])
    _ = grow(rows, treeCount: configuration.maximumTreeCount) { logOdds in
      let loss = logLoss(holdout, logOdds)
      search.logLosses.append(loss)
      if loss < search.logLosses[search.treeCount] {
        search.treeCount = search.logLosses.count - 1
      }
      return search.logLosses.count - 1 - search.treeCount < configuration.patience
    }
    search.treeCount = max(search.treeCount, 1)
    return search
  }

  /// Grows trees on some rows.
  ///
  /// - Parameters:
  ///   - rows: the rows to learn from.
  ///   - treeCount: the number of trees; fewer if no split helps any more.
  ///   - goesOn: asked before each tree, with the log-odds of *all* rows so far.
  /// - Returns: the trees.
  func grow(
    _ rows: [Int32],
    treeCount: Int,
    goesOn: (([Double]) -> Bool)? = nil
  ) -> Boosted {
    let share = Double(rows.count { outcomes[Int($0)] }) / Double(rows.count)
    var boosted = Boosted(origin: logit(share))
    var logOdds = [Double](repeating: boosted.origin, count: outcomes.count)
    let isSampled = configuration.rowShare < 1
    for tree in 0..<treeCount {
      if let goesOn, !goesOn(logOdds) { return boosted }
      let seen = isSampled ? sample(rows, tree) : rows
      guard !seen.isEmpty else { continue }
      let growth = TreeGrowth(
        plan,
        columns: sampledColumns(tree),
        rows: seen,
        pairs: derivatives(seen, logOdds)
      )
      add(growth, to: &logOdds, others: seen.count < outcomes.count)
      boosted.trees.append(growth.tree)
    }
    _ = goesOn?(logOdds)
    return boosted
  }

  /// The packed derivatives of the loss at the log-odds.
  private func derivatives(_ rows: [Int32], _ logOdds: [Double]) -> [Int64] {
    let chunks = Parallel.map(rows: rows.count, chunkSize: Self.chunkSize) { range in
      range.map { i in
        let row = Int(rows[i])
        return PackedGradient.pack(
          probability: 1 / (1 + exp(-logOdds[row])),
          outcome: outcomes[row]
        )
      }
    }
    return chunks.count == 1 ? chunks[0] : Array(chunks.joined())
  }

  /// Adds a tree to the log-odds: by leaf for the rows that it has seen, by its splits for others.
  private func add(_ growth: TreeGrowth, to logOdds: inout [Double], others: Bool) {
    let rows = growth.rows.span
    var isDone = [Bool](repeating: !others, count: logOdds.count)
    var done = isDone.mutableSpan
    var span = logOdds.mutableSpan
    for (range, value) in growth.leafRows {
      for i in range {
        span[Int(rows[i])] += value
        done[Int(rows[i])] = true
      }
    }
    guard others else { return }
    let (tree, known, before) = (FlatTree(growth.tree), isDone, logOdds)
    let chunks = Parallel.map(rows: before.count, chunkSize: Self.chunkSize) { range in
      var sums = Array(before[range])
      tree.add(rowBins, range, skipped: known, to: &sums)
      return sums
    }
    logOdds = Array(chunks.joined())
  }

  /// The rows of a tree: whole groups, by a number of (seed, tree, group).
  private func sample(_ rows: [Int32], _ tree: Int) -> [Int32] {
    let seed = configuration.seed &+ UInt64(tree + 1) &* 0x9E37_79B9
    return rows.filter { row in
      var random = CounterRandom(
        seed: seed,
        stream: UInt64(bitPattern: Int64(groups[Int(row)]))
      )
      return random.uniform() < configuration.rowShare
    }
  }

  /// The columns of a tree, ascending.
  private func sampledColumns(_ tree: Int) -> [Int] {
    let all = Array(plan.bins.indices)
    let count = Int((configuration.columnShare * Double(all.count)).rounded(.up))
    guard count < all.count else { return all }
    var random = CounterRandom(seed: configuration.seed ^ 0x636f_6c73, stream: UInt64(tree))
    var places = all
    for i in 0..<count {
      places.swapAt(i, i + random.integer(below: places.count - i))
    }
    return places.prefix(count).sorted()
  }

  /// The mean log-loss of some rows, summed exactly.
  private func logLoss(_ rows: [Int32], _ logOdds: [Double]) -> Double {
    let sums = Parallel.map(rows: rows.count, chunkSize: Self.chunkSize) { range in
      var sum = FixedPointSum()
      for i in range {
        let row = Int(rows[i])
        let z = outcomes[row] ? -logOdds[row] : logOdds[row]
        sum.add(z > 0 ? z + log1p(exp(-z)) : log1p(exp(z)))
      }
      return sum
    }
    var total = FixedPointSum()
    for sum in sums { total.merge(sum) }
    return total.value / Double(max(rows.count, 1))
  }
}
