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
    var shared = SeasonlessForecasts(series, horizon: horizon, seasonLength: seasonLength)
    return forecast(series, horizon: horizon, seasonLength: seasonLength, &shared)
  }

  /// The forecasts of several methods, each as ``forecast(_:horizon:seasonLength:)`` gives it.
  ///
  /// What several methods need – the season, the smoothing – is worked out once.
  ///
  /// - Parameters:
  ///   - methods: the methods.
  ///   - series: equally spaced values without gaps, oldest first.
  ///   - horizon: the steps ahead.
  ///   - seasonLength: observations per season; 1 for none.
  /// - Returns: one entry a method, nil where the series is too short for it.
  static func forecasts(
    _ methods: [ForecastMethod],
    of series: [Double],
    horizon: Int,
    seasonLength: Int
  ) -> [[Double]?] {
    var shared = SeasonlessForecasts(series, horizon: horizon, seasonLength: seasonLength)
    return methods.map {
      $0.forecast(series, horizon: horizon, seasonLength: seasonLength, &shared)
    }
  }

  private func forecast(
    _ series: [Double],
    horizon: Int,
    seasonLength: Int,
    _ shared: inout SeasonlessForecasts
  ) -> [Double]? {
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
      let trend = ExponentialSmoothing.dampedTrend(season.removed(from: series), horizon: horizon)
      return season.applied(to: trend, startingAt: series.count)
    case .simpleSmoothing, .dampedTrend, .theta, .dynamicTheta, .combination:
      guard series.count >= 4 else { return nil }
      return shared.withSeason(withoutSeason(&shared))
    }
  }

  private func withoutSeason(_ shared: inout SeasonlessForecasts) -> [Double] {
    switch self {
    case .simpleSmoothing: Array(repeating: shared.level.last, count: shared.horizon)
    case .dampedTrend: shared.dampedTrend
    case .theta: Theta.standard(shared.values, level: shared.level, horizon: shared.horizon)
    case .dynamicTheta: shared.dynamicTheta
    default: zip(shared.dampedTrend, shared.dynamicTheta).map { ($0 + $1) / 2 }
    }
  }
}

/// What the methods that take the season out share for one series, each worked out when asked for.
private struct SeasonlessForecasts {
  private let series: [Double]
  private let seasonLength: Int
  let horizon: Int

  init(_ series: [Double], horizon: Int, seasonLength: Int) {
    self.series = series
    self.horizon = horizon
    self.seasonLength = seasonLength
  }

  private lazy var season = Seasonality.adjustment(series, seasonLength: seasonLength)
  /// The series without its season.
  lazy var values = season?.removed(from: series) ?? series
  /// The smoothed level of the values.
  lazy var level = ExponentialSmoothing.level(values)
  lazy var dampedTrend = ExponentialSmoothing.dampedTrend(values, horizon: horizon)
  lazy var dynamicTheta = Theta.dynamic(values, horizon: horizon)

  /// A forecast of the values with the season put back.
  mutating func withSeason(_ forecast: [Double]) -> [Double] {
    season?.applied(to: forecast, startingAt: series.count) ?? forecast
  }
}
