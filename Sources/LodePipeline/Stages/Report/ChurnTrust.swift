internal import LodeReports

/// How far the churn scores can be trusted, and what they rest on.
struct ChurnTrust {
  private let source: ReportSource
  private let backtest: ReportedBacktest
  private let lift: ReportRows
  private let calibration: ReportRows
  private let drivers: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    backtest = try ReportedBacktest(source)
    lift = try source.rows(
      "churn_lift",
      ["decile", "customers", "churned", "cumulative_gain", "cumulative_lift"]
    )
    calibration = try source.rows("churn_calibration", ["customers", "predicted", "observed"])
    drivers = try source.optionalRows("model.churn", ["term", "coefficient"])
  }

  /// The test of the model and its weights.
  var blocks: [ReportBlock] {
    var blocks: [ReportBlock] = []
    if backtest.testDate != nil {
      blocks.append(.heading("How far the scores can be trusted"))
      blocks += warnings.map { .callout(.init(.warning, $0)) }
      blocks.append(.table(ChurnTestTable(source, backtest).table()))
      if calibration.count > 0, lift.count > 0 {
        blocks += [.chart(calibrationPlot), .chart(gains)]
      }
    }
    if let drivers, drivers.count > 1 { blocks.append(.chart(driverChart(drivers))) }
    return blocks
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
          + "\(said > seen ? "high" : "low") on average. Trust the order of customers more than "
          + "the size of a probability or of an expected loss."
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
