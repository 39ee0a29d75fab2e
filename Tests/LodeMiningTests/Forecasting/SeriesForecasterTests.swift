import FoundationEssentials
import LodeMining
import LodeRuntime
import Testing

/// Monthly airline passengers in thousands, January 1949 to December 1960 (Box & Jenkins 1976,
/// series G).
let airPassengers: [Double] = [
  112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
  115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
  145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
  171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
  196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
  204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
  242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
  284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
  315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
  340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
  360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
  417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
]

@Suite("Forecasting")
struct SeriesForecasterTests {
  private let training = Array(airPassengers.prefix(132))
  private let actual = Array(airPassengers.suffix(12))

  private func values(_ method: ForecastMethod, _ series: [Double]) throws -> [Double] {
    try #require(method.forecast(series, horizon: 12, seasonLength: 12))
  }

  @Test("the theta method gives R's forecasts of the airline passengers")
  func theta() throws {
    // R forecast 8.20, thetaf on the first 132 months; α is searched numerically: 0.05 %.
    let expected = [
      411.3257036, 402.2312347, 462.8329559, 444.6271661, 447.8843942, 509.5406979, 561.7793523,
      559.3986603, 490.3769496, 427.2361699, 371.9181869, 418.9617912,
    ]
    for (value, wanted) in zip(try values(.theta, training), expected) {
      #expect(abs(value / wanted - 1) < 5e-4)
    }
  }

  @Test("dynamic theta gives statsforecast's forecasts of the airline passengers")
  func dynamicTheta() throws {
    // statsforecast 2.1.1, DynamicOptimizedTheta; three searched parameters: 0.2 %.
    let expected = [
      412.6976, 404.6386, 466.8291, 449.6435, 454.1226, 517.9848, 572.5728, 571.6217, 502.3833,
      438.8198, 382.978, 432.5177,
    ]
    for (value, wanted) in zip(try values(.dynamicTheta, training), expected) {
      #expect(abs(value / wanted - 1) < 2e-3)
    }
  }

  @Test("the seasonal naive method errs as R's snaive does")
  func seasonalNaive() throws {
    let forecast = try values(.seasonalNaive, training)
    #expect(forecast == [360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405])
    let accuracy = ForecastAccuracy(
      forecast,
      actual: actual,
      training: training,
      seasonLength: 12
    )
    // R forecast 8.20: MASE 1.570881226 on the test set.
    #expect(abs((accuracy.mase ?? 0) - 1.570881226) < 1e-9)
  }

  @Test("the chosen method beats seasonal naive on the airline passengers, with honest intervals")
  func airline() throws {
    let forecast = try SeriesForecaster(horizon: 12, seasonLength: 12).forecast(training)
    let chosen = ForecastAccuracy(
      forecast.steps.map(\.mean),
      actual: actual,
      training: training,
      seasonLength: 12
    )
    #expect(chosen.mase ?? 9 < 0.9)
    #expect(forecast.status == .ok)
    let covered = zip(forecast.steps, actual)
      .count { step, value in
        step.intervals[1].lower <= value && value <= step.intervals[1].upper
      }
    #expect(covered >= 10)
    let holdout = try #require(forecast.holdout)
    #expect(holdout.benchmark == .seasonalNaive)
    #expect(holdout.accuracy.mase ?? 9 < holdout.benchmarkAccuracy.mase ?? 0)
  }

  @Test(
    "intervals never narrow with the horizon, and wider levels contain narrower",
    arguments: 0..<10
  )
  func intervals(_ seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    var level = 100.0
    let series = (0..<53)
      .map { _ in
        level += random.normal()
        return level + 3 * random.normal()
      }
    let forecast = try SeriesForecaster(horizon: 8, maximumOriginCount: 8).forecast(series)
    var previous = 0.0
    for step in forecast.steps {
      let (narrow, wide) = (step.intervals[0], step.intervals[1])
      #expect(wide.lower <= narrow.lower && narrow.upper <= wide.upper)
      let width = wide.upper - wide.lower
      #expect(width >= previous - 1e-9)
      previous = width
    }
    #expect(forecast.scores.allSatisfy { $0.method != .seasonalNaive && $0.method != .harmonic })
  }

