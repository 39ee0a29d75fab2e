internal import LodeColumns
internal import LodeMining

/// Non-linear classifiers on the Telco sample, with its categories as they are.
struct TelcoClassifiers {
  let features: FeatureColumns
  let outcomes: [Bool]

  /// Scores of rows pooled over five folds (row mod 5).
  ///
  /// - Source: issue 5 §2 for the bars; mining.md §5.2 for what others reach (plain logistic 0.845,
  ///   LightGBM 0.835).
  func check(_ list: inout CheckList) throws {
    let binned = try pooled(BinnedLogistic())
    let scores = try ClassifierScores(binned, outcomes: outcomes)
    list.atLeast("binned logistic, AUC", 0.847, scores.auc ?? 0)
    list.atMost("binned logistic, log-loss", 0.413, scores.logLoss)
    list.atMost(
      "binned logistic, ECE of 10 equal widths",
      0.015,
      scores.expectedCalibrationErrorEqualWidth
    )
    list.atMost("binned logistic, ECE of 10 equal counts", 0.02, scores.expectedCalibrationError)
    let trees = try pooled(GradientBoostedTrees())
    let treeScores = try ClassifierScores(trees, outcomes: outcomes)
    list.atLeast("boosted trees, AUC", 0.845, treeScores.auc ?? 0)
    list.atMost("boosted trees, log-loss", 0.415, treeScores.logLoss)
    list.atMost(
      "boosted trees, ECE of 10 equal widths",
      0.02,
      treeScores.expectedCalibrationErrorEqualWidth
    )
  }

  private func pooled(_ classifier: some ProbabilisticClassifier) throws -> [Double] {
    var pooled = [Double](repeating: 0, count: outcomes.count)
    for fold in 0..<5 {
      let test = outcomes.indices.filter { $0 % 5 == fold }
      let training = outcomes.indices.filter { $0 % 5 != fold }
      let model = try classifier.fit(
        features.gathering(rows: training),
        outcomes: training.map { outcomes[$0] },
        groups: training
      )
      let probabilities = try model.probabilities(features.gathering(rows: test))
      for (row, probability) in zip(test, probabilities) { pooled[row] = probability }
    }
    return pooled
  }
}
