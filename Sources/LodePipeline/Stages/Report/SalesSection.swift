internal import LodeReports
internal import LodeRuntime

/// What the next weeks should bring.
struct SalesSection {
  private let source: ReportSource
  private let sales: ReportedSales
  private let accuracy: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    sales = try ReportedSales(source)
    accuracy = try source.optionalRows(
      "sales_forecast_accuracy",
      ["series", "method", "measure", "value"]
    )
  }

  /// The section.
  func section() -> ReportSection {
    var blocks: [ReportBlock] = []
    if !sales.weeks.isEmpty || !sales.forecast("revenue").isEmpty {
      blocks = [
        .chart(chart("revenue", sales.revenue, style: source.moneyStyle, title: "Revenue")),
        .chart(chart("orders", sales.orders, style: .integer, title: "Orders")),
      ]
    }
    blocks += ["revenue", "orders"].compactMap { words($0).map { .paragraph($0) } }
    if accuracy?.count ?? 0 == 0 {
      blocks.append(
        .callout(
          .init(.note, "the history is too short to hold weeks back and test the forecast on them.")
        )
      )
    }
    return ReportSection(id: "sales", title: "Sales forecast", lead: lead, blocks: blocks)
  }

  private var lead: String {
    guard let next = sales.nextRevenue else { return "There is no forecast of revenue." }
    var text = "The next \(sales.span) weeks should bring \(source.money(next.mean)) of revenue"
    if let interval = next.interval {
      text += " (80% interval \(source.money(interval)) if all weeks err together)"
    }
    if let change = ReportedChange.percent(next.mean, sales.lastRevenue) {
      text += ", \(ReportedChange.words(change)) the last \(sales.span) weeks"
    }
    let lastYear = sales.revenue.count >= 52 ? sales.revenue.dropLast(52 - sales.span) : []
    if sales.span <= 52, lastYear.count >= sales.span {
      let before = lastYear.suffix(sales.span).reduce(0, +)
      if let change = ReportedChange.percent(next.mean, before) {
        text += " and \(ReportedChange.words(change)) the same weeks a year earlier"
      }
    }
    return text + "."
  }

  private func chart(
    _ series: String,
    _ past: [Double],
    style: NumberStyle,
    title: String
  ) -> Chart {
    let shown = min(52, past.count)
    let actual = Array(past.suffix(shown))
    let ahead = sales.forecast(series)
    let gap = [Double?](repeating: nil, count: shown)
    let none = [Double?](repeating: nil, count: ahead.count)
    let mean = ahead.reduce(0) { $0 + $1.mean } / Double(max(1, ahead.count))
    var lines = [LineChart.Series(title, actual + none)]
    if past.count >= 52, ahead.count <= 52, !ahead.isEmpty {
      let start = past.count - 52
      let before = ahead.indices.map { Double?(past[start + $0]) }
      lines.append(.init("Same weeks a year earlier", gap + before, style: .reference))
    }
    lines.append(.init("Forecast", gap + ahead.map(\.mean), style: .forecast))
    func band(_ name: String, _ path: KeyPath<ReportedSales.Step, ClosedRange<Double>?>)
      -> LineChart.Band
    {
      .init(
        name,
        low: gap + ahead.map { $0[keyPath: path]?.lowerBound },
        high: gap + ahead.map { $0[keyPath: path]?.upperBound }
      )
    }
    return Chart(
      title: "\(title) by week",
      finding: "\(style.text(mean)) a week are expected on average over the next "
        + "\(ahead.count) weeks. Weeks run from Monday to Sunday.",
      .line(
        LineChart(
          .dates(Array(sales.weeks.suffix(shown)) + ahead.map(\.week)),
          series: lines,
          bands: [band("95% interval", \.outer), band("80% interval", \.inner)],
          events: ahead.isEmpty || shown == 0 ? [] : [.init(at: shown, "Forecast from here")],
          valueTitle: title,
          valueStyle: style
        )
      )
    )
  }

  /// How the forecast of a series did on the weeks held out, in words; nil if it was not tested.
  private func words(_ series: String) -> String? {
    guard let accuracy, let first = accuracy.indices.first(where: { at($0, series, "wape") })
    else { return nil }
    let method = accuracy.text("method", first)
    let other = accuracy.indices.last { at($0, series, "wape") } ?? first
    let benchmark = accuracy.text("method", other)
    let error = ReportNumber.percent(accuracy.number("value", first) ?? .nan)
    var text =
      "\(series == "revenue" ? "Revenue" : "Orders"), tested on the last \(sales.span) weeks "
      + "without showing them to the method (\(ForecastWords.name(method))): the weekly forecasts "
      + "missed by \(error) of the actual sum"
    if other != first {
      let theirs = ReportNumber.percent(accuracy.number("value", other) ?? .nan)
      text += ", \(ForecastWords.name(benchmark)) by \(theirs)"
    }
    let coverage = [80, 95]
      .compactMap { level -> String? in
        guard let row = accuracy.indices.first(where: { at($0, series, "coverage_\(level)") }),
          let share = accuracy.number("value", row)
        else { return nil }
        let hits = Int((share * Double(sales.span)).rounded())
        return "the \(level)% intervals held \(hits) of \(sales.span) weeks"
      }
    return text + (coverage.isEmpty ? "." : "; \(coverage.joined(separator: ", ")).")
  }

  private func at(_ row: Int, _ series: String, _ measure: String) -> Bool {
    guard let accuracy else { return false }
    return accuracy.text("series", row) == series && accuracy.text("measure", row) == measure
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
