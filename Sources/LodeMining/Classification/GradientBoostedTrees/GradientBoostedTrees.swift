/// Models the probability of a yes/no outcome by a sum of small trees, each fitted to what the
/// ones before got wrong.
///
/// Use it where columns work together in ways that nobody wrote down. Prefer ``BinnedLogistic``
/// where its scores are as good: its effects can be read one by one.
///
/// - Input: numeric and categorical columns with gaps; gaps get a direction of their own at every
///   split, nothing is imputed. Infinite numbers are refused.
/// - Output: log-odds `f(x) = f₀ + Σ trees`; reasons by column; the gain of each column.
/// - Objective: `Σ log(1 + e^f) − y·f + ½·λ·Σw²` over leaf values `w`, by second-order steps.
/// - Determinism: derivatives are whole numbers (units of 2⁻¹⁷), so sums are exact: the same model
///   on any thread count. Which rows a tree sees depends on seed, tree and *group* alone: with
///   groups given (or every row used) the order of rows does not matter either. Without groups
///   the row number is the group.
/// - Complexity: O(`n·d`) a level of a tree, memory O(`n·d`) bytes.
/// - Throws: ``ClassifierError``.
/// - Source: Friedman (2001), "Greedy function approximation", Annals of Statistics 29; Chen &
///   Guestrin (2016), "XGBoost", KDD; Ke et al. (2017), "LightGBM", NIPS.
public struct GradientBoostedTrees: ProbabilisticClassifier {
  /// Which way the log-odds may move with a column.
  public enum Direction: Int, Sendable, Hashable, Codable {
    /// They never fall when the column rises.
    case rising = 1
    /// They never rise when the column rises.
    case falling = -1
  }

  /// The most trees.
  public var maximumTreeCount: Int
  /// The factor of each tree, 0…1: smaller needs more trees and is steadier.
  public var shrinkage: Double
  /// The most leaves of a tree.
  public var maximumLeafCount: Int
  /// The most splits from the root to a leaf.
  public var maximumDepth: Int
  /// The penalty `λ` on squared leaf values.
  public var l2: Double
  /// The least curvature `Σ p(1 − p)` of a leaf.
  public var minimumLeafCurvature: Double
  /// The least rows of a leaf.
  public var minimumLeafRowCount: Int
  /// The most bins of a numeric column, 2…255, beside the one for missing cells.
  public var maximumBinCount: Int
  /// The share of groups that each tree sees, 0…1.
  public var rowShare: Double
  /// The share of columns that each tree sees, 0…1.
  public var columnShare: Double
  /// The share of groups held out to choose the number of trees; 0 grows all trees.
  public var holdoutShare: Double
  /// How many trees without a better log-loss on the held out rows end the search.
  public var patience: Int
  /// Columns with a direction; all others are free.
  public var directions: [String: Direction]
  /// The seed of samples and of the held out rows.
  public var seed: UInt64

  /// A configuration.
  ///
  /// The defaults are small, steady trees: churn tables have thousands of rows and much noise. On
  /// Telco out of fold they gave an AUC of 0.848, trees of 20 leaves 0.846; on made-up data with
  /// pairs and sums of columns there was no difference beyond chance.
  public init(
    maximumTreeCount: Int = 600,
    shrinkage: Double = 0.04,
    maximumLeafCount: Int = 10,
    maximumDepth: Int = 6,
    l2: Double = 1,
    minimumLeafCurvature: Double = 1,
    minimumLeafRowCount: Int = 20,
    maximumBinCount: Int = 255,
    rowShare: Double = 0.8,
    columnShare: Double = 0.8,
    holdoutShare: Double = 0.2,
    patience: Int = 40,
    directions: [String: Direction] = [:],
    seed: UInt64 = 0
  ) {
    self.maximumTreeCount = maximumTreeCount
    self.shrinkage = shrinkage
    self.maximumLeafCount = maximumLeafCount
    self.maximumDepth = maximumDepth
    self.l2 = l2
    self.minimumLeafCurvature = minimumLeafCurvature
    self.minimumLeafRowCount = minimumLeafRowCount
    self.maximumBinCount = maximumBinCount
    self.rowShare = rowShare
    self.columnShare = columnShare
    self.holdoutShare = holdoutShare
    self.patience = patience
    self.directions = directions
    self.seed = seed
  }

  /// The model of `outcomes` by `features`.
  ///
  /// With a holdout the number of trees is the one with the least log-loss on the held out
  /// groups; the model is then grown anew with that many trees on all rows.
  ///
  /// - Parameters:
  ///   - features: one row an individual (or an individual at one snapshot).
  ///   - outcomes: whether the event happened, one entry a row.
  ///   - groups: the individual of each row; nil takes every row for its own.
  /// - Returns: the fitted model.
  /// - Throws: ``ClassifierError``.
  public func fit(
    _ features: FeatureColumns,
    outcomes: [Bool],
    groups: [Int]?
  ) throws(ClassifierError) -> Model {
    try validate()
    let training = try TrainingRows(features, outcomes: outcomes, groups: groups)
    let unused = Set(training.unusedColumns.map(\.name))
    let used = FeatureColumns(features.columns.filter { !unused.contains($0.name) })
    let encoding = BinEncoding(used, maximumBinCount: maximumBinCount)
    let plan = TreeGrowth.Plan(
      encoding: encoding,
      bins: try encoding.encode(used),
      search: SplitSearch(
        l2: l2,
        minimumCurvature: minimumLeafCurvature,
        minimumRowCount: Int64(minimumLeafRowCount)
      ),
      directions: try columnDirections(features, encoding),
      maximumLeafCount: maximumLeafCount,
      maximumDepth: maximumDepth,
      shrinkage: shrinkage
    )
    let boosting = Boosting(self, plan, training)
    let search = boosting.search()
    let trees = search?.treeCount ?? maximumTreeCount
    return Model(
      encoding: encoding,
      boosted: boosting.grow(boosting.allRows, treeCount: trees),
      training: training,
      holdoutLogLosses: search?.logLosses ?? []
    )
  }

  private func validate() throws(ClassifierError) {
    func share(_ value: Double) -> Bool { value > 0 && value <= 1 }
    guard maximumTreeCount >= 1, maximumLeafCount >= 2, maximumDepth >= 1, share(shrinkage),
      share(rowShare), share(columnShare), holdoutShare >= 0, holdoutShare < 1, patience >= 1,
      l2 >= 0, l2.isFinite, minimumLeafCurvature >= 0, minimumLeafRowCount >= 1
    else {
      throw .badConfiguration(
        reason: "a count is below 1, a share is outside 0…1, or l2 \(l2) or the least curvature "
          + "\(minimumLeafCurvature) is below 0"
      )
    }
    guard (2...BinEncoding.binLimit).contains(maximumBinCount) else {
      throw .badConfiguration(reason: "\(maximumBinCount) bins are not between 2 and 255")
    }
    guard l2 > 0 || minimumLeafCurvature > 0 else {
      throw .badConfiguration(reason: "l2 and the least curvature of a leaf are both 0")
    }
  }

  /// The direction of each column of the encoding.
  private func columnDirections(
    _ features: FeatureColumns,
    _ encoding: BinEncoding
  ) throws(ClassifierError) -> [Int] {
    for name in directions.keys.sorted() {
      guard let column = features.column(name) else {
        throw .missingColumn(name: name, known: features.names)
      }
      if case .categorical = column.values {
        throw .badConfiguration(
          reason: "column \"\(name)\" is categorical, so it has no direction"
        )
      }
    }
    return encoding.columns.map { directions[$0.name]?.rawValue ?? 0 }
  }
}
