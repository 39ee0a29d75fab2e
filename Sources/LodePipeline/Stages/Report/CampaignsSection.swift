internal import LodeReports

/// How customers respond to campaigns, and what the contact adds.
struct CampaignsSection {
  /// The campaign that nobody has seen.
  private static let newCampaign = "(new)"
  /// Campaigns that are shown by name.
  private static let shownCount = 24

  private let source: ReportSource
  private let response: ReportRows?
  private let trial: TrialVerdict?

  init(_ source: ReportSource) throws {
    self.source = source
    let ends = ["rate", "effect", "expected"].flatMap { ["\($0)_lower", "\($0)_upper"] }
    response = try source.optionalRows(
      "campaign_response",
      [
        "campaign", "contacts", "responses", "own_rate", "rate", "control_contacts", "effect",
        "planned_contacts", "expected_responses", "response_days", "level",
      ] + ends
    )
    trial = try TrialVerdict(source)
  }

  /// The section; nil if no stage made the tables.
  func section() -> ReportSection? {
    guard response != nil || trial != nil else { return nil }
    return ReportSection(
      id: "campaigns",
      title: "Campaigns and trials",
      lead: response.map(lead) ?? trial?.sentence ?? "",
      blocks: (response.map(campaigns) ?? []) + (trial?.blocks ?? [])
    )
  }

  private func interval(_ rows: ReportRows, _ name: String, _ row: Int) -> ClosedRange<Double>? {
    source.interval(rows, from: "\(name)_lower", to: "\(name)_upper", row)
  }

  private func level(_ rows: ReportRows) -> String {
    rows.count == 0 ? "" : ReportNumber.percent(rows.amount("level", 0), places: 0)
  }

  /// The rows of the campaigns that were, the largest where there are too many.
  private func known(_ rows: ReportRows) -> [Int] {
    let all = rows.indices.filter { rows.text("campaign", $0) != Self.newCampaign }
    guard all.count > Self.shownCount else { return all }
    return
      all.sorted { (rows.integer("contacts", $1), $0) < (rows.integer("contacts", $0), $1) }
      .prefix(Self.shownCount).sorted()
  }

  private func lead(_ rows: ReportRows) -> String {
    guard let next = rows.rows(where: "campaign", is: Self.newCampaign).first else {
      return "There are no campaigns whose days are over."
    }
    let expected = interval(rows, "expected", next)
      .map { interval in
        " (\(ReportNumber.text(interval.lowerBound, places: 0)) to "
          + "\(ReportNumber.text(interval.upperBound, places: 0)))"
      }
    return "Of \(ReportNumber.integer(Int(rows.sum("contacts")))) contacts of "
      + "\(rows.count - 1) campaigns, \(ReportNumber.integer(Int(rows.sum("responses")))) were "
      + "followed by an order within \(rows.integer("response_days", next)) days; of a new one, "
      + "\(source.share(rows.number("rate", next), interval(rows, "rate", next))) should be, that "
      + "is \(ReportNumber.text(rows.amount("expected_responses", next), places: 0))"
      + "\(expected ?? "") of \(ReportNumber.integer(rows.integer("planned_contacts", next))) "
      + "contacts. In brackets: \(level(rows)) intervals, as of \(source.asOfText)."
  }

  private func campaigns(_ rows: ReportRows) -> [ReportBlock] {
    let known = known(rows)
    guard !known.isEmpty else { return [] }
    let effects = known.filter { rows.number("effect", $0) != nil }
    return [.chart(rates(rows, known))]
      + (effects.isEmpty ? [] : [.chart(effectChart(rows, effects))])
      + [.table(table(rows, known))]
  }

  private func rates(_ rows: ReportRows, _ known: [Int]) -> Chart {
    let next = rows.rows(where: "campaign", is: Self.newCampaign).first
    let high = known.max { rows.amount("rate", $0) < rows.amount("rate", $1) }
    let low = known.min { rows.amount("rate", $0) < rows.amount("rate", $1) }
    func words(_ row: Int?) -> String {
      row.map { row in
        "\(rows.text("campaign", row)) "
          + source.share(rows.number("rate", row), interval(rows, "rate", row))
      } ?? "\u{2013}"
    }
    return Chart(
      title: "Response rates, drawn towards those of all campaigns",
      finding: "From \(words(low)) to \(words(high)); whiskers are \(level(rows)) intervals.",
      size: .half,
      .dots(
        DotPlot(
          rows: known.map { row in
            DotPlot.Row(
              rows.text("campaign", row),
              rows.amount("rate", row),
              interval: interval(rows, "rate", row)
            )
          },
          reference: next.map { rows.amount("rate", $0) } ?? 0,
          referenceName: "a new campaign",
          valueTitle: "Response rate",
          valueStyle: .percent(places: 1)
        )
      )
    )
  }

  private func effectChart(_ rows: ReportRows, _ effects: [Int]) -> Chart {
    let above = effects.count { (rows.number("effect_lower", $0) ?? 0) > 0 }
    let below = effects.count { (rows.number("effect_upper", $0) ?? 0) < 0 }
    let sides = (1 - rows.amount("level", effects[0])) / 2 * Double(effects.count)
    return Chart(
      title: "What the contact added, against those held back",
      finding: "Of \(effects.count) campaign\(effects.count == 1 ? "" : "s") with a control "
        + "group, the interval lies above 0 for \(above) and below 0 for \(below); without any "
        + "effect, \(ReportNumber.text(sides, places: 2)) would on each side by chance.",
      size: .half,
      .dots(
        DotPlot(
          rows: effects.map { row in
            DotPlot.Row(
              rows.text("campaign", row),
              rows.amount("effect", row) * 100,
              interval: interval(rows, "effect", row)
                .map {
                  ($0.lowerBound * 100)...($0.upperBound * 100)
                }
            )
          },
          reference: 0,
          referenceName: "no effect",
          valueTitle: "Effect, percentage points",
          valueStyle: .signed(places: 1)
        )
      )
    )
  }

  private func table(_ rows: ReportRows, _ known: [Int]) -> ReportTable {
    let new = rows.rows(where: "campaign", is: Self.newCampaign)
    return ReportTable(
      caption: "Campaigns whose \(rows.integer("response_days", 0)) days are over by "
        + "\(source.asOfText), with \(level(rows)) intervals in brackets; the drawn rate is the "
        + "own rate drawn towards those of all campaigns, a small campaign more than a large one",
      columns: [
        ReportColumn("Campaign"), ReportColumn("Contacts", isNumber: true),
        ReportColumn("Responses", isNumber: true), ReportColumn("Own rate", isNumber: true),
        ReportColumn("Drawn rate", isNumber: true), ReportColumn("Held back", isNumber: true),
        ReportColumn("Effect, points", isNumber: true),
      ],
      rows: (known + new)
        .map { row in
          let least = ReportSource.smallestCount
          let isOwnShown =
            rows.integer("responses", row) == 0 || rows.integer("responses", row) >= least
          func count(_ name: String) -> String {
            rows.number(name, row) == nil ? "\u{2013}" : source.people(rows.integer(name, row))
          }
          return [
            rows.text("campaign", row), count("contacts"), count("responses"),
            isOwnShown ? NumberStyle.percent(places: 1).text(rows.number("own_rate", row)) : "–",
            source.share(rows.number("rate", row), interval(rows, "rate", row)),
            count("control_contacts"),
            source.points(rows.number("effect", row), interval(rows, "effect", row)),
          ]
        }
    )
  }
}
