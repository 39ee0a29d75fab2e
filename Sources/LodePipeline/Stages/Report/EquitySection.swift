internal import LodeReports

/// What won customers are worth, and what moves it.
struct EquitySection {
  /// The name of all segments together.
  private static let allSegments = "(all)"
  /// The parts of equity with their words.
  private static let parts = [
    ("acquisition_equity", "Acquisition"), ("retention_equity", "Retention"),
    ("add_on_equity", "Add-on selling"),
  ]

  private let source: ReportSource
  private let equity: ReportRows?
  private let drivers: ReportRows?
  private let spending: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    let amounts = (Self.parts.map(\.0) + ["equity"])
      .flatMap { [$0, "\($0)_low90", "\($0)_high90"] }
    equity = try source.optionalRows(
      "customer_equity",
      [
        "segment", "from_day", "to_day", "period_days", "acquired", "retention_rate",
        "retention_rate_low90", "retention_rate_high90", "equity_per_acquired", "existing_value",
      ] + amounts
    )
    drivers = try source.optionalRows(
      "customer_equity_drivers",
      ["segment", "driver", "gain", "gain_percent"]
    )
    spending = try source.optionalRows(
      "customer_equity_spending",
      [
        "segment", "spending_on", "spending", "rate", "ceiling", "best_spending", "best_rate",
        "equity", "best_equity",
      ]
    )
  }

  /// The section; nil if no stage made the tables.
  func section() -> ReportSection? {
    guard let equity else { return nil }
    let title = "What the customer base is worth"
    guard let all = equity.rows(where: "segment", is: Self.allSegments).first else {
      return ReportSection(id: "equity", title: title, lead: "Nobody was won.", blocks: [])
    }
    return ReportSection(
      id: "equity",
      title: title,
      lead: lead(equity, all),
      blocks: [.keyFigures(figures(equity, all)), .chart(split(equity, all))] + driverChart
        + [.table(table(equity))] + best
    )
  }

  private func interval(_ equity: ReportRows, _ name: String, _ row: Int) -> ClosedRange<Double>? {
    source.interval(equity, name, row, suffix: "90")
  }

  /// The segments by falling equity, all of them together last.
  private func ranked(_ equity: ReportRows) -> [Int] {
    func rank(_ row: Int) -> Double {
      equity.text("segment", row) == Self.allSegments
        ? -.infinity : equity.amount("equity", row)
    }
    return equity.indices.sorted { (rank($1), $0) < (rank($0), $1) }
  }

  /// Whether enough customers were won for their worth to be shown.
  private func isShown(_ equity: ReportRows, _ row: Int) -> Bool {
    equity.integer("acquired", row) >= ReportSource.smallestCount
  }

  private func days(_ equity: ReportRows, _ row: Int) -> String {
    "\(ReportNumber.date(equity.date("from_day", row))) to "
      + ReportNumber.date(equity.date("to_day", row))
  }

  private func lead(_ equity: ReportRows, _ all: Int) -> String {
    let interval = interval(equity, "equity", all).map { " (90% interval \(source.money($0)))" }
    var text =
      "The \(source.customers(equity.integer("acquired", all))) won from \(days(equity, all)) are "
      + "worth \(source.money(equity.number("equity", all)))\(interval ?? "") over their lives"
    if let gain = gain("retention rate") {
      text += "; one percent better retention would bring \(source.money(gain)) more"
    }
    text += "."
    if let existing = equity.number("existing_value", all) {
      text +=
        " All existing customers will bring \(source.money(existing)) over the days of the "
        + "forecast of lifetime value, from \(source.asOfText) on."
    }
    return text
  }

  /// What one percent of a driver brings in all segments together.
  private func gain(_ driver: String) -> Double? {
    guard let drivers else { return nil }
    return drivers.rows(where: "segment", is: Self.allSegments)
      .first { drivers.text("driver", $0) == driver }
      .flatMap { drivers.number("gain", $0) }
  }

  private func figures(_ equity: ReportRows, _ all: Int) -> [KeyFigure] {
    let whole = equity.amount("equity", all)
    let parts = Self.parts.map { name, words in
      let share =
        whole > 0 ? "\(source.probability(equity.amount(name, all) / whole)) of all" : ""
      let ends = interval(equity, name, all).map { "90% interval \(source.money($0))" }
      return KeyFigure(
        label: words,
        value: source.money(equity.number(name, all)),
        note: [share, ends ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
      )
    }
    let better = gain("retention rate")
      .map {
        KeyFigure(
          label: "One percent better retention",
          value: ($0 > 0 ? "+" : "") + source.money($0),
          note: "retention rate times 1.01 in every segment"
        )
      }
    return parts + [better].compactMap(\.self)
  }

  private func split(_ equity: ReportRows, _ all: Int) -> Chart {
    let segments = ranked(equity)
      .filter { equity.text("segment", $0) != Self.allSegments && isShown(equity, $0) }
    let rows = segments.count > 1 ? segments : [all]
    let most = rows.max { equity.amount("equity", $0) < equity.amount("equity", $1) }
    return Chart(
      title: "Acquisition, retention and add-on selling",
      finding: (most.map { row in
        rows.count > 1
          ? "Most from \(equity.text("segment", row)): "
            + "\(source.money(equity.number("equity", row))) with "
            + "\(source.customers(equity.integer("acquired", row))) won. " : ""
      } ?? "") + "Customers won from \(days(equity, all)); whiskers are 90% intervals.",
      .bars(
        BarChart(
          categories: rows.map { equity.text("segment", $0) },
          series: Self.parts.map { name, words in
            BarChart.Series(
              words,
              rows.map { equity.number(name, $0) },
              intervals: rows.map { interval(equity, name, $0) }
            )
          },
          valueTitle: "Equity",
          valueStyle: source.moneyStyle
        )
      )
    )
  }

  /// What one percent of each driver brings; drivers that bring nothing are left out.
  private var driverChart: [ReportBlock] {
    guard let drivers else { return [] }
    let rows = drivers.rows(where: "segment", is: Self.allSegments)
      .filter { abs(drivers.amount("gain", $0)) >= 0.5 }
      .sorted { (drivers.amount("gain", $1), $0) < (drivers.amount("gain", $0), $1) }
    guard let first = rows.first else { return [] }
    let share = drivers.number("gain_percent", first)
      .map { " (\(ReportNumber.text($0, places: 2))% of all equity)" }
    return [
      .chart(
        Chart(
          title: "What one percent better brings",
          finding: "One percent better \(drivers.text("driver", first)) brings most: "
            + "\(source.money(drivers.number("gain", first)))\(share ?? "").",
          .bars(
            BarChart(
              categories: rows.map { drivers.text("driver", $0) },
              series: [.init("Gain in equity", rows.map { drivers.number("gain", $0) })],
              valueTitle: "Gain in equity",
              valueStyle: source.moneyStyle
            )
          )
        )
      )
    ]
  }

  private func table(_ equity: ReportRows) -> ReportTable {
    let period = equity.count > 0 ? equity.integer("period_days", 0) : 0
    return ReportTable(
      caption: "Segments with 90% intervals in brackets; retention is from one period of \(period) "
        + "days to the next, money in \(source.context.currency)",
      columns: [
        ReportColumn("Segment"), ReportColumn("Customers won", isNumber: true),
        ReportColumn("Retention rate", isNumber: true), ReportColumn("Equity", isNumber: true),
        ReportColumn("Equity a customer won", isNumber: true),
        ReportColumn("Existing customers, to come", isNumber: true),
      ],
      rows: ranked(equity)
        .map { row in
          guard isShown(equity, row) else {
            return [equity.text("segment", row), source.people(equity.integer("acquired", row))]
              + Array(repeating: "\u{2013}", count: 4)
          }
          let ends = interval(equity, "equity", row)
            .map { interval in
              " (\(ReportNumber.text(interval.lowerBound, places: 0)) to "
                + "\(ReportNumber.text(interval.upperBound, places: 0)))"
            }
          return [
            equity.text("segment", row), source.people(equity.integer("acquired", row)),
            source.share(
              equity.number("retention_rate", row),
              interval(equity, "retention_rate", row)
            ),
            source.money(equity.number("equity", row)) + (ends ?? ""),
            source.exactMoney(equity.number("equity_per_acquired", row)),
            source.money(equity.number("existing_value", row)),
          ]
        }
    )
  }

  /// The best spending, where managers said how high rates can go.
  private var best: [ReportBlock] {
    guard let spending else { return [] }
    let rows = spending.indices.filter { spending.number("best_spending", $0) != nil }
    guard !rows.isEmpty else { return [] }
    return [
      .table(
        ReportTable(
          caption: "Spending on a prospect and on a customer a period, now and at its best; the "
            + "curve takes it that the rate is 0 without spending",
          columns: [
            ReportColumn("Segment"), ReportColumn("Spending on"),
            ReportColumn("Now", isNumber: true), ReportColumn("Best", isNumber: true),
            ReportColumn("Rate now", isNumber: true), ReportColumn("Rate at best", isNumber: true),
            ReportColumn("Equity now", isNumber: true),
            ReportColumn("Equity at best", isNumber: true),
          ],
          rows: rows.map { row in
            [
              spending.text("segment", row), spending.text("spending_on", row),
              source.exactMoney(spending.number("spending", row)),
              source.exactMoney(spending.number("best_spending", row)),
              NumberStyle.percent(places: 1).text(spending.number("rate", row)),
              NumberStyle.percent(places: 1).text(spending.number("best_rate", row)),
              source.money(spending.number("equity", row)),
              source.money(spending.number("best_equity", row)),
            ]
          }
        )
      )
    ]
  }
}
