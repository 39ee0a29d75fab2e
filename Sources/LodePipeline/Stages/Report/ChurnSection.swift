internal import LodeColumns
internal import LodeReports
internal import LodeRuntime

/// Who is likely to leave, when, and how far the scores can be trusted.
struct ChurnSection {
  private let source: ReportSource
  private let backtest: ReportedBacktest
  private let lift: ReportRows
  private let calibration: ReportRows
  private let weeks: ReportRows
  private let drivers: ReportRows?
  private let bands: ReportRows

  init(_ source: ReportSource) throws {
    self.source = source
    backtest = try ReportedBacktest(source)
    lift = try source.rows(
      "churn_lift",
      ["decile", "customers", "churned", "cumulative_gain", "cumulative_lift"]
    )
    calibration = try source.rows("churn_calibration", ["customers", "predicted", "observed"])
    weeks = try source.rows(
      "churn_forecast",
      [
        "week_from", "expected_churners", "low80", "high80", "low95", "high95",
        "expected_value_lost",
      ]
    )
    drivers = try source.optionalRows("model.churn", ["term", "coefficient"])
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
    if backtest.testDate != nil {
      blocks.append(.heading("How far the scores can be trusted"))
      blocks += warnings.map { .callout(.init(.warning, $0)) }
      blocks.append(.table(ChurnTestTable(source, backtest).table()))
      if calibration.count > 0, lift.count > 0 {
        blocks += [.chart(calibrationPlot), .chart(gains)]
      }
    }
    if let drivers, drivers.count > 1 { blocks.append(.chart(driverChart(drivers))) }
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

  /// The mean predicted and observed share of the test date.
  private var calibrationMeans: (said: Double, seen: Double) {
    let people = max(1, calibration.sum("customers"))
    func mean(_ name: String) -> Double {
      calibration.indices.reduce(0) {
        $0 + calibration.amount(name, $1) * calibration.amount("customers", $1)
      } / people
    }
    return (mean("predicted"), mean("observed"))
  }

  /// What a reader must know before using the probabilities.
  private var warnings: [String] {
    var warnings: [String] = []
    let (said, seen) = calibrationMeans
    if calibration.count > 0, abs(said - seen) > 0.05 {
      let points = NumberStyle.decimal(places: 0).text(abs(said - seen) * 100)
      warnings.append(
        "on the test date the probabilities were \(points) percentage points too "
          + "\(said > seen ? "high" : "low") on average. Trust the order of customers more than the "
          + "size of a probability or of an expected loss."
      )
    }
    if let dates = backtest["training_dates"], dates < 3 {
      warnings.append(
        "the tested model could learn from only \(Int(dates)) earlier "
          + "date\(dates == 1 ? "" : "s"), since the history is short."
      )
    }
    if let auc = backtest.auc, let rule = backtest.recencyAUC, auc <= rule {
      warnings.append("the model ranks no better than days since the last order alone.")
    }
    return warnings
  }

  private var calibrationPlot: Chart {
    let bins = calibration.indices.map { row in
      let cases = calibration.amount("customers", row)
      let observed = calibration.amount("observed", row)
      return CalibrationPlot.Bin(
        predicted: calibration.amount("predicted", row),
        observed: observed,
        count: Int(cases),
        interval: EstimateInterval.wilson(observed * cases, of: cases)
      )
    }
    let error = backtest["expected_calibration_error"] ?? 0
    let (said, seen) = calibrationMeans
    return Chart(
      title: "Do the probabilities come true?",
      finding: "Predicted \(ReportNumber.percent(said, places: 0)) on average, happened "
        + "\(ReportNumber.percent(seen, places: 0)); a group is "
        + "\(NumberStyle.decimal(places: 1).text(error * 100)) percentage points off on average. "
        + "Bars are 95% intervals.",
      size: .half,
      .calibration(CalibrationPlot(bins: bins))
    )
  }

  private var gains: Chart {
    let people = max(1, lift.sum("customers"))
    var contacted = 0.0
    var points = [GainsChart.Point(contacted: 0, reached: 0)]
    for row in lift.indices {
      contacted += lift.amount("customers", row)
      points.append(
        GainsChart.Point(
          contacted: min(1, contacted / people),
          reached: lift.amount("cumulative_gain", row)
        )
      )
    }
    let fifth = points.min { abs($0.contacted - 0.2) < abs($1.contacted - 0.2) } ?? points[0]
    let best = backtest.churnRate.map { min(1, fifth.contacted / max($0, 1e-9)) }
    let ceiling = best.map {
      "; a perfect model would reach \(ReportNumber.percent($0, places: 0))"
    }
    return Chart(
      title: "How many churners a short list reaches",
      finding: "The \(ReportNumber.percent(fifth.contacted, places: 0)) with the highest scores "
        + "hold \(ReportNumber.percent(fifth.reached, places: 0)) of the churners"
        + (ceiling ?? "") + ".",
      size: .half,
      .gains(
        GainsChart(
          points: points,
          marked: fifth.contacted,
          contactedTitle: "Share of customers, highest score first",
          reachedTitle: "Share of all churners"
        )
      )
    )
  }

  private func driverChart(_ drivers: ReportRows) -> Chart {
    let terms = drivers.indices.filter { drivers.text("term", $0) != "(intercept)" }
      .map { (name: drivers.text("term", $0), weight: drivers.amount("coefficient", $0)) }
      .sorted { (abs($1.weight), $0.name) < (abs($0.weight), $1.name) }
      .prefix(8)
    let strongest = terms.first
    return Chart(
      title: "What the score rests on",
      finding: strongest.map { term in
        "\u{201C}\(FeatureWords.name(term.name))\u{201D} weighs most: a higher value "
          + "\(term.weight > 0 ? "raises" : "lowers") the risk. Features that go together share "
          + "their weight, so read single bars with care."
      } ?? "",
      .bars(
        BarChart(
          categories: terms.map { FeatureWords.name($0.name) },
          series: [.init("Weight", terms.map(\.weight))],
          valueTitle: "Change of log-odds per standard deviation",
          valueStyle: .signed(places: 2)
        )
      )
    )
  }
}
