internal import LodeNumerics

/// Forecasts one equally spaced series, choosing the method by a rolling-origin backtest.
///
/// Use it for weekly or monthly business series. It needs no second season: with 53 weeks of weekly
/// data the seasonal methods simply do not take part.
///
/// - Input: `series`, oldest first, no gaps, finite.
/// - Output: means and intervals of `horizon` steps, the backtest scores of all methods, and the
///   comparison with the seasonal naive method on a holdout that played no part in the choice.
/// - Intervals: quantiles of the chosen method's own out-of-sample errors, pooled over steps after
///   scaling by each step's error; they never narrow with the horizon.
/// - Determinism: no random numbers; the same on any thread count.
/// - Complexity: one fit per method and origin.
/// - Source: Tashman (2000), "Out-of-sample tests of forecasting accuracy", IJF.
public struct SeriesForecaster: Sendable, Hashable, Codable {
  /// The steps ahead.
  public var horizon: Int
  /// Observations per season; 1 for none, 52 for weeks, 12 for months.
  public var seasonLength: Int
  /// The methods to choose from; ties go to the earlier.
  public var candidates: [ForecastMethod]
  /// The levels of the intervals, 0…1, ascending.
  public var levels: [Double]
  /// Whether means and bounds below zero are raised to zero.
  public var isNonNegative: Bool
  /// How much less error than ``ForecastMethod/combination`` a method needs to be chosen, 0…1.
  ///
  /// A tenth: on M3 the bare winner of the backtest was worse than the combination on monthly and
  /// yearly series, since a few origins are a noisy judge.
  public var choiceMargin: Double
  /// The most origins of the backtest.
  public var maximumOriginCount: Int

  /// A configuration.
  public init(
    horizon: Int,
    seasonLength: Int = 52,
    candidates: [ForecastMethod] = ForecastMethod.allCases,
    levels: [Double] = [0.8, 0.95],
    isNonNegative: Bool = false,
    choiceMargin: Double = 0.1,
    maximumOriginCount: Int = 24
  ) {
    self.horizon = horizon
    self.seasonLength = seasonLength
    self.candidates = candidates
    self.levels = levels
    self.isNonNegative = isNonNegative
    self.choiceMargin = choiceMargin
    self.maximumOriginCount = maximumOriginCount
  }

