internal import LodeReports
internal import LodeRuntime

/// What the next weeks should bring.
struct SalesSection {
  private let source: ReportSource
  private let sales: ReportedSales

  init(_ source: ReportSource) throws {
    self.source = source
    sales = try ReportedSales(source)
  }

  /// The section.
  func section() -> ReportSection {
    var blocks = warnings.map { ReportBlock.callout(.init(.warning, $0)) }
    if !sales.weeks.isEmpty || !sales.forecast("revenue").isEmpty {
      blocks += [
        .chart(chart("revenue", sales.revenue, style: source.moneyStyle, title: "Revenue")),
        .chart(chart("orders", sales.orders, style: .integer, title: "Orders")),
      ]
    }
    blocks += [("Revenue", sales.revenueAccuracy), ("Orders", sales.ordersAccuracy)]
      .compactMap { name, accuracy in accuracy.map { .paragraph($0.words(name)) } }
    if sales.revenueAccuracy == nil {
      blocks.append(
        .callout(
          .init(.note, "the history is too short to hold weeks back and test the forecast on them.")
        )
      )
    }
    return ReportSection(id: "sales", title: "Sales forecast", lead: lead, blocks: blocks)
  }

  /// What a reader must know before using the forecast.
  private var warnings: [String] {
    guard !sales.forecast("revenue").isEmpty else { return [] }
    var warnings: [String] = []
    if sales.isShort {
      warnings.append(
        "the history has \(sales.weeks.count) whole weeks. With less than two years a yearly "
          + "season such as Christmas cannot be told from a trend, so the forecast follows the "
          + "level of the last weeks."
      )
    }
    if let accuracy = sales.revenueAccuracy, accuracy.isRough {
      warnings.append(
        "on the weeks held back the forecast of revenue did badly. Use it as a rough "
          + "guide only, and its intervals with care."
      )
    }
    return warnings
  }

  private var lead: String {
    guard let next = sales.nextRevenue else { return "There is no forecast of revenue." }
    var text =
      "The next \(sales.span) weeks should bring \(sales.isRough ? "very roughly " : "")"
      + "\(source.money(next.mean)) of revenue"
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
}