  @Test("three years of weekly sales with a yearly wave keep the wave in the forecast")
  func weeklySeason() throws {
    var random = CounterRandom(seed: 8)
    // A triangle wave of ±30.
    func wave(_ week: Int) -> Double { 30 - 120 * abs(Double(week % 52) / 52 - 0.5) }
    let series = (0..<156).map { 200 + 0.2 * Double($0) + wave($0) + 4 * random.normal() }
    let forecaster = SeriesForecaster(horizon: 13, maximumOriginCount: 3)
    let forecast = try forecaster.forecast(series)
    for (step, value) in forecast.steps.enumerated() {
      let truth = 200 + 0.2 * Double(156 + step) + wave(156 + step)
      #expect(abs(value.mean - truth) < 12)
    }
  }

  @Test("a series scaled by a power of two has its forecast scaled alike")
  func scaling() throws {
    let series = Array(airPassengers.prefix(60))
    let forecaster = SeriesForecaster(horizon: 6, seasonLength: 12, maximumOriginCount: 4)
    let one = try forecaster.forecast(series)
    let other = try forecaster.forecast(series.map { $0 * 1024 })
    for (left, right) in zip(one.steps, other.steps) {
      #expect(abs(right.mean / left.mean / 1024 - 1) < 1e-6)
    }
  }

  @Test("what happens after the last value does not change the forecast of the past")
  func noLeak() throws {
    let forecaster = SeriesForecaster(horizon: 6, seasonLength: 12, maximumOriginCount: 4)
    let past = Array(airPassengers.prefix(60))
    let alone = try forecaster.forecast(past)
    let inside = try forecaster.forecast(past + [9999, 1, 9999, 1, 9999, 1])
    #expect(inside.holdout?.method == alone.method)
  }

  @Test("one thread and many give the same forecast, and JSON keeps it")
  func reproducible() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let series = Array(airPassengers.prefix(50))
    let forecaster = SeriesForecaster(horizon: 3, seasonLength: 12, maximumOriginCount: 4)
    Parallel.threadCount = 1
    let one = try forecaster.forecast(series)
    Parallel.threadCount = 4
    #expect(try forecaster.forecast(series) == one)
    let decoded = try JSONDecoder().decode(Forecast.self, from: JSONEncoder().encode(one))
    #expect(decoded == one)
  }

  @Test(
    "short, constant and zero series get a forecast and a status",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 17, 29]
  )
  func edges(_ length: Int) throws {
    let forecaster = SeriesForecaster(
      horizon: 4,
      seasonLength: 4,
      isNonNegative: true,
      maximumOriginCount: 3
    )
    let constant = try forecaster.forecast([Double](repeating: 7, count: length))
    #expect(constant.steps.allSatisfy { abs($0.mean - 7) < 1e-9 })
    #expect(constant.status == (length < 10 ? .short : .constant))
    let zero = try forecaster.forecast([Double](repeating: 0, count: length))
    #expect(zero.steps.allSatisfy { $0.mean == 0 && $0.intervals[0].lower == 0 })
    let rising = try forecaster.forecast((0..<length).map { Double($0 * $0) })
    #expect(rising.steps.allSatisfy { $0.mean.isFinite && $0.intervals[1].upper.isFinite })
  }

  @Test("forecasts of a falling series stop at zero where asked to")
  func nonNegative() throws {
    let series = (0..<30).map { 60.0 - 2 * Double($0) }
    let forecaster = SeriesForecaster(
      horizon: 6,
      seasonLength: 1,
      isNonNegative: true,
      maximumOriginCount: 4
    )
    let forecast = try forecaster.forecast(series)
    #expect(forecast.steps.allSatisfy { $0.mean >= 0 && $0.intervals[1].lower >= 0 })
  }

  @Test("a gap in the series is refused with its place")
  func refusal() {
    let error = #expect(throws: SeriesForecaster.FitError.self) {
      try SeriesForecaster(horizon: 2).forecast([1, 2, .nan])
    }
    #expect(
      error?.description
        == "value 3 of the series is missing or infinite; fill the gap (0 for a week without "
        + "sales) before forecasting."
    )
    #expect(throws: SeriesForecaster.FitError.emptySeries) {
      try SeriesForecaster(horizon: 2).forecast([])
    }
  }
}
