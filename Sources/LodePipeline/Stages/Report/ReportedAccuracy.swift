internal import LodeReports

/// How the forecast of one series did on the weeks that were held back from it.
struct ReportedAccuracy: Sendable {
  /// The method that was tested.
  let method: String
  /// The sum of its absolute errors over the sum of the actual values.
  let error: Double
  /// The simple method to compare with, and its error.
  let benchmark: (method: String, error: Double)?
  /// The share of weeks inside the 80 % and the 95 % intervals.
  let coverage: (inner: Double?, outer: Double?)
  /// The weeks held back.
  let weekCount: Int

  /// Reads the accuracy of a series; nil if it was not tested.
  ///
  /// - Throws: a diagnostic that names a missing column.
  init?(_ series: String, weekCount: Int, _ source: ReportSource) throws {
    guard
      let rows = try source.optionalRows(
        "sales_forecast_accuracy",
        ["series", "method", "measure", "value"]
      )
    else { return nil }
    let own = rows.rows(where: "series", is: series)
    let errors = own.filter { rows.text("measure", $0) == "wape" }
    guard let first = errors.first, let error = rows.number("value", first) else { return nil }
    func value(_ measure: String) -> Double? {
      own.first { rows.text("measure", $0) == measure }.flatMap { rows.number("value", $0) }
    }
    method = rows.text("method", first)
    self.error = error
    self.weekCount = weekCount
    coverage = (value("coverage_80"), value("coverage_95"))
    benchmark = errors.dropFirst().first
      .flatMap { row in rows.number("value", row).map { (rows.text("method", row), $0) } }
  }

  /// Whether the test says that forecast or intervals should not be relied on.
  var isRough: Bool {
    if let inner = coverage.inner, inner < 0.5 { return true }
    if let benchmark, error >= benchmark.error { return true }
    return error > 0.35
  }

  /// The test in words.
  func words(_ name: String) -> String {
    var text =
      "\(name), tested on the last \(weekCount) weeks, which were hidden from the method "
      + "(\(ForecastWords.name(method))): the weekly forecasts missed by "
      + "\(ReportNumber.percent(error)) of what came"
    if let benchmark {
      text +=
        "; \(ForecastWords.name(benchmark.method)), the simple rule, missed by "
        + ReportNumber.percent(benchmark.error)
    }
    for (level, share) in [(80, coverage.inner), (95, coverage.outer)] {
      guard let share else { continue }
      let hits = Int((share * Double(weekCount)).rounded())
      text += "; the \(level)% intervals held \(hits) of \(weekCount) weeks"
    }
    return text + "."
  }
}

/// Plain names of forecasting methods.
enum ForecastWords {
  private static let names: [String: String] = [
    "naive": "the last week repeated", "seasonalNaive": "the same weeks of the year before",
    "simpleSmoothing": "exponential smoothing", "dampedTrend": "damped trend",
    "theta": "theta", "dynamicTheta": "dynamic optimised theta",
    "harmonic": "yearly wave with damped trend",
    "combination": "mean of damped trend and dynamic theta",
  ]

  /// The name of a method in words.
  static func name(_ method: String) -> String { names[method] ?? method }
}
