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
  public static let version = 2

  private let weeks: Int

  /// Reads `horizon_weeks`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    weeks = try reader.integer("horizon_weeks", in: 1...104) ?? 13
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines", "return_matches"] }
  /// History, forecast and how good it was on the weeks held out.
  public var outputs: [String] { ["weekly_sales", "sales_forecast", "sales_forecast_accuracy"] }

  /// Forecasts revenue and orders of whole weeks (Monday to Sunday) before the as-of date.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let sales = try WeeklySales(
      orderLines: try tables.table("order_lines"),
      returnMatches: try tables.table("return_matches"),
      asOf: context.asOf
    )
    let forecaster = SeriesForecaster(horizon: weeks, isNonNegative: true)
    let series: [(name: String, values: [Double])] = [
      ("revenue", sales.revenue), ("orders", sales.orders),
    ]
    var rows = SalesForecastRows()
    for (name, values) in series {
      rows.append(try forecaster.forecast(values), series: name, firstWeek: sales.nextWeek)
    }
    var output = StageOutput()
    output.tables = [
      OutputTable("weekly_sales", sales.table()),
      OutputTable("sales_forecast", rows.forecastTable()),
      OutputTable("sales_forecast_accuracy", rows.accuracyTable()),
    ]
    output.finding = rows.finding(currency: context.currency, weeks: weeks)
    return output
  }
}

/// Revenue and orders of whole weeks.
struct WeeklySales {
  /// The Mondays, rising, without gaps.
  let weeks: [CivilDate]
  /// Revenue net of matched returns, in units of the currency.
  let revenue: [Double]
  /// The number of orders.
  let orders: [Double]

  /// The first week that is to be forecast.
  var nextWeek: CivilDate {
    weeks.last?.advanced(byDays: 7) ?? CivilDate(daysSinceEpoch: 0)
  }

  init(orderLines: Table, returnMatches: Table, asOf: CivilDate) throws {
    let times = try orderLines.requiredColumn("ordered_at").integers
    let kind = try orderLines.requiredColumn("kind")
    let isProduct = kind.dictionary.texts.map { $0 == "product" }
    let rows = (0..<orderLines.rowCount).filter { isProduct[Int(kind.codes[$0])] }
    let end = asOf.startOfWeek
    let days = rows.map { Timestamp.day(ofMicroseconds: times[$0]) }
    guard let firstDay = days.min() else {
      throw Diagnostic(
        .usage,
        "no sale lies before the as-of date \(asOf).",
        fix: "choose a later --as-of, or check the dates of the source."
      )
    }
    let firstMonday = CivilDate(daysSinceEpoch: firstDay).startOfWeek
    let start =
      firstMonday.daysSinceEpoch == firstDay ? firstMonday : firstMonday.advanced(byDays: 7)
    let count = max(0, end.days(since: start) / 7)
    weeks = (0..<count).map { start.advanced(byDays: 7 * $0) }
    func week(_ day: Int) -> Int? {
      let place = (day - start.daysSinceEpoch) / 7
      return day >= start.daysSinceEpoch && place < count ? place : nil
    }
    let amount = try orderLines.requiredColumn("amount")
    let amounts = amount.integers
    let orderCodes = try orderLines.requiredColumn("order_id").codes
    var totals = [Int128](repeating: 0, count: count)
    var seen: Set<UInt32> = []
    var orderCounts = [Double](repeating: 0, count: count)
    for (row, day) in zip(rows, days) {
      guard let week = week(day) else { continue }
      totals[week] += Int128(amounts[row])
      if seen.insert(orderCodes[row]).inserted { orderCounts[week] += 1 }
    }
    let returned = try returnMatches.requiredColumn("returned_at").integers
    let refunds = try returnMatches.requiredColumn("amount").integers
    // Revenue is that of products, so refunds of postage and the like do not lower it.
    let refunded = returnMatches.column("kind")
    let isRefund = refunded?.dictionary.texts.map { $0 == "product" } ?? []
    let refundKinds = refunded?.codes ?? []
    for row in 0..<returnMatches.rowCount
    where refunded == nil || isRefund[Int(refundKinds[row])] {
      if let week = week(Timestamp.day(ofMicroseconds: returned[row])) {
        totals[week] -= Int128(refunds[row])
      }
    }
    let unit = Double(powerOfTen(amount.type.scale))
    revenue = totals.map { Double($0) / unit }
    orders = orderCounts
  }

  /// Columns `week_from revenue orders`.
  func table() -> Table {
    Table([
      "week_from": Column(.date, integers: weeks.map { Int64($0.daysSinceEpoch) }),
      "revenue": Column(
        .money(scale: 2),
        integers: revenue.map { Int64(($0 * 100).rounded()) }
      ),
      "orders": Column(integers: orders.map { Int64($0) }),
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
