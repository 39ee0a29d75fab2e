// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import LodeMining
internal import LodeNumerics

/// Churn by features and their quantile bins: the recipe `churn_bins_and_pairs` of the fixture.
struct TelcoBins {
  let features: FeatureMatrix
  let outcomes: [Bool]

  /// Scores out of fold.
  struct Expected: Decodable {
    let auc: Double
    let log_loss: Double
    let brier: Double
  }

  /// Scores of L2 fits on the features and five quantile bins of those that are not yes/no.
  ///
  /// - Source: mining_vectors.json, churn_bins_and_pairs, `telco|logit_bins5`.
  func check(_ list: inout CheckList, _ expected: Expected) throws {
    var pooled = [Double](repeating: 0, count: outcomes.count)
    for fold in 0..<5 {
      let test = outcomes.indices.filter { $0 % 5 == fold }
      let training = outcomes.indices.filter { $0 % 5 != fold }
      let edges = edges(training)
      let binned = binned(training, edges)
      let model = try LogisticRegression(l2: 1)
        .fit(
          binned,
          featureNames: (0..<binned.columnCount).map { "x\($0)" },
          outcomes: training.map { outcomes[$0] }
        )
      let probabilities = model.probabilities(for: self.binned(test, edges))
      for (row, probability) in zip(test, probabilities) { pooled[row] = probability }
    }
    let scores = try ClassifierScores(pooled, outcomes: outcomes)
    func near(_ what: String, _ expected: Double, _ got: Double?, _ relative: Double) {
      list.near("bins, \(what)", expected, got ?? .infinity, relative: relative)
    }
    // The solver of the fixture stopped 1e-5 short of the minimum.
    near("AUC of the fixture", expected.auc, scores.auc, 2e-5)
    near("log-loss of the fixture", expected.log_loss, scores.logLoss, 2e-5)
    near("Brier of the fixture", expected.brier, scores.brier, 2e-5)
    // scikit-learn 1.9.1, solver="newton-cholesky", tol=1e-12, by the recipe of the fixture.
    near("AUC", 0.8484110369520568, scores.auc, 1e-9)
    near("log-loss", 0.4128103817666393, scores.logLoss, 1e-9)
  }

  /// The inner borders of five quantile bins of each column that is not yes/no.
  private func edges(_ training: [Int]) -> [(column: Int, edges: [Double])] {
    features.featureNames.indices.compactMap { column in
      let sorted = training.map { features.matrix[$0, column] }.sorted()
      guard Set(sorted).count > 2 else { return nil }
      var edges: [Double] = []
      for probability in [0.2, 0.4, 0.6, 0.8] {
        let edge = Reductions.quantile(sorted, probability)
        if edges.last != edge { edges.append(edge) }
      }
      return (column, edges)
    }
  }

  /// The features and an indicator of each bin but the first; a bin begins at its edge.
  private func binned(_ rows: [Int], _ bins: [(column: Int, edges: [Double])]) -> Matrix {
    Matrix(
      rows: rows.map { row in
        var numbers = features.matrix.row(row)
        for (column, edges) in bins {
          let value = features.matrix[row, column]
          let bin = edges.count { $0 <= value }
          numbers += (1...edges.count).map { $0 == bin ? 1 : 0 }
        }
        return numbers
      }
    )
  }
}
