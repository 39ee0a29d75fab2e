internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// What a churn model must keep to, or last week's model and scores stay published.
struct ChurnGates: Sendable {
  private let leastAUC: Double?
  private let beatsRecency: Bool
  private let mostCalibrationError: Double?
  private let mostDrift: Double?
  private let refusesLeaks: Bool

  /// Reads `gates: { auc_min, beats_recency, calibration_error_max,
  /// psi_max, leakage }`.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let gates = try reader.object("gates")
    leastAUC = try gates?.number("auc_min", in: 0...1)
    beatsRecency = try gates?.boolean("beats_recency") ?? false
    mostCalibrationError = try gates?.number("calibration_error_max", in: 0...1)
    mostDrift = try gates?.number("psi_max", in: 0...100)
    refusesLeaks = try gates?.boolean("leakage") ?? false
    try gates?.finish()
  }

  /// Checks the champion at the last origin.
  ///
  /// - Throws: a diagnostic of category `contract` that names the gate.
  func check(_ backtest: ChurnBacktest, _ context: StageContext) throws(Diagnostic) {
    let card = backtest.latest(backtest.champion.rawValue)?.card
    let auc = card?.auc?.auc ?? 0.5
    let date = backtest.last.date
    if let leastAUC, auc < leastAUC {
      throw problem(
        context,
        "the AUC on \(date) is \(auc.rounded(toPlaces: 4)), the gate asks for "
          + "\(leastAUC): nothing was published.",
        "look at churn_backtest of the last good run; add training dates or lower gates.auc_min."
      )
    }
    let rule = backtest.latest("recency")?.card.auc?.auc ?? 0.5
    if beatsRecency, auc <= rule {
      throw problem(
        context,
        "the model (AUC \(auc.rounded(toPlaces: 4))) does not beat the recency rule "
          + "(\(rule.rounded(toPlaces: 4))): nothing was published.",
        "use the recency rule, add features, or drop gates.beats_recency."
      )
    }
    let error = card?.scores?.expectedCalibrationError ?? 0
    if let mostCalibrationError, error > mostCalibrationError {
      throw problem(
        context,
        "the calibration error on \(date) is \(error.rounded(toPlaces: 4)), the gate allows "
          + "\(mostCalibrationError): nothing was published.",
        "add training dates, best a year of them for the season, or raise "
          + "gates.calibration_error_max."
      )
    }
  }

  /// Checks how far customers have moved since training.
  ///
  /// - Throws: a diagnostic of category `contract` that names the gate.
  func check(_ drift: ChurnDrift, _ context: StageContext) throws(Diagnostic) {
    try drift.check(most: mostDrift, remedy: "add newer training dates", context)
  }

  /// The features that alone tell the outcome almost without error, as warnings.
  ///
  /// - Throws: a diagnostic of category `contract` if the gate refuses them.
  func checkLeaks(
    _ rows: ChurnRows,
    _ origin: ChurnBacktest.Origin,
    _ context: StageContext
  ) throws -> [String] {
    let aucs = Parallel.map(rows.featureCount) { place in
      ClassifierScores.auc(rows.values(place, origin.rows), outcomes: origin.churned) ?? 0.5
    }
    var warnings: [String] = []
    for (name, auc) in zip(rows.columns, aucs) {
      let best = max(auc, 1 - auc)
      guard best > 0.95 else { continue }
      let message =
        "the feature \"\(name)\" alone tells churn on \(origin.date) with an AUC of "
        + "\(best.rounded(toPlaces: 4)): check that it knows nothing of the time after its date"
      if refusesLeaks {
        throw problem(context, message + ". Nothing was published.", "drop it from features.")
      }
      warnings.append(message)
    }
    return warnings
  }

  private func problem(_ context: StageContext, _ message: String, _ fix: String) -> Diagnostic {
    Diagnostic(.contract, at: "stage \(context.stageName)", message, fix: fix)
  }
}
