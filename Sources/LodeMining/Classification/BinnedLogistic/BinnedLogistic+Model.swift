public import LodeNumerics
internal import LodeRuntime

extension BinnedLogistic {
  /// One line of a fitted model.
  public struct Term: Sendable, Hashable, Codable {
    /// What is made of one column or two.
    public let term: BasisTerm
    /// The change of the log-odds for one unit.
    public let coefficient: Double
    /// The mean over the training rows, which also stands for missing cells and new levels.
    public let mean: Double
  }

  /// A product that was found by screening.
  public struct Pair: Sendable, Hashable, Codable {
    /// The product.
    public let term: BasisTerm
    /// Its score statistic when it was found.
    public let statistic: Double
    /// The false discovery rate at which it is kept.
    public let qValue: Double
  }

  /// The log-loss out of fold at one penalty.
  public struct PenaltyScore: Sendable, Hashable, Codable {
    /// The penalty `λ`.
    public let l2: Double
    /// The mean log-loss, in nats.
    public let logLoss: Double
  }

  /// A fitted model.
  public struct Model: ProbabilisticClassifierModel {
    private let columns: [AdditiveBasis.Column]
    /// The terms with their coefficients.
    public let terms: [BinnedLogistic.Term]
    /// The products among them, in the order in which they were found.
    public let pairs: [BinnedLogistic.Pair]
    /// The log-odds of a row of means.
    public let baseline: Double
    /// The columns left out, and why.
    public let unusedColumns: [UnusedColumn]
    /// The penalty `λ`.
    public let l2: Double
    /// The penalties tried, strongest first; empty if there was no choice.
    public let crossValidation: [BinnedLogistic.PenaltyScore]
    /// The training rows.
    public let rowCount: Int
    /// The training rows in which the event happened.
    public let positiveCount: Int
    /// Whether the last fit came to its end.
    public let converged: Bool

    init(
      _ recipe: Recipe,
      _ training: TrainingRows,
      l2: Double,
      crossValidation: [BinnedLogistic.PenaltyScore],
      converged: Bool
    ) {
      columns = recipe.basis.columns
      let means = recipe.fit.design.standardization.means
      terms = zip(recipe.basis.terms, zip(recipe.fit.coefficients, means))
        .map { BinnedLogistic.Term(term: $0, coefficient: $1.0, mean: $1.1) }
      pairs = recipe.pairs.map {
        BinnedLogistic.Pair(term: $0.term, statistic: $0.statistic, qValue: $0.qValue)
      }
      baseline = recipe.fit.parameters[0]
      unusedColumns = training.unusedColumns
      self.l2 = l2
      self.crossValidation = crossValidation
      rowCount = training.outcomes.count
      positiveCount = training.positiveCount
      self.converged = converged
    }

    /// The columns that the model reads, in order.
    public var columnNames: [String] { columns.map(\.name) }

    /// The log-odds of the event, one a row: ``baseline`` plus the contributions of its terms.
    ///
    /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
    public func logOdds(_ features: FeatureColumns) throws(ClassifierError) -> [Double] {
      let parts = try contributions(features)
      return (0..<parts.rowCount)
        .map { row in parts.withRow(row) { baseline + Reductions.sum($0) } }
    }

    /// What each column adds to each row's log-odds, `n × columnNames.count`.
    ///
    /// The sum of `β·(x − mean)` over the terms of the column; products count half for each of
    /// their two columns.
    ///
    /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
    public func contributions(_ features: FeatureColumns) throws(ClassifierError) -> Matrix {
      let basis = AdditiveBasis(columns: columns, terms: terms.map(\.term))
      let cells = try basis.cells(features)
      let d = columns.count
      let chunks = Parallel.map(rows: features.rowCount, chunkSize: 4096) { rows in
        var sums = [Double](repeating: 0, count: rows.count * d)
        for term in terms where term.coefficient != 0 {
          let (first, second) = (term.term.first.column, term.term.second?.column)
          let weight = second == nil ? term.coefficient : term.coefficient / 2
          let values = basis.values(term.term, cells, rows)
          for i in values.indices where !values[i].isNaN {
            let part = weight * (values[i] - term.mean)
            sums[i * d + first] += part
            if let second { sums[i * d + second] += part }
          }
        }
        return sums
      }
      return Matrix(
        rowCount: features.rowCount,
        columnCount: d,
        elements: Array(chunks.joined())
      )
    }
  }
}