  /// Why a series was refused.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration makes no sense.
    case badConfiguration(reason: String)
    /// There are no values.
    case emptySeries
    /// A value is missing or infinite; positions count from 0.
    case notFinite(position: Int)

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .badConfiguration(let reason): "the forecast cannot run: \(reason)."
      case .emptySeries: "there are no values to forecast from."
      case .notFinite(let position):
        "value \(position + 1) of the series is missing or infinite; fill the gap (0 for a week "
          + "without sales) before forecasting."
      }
    }
  }

  /// The forecast of `series`.
  ///
  /// A series of fewer than 10 values is repeated with wide intervals, and the status says so.
  ///
  /// - Parameters:
  ///   - series: the values, oldest first.
  ///   - comparesHoldout: whether the choice is repeated without the last values, which doubles
  ///     the work.
  /// - Returns: the forecast, without a holdout where none was asked for or the series is short.
  /// - Throws: ``FitError``.
  public func forecast(
    _ series: [Double],
    comparesHoldout: Bool = true
  ) throws(FitError) -> Forecast {
    try validate(series)
    let selection = select(series)
    var holdout: Forecast.Holdout?
    if comparesHoldout, series.count >= horizon + 12 { holdout = compare(series) }
    return Forecast(
      steps: selection.steps,
      method: selection.method,
      status: selection.status,
      scores: selection.scores,
      originCount: selection.originCount,
      holdout: holdout
    )
  }

  private struct Selection {
    let steps: [Forecast.Step]
    let method: ForecastMethod
    let status: Forecast.Status
    let scores: [Forecast.MethodScore]
    let originCount: Int
  }

  private func validate(_ series: [Double]) throws(FitError) {
    guard horizon >= 1, seasonLength >= 1, !candidates.isEmpty, maximumOriginCount >= 2 else {
      throw .badConfiguration(
        reason: "horizon \(horizon), season length \(seasonLength), \(candidates.count) candidates "
          + "or \(maximumOriginCount) origins is too small"
      )
    }
    guard levels.allSatisfy({ $0 > 0 && $0 < 1 }), levels == levels.sorted() else {
      throw .badConfiguration(reason: "the levels \(levels) are not ascending between 0 and 1")
    }
    guard !series.isEmpty else { throw .emptySeries }
    if let position = series.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(position: position)
    }
  }

  /// Chooses a method on `series` alone and forecasts with it.
  private func select(_ series: [Double]) -> Selection {
    let backtest = ForecastBacktest(series, self)
    guard series.count >= 10, !backtest.errors.isEmpty else { return repeated(series) }
    let scale = ForecastAccuracy.naiveScale(series, seasonLength: 1)
    var scores: [Forecast.MethodScore] = []
    var best: (errors: ForecastBacktest.Errors, score: Double)?
    var preferred: (errors: ForecastBacktest.Errors, score: Double)?
    for errors in backtest.errors {
      let all = errors.byOrigin.joined()
      let score = all.reduce(0) { $0 + abs($1) } / Double(max(all.count, 1))
      scores.append(
        .init(
          method: errors.method,
          meanAbsoluteError: score,
          scaledError: scale > 0 ? score / scale : nil
        )
      )
      if best.map({ score < $0.score }) ?? true { best = (errors, score) }
      if errors.method == .combination { preferred = (errors, score) }
    }
    if let preferred, let winner = best, winner.score > (1 - choiceMargin) * preferred.score {
      best = preferred
    }
    guard let best,
      let means = best.errors.method
        .forecast(series, horizon: horizon, seasonLength: seasonLength)
    else { return repeated(series) }
    let widths = IntervalScale(
      best.errors.byOrigin,
      horizon: horizon,
      span: series.count - (backtest.origins.first ?? 0)
    )
    return Selection(
      steps: steps(means, levels.map { widths.halfWidths(level: $0) }),
      method: best.errors.method,
      status: scale == 0 ? .constant : .ok,
      scores: scores,
      originCount: backtest.origins.count
    )
  }

  /// The last value again, with the random walk's intervals from few differences.
  private func repeated(_ series: [Double]) -> Selection {
    let last = series[series.count - 1]
    let differences = zip(series.dropFirst(), series).map { $0 - $1 }
    let squares = differences.reduce(0) { $0 + $1 * $1 }
    let deviation =
      differences.isEmpty ? abs(last) : (squares / Double(differences.count)).squareRoot()
    let widths = levels.map { level in
      let quantile = Distributions.normalQuantile(0.5 + level / 2)
      return (1...horizon).map { quantile * deviation * Double($0).squareRoot() }
    }
    return Selection(
      steps: steps(Array(repeating: last, count: horizon), widths),
      method: .naive,
      status: .short,
      scores: [],
      originCount: 0
    )
  }

  private func steps(_ means: [Double], _ halfWidths: [[Double]]) -> [Forecast.Step] {
    func floored(_ value: Double) -> Double { isNonNegative ? max(0, value) : value }
    return means.indices.map { step in
      Forecast.Step(
        step: step + 1,
        mean: floored(means[step]),
        intervals: levels.indices.map { place in
          Forecast.Interval(
            level: levels[place],
            lower: floored(means[step] - halfWidths[place][step]),
            upper: floored(means[step] + halfWidths[place][step])
          )
        }
      )
    }
  }

  /// Repeats the whole choice without the last `horizon` values and compares with them.
  private func compare(_ series: [Double]) -> Forecast.Holdout {
    let training = Array(series.dropLast(horizon))
    let actual = Array(series.suffix(horizon))
    let selection = select(training)
    let isSeasonal = seasonLength > 1 && training.count >= seasonLength
    let benchmark: ForecastMethod = isSeasonal ? .seasonalNaive : .naive
    let simple =
      benchmark.forecast(training, horizon: horizon, seasonLength: seasonLength) ?? actual
    let coverage = levels.indices.map { place in
      let hits = actual.indices.count { step in
        let interval = selection.steps[step].intervals[place]
        return interval.lower <= actual[step] && actual[step] <= interval.upper
      }
      return Double(hits) / Double(horizon)
    }
    return Forecast.Holdout(
      method: selection.method,
      accuracy: ForecastAccuracy(
        selection.steps.map(\.mean),
        actual: actual,
        training: training,
        seasonLength: seasonLength
      ),
      benchmark: benchmark,
      benchmarkAccuracy: ForecastAccuracy(
        simple,
        actual: actual,
        training: training,
        seasonLength: seasonLength
      ),
      levels: levels,
      coverage: coverage
    )
  }
}
