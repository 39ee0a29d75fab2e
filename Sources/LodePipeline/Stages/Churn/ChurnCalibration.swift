internal import Glibc
internal import LodeMining
internal import LodeRuntime

/// Turns raw log-odds into probabilities whose mean is a forecast base rate.
///
/// Two steps, both learned from dates later than those that the model saw: the slope (how far
/// apart probabilities should lie) from earlier tests, the level from the forecast of the base
/// rate. The order of customers never changes.
struct ChurnCalibration: Sendable {
  /// Test rows of an origin whose outcome is known: raw log-odds and labels.
  struct LaterSlice: Sendable {
    let logOdds: [Double]
    let churned: [Bool]
  }

  /// Fewer churners or stayers than this tell no slope.
  private static let leastOutcomes = 100
  /// Fewer dates than this tell nothing of how base rates vary.
  private static let leastDates = 3
  /// What is then assumed, as a standard deviation of log-odds.
  private static let assumedDeviation = 0.25

  /// The factor of raw log-odds; 1 without a later slice.
  let slope: Double
  /// Whether a later slice was there to learn the slope from.
  let isSlopeLearned: Bool
  /// The forecast of the base rate.
  let forecast: BaseRateForecaster.Forecast
  /// The standard error of the forecast, on log-odds.
  let levelError: Double

  /// The calibration at a date.
  ///
  /// - Parameters:
  ///   - slices: earlier tests of the same kind of model, whose labels were complete at the date.
  ///   - history: base rates at dates whose labels were complete at the date.
  ///   - pastErrors: how far earlier forecasts of the base rate were off, on log-odds.
  ///   - date: the date.
  /// - Throws: ``EvaluationError``.
  init(
    slices: [LaterSlice],
    history: [BaseRateForecaster.Observation],
    pastErrors: [Double],
    at date: CivilDate
  ) throws {
    let slope = Self.slope(slices)
    self.slope = slope ?? 1
    isSlopeLearned = slope != nil
    let forecast = try BaseRateForecaster(confidenceLevel: 0.9).forecast(history, at: date)
    var error = forecast.logOddsStandardError
    if !pastErrors.isEmpty {
      let square = pastErrors.reduce(0) { $0 + $1 * $1 } / Double(pastErrors.count)
      error = max(error, square.squareRoot())
    }
    if history.count < Self.leastDates { error = max(error, Self.assumedDeviation) }
    self.forecast = forecast
    levelError = error
  }

  /// The interval of the base rate, 90 %.
  var interval: ClosedRange<Double> {
    let center = LogOdds.of(forecast.rate)
    return LogOdds.probability(
      center - 1.6449 * levelError
    )...LogOdds.probability(
      center + 1.6449 * levelError
    )
  }

  /// What is added to log-odds times ``slope``, so that the mean of the rows is the forecast.
  func shift(_ logOdds: [Double]) throws -> Double {
    let raw = logOdds.map { LogOdds.probability(slope * $0) }
    return try BaseRateCorrection(raw, toBaseRate: forecast.rate).shift
  }

  /// The slope of outcomes over raw log-odds, the level of each slice taken out.
  private static func slope(_ slices: [LaterSlice]) -> Double? {
    var (probabilities, outcomes): ([Double], [Bool]) = ([], [])
    for slice in slices {
      let rate = Double(slice.churned.count { $0 }) / Double(max(slice.churned.count, 1))
      let raw = slice.logOdds.map { LogOdds.probability($0) }
      guard let level = try? BaseRateCorrection(raw, toBaseRate: rate) else { continue }
      probabilities += slice.logOdds.map { LogOdds.probability($0 + level.shift) }
      outcomes += slice.churned
    }
    let events = outcomes.count { $0 }
    guard min(events, outcomes.count - events) >= leastOutcomes,
      let fitted = try? LogisticRecalibration().fit(probabilities, outcomes: outcomes),
      fitted.converged, fitted.slope.value > 0.2, fitted.slope.value < 5
    else { return nil }
    return fitted.slope.value
  }
}
