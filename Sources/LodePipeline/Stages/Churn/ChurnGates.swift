internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// What a churn model must keep to, or last week's model and scores stay published.
struct ChurnGates: Sendable {
  private let leastAUC: Double?
  private let beatsRecency: Bool
  private let mostCalibrationError: Double?

  /// Reads `gates: { auc_min, beats_recency, calibration_error_max }`.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let gates = try reader.object("gates")
    leastAUC = try gates?.number("auc_min", in: 0...1)
    beatsRecency = try gates?.boolean("beats_recency") ?? false
    mostCalibrationError = try gates?.number("calibration_error_max", in: 0...1)
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

  private func problem(_ context: StageContext, _ message: String, _ fix: String) -> Diagnostic {
    Diagnostic(.contract, at: "stage \(context.stageName)", message, fix: fix)
  }
}
