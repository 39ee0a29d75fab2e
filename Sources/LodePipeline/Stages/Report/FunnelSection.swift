internal import LodeReports

/// Where customers come from, and how many of each source go on to the next step.
struct FunnelSection {
  /// The name of all sources together.
  private static let allSources = "(all)"
  /// The source of people whom no table knows.
  private static let unknownSource = "(unknown)"
  /// Sources that are shown by name.
  private static let shownCount = 12

  private let source: ReportSource
  private let funnel: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    funnel = try source.optionalRows(
      "acquisition_funnel",
      [
        "source", "step_number", "step", "people", "conversion", "conversion_low90",
        "conversion_high90", "median_days", "cost_per_person", "value_per_person",
        "equity_per_person", "first_seen_from", "first_seen_to",
      ]
    )
  }

  /// The section; nil if no stage made the table.
  func section() -> ReportSection? {
    guard let funnel else { return nil }
    let title = "Where customers come from"
    let all = funnel.rows(where: "source", is: Self.allSources)
    guard let first = all.first, funnel.integer("people", first) > 0 else {
      return ReportSection(id: "sources", title: title, lead: "Nobody was counted.", blocks: [])
    }
    let sources = sources(funnel, first)
    let worth = worth(funnel, sources)
    return ReportSection(
      id: "sources",
      title: title,
      lead: lead(funnel, all, first),
      blocks: [.chart(chart(funnel, all, sources)), .table(table(funnel, all, sources))] + worth
    )
  }

  /// The sources by falling number of people at the first step.
  private func sources(_ funnel: ReportRows, _ first: Int) -> [String] {
    let step = funnel.text("step", first)
    let rows = funnel.rows(where: "step", is: step)
      .filter { funnel.text("source", $0) != Self.allSources }
    let ranked = rows.sorted {
      (funnel.integer("people", $1), $0) < (funnel.integer("people", $0), $1)
    }
    return ranked.prefix(Self.shownCount).map { funnel.text("source", $0) }
  }

  private func words(_ funnel: ReportRows, _ row: Int) -> String {
    funnel.text("step", row).replacing("_", with: " ")
  }

  private func interval(_ funnel: ReportRows, _ row: Int) -> ClosedRange<Double>? {
    source.interval(funnel, "conversion", row, suffix: "90")
  }

  private func days(_ funnel: ReportRows, _ row: Int) -> String {
    let last = ReportNumber.date(funnel.date("first_seen_to", row))
    guard funnel.number("first_seen_from", row) != nil else { return "up to \(last)" }
    return "from \(ReportNumber.date(funnel.date("first_seen_from", row))) to \(last)"
  }

  private func lead(_ funnel: ReportRows, _ all: [Int], _ first: Int) -> String {
    let steps = all.dropFirst()
      .map { row in
        "\(source.people(funnel.integer("people", row))) reached the "
          + "\(words(funnel, row)), "
          + source.share(funnel.number("conversion", row), interval(funnel, row))
          + " of the step before"
      }
    return "Of \(source.people(funnel.integer("people", first))) people first seen "
      + "\(days(funnel, first)), \(steps.joined(separator: "; ")). In brackets: 90% intervals."
  }

  /// The row of a source and step.
  private func row(_ funnel: ReportRows, _ name: String, _ step: String) -> Int? {
    funnel.rows(where: "source", is: name).first { funnel.text("step", $0) == step }
  }

  /// Whether the conversion of a row rests on enough people to be shown.
  private func isShown(_ funnel: ReportRows, _ row: Int, before: Int?) -> Bool {
    let least = ReportSource.smallestCount
    let people = funnel.integer("people", row)
    let start = before.map { funnel.integer("people", $0) } ?? people
    return start >= least && (people == 0 || people >= least)
  }

  private func chart(_ funnel: ReportRows, _ all: [Int], _ sources: [String]) -> Chart {
    let steps = all.map { funnel.text("step", $0) }
    let pairs = zip(steps.dropFirst(), steps).prefix(4)
    func shown(_ name: String, _ step: String, _ before: String) -> Int? {
      guard let row = row(funnel, name, step),
        isShown(funnel, row, before: self.row(funnel, name, before))
      else { return nil }
      return row
    }
    let names = (sources + [Self.allSources])
      .filter { name in pairs.contains { shown(name, $0, $1) != nil } }
    return Chart(
      title: "Conversion from step to step, by source",
      finding: finding(funnel, pairs.map { ($0, $1) }, sources, shown),
      .bars(
        BarChart(
          categories: names,
          series: pairs.map { step, before in
            let rows = names.map { shown($0, step, before) }
            return BarChart.Series(
              "\(before) to \(step)".replacing("_", with: " "),
              rows.map { row in row.flatMap { funnel.number("conversion", $0) } },
              intervals: rows.map { row in row.flatMap { interval(funnel, $0) } }
            )
          },
          valueTitle: "Share of the step before",
          valueStyle: .percent(places: 0)
        )
      )
    )
  }

  private func finding(
    _ funnel: ReportRows,
    _ pairs: [(step: String, before: String)],
    _ sources: [String],
    _ shown: (String, String, String) -> Int?
  ) -> String {
    let whiskers = "Whiskers are 90% intervals; sources with few people are left out."
    guard let last = pairs.last else { return whiskers }
    let rows = sources.filter { $0 != Self.unknownSource }
      .compactMap { shown($0, last.step, last.before) }
      .filter { funnel.number("conversion", $0) != nil }
    func conversion(_ row: Int) -> Double { funnel.amount("conversion", row) }
    guard let best = rows.max(by: { conversion($0) < conversion($1) }),
      let least = rows.min(by: { conversion($0) < conversion($1) }), best != least
    else { return whiskers }
    func words(_ row: Int) -> String {
      "\(funnel.text("source", row)) "
        + source.share(funnel.number("conversion", row), interval(funnel, row))
    }
    let step = "\(last.before) to \(last.step)".replacing("_", with: " ")
    let isUnsure =
      (interval(funnel, best)?.lowerBound ?? 0) <= (interval(funnel, least)?.upperBound ?? 1)
    let chance = isUnsure ? "; the intervals overlap, so it may be chance" : ""
    return "From \(step): most of \(words(best)), fewest of \(words(least))\(chance). \(whiskers)"
  }

  private func table(_ funnel: ReportRows, _ all: [Int], _ sources: [String]) -> ReportTable {
    let steps = all.map { funnel.text("step", $0) }
    return ReportTable(
      caption: "People by source and step, and the share of the step before with its 90% interval; "
        + "first seen \(days(funnel, all.first ?? 0))",
      columns: [ReportColumn("Source")]
        + steps.map {
          ReportColumn(Self.capitalised($0.replacing("_", with: " ")), isNumber: true)
        },
      rows: (sources + [Self.allSources])
        .map { name in
          let rows = steps.map { row(funnel, name, $0) }
          return [name]
            + rows.indices.map { place in
              guard let row = rows[place] else { return "\u{2013}" }
              let people = source.people(funnel.integer("people", row))
              guard place > 0, funnel.number("conversion", row) != nil,
                isShown(funnel, row, before: rows[place - 1])
              else { return people }
              let share = source.share(funnel.number("conversion", row), interval(funnel, row))
              return "\(people) \u{B7} \(share)"
            }
        }
    )
  }

  private static func capitalised(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst()
  }

  /// What an acquired customer costs and is worth, where a table says it.
  private func worth(_ funnel: ReportRows, _ sources: [String]) -> [ReportBlock] {
    let rows = (sources + [Self.allSources])
      .compactMap { row(funnel, $0, "first_order") }
      .filter { isShown(funnel, $0, before: nil) && funnel.integer("people", $0) > 0 }
      .filter { funnel.number("value_per_person", $0) != nil }
    guard !rows.isEmpty else { return [] }
    let hasCosts = rows.contains { funnel.number("cost_per_person", $0) != nil }
    let name = hasCosts ? "equity_per_person" : "value_per_person"
    let named = rows.filter {
      funnel.text("source", $0) != Self.allSources && funnel.number(name, $0) != nil
    }
    let best = named.max { funnel.amount(name, $0) < funnel.amount(name, $1) }
    let what = hasCosts ? "Equity" : "Value"
    let chart = Chart(
      title: "\(what) of an acquired customer, by source",
      finding: (best.map { row in
        "Most from \(funnel.text("source", row)): \(source.exactMoney(funnel.number(name, row))) "
          + "a customer. "
      } ?? "")
        + (hasCosts
          ? "Value less the cost of winning the customer."
          : "No table says the costs, so this is value before costs."),
      .bars(
        BarChart(
          categories: rows.map { funnel.text("source", $0) },
          series: [.init("\(what) a customer", rows.map { funnel.number(name, $0) })],
          valueTitle: "\(what) a customer",
          valueStyle: source.moneyStyle
        )
      )
    )
    return [.chart(chart), .table(worthTable(funnel, rows, hasCosts: hasCosts))]
  }

  private func worthTable(_ funnel: ReportRows, _ rows: [Int], hasCosts: Bool) -> ReportTable {
    let amounts =
      hasCosts
      ? [
        ("cost", "Cost a customer"), ("value", "Value a customer"), ("equity", "Equity a customer"),
      ]
      : [("value", "Value a customer")]
    return ReportTable(
      caption: "What an acquired customer \(hasCosts ? "costs and brings" : "brings"), in "
        + "\(source.context.currency), as of \(source.asOfText)",
      columns: [ReportColumn("Source"), ReportColumn("Customers", isNumber: true)]
        + amounts.map { ReportColumn($0.1, isNumber: true) },
      rows: rows.map { row in
        [funnel.text("source", row), source.people(funnel.integer("people", row))]
          + amounts.map { source.exactMoney(funnel.number("\($0.0)_per_person", row)) }
      }
    )
  }
}
