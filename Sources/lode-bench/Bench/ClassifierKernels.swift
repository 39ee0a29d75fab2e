internal import LodeMining
internal import LodeRuntime

/// Kernels of the non-linear classifiers, on numbers made in memory.
struct ClassifierKernels {
  private let features: FeatureColumns
  private let outcomes: [Bool]

  /// Normal columns, of which the first four matter: by a bend, a jump and a product.
  init(rowCount: Int, columnCount: Int) {
    let columns = Parallel.map(columnCount) { place in
      var random = CounterRandom(seed: 31, stream: UInt64(place))
      let numbers = (0..<rowCount).map { _ in random.normal() }
      return FeatureColumns.Column("x\(place)", numbers: numbers)
    }
    func numbers(_ place: Int) -> [Double] {
      guard case .numeric(let numbers) = columns[place].values else { return [] }
      return numbers
    }
    let (a, b, c, d) = (numbers(0), numbers(1), numbers(2), numbers(3))
    var random = CounterRandom(seed: 32)
    outcomes = (0..<rowCount)
      .map { row in
        let odds = -1.5 + max(a[row], 0) + (b[row] > 1 ? 1 : 0) + c[row] * d[row]
        return random.normal() + odds > 0
      }
    features = FeatureColumns(columns)
  }

  /// All trees of a fixed number, no early stop.
  func trees(_ count: Int) throws -> Measurement {
    try measurement(GradientBoostedTrees(maximumTreeCount: count, holdoutShare: 0))
  }

  /// The additive model with its choice of penalty and pairs.
  func binned() throws -> Measurement { try measurement(BinnedLogistic()) }

  private func measurement(_ classifier: some ProbabilisticClassifier) throws -> Measurement {
    try Measurement.of {
      try classifier.fit(features, outcomes: outcomes)
    } values: { model in
      let start = ContinuousClock.now
      let probabilities = try model.probabilities(features)
      let seconds = ContinuousClock.now - start
      return [
        "auc": ClassifierScores.auc(probabilities, outcomes: outcomes) ?? 0,
        "~prediction_seconds": Double(seconds.components.attoseconds) * 1e-18
          + Double(seconds.components.seconds),
      ]
    }
  }
}
