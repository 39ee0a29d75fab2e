internal import LodeColumns
internal import LodeReports
internal import LodeRuntime

/// Who is likely to leave, when, and how far the scores can be trusted.
struct ChurnSection {
  private let source: ReportSource
  private let backtest: ReportedBacktest
  private let trust: ChurnTrust
  private let weeks: ReportRows
  private let bands: ReportRows

  init(_ source: ReportSource) throws {
    self.source = source
    backtest = try ReportedBacktest(source)
    trust = try ChurnTrust(source)
    weeks = try source.rows(
      "churn_forecast",
      [
        "week_from", "expected_churners", "low80", "high80", "low95", "high95",
        "expected_value_lost",
      ]
    )
    let scores = try source.rows("churn_scores", ["customer_id", "churn_p", "churn_band"])
    let values = try source.rows("customer_value", ["customer_id", "value_364d"])
    bands = ReportRows(
      checked: try scores.table.joining(
        values.table,
        on: "customer_id",
        taking: ["value_364d"]
      )
    )
  }

  /// The section.
  func section() -> ReportSection {
    var blocks: [ReportBlock] = []
    if bands.count > 0 { blocks.append(.table(bandTable)) }
    if weeks.count > 0 { blocks += [.chart(churners), .chart(valueLost)] }
    blocks += trust.blocks
    return ReportSection(id: "churn", title: "Churn", lead: lead, blocks: blocks)
  }

  /// The expected churners of all weeks with the 80 % interval of independent customers.
  private var total: (mean: Double, interval: ClosedRange<Double>, value: Double) {
    var variance = 0.0
    for row in weeks.indices {
      let width = (weeks.amount("high80", row) - weeks.amount("expected_churners", row)) / 1.2816
      variance += width * width
    }
    let mean = weeks.sum("expected_churners")
    let half = 1.2816 * variance.squareRoot()
    return (mean, max(0, mean - half)...(mean + half), weeks.sum("expected_value_lost"))
  }

  private var lead: String {
    var text = ""
    if weeks.count > 0 {
      let total = total
      text =
        "About \(NumberStyle.integer.text(total.mean)) customers are expected to complete "
        + "\(backtest.horizonDays) days without an order in the next \(weeks.count) weeks "
        + "(80% interval \(NumberStyle.integer.text(total.interval.lowerBound)) to "
        + "\(NumberStyle.integer.text(total.interval.upperBound)) if the scores are right), with "
        + "\(source.money(total.value)) of yearly value"
    }
    guard let auc = backtest.auc, let rule = backtest.recencyAUC else {
      return text.isEmpty ? "There is no churn model." : text + "."
    }
    let isBetter = auc > rule
    let style = NumberStyle.decimal(places: 3)
    let test =
      "the model ranks customers \(isBetter ? "better" : "no better") than days of silence alone "
      + "(AUC \(style.text(auc)) against \(style.text(rule)))"
    return text.isEmpty ? "On its test date " + test + "." : text + "; " + test + "."
  }

  private var bandTable: ReportTable {
    let probabilities = bands.numbers("churn_p")
    let values = bands.numbers("value_364d")
    var count: [String: Double] = [:]
    var value: [String: Double] = [:]
    var loss: [String: Double] = [:]
    for row in bands.indices where probabilities[row].isFinite {
      let band = bands.text("churn_band", row)
      let worth = values[row].isFinite ? values[row] : 0
      count[band, default: 0] += 1
      value[band, default: 0] += worth
      loss[band, default: 0] += worth * probabilities[row]
    }
    let names = [
      ("high", "high (66% or more)"), ("medium", "medium (33% to 66%)"),
      ("low", "low (below 33%)"),
    ]
    return ReportTable(
      caption: "All customers by churn probability as of \(source.asOfText)",
      columns: [
        ReportColumn("Churn probability"), ReportColumn("Customers", isNumber: true),
        ReportColumn("Share", isNumber: true),
        ReportColumn("Value, 364 days (\(source.context.currency))", isNumber: true),
        ReportColumn("Expected loss (\(source.context.currency))", isNumber: true),
      ],
      rows: names.map { band, name in
        [
          name, NumberStyle.integer.text(count[band] ?? 0),
          ReportNumber.percent((count[band] ?? 0) / Double(max(1, bands.count))),
          NumberStyle.integer.text(value[band] ?? 0), NumberStyle.integer.text(loss[band] ?? 0),
        ]
      }
    )
  }

  private var churners: Chart {
    let days = weeks.indices.map { weeks.date("week_from", $0) }
    func column(_ name: String) -> [Double?] { weeks.indices.map { weeks.number(name, $0) } }
    let expected = column("expected_churners").map { $0 ?? 0 }
    let peak = expected.indices.max { (expected[$0], $1) < (expected[$1], $0) } ?? 0
    return Chart(
      title: "Expected churners by week",
      finding: "Most are expected in the week from \(ReportNumber.date(days[peak])): "
        + "\(NumberStyle.integer.text(expected[peak])) customers. A customer counts in the week in "
        + "which the silence reaches \(backtest.horizonDays) days.",
      size: .half,
      .line(
        LineChart(
          .dates(days),
          series: [.init("Expected", expected, style: .forecast)],
          bands: [
            .init("95% interval", low: column("low95"), high: column("high95")),
            .init("80% interval", low: column("low80"), high: column("high80")),
          ],
          valueTitle: "Customers",
          valueStyle: .integer
        )
      )
    )
  }

  private var valueLost: Chart {
    let lost = weeks.indices.map { weeks.amount("expected_value_lost", $0) }
    let days = weeks.indices.map { weeks.date("week_from", $0) }
    let perWeek = lost.reduce(0, +) / Double(max(1, lost.count))
    return Chart(
      title: "Yearly value expected to leave, by week",
      finding: "\(source.money(lost.reduce(0, +))) in \(lost.count) weeks, "
        + "\(source.money(perWeek)) a week: probability × value of the last 364 days.",
      size: .half,
      .line(
        LineChart(
          .dates(days),
          series: [.init("Value expected to leave", lost, style: .second)],
          valueTitle: "Value",
          valueStyle: source.moneyStyle
        )
      )
    )
  }
}
