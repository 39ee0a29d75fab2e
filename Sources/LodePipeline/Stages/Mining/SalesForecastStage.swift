internal import LodeColumns
public import LodeFormats
internal import LodeMining
public import LodeRuntime

/// Order lines to weekly revenue and orders, forecast with intervals and judged on a holdout.
public struct SalesForecastStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.forecast
  /// The name in pipeline files.
  public static let method = "sales"
  /// The version of the method.
  public static let version = 3

  private let weeks: Int
  /// The columns whose largest groups are forecast too, and how many of them.
  private let by: [(column: String, limit: Int)]

  /// Reads `horizon_weeks` and `by`, for example `by: { category: 40, channel: 4 }`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    weeks = try reader.integer("horizon_weeks", in: 1...104) ?? 13
    let columns = ["category", "channel", "country", "product_id"]
    var by: [(column: String, limit: Int)] = []
    let table = try reader.object("by")
    for column in table?.keys ?? [] {
      guard columns.contains(column) else {
        throw reader.problem(
          at: table?.node ?? reader.node,
          "\"by\" of \(reader.subject) has \"\(column)\""
            + "\(Suggestion.ending(for: column, in: columns))",
          fix: "choose from \(columns.joined(separator: ", "))."
        )
      }
      by.append((column, try table?.integer(column, in: 1...10_000) ?? 1))
    }
    try table?.finish()
    self.by = by
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines", "return_matches"] }
  /// History, forecast, how good it was on the weeks held out, and what it said of the last weeks
  /// a week before; with `by` those of groups too.
  public var outputs: [String] {
    ["weekly_sales", "sales_forecast", "sales_forecast_accuracy", "sales_forecast_past"]
      + (by.isEmpty
        ? [] : ["group_sales", "group_sales_forecast", "group_sales_forecast_accuracy"])
  }

  /// Forecasts revenue and orders of whole weeks (Monday to Sunday) before the as-of date.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let empty = WeeklyTally(dimensions: by.map(\.column))
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> WeeklyTally in
      var part = empty
      try part.add(
        orderLines: try tables.table("order_lines", shard: shards[index], columns: part.columns),
        returnMatches: try tables.table("return_matches", shard: shards[index])
      )
      return part
    }
    var tally = empty
    for part in parts { tally.add(part) }
    let sales = try WeeklySales(tally, asOf: context.asOf)
    let totals = [
      Series(name: "revenue", values: sales.revenue), Series(name: "orders", values: sales.orders),
    ]
    let rows = try forecasts(of: totals, firstWeek: sales.nextWeek, origins: 24)
    var output = StageOutput()
    output.tables = [
      OutputTable("weekly_sales", sales.table()),
      OutputTable("sales_forecast", rows.forecastTable()),
      OutputTable("sales_forecast_accuracy", rows.accuracyTable()),
    ]
    let past = try PastForecasts(totals.map { ($0.name, $0.values) }, weeks: sales.weeks)
    output.tables.append(OutputTable("sales_forecast_past", past.table()))
    output.details = past.lines(currency: context.currency)
    output.finding = rows.finding(currency: context.currency, weeks: weeks)
    guard !by.isEmpty else { return output }
    let groups = by.enumerated()
      .flatMap { place, dimension in
        sales.groups(place, limit: dimension.limit)
          .map { Series(name: "\(dimension.column): \($0.name)", values: $0.values) }
      }
    // Many series: a third of the origins tells the methods apart well enough.
    let ofGroups = try forecasts(of: groups, firstWeek: sales.nextWeek, origins: 8)
    output.tables += [
      OutputTable("group_sales", history(groups, sales.weeks)),
      OutputTable("group_sales_forecast", ofGroups.forecastTable()),
      OutputTable("group_sales_forecast_accuracy", ofGroups.accuracyTable()),
    ]
    output.finding += "; \(groups.count) groups"
    return output
  }

  private struct Series: Sendable {
    let name: String
    let values: [Double]
  }

  private func forecasts(
    of series: [Series],
    firstWeek: CivilDate,
    origins: Int
  ) throws -> SalesForecastRows {
    let forecaster = SeriesForecaster(
      horizon: weeks,
      isNonNegative: true,
      maximumOriginCount: origins
    )
    let forecasts = try Parallel.map(series.count) { index in
      try forecaster.forecast(series[index].values)
    }
    var rows = SalesForecastRows()
    for (series, forecast) in zip(series, forecasts) {
      rows.append(forecast, series: series.name, firstWeek: firstWeek)
    }
    return rows
  }

  /// Columns `series week_from revenue`.
  private func history(_ series: [Series], _ weeks: [CivilDate]) -> Table {
    Table([
      "series": Column(texts: series.flatMap { one in weeks.map { _ in one.name } }),
      "week_from": Column(
        .date,
        integers: series.flatMap { _ in weeks.map { Int64($0.daysSinceEpoch) } }
      ),
      "revenue": Column(
        .money(scale: 2),
        integers: series.flatMap { $0.values.map { Int64(($0 * 100).rounded()) } }
      ),
    ])
  }
}

