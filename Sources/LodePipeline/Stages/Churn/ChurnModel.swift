internal import Glibc
internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The kinds of churn models, the plainest first.
enum ChurnModelKind: String, CaseIterable, Sendable {
  /// A line for each feature, none against its own tendency.
  case logistic
  /// Bends, jumps and screened pairs.
  case binned
  /// Boosted trees.
  case trees

  /// The kind in words.
  var words: String {
    switch self {
    case .logistic: "logistic regression"
    case .binned: "logistic regression with bins and pairs"
    case .trees: "gradient-boosted trees"
    }
  }
}

/// What a pipeline file may ask for.
enum ChurnModelChoice: String, CaseIterable, Sendable {
  case logistic
  case binned
  case trees
  /// All three are tested, the best one is taken.
  case auto

  /// The models that are tested.
  var kinds: [ChurnModelKind] {
    ChurnModelKind(rawValue: rawValue).map { [$0] } ?? ChurnModelKind.allCases
  }
}

/// A fitted churn model of any kind.
struct ChurnModel: Sendable {
  private enum Core: Sendable {
    case logistic(MonotoneLogistic)
    case binned(BinnedLogistic.Model)
    case trees(GradientBoostedTrees.Model)
  }

  let kind: ChurnModelKind
  let names: [String]
  let rowCount: Int
  let baseRate: Double
  private let core: Core

  /// The model of labelled rows.
  ///
  /// - Parameters:
  ///   - kind: the kind.
  ///   - rows: all labelled rows.
  ///   - chosen: the rows to learn from; rows of a customer follow each other.
  ///   - penalty: the L2 penalty of the plain model.
  ///   - seed: the seed of folds and samples.
  /// - Throws: ``ClassifierError`` or ``LogisticRegression/FitError``.
  init(
    _ kind: ChurnModelKind,
    _ rows: ChurnRows,
    chosen: [Int],
    penalty: Double,
    seed: UInt64
  ) throws {
    try self.init(
      kind,
      rows.matrix(chosen),
      churned: rows.outcomes(chosen),
      customers: chosen.map { rows.customers[$0] },
      names: Array(rows.columns.prefix(rows.featureCount)),
      penalty: penalty,
      seed: seed
    )
  }

  /// The model of a matrix.
  init(
    _ kind: ChurnModelKind,
    _ features: Matrix,
    churned: [Bool],
    customers: [UInt64],
    names: [String],
    penalty: Double,
    seed: UInt64
  ) throws {
    self.kind = kind
    self.names = names
    rowCount = churned.count
    baseRate = Double(churned.count { $0 }) / Double(max(churned.count, 1))
    let groups = customers.map { Int(truncatingIfNeeded: $0) }
    func plain() throws -> MonotoneLogistic {
      try MonotoneLogistic(
        features,
        churned: churned,
        customers: customers,
        names: names,
        penalty: penalty
      )
    }
    core =
      switch kind {
      case .logistic: .logistic(try plain())
      case .binned:
        .binned(
          try BinnedLogistic(seed: seed)
            .fit(FeatureColumns(features, names: names), outcomes: churned, groups: groups)
        )
      case .trees:
        .trees(
          try GradientBoostedTrees(seed: seed)
            .fit(FeatureColumns(features, names: names), outcomes: churned, groups: groups)
        )
      }
  }

  /// A plain model that is fitted already.
  init(_ plain: MonotoneLogistic, baseRate: Double) {
    kind = .logistic
    names = plain.names
    rowCount = plain.rowCount
    self.baseRate = baseRate
    core = .logistic(plain)
  }

  /// Whether the fit came to its end.
  var converged: Bool {
    switch core {
    case .logistic(let model): model.converged
    case .binned(let model): model.converged
    case .trees: true
    }
  }

  /// The log-odds of rows, before calibration.
  func logOdds(_ features: Matrix) throws -> [Double] {
    switch core {
    case .logistic(let model): return model.logOdds(features)
    case .binned(let model): return try model.logOdds(FeatureColumns(features, names: names))
    case .trees(let model): return try model.logOdds(FeatureColumns(features, names: names))
    }
  }

  /// What each feature adds to the log-odds of each row, `n × names.count`.
  func contributions(_ features: Matrix) throws -> Matrix {
    switch core {
    case .logistic(let model): return model.contributions(features)
    case .binned(let model):
      return placed(
        try model.contributions(FeatureColumns(features, names: names)),
        model.columnNames
      )
    case .trees(let model):
      return placed(
        try model.contributions(FeatureColumns(features, names: names)),
        model.columnNames
      )
    }
  }

  /// The standard error of the log-odds by the parameters alone; nil where it is not known.
  func standardErrors(_ features: Matrix) -> [Double]? {
    if case .logistic(let model) = core { return model.standardErrors(features) }
    return nil
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

  /// One row a term: the coefficient with its error, and how much the feature moves scores.
  ///
  /// For the plain model a coefficient is per standard deviation of the feature on its scale. The
  /// others have one term a bin, or none: for trees only the importance is given.
  func table(importances: [Double]) -> Table {
    var terms = ["(intercept)"] + names
    var coefficients = [Double?](repeating: nil, count: terms.count)
    var errors = coefficients
    var means = coefficients
    var deviations = coefficients
    var weights: [Double?] = [nil] + importances
    switch core {
    case .logistic(let model):
      let center = zip(model.coefficients, model.means).reduce(model.intercept) { $0 + $1.0 * $1.1 }
      coefficients = [center] + zip(model.coefficients, model.deviations).map { $0 * $1 }
      errors =
        [model.covariance.map { max(0, $0[0, 0]).squareRoot() }]
        + zip(model.coefficientErrors(), model.deviations)
        .map { error, sd in error.map { $0 * sd } }
      means = [0] + model.means
      deviations = [1] + model.deviations
    case .binned(let model):
      coefficients[0] = model.baseline
      for term in model.terms where term.coefficient != 0 {
        terms.append(term.term.description)
        coefficients.append(term.coefficient)
        errors.append(nil)
        means.append(term.mean)
        deviations.append(nil)
        weights.append(nil)
      }
    case .trees(let model): coefficients[0] = model.baseline
    }
    func column(_ values: [Double?]) -> Column {
      var builder = ColumnBuilder(.double)
      for value in values { builder.append(double: value) }
      return builder.build()
    }
    return Table([
      "term": Column(texts: terms),
      "coefficient": column(coefficients),
      "standard_error": column(errors),
      "mean": column(means),
      "standard_deviation": column(deviations),
      "importance": column(weights),
      "model": Column(texts: terms.map { _ in kind.rawValue }),
      "training_rows": Column(integers: terms.map { _ in Int64(rowCount) }),
      "training_churn_rate": Column(doubles: terms.map { _ in baseRate }),
    ])
  }
}
