internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// How scores did against outcomes: ranking, probabilities and the count.
struct ChurnScorecard: Sendable {
  /// Rows and churners.
  let rows: Int
  let churned: Int
  /// How well the scores rank.
  let auc: AUCInterval?
  let averagePrecision: Double?
  let topDecileLift: Double?
  /// How good probabilities are; nil for a score that is none.
  var scores: ClassifierScores?
  var recalibration: LogisticRecalibration.Model?
  var count: EventCountForecast?

  /// The card of a score that only ranks.
  init(ranking scores: [Double], churned: [Bool]) throws {
    rows = churned.count
    self.churned = churned.count { $0 }
    auc = try? AUCInterval(scores, outcomes: churned)
    averagePrecision = try ROCCurve(scores, outcomes: churned).averagePrecision
    topDecileLift = LiftTable(scores, outcomes: churned).bins.first?.lift
  }

  /// The card of probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: one a row.
  ///   - churned: what happened, one a row.
  ///   - levelError: how far all may be off together, as a standard deviation of log-odds.
  /// - Throws: ``EvaluationError``.
  init(_ probabilities: [Double], churned: [Bool], levelError: Double) throws {
    let scores = try ClassifierScores(probabilities, outcomes: churned)
    rows = scores.rowCount
    self.churned = scores.positiveCount
    auc = try? AUCInterval(probabilities, outcomes: churned)
    averagePrecision = scores.averagePrecision
    topDecileLift = scores.topDecileLift
    self.scores = scores
    recalibration = try? LogisticRecalibration().fit(probabilities, outcomes: churned)
    count = try EventCountForecast(
      probabilities,
      calibrationError: EventCountForecast.CalibrationError(logOddsDeviation: levelError),
      confidenceLevel: 0.9
    )
  }

  /// The columns of cards, in order.
  static let measures: [(name: String, value: @Sendable (ChurnScorecard) -> Double?)] = [
    ("auc", { $0.auc?.auc }), ("auc_low", { $0.auc?.lowerBound }),
    ("auc_high", { $0.auc?.upperBound }), ("average_precision", \.averagePrecision),
    ("top_decile_lift", \.topDecileLift), ("brier", { $0.scores?.brier }),
    ("log_loss", { $0.scores?.logLoss }),
    ("expected_calibration_error", { $0.scores?.expectedCalibrationError }),
    ("calibration_error_equal_width", { $0.scores?.expectedCalibrationErrorEqualWidth }),
    ("calibration_slope", { $0.recalibration?.slope.value }),
    ("calibration_intercept", { $0.recalibration?.intercept.value }),
    ("calibration_in_the_large", { $0.recalibration?.inTheLarge.value }),
    ("predicted_churners", { $0.count?.mean }),
    ("predicted_low", { $0.count.map { Double($0.lowerBound) } }),
    ("predicted_high", { $0.count.map { Double($0.upperBound) } }),
  ]
}

extension Column {
  /// Numbers, some of which are missing.
  init(optional values: [Double?]) {
    var builder = ColumnBuilder(.double)
    for value in values { builder.append(double: value) }
    self = builder.build()
  }
}
