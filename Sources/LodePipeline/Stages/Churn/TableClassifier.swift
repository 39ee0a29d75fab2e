internal import LodeMining
internal import LodeNumerics

/// A churn model of any kind on columns with categories and gaps.
struct TableClassifier: Sendable {
  private enum Core: Sendable {
    case logistic(PlainLogistic)
    case binned(BinnedLogistic.Model)
    case trees(GradientBoostedTrees.Model)
  }

  let kind: ChurnModelKind
  let names: [String]
  private let core: Core

  /// The model of `outcomes`, one a row.
  ///
  /// - Throws: ``ClassifierError`` or ``LogisticRegression/FitError``.
  init(
    _ kind: ChurnModelKind,
    _ features: FeatureColumns,
    outcomes: [Bool],
    groups: [Int],
    penalty: Double,
    seed: UInt64
  ) throws {
    self.kind = kind
    names = features.names
    switch kind {
    case .logistic:
      core = .logistic(try PlainLogistic(features, outcomes: outcomes, penalty: penalty))
    case .binned:
      core = .binned(
        try BinnedLogistic(seed: seed).fit(features, outcomes: outcomes, groups: groups)
      )
    case .trees:
      core = .trees(
        try GradientBoostedTrees(seed: seed).fit(features, outcomes: outcomes, groups: groups)
      )
    }
  }

  /// The log-odds of rows.
  func logOdds(_ features: FeatureColumns) throws -> [Double] {
    switch core {
    case .logistic(let model): return model.logOdds(features)
    case .binned(let model): return try model.logOdds(features)
    case .trees(let model): return try model.logOdds(features)
    }
  }

  /// What each feature adds to the log-odds of each row, `n × names.count`.
  func contributions(_ features: FeatureColumns) throws -> Matrix {
    switch core {
    case .logistic(let model): return model.contributions(features)
    case .binned(let model):
      return placed(try model.contributions(features), model.columnNames)
    case .trees(let model):
      return placed(try model.contributions(features), model.columnNames)
    }
  }

  /// Contributions by all features, 0 for those that the model does not read.
  private func placed(_ parts: Matrix, _ columns: [String]) -> Matrix {
    guard columns != names else { return parts }
    var all = Matrix(rowCount: parts.rowCount, columnCount: names.count)
    for (from, name) in columns.enumerated() {
      guard let to = names.firstIndex(of: name) else { continue }
      for row in 0..<parts.rowCount { all.set(parts[row, from], row: row, column: to) }
    }
    return all
  }

  /// The terms with coefficients and means; trees have none.
  var terms: [(name: String, coefficient: Double, mean: Double)] {
    switch core {
    case .logistic(let model): model.coefficients
    case .binned(let model):
      model.terms.filter { $0.coefficient != 0 }
        .map { ($0.term.description, $0.coefficient, $0.mean) }
    case .trees: []
    }
  }

  /// The log-odds that contributions start from.
  var baseline: Double {
    switch core {
    case .logistic(let model): model.baseline
    case .binned(let model): model.baseline
    case .trees(let model): model.baseline
    }
  }

  /// Columns that say nothing new, in words.
  var unusedColumns: [String] {
    switch core {
    case .logistic(let model): model.aliases
    case .binned(let model): model.unusedColumns.map(\.description)
    case .trees(let model): model.unusedColumns.map(\.description)
    }
  }

  var converged: Bool {
    switch core {
    case .logistic(let model): model.converged
    case .binned(let model): model.converged
    case .trees: true
    }
  }
}
