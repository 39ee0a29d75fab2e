internal import LodeMining
internal import LodeReports

/// What a trial with a control group says, and what to do with it.
struct TrialVerdict {
  private let source: ReportSource
  private let summary: ReportRows
  private let bins: ReportRows?

  /// The verdict; nil if no stage made the tables.
  init?(_ source: ReportSource) throws {
    let found = try source.optionalRows(
      "uplift_summary",
      ["measure", "value", "lower", "upper", "p_value"]
    )
    guard let found else { return nil }
    self.source = source
    summary = found
    bins = try source.optionalRows(
      "uplift_bins",
      ["bin", "treated_rows", "control_rows", "effect", "effect_lower", "effect_upper"]
    )
  }

  private func row(_ measure: String) -> Int? {
    summary.rows(where: "measure", is: measure).first
  }

  private func value(_ measure: String) -> Double? {
    row(measure).flatMap { summary.number("value", $0) }
  }

  private func interval(_ measure: String) -> ClosedRange<Double>? {
    row(measure).flatMap { source.interval(summary, from: "lower", to: "upper", $0) }
  }

  private var level: String {
    NumberStyle.percent(places: 0).text(value("interval_level"))
  }

  /// Whether the arms have other sizes than planned, so that nothing may be concluded.
  private var isNotSound: Bool {
    (row("treated_share").flatMap { summary.number("p_value", $0) } ?? 1)
      < RandomizationCheck.mismatchLevel
  }

  /// The verdict in plain words, without numbers.
  var sentence: String {
    if isNotSound {
      return "The trial is not sound: one arm has more rows missing than chance explains, so "
        + "nothing should be concluded from it."
    }
    guard let ranking = interval("qini_coefficient") else { return "The trial says nothing." }
    if ranking.lowerBound > 0 {
      return "Some customers respond to the contact more than others, and the model finds them: "
        + "contact those of the highest predicted uplift first."
    }
    if ranking.upperBound < 0 {
      return "The model ranks customers worse than chance does: do not use it to choose whom to "
        + "contact."
    }
    let start = "The model does not find who responds more than others, so contact all or none: "
    guard let effect = interval("effect") else { return start + "no effect can be measured." }
    if effect.lowerBound > 0 { return start + "on average the contact works, so all if it pays." }
    if effect.upperBound < 0 { return start + "on average the contact does harm, so none." }
    return start + "no effect was found either, so none, or a larger trial."
  }

  private var kind: ReportCallout.Kind {
    if isNotSound { return .warning }
    guard let ranking = interval("qini_coefficient") else { return .note }
    return ranking.lowerBound > 0 ? .success : ranking.upperBound < 0 ? .warning : .note
  }

  /// The verdict, the numbers behind it and the effect by predicted uplift.
  var blocks: [ReportBlock] {
    [.heading("Whom a contact moves"), .callout(.init(kind, lowered)), .paragraph(numbers)]
      + (chart.map { [.chart($0)] } ?? [])
  }

  /// The sentence behind the colon of a remark.
  private var lowered: String { sentence.prefix(1).lowercased() + sentence.dropFirst() }

  private var numbers: String {
    func count(_ measure: String) -> String { source.people(Int(value(measure) ?? 0)) }
    let style = NumberStyle.percent(places: 1)
    var text =
      "In the trial \(count("treated_rows")) were contacted and \(count("control_rows")) held back "
      + "at random; \(style.text(value("treated_rate"))) against "
      + "\(style.text(value("control_rate"))) responded, an effect of "
      + "\(source.points(value("effect"), interval("effect"))) percentage points. "
    if let coefficient = value("qini_coefficient") {
      let decimal = NumberStyle.decimal(places: 4)
      let ends = interval("qini_coefficient")
        .map { " (\(decimal.text($0.lowerBound)) to \(decimal.text($0.upperBound)))" }
      let chance = row("qini_coefficient").flatMap { summary.number("p_value", $0) }
      text +=
        "The ranking has the Qini coefficient \(decimal.text(coefficient))\(ends ?? ""); 0 is "
        + "a random order"
      if let chance {
        text +=
          ", and a random order does as well with probability "
          + NumberStyle.decimal(places: 3).text(chance)
      }
      text += ". "
    }
    return text + "In brackets: \(level) intervals, as of \(source.asOfText)."
  }

  private var chart: Chart? {
    guard let bins, bins.count > 0 else { return nil }
    let rows = bins.indices.filter {
      min(bins.integer("treated_rows", $0), bins.integer("control_rows", $0))
        >= ReportSource.smallestCount && bins.number("effect", $0) != nil
    }
    guard let first = rows.first, let last = rows.last, first != last else { return nil }
    func points(_ row: Int) -> String {
      source.points(
        bins.number("effect", row),
        source.interval(bins, from: "effect_lower", to: "effect_upper", row)
      )
    }
    return Chart(
      title: "Effect by predicted uplift, highest predicted first",
      finding: "Where the model predicts most, the contact added \(points(first)) percentage "
        + "points; where it predicts least, \(points(last)). Whiskers are \(level) intervals.",
      .dots(
        DotPlot(
          rows: rows.map { row in
            DotPlot.Row(
              "Group \(bins.integer("bin", row)) of \(bins.count)",
              bins.amount("effect", row) * 100,
              interval: source.interval(bins, from: "effect_lower", to: "effect_upper", row)
                .map { ($0.lowerBound * 100)...($0.upperBound * 100) }
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
}
