public import LodeNumerics
internal import LodeRuntime

extension GradientBoostedTrees {
  /// How much the splits by one column lowered the objective.
  public struct Importance: Sendable, Hashable, Codable {
    /// The column.
    public let column: String
    /// The sum of gains over all splits, in nats.
    public let gain: Double
    /// The number of splits.
    public let splitCount: Int
  }

  /// Fitted trees.
  public struct Model: ProbabilisticClassifierModel {
    /// How cells become bins.
    public let encoding: BinEncoding
    /// The log-odds before any tree: those of the base rate.
    public let origin: Double
    /// The trees, in the order in which they were grown.
    public let trees: [DecisionTree]
    /// The columns left out, and why.
    public let unusedColumns: [UnusedColumn]
    /// The training rows.
    public let rowCount: Int
    /// The training rows in which the event happened.
    public let positiveCount: Int
    /// The mean log-loss of the held out rows after 0, 1, 2… trees; empty without a holdout.
    public let holdoutLogLosses: [Double]

    init(
      encoding: BinEncoding,
      boosted: Boosting.Boosted,
      training: TrainingRows,
      holdoutLogLosses: [Double]
    ) {
      self.encoding = encoding
      origin = boosted.origin
      trees = boosted.trees
      unusedColumns = training.unusedColumns
      rowCount = training.outcomes.count
      positiveCount = training.positiveCount
      self.holdoutLogLosses = holdoutLogLosses
    }

    /// The columns that the model reads, in order.
    public var columnNames: [String] { encoding.columns.map(\.name) }

    /// The mean log-odds over the training rows of each tree.
    public var baseline: Double { trees.reduce(origin) { $0 + ($1.nodes.first?.value ?? 0) } }

    /// The log-odds of the event, one a row.
    ///
    /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
    public func logOdds(_ features: FeatureColumns) throws(ClassifierError) -> [Double] {
      let bins = BinnedRows(try encoding.encode(features), rowCount: features.rowCount)
      let flat = trees.map { FlatTree($0) }
      let chunks = Parallel.map(rows: features.rowCount, chunkSize: 1024) { rows in
        var sums = [Double](repeating: origin, count: rows.count)
        for tree in flat { tree.add(bins, rows, to: &sums) }
        return sums
      }
      return Array(chunks.joined())
    }

    /// What each column adds to each row's log-odds, `n × columnNames.count`.
    ///
    /// Along the path of the row through a tree every split moves the mean outcome of the training
    /// rows below it; that change goes to the column asked (Saabas). It is quick and adds up
    /// exactly, but unlike TreeSHAP it gives columns asked near the root less than their due where
    /// columns work together.
    ///
    /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
    public func contributions(_ features: FeatureColumns) throws(ClassifierError) -> Matrix {
      let bins = try encoding.encode(features)
      let d = encoding.columns.count
      let chunks = Parallel.map(rows: features.rowCount, chunkSize: 4096) { rows in
        var elements: [Double] = []
        elements.reserveCapacity(rows.count * d)
        var sums = [Double](repeating: 0, count: d)
        for row in rows {
          for j in 0..<d { sums[j] = 0 }
          for tree in trees { tree.addContributions(bins, row: row, into: &sums) }
          elements += sums
        }
        return elements
      }
      return Matrix(
        rowCount: features.rowCount,
        columnCount: d,
        elements: Array(chunks.joined())
      )
    }

    /// The columns by falling gain; ties in the order of the columns.
    public var importances: [GradientBoostedTrees.Importance] {
      var gains = [Double](repeating: 0, count: encoding.columns.count)
      var counts = [Int](repeating: 0, count: gains.count)
      for tree in trees {
        for node in tree.nodes where !node.isLeaf {
          gains[node.column] += node.gain
          counts[node.column] += 1
        }
      }
      return gains.indices.sorted { gains[$0] == gains[$1] ? $0 < $1 : gains[$0] > gains[$1] }
        .map { place in
          GradientBoostedTrees.Importance(
            column: encoding.columns[place].name,
            gain: gains[place],
            splitCount: counts[place]
          )
        }
    }
  }
}
