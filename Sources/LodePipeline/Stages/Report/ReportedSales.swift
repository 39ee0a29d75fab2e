internal import LodeColumns
internal import LodeReports
internal import LodeRuntime

/// The weekly sales and their forecast, ready for sums and charts.
struct ReportedSales: Sendable {
  /// One week ahead.
  struct Step: Sendable {
    let week: CivilDate
    let mean: Double
    let inner: ClosedRange<Double>?
    let outer: ClosedRange<Double>?
  }

  /// The Mondays of the past weeks.
  let weeks: [CivilDate]
  /// Revenue by past week.
  let revenue: [Double]
  /// Orders by past week.
  let orders: [Double]
  /// How the forecast of revenue did on the weeks held back; nil if it was not tested.
  let revenueAccuracy: ReportedAccuracy?
  /// The same of the orders.
  let ordersAccuracy: ReportedAccuracy?
  private let steps: [String: [Step]]

  init(_ source: ReportSource) throws {
    let sales = try source.rows("weekly_sales", ["week_from", "revenue", "orders"])
    weeks = sales.indices.map { sales.date("week_from", $0) }
    revenue = sales.indices.map { sales.amount("revenue", $0) }
    orders = sales.indices.map { sales.amount("orders", $0) }
    let forecast = try source.rows(
      "sales_forecast",
      ["series", "week_from", "forecast", "low80", "high80", "low95", "high95"]
    )
    var steps: [String: [Step]] = [:]
    for row in forecast.indices {
      func band(_ low: String, _ high: String) -> ClosedRange<Double>? {
        guard let low = forecast.number(low, row), let high = forecast.number(high, row),
          low <= high
        else { return nil }
        return low...high
      }
      let step = Step(
        week: forecast.date("week_from", row),
        mean: forecast.amount("forecast", row),
        inner: band("low80", "high80"),
        outer: band("low95", "high95")
      )
      steps[forecast.text("series", row), default: []].append(step)
    }
    self.steps = steps
    let horizon = steps["revenue"]?.count ?? 0
    revenueAccuracy = try ReportedAccuracy("revenue", weekCount: horizon, source)
    ordersAccuracy = try ReportedAccuracy("orders", weekCount: horizon, source)
  }

  /// The weeks ahead of a series, `revenue` or `orders`.
  func forecast(_ series: String) -> [Step] { steps[series] ?? [] }

  /// The weeks that are compared: as many as the forecast has, 13 without one.
  var span: Int { max(1, forecast("revenue").isEmpty ? 13 : forecast("revenue").count) }

  /// Whether the history is too short to know a yearly season.
  var isShort: Bool { weeks.count < 104 }
  /// Whether the forecast should be used as a rough guide only.
  var isRough: Bool { isShort || revenueAccuracy?.isRough ?? true }

  /// The revenue of the last `span` whole weeks, nil if there are fewer.
  var lastRevenue: Double? { revenueOfSpan(endingBefore: 0) }
  /// The revenue of the `span` weeks before those.
  var previousRevenue: Double? { revenueOfSpan(endingBefore: span) }
  /// The revenue of the same weeks 52 weeks earlier.
  var yearAgoRevenue: Double? { revenueOfSpan(endingBefore: 52) }

  /// The revenue of the weeks ahead, with the sum of the weekly 80 % limits.
  var nextRevenue: (mean: Double, interval: ClosedRange<Double>?)? {
    let ahead = forecast("revenue")
    guard !ahead.isEmpty else { return nil }
    let mean = ahead.reduce(0) { $0 + $1.mean }
    let bands = ahead.compactMap(\.inner)
    guard bands.count == ahead.count else { return (mean, nil) }
    let low = bands.reduce(0) { $0 + $1.lowerBound }
    return (mean, low...bands.reduce(0) { $0 + $1.upperBound })
  }

  /// The last day of the last whole week.
  var lastDay: CivilDate? { weeks.last?.advanced(byDays: 6) }
  /// The first day of the last `span` weeks.
  var firstDayOfSpan: CivilDate? { weeks.suffix(span).first }

  private func revenueOfSpan(endingBefore skipped: Int) -> Double? {
    guard revenue.count >= skipped + span else { return nil }
    return revenue.dropLast(skipped).suffix(span).reduce(0, +)
  }
}

/// A change against an earlier number, in words.
enum ReportedChange {
  /// For example `+4.1%`; nil without a number to compare with.
  static func percent(_ now: Double?, _ before: Double?) -> Double? {
    guard let now, let before, before > 0 else { return nil }
    return now / before - 1
  }

  /// For example `4.1% more than`.
  static func words(_ change: Double) -> String {
    if abs(change) < 0.0005 { return "as much as" }
    return "\(ReportNumber.percent(abs(change))) \(change > 0 ? "more" : "less") than"
  }
}
