import Foundation
import LodeMining
import LodeRuntime
import Testing

@Suite("Forecast of base rates")
struct BaseRateForecastTests {
  private func observation(_ date: String, _ events: Int) throws
    -> BaseRateForecaster.Observation
  {
    BaseRateForecaster.Observation(
      date: try #require(CivilDate(date)),
      events: events,
      rows: 1_000
    )
  }

  @Test("one date is the forecast, with the error of luck")
  func single() throws {
    let history = [try observation("2025-01-01", 300)]
    let date = try #require(CivilDate("2025-04-01"))
    let forecast = try BaseRateForecaster().forecast(history, at: date)
    // (300 + ½) / (1000 + 1)
    #expect(abs(forecast.rate - 300.5 / 1_001) < 1e-12)
    #expect(forecast.seasonCount == 0)
    #expect(abs(forecast.logOddsStandardError - (1 / 300.5 + 1 / 700.5).squareRoot()) < 1e-12)
  }

  @Test("a season that comes back is half believed after a year, more after two")
  func season() throws {
    // Quarters of 40 %, but 60 % in July.
    let months = ["01-01", "04-01", "07-01", "10-01"]
    var history: [BaseRateForecaster.Observation] = []
    for year in [2022, 2023, 2024] {
      for month in months {
        history.append(try observation("\(year)-\(month)", month == "07-01" ? 600 : 400))
      }
    }
    let july = try #require(CivilDate("2024-07-01"))
    let long = try BaseRateForecaster().forecast(history, at: july)
    #expect(long.seasonCount == 2)
    #expect(long.rate > long.level + 0.05)
    let short = try BaseRateForecaster().forecast(Array(history.dropFirst(4)), at: july)
    #expect(short.seasonCount == 1)
    #expect(short.seasonalShift > 0.2)
    #expect(short.seasonalShift < long.seasonalShift)
    #expect(long.lowerBound < 0.6 && long.upperBound > 0.6)
    // What happened on the day itself or later is not looked at, nor is the order of rows.
    let shuffled = try BaseRateForecaster().forecast(history.reversed(), at: july)
    #expect(shuffled == long)
  }

  @Test("with and without a season the interval holds the share about 95 times in 100")
  func coverage() throws {
    let start = try #require(CivilDate("2022-01-01"))
    for season in [0.0, 0.6] {
      var hits = 0
      for seed in 0..<100 {
        var random = CounterRandom(seed: UInt64(seed))
        // Log-odds of −½ with a wave over the year and a deviation of 0.15 a date.
        var rates: [(date: CivilDate, rate: Double)] = []
        for quarter in 0...10 {
          let date = start.advanced(byDays: 91 * quarter)
          let wave = season * (quarter % 4 == 2 ? 1 : 0)
          let odds = exp(-0.5 + wave + 0.15 * random.normal())
          rates.append((date, odds / (1 + odds)))
        }
        let history = rates.dropLast()
          .map { date, rate in
            let events = (0..<400).count { _ in random.uniform() < rate }
            return BaseRateForecaster.Observation(date: date, events: events, rows: 400)
          }
        let forecast = try BaseRateForecaster().forecast(history, at: rates[10].date)
        if (forecast.lowerBound...forecast.upperBound).contains(rates[10].rate) { hits += 1 }
      }
      #expect((86...100).contains(hits), "\(hits) of 100 with a season of \(season)")
    }
  }

  @Test("no past, doubled dates and impossible counts are refused")
  func refusals() throws {
    let date = try #require(CivilDate("2025-01-01"))
    let one = try observation("2025-01-01", 10)
    let forecaster = BaseRateForecaster()
    #expect(throws: EvaluationError.noRows(of: "observations before 2025-01-01")) {
      try forecaster.forecast([one], at: date)
    }
    #expect(throws: EvaluationError.self) { try forecaster.forecast([one, one], at: date) }
    #expect(throws: EvaluationError.self) {
      try forecaster.forecast([.init(date: date, events: 5, rows: 4)], at: date)
    }
  }
}
