internal import LodeReports

/// How satisfied customers are, and whether that says who buys again.
struct SatisfactionSection {
  /// The kinds of satisfaction against loyalty, in words.
  private static let meanings = [
    "apostle": "satisfied, and bought again", "mercenary": "satisfied, and did not buy again",
    "hostage": "not satisfied, and bought again",
    "defector": "not satisfied, and did not buy again",
  ]
  /// The zones of the score, in words.
  private static let zoneNames = [
    "defection": "Defection (low scores)", "indifference": "Indifference (between)",
    "affection": "Affection (top scores)",
  ]

  private let source: ReportSource
  private let summary: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    let intervals = ["share", "repurchase"].flatMap { [$0, "\($0)_low90", "\($0)_high90"] }
    summary = try source.optionalRows(
      "satisfaction_summary",
      ["of", "name", "people", "repurchase_days", "auc", "auc_low90", "auc_high90"] + intervals
    )
  }

  /// The section; nil if no stage made the table.
  func section() -> ReportSection? {
    guard let summary else { return nil }
    guard let all = summary.rows(where: "of", is: "all").first, summary.integer("people", all) > 0
    else {
      return ReportSection(
        id: "satisfaction",
        title: "Satisfaction and loyalty",
        lead: "Nobody has answered whose days to buy again are over.",
        blocks: []
      )
    }
    let zones = summary.rows(where: "of", is: "zone")
    return ReportSection(
      id: "satisfaction",
      title: "Satisfaction and loyalty",
      lead: lead(summary, all),
      blocks: verdict(summary, all) + [
        .chart(sizes(summary, zones)), .chart(loyalty(summary, zones, all)),
        .table(kinds(summary)),
      ]
    )
  }

  private func days(_ summary: ReportRows) -> String {
    "\(summary.integer("repurchase_days", 0)) days"
  }

  private func lead(_ summary: ReportRows, _ all: Int) -> String {
    let interval = source.interval(summary, "repurchase", all, suffix: "90")
    return "Of \(source.customers(summary.integer("people", all))) with an answer whose "
      + "\(days(summary)) were over by \(source.asOfText), "
      + "\(source.share(summary.number("repurchase", all), interval)) bought again in those days. "
      + "In brackets: 90% intervals."
  }

  /// What the score says of who stays.
  private func verdict(_ summary: ReportRows, _ all: Int) -> [ReportBlock] {
    guard let auc = summary.number("auc", all),
      let interval = source.interval(summary, "auc", all, suffix: "90")
    else { return [] }
    let style = NumberStyle.decimal(places: 3)
    let numbers =
      " AUC \(style.text(auc)) (90% interval \(style.text(interval.lowerBound)) to "
      + "\(style.text(interval.upperBound))): of one who bought again and one who did not, the "
      + "former had the higher score in \(ReportNumber.percent(auc, places: 0)) of all pairs, ties "
      + "counted half; 50% is a toss of a coin."
    if interval.contains(0.5) {
      return [.callout(.init(.note, "the score says nothing of who stays." + numbers))]
    }
    if auc > 0.5 {
      return [.callout(.init(.success, "who gives a higher score stays more often." + numbers))]
    }
    return [.callout(.init(.warning, "who gives a higher score stays less often." + numbers))]
  }

  private func sizes(_ summary: ReportRows, _ zones: [Int]) -> Chart {
    let largest = zones.max { summary.amount("share", $0) < summary.amount("share", $1) }
    return Chart(
      title: "Customers by zone of the score",
      finding: largest.map { row in
        "The largest zone is \(summary.text("name", row)): "
          + source.share(
            summary.number("share", row),
            source.interval(summary, "share", row, suffix: "90")
          ) + " of those who answered."
      } ?? "",
      size: .half,
      .bars(bars(summary, zones, "share", "Share of those who answered"))
    )
  }

  private func loyalty(_ summary: ReportRows, _ zones: [Int], _ all: Int) -> Chart {
    let parts = zones.filter { summary.number("repurchase", $0) != nil }
      .map { row in
        "\(summary.text("name", row)) \(source.probability(summary.number("repurchase", row)))"
      }
    return Chart(
      title: "Bought again in \(days(summary)), by zone",
      finding: "\(parts.joined(separator: ", ")); all "
        + "\(source.probability(summary.number("repurchase", all))). Whiskers are 90% intervals.",
      size: .half,
      .bars(bars(summary, zones, "repurchase", "Share who bought again"))
    )
  }

  private func bars(
    _ summary: ReportRows,
    _ zones: [Int],
    _ name: String,
    _ title: String
  ) -> BarChart {
    let isShown = zones.map { summary.integer("people", $0) >= ReportSource.smallestCount }
    return BarChart(
      categories: zones.map {
        let zone = summary.text("name", $0)
        return Self.zoneNames[zone] ?? zone
      },
      series: [
        .init(
          title,
          zip(zones, isShown).map { $1 ? summary.number(name, $0) : nil },
          intervals: zip(zones, isShown)
            .map { $1 ? source.interval(summary, name, $0, suffix: "90") : nil }
        )
      ],
      valueTitle: title,
      valueStyle: .percent(places: 0)
    )
  }

  private func kinds(_ summary: ReportRows) -> ReportTable {
    ReportTable(
      caption: "Satisfaction against loyalty, answers up to \(days(summary)) before "
        + source.asOfText,
      columns: [
        ReportColumn("Kind"), ReportColumn("Meaning"), ReportColumn("Customers", isNumber: true),
        ReportColumn("Share (90% interval)", isNumber: true),
      ],
      rows: summary.rows(where: "of", is: "kind")
        .map { row in
          let name = summary.text("name", row)
          let people = summary.integer("people", row)
          let isShown = people == 0 || people >= ReportSource.smallestCount
          return [
            name, Self.meanings[name] ?? "", source.people(people),
            isShown
              ? source.share(
                summary.number("share", row),
                source.interval(summary, "share", row, suffix: "90")
              ) : "\u{2013}",
          ]
        }
    )
  }
}