/// The forecasts of several series as rows.
private struct SalesForecastRows {
  private var steps: [(series: String, week: CivilDate, step: Forecast.Step, method: String)] = []
  private var forecasts: [(series: String, forecast: Forecast)] = []

  mutating func append(_ forecast: Forecast, series: String, firstWeek: CivilDate) {
    forecasts.append((series, forecast))
    for (place, step) in forecast.steps.enumerated() {
      let week = firstWeek.advanced(byDays: 7 * place)
      steps.append((series, week, step, forecast.method.rawValue))
    }
  }

  func forecastTable() -> Table {
    func bound(_ level: Double, _ side: KeyPath<Forecast.Interval, Double>) -> Column {
      var builder = ColumnBuilder(.double)
      for row in steps {
        builder.append(double: row.step.intervals.first { $0.level == level }?[keyPath: side])
      }
      return builder.build()
    }
    return Table([
      "series": Column(texts: steps.map(\.series)),
      "week_from": Column(.date, integers: steps.map { Int64($0.week.daysSinceEpoch) }),
      "forecast": Column(doubles: steps.map(\.step.mean)),
      "low80": bound(0.8, \.lower), "high80": bound(0.8, \.upper),
      "low95": bound(0.95, \.lower), "high95": bound(0.95, \.upper),
      "method": Column(texts: steps.map(\.method)),
    ])
  }

  func accuracyTable() -> Table {
    var series: [String] = []
    var method: [String] = []
    var measure: [String] = []
    var value = ColumnBuilder(.double)
    for (name, forecast) in forecasts {
      guard let holdout = forecast.holdout else { continue }
      let measures: [(String, ForecastMethod, Double?)] =
        [
          ("mase", holdout.method, holdout.accuracy.mase),
          ("smape", holdout.method, holdout.accuracy.smape),
          ("wape", holdout.method, holdout.accuracy.wape),
          ("mase", holdout.benchmark, holdout.benchmarkAccuracy.mase),
          ("smape", holdout.benchmark, holdout.benchmarkAccuracy.smape),
          ("wape", holdout.benchmark, holdout.benchmarkAccuracy.wape),
        ]
        + zip(holdout.levels, holdout.coverage)
        .map { level, coverage in
          ("coverage_\(Int((level * 100).rounded()))", holdout.method, coverage)
        }
      for (word, of, number) in measures {
        series.append(name)
        method.append(of.rawValue)
        measure.append(word)
        value.append(double: number)
      }
    }
    return Table([
      "series": Column(texts: series), "method": Column(texts: method),
      "measure": Column(texts: measure), "value": value.build(),
    ])
  }

  func finding(currency: String, weeks: Int) -> String {
    let words = forecasts.map { name, forecast in
      let sum = forecast.steps.reduce(0) { $0 + $1.mean }.rounded(toPlaces: 0)
      let unit = name == "revenue" ? " \(currency)" : ""
      return "\(name) \(sum)\(unit) (\(forecast.method.rawValue))"
    }
    return "next \(weeks) weeks: \(words.joined(separator: ", "))"
  }
}
