/// A way to forecast one series from its own past.
public enum ForecastMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// The last value again.
  case naive
  /// The value one season ago.
  case seasonalNaive
  /// A level that follows the series (simple exponential smoothing), season taken out.
  case simpleSmoothing
  /// A level and a trend that flattens out (damped Holt), season taken out.
  case dampedTrend
  /// Simple smoothing plus half the slope of the whole series (theta), season taken out.
  case theta
  /// Theta with weights fitted to the series (dynamic optimised theta), season taken out.
  case dynamicTheta
  /// A smooth season of three harmonics with a damped trend; needs two whole seasons.
  case harmonic
  /// The mean of damped trend and dynamic theta.
  case combination

  /// The forecast of the next `horizon` values, or nil if the series is too short for the method.
  ///
  /// - Parameters:
  ///   - series: equally spaced values without gaps, oldest first.
  ///   - horizon: the steps ahead.
  ///   - seasonLength: observations per season; 1 for none.
  /// - Returns: `horizon` values, or nil.
  public func forecast(_ series: [Double], horizon: Int, seasonLength: Int) -> [Double]? {
    guard let last = series.last, horizon >= 0 else { return nil }
    switch self {
    case .naive: return Array(repeating: last, count: horizon)
    case .seasonalNaive:
      guard seasonLength > 1, series.count >= seasonLength else { return nil }
      let start = series.count - seasonLength
      return (0..<horizon).map { series[start + $0 % seasonLength] }
    case .harmonic:
      guard
        let season = Seasonality.harmonic(series, seasonLength: seasonLength, pairCount: 3)
      else { return nil }
      return adjusted(series, season, horizon) {
        ExponentialSmoothing.dampedTrend($0, horizon: horizon)
      }
    case .simpleSmoothing, .dampedTrend, .theta, .dynamicTheta, .combination:
      guard series.count >= 4 else { return nil }
      let season = Seasonality.adjustment(series, seasonLength: seasonLength)
      return adjusted(series, season, horizon) { withoutSeason($0, horizon: horizon) }
    }
  }

  private func adjusted(
    _ series: [Double],
    _ season: Seasonality.Adjustment?,
    _ horizon: Int,
    _ forecast: ([Double]) -> [Double]
  ) -> [Double] {
    guard let season else { return forecast(series) }
    return season.applied(to: forecast(season.removed(from: series)), startingAt: series.count)
  }

  private func withoutSeason(_ y: [Double], horizon: Int) -> [Double] {
    switch self {
    case .simpleSmoothing:
      return Array(repeating: ExponentialSmoothing.level(y).last, count: horizon)
    case .dampedTrend: return ExponentialSmoothing.dampedTrend(y, horizon: horizon)
    case .theta: return Theta.standard(y, horizon: horizon)
    case .dynamicTheta: return Theta.dynamic(y, horizon: horizon)
    default:
      let trend = ExponentialSmoothing.dampedTrend(y, horizon: horizon)
      let theta = Theta.dynamic(y, horizon: horizon)
      return zip(trend, theta).map { ($0 + $1) / 2 }
    }
  }
}
