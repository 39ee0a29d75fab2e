internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// How a churn model trained on the past would have done at the last labelled date.
struct ChurnBacktest: Sendable {
  let testDate: CivilDate
  let trainingDates: [CivilDate]
  let scores: ClassifierScores
  /// The AUC of days since the last order alone.
  let recencyAUC: Double
  let baseRate: Double
  let trainingBaseRate: Double
  private let probabilities: [Double]
  private let churned: [Bool]

  init(_ data: ChurnData, penalty: Double, stageName: String) throws {
    guard let test = data.dates.last else { preconditionFailure("no labelled date") }
    let training = data.dates.filter {
      $0.date.advanced(byDays: data.labelDays) <= test.date
    }
    guard let first = training.first else {
      throw Diagnostic(
        .failure,
        at: "stage \(stageName)",
        "no training date has its labels complete before the test date \(test.date).",
        fix: "ask for more or wider steps in training of the features stage: the oldest must lie "
          + "\(data.labelDays) days before \(test.date)."
      )
    }
    let rows = training.dropFirst().reduce(first.rows) { $0.appending($1.rows) }
    let model = try ChurnModel(rows, names: rows.features.featureNames, penalty: penalty)
    probabilities = model.probabilities(test.rows.features)
    churned = test.rows.churned
    testDate = test.date
    trainingDates = training.map(\.date)
    scores = try ClassifierScores(probabilities, outcomes: churned)
    recencyAUC = ClassifierScores.auc(test.rows.daysSinceLast, outcomes: churned) ?? 0.5
    baseRate = test.rows.baseRate
    trainingBaseRate = rows.baseRate
  }

  /// The result in words.
  var finding: String {
    let auc = (scores.auc ?? 0.5).rounded(toPlaces: 4)
    return "AUC \(auc) on \(testDate) (recency alone \(recencyAUC.rounded(toPlaces: 4))), "
      + "churn \((baseRate * 100).rounded(toPlaces: 1)) % of \(scores.rowCount) customers"
  }

  /// One row a measure.
  func table(horizonDays: Int, gapDays: Int) -> Table {
    let measures: [(String, Double)] = [
      ("auc", scores.auc ?? 0.5), ("auc_recency_rule", recencyAUC), ("log_loss", scores.logLoss),
      ("brier", scores.brier), ("expected_calibration_error", scores.expectedCalibrationError),
      ("top_decile_lift", scores.topDecileLift ?? 1), ("churn_rate", baseRate),
      ("training_churn_rate", trainingBaseRate), ("customers", Double(scores.rowCount)),
      ("training_dates", Double(trainingDates.count)), ("horizon_days", Double(horizonDays)),
      ("gap_days", Double(gapDays)),
    ]
    let day = Int64(testDate.daysSinceEpoch)
    return Table([
      "test_as_of": Column(.date, integers: measures.map { _ in day }),
      "measure": Column(texts: measures.map(\.0)),
      "value": Column(doubles: measures.map(\.1)),
    ])
  }

  /// One row a decile of the ranking.
  func liftTable() -> Table {
    let bins = LiftTable(probabilities, outcomes: churned).bins
    return Table([
      "decile": Column(integers: bins.map { Int64($0.bin) }),
      "customers": Column(integers: bins.map { Int64($0.rowCount) }),
      "churned": Column(integers: bins.map { Int64($0.positiveCount) }),
      "mean_score": Column(doubles: bins.map(\.meanScore)),
      "rate": Column(doubles: bins.map(\.rate)),
      "lift": Column(doubles: bins.map { $0.lift ?? 1 }),
      "cumulative_lift": Column(doubles: bins.map { $0.cumulativeLift ?? 1 }),
      "cumulative_gain": Column(doubles: bins.map { $0.cumulativeGain ?? 0 }),
    ])
  }

  /// One row a tenth of the predictions: said and seen.
  func calibrationTable() -> Table {
    let bins = CalibrationTable(probabilities, outcomes: churned).bins
    return Table([
      "bin": Column(integers: bins.indices.map { Int64($0 + 1) }),
      "customers": Column(integers: bins.map { Int64($0.rowCount) }),
      "predicted": Column(doubles: bins.map(\.meanProbability)),
      "observed": Column(doubles: bins.map(\.observedRate)),
    ])
  }
}
