import LodeRuntime
import Testing

@testable import LodeMining

@Suite("Forecasts of several methods at once")
struct ForecastMethodTests {
  @Test("each method forecasts as it does alone", arguments: [3, 9, 60])
  func shared(count: Int) {
    var random = CounterRandom(seed: 12)
    let series = (0..<count)
      .map { 100 + Double($0) + (($0 % 4) == 0 ? 30 : 0) + 5 * random.uniform() }
    let methods = ForecastMethod.allCases
    let together = ForecastMethod.forecasts(methods, of: series, horizon: 5, seasonLength: 4)
    for (method, forecast) in zip(methods, together) {
      #expect(forecast == method.forecast(series, horizon: 5, seasonLength: 4))
    }
    if count == 60 { #expect(together.allSatisfy { $0?.count == 5 }) }
  }

  @Test("a straight line goes on under dynamic theta")
  func dynamicTheta() throws {
    let line = (0..<40).map { 50 + 2 * Double($0) }
    let forecast = try #require(
      ForecastMethod.dynamicTheta.forecast(line, horizon: 3, seasonLength: 1)
    )
    // The last value is 128.
    for (step, value) in forecast.enumerated() {
      #expect(abs(value - (130 + 2 * Double(step))) < 0.5)
    }
  }
}
