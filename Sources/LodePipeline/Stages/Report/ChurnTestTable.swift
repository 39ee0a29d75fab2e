internal import LodeReports

/// The backtest of the churn model as questions and answers.
struct ChurnTestTable {
  private let source: ReportSource
  private let backtest: ReportedBacktest

  init(_ source: ReportSource, _ backtest: ReportedBacktest) {
    self.source = source
    self.backtest = backtest
  }

  /// The table.
  func table() -> ReportTable {
    ReportTable(
      caption: "How the model was tested",
      columns: [ReportColumn("Question"), ReportColumn("Answer")],
      rows: [
        ["What is predicted?", prediction], ["What was it trained on?", training],
        ["What was it tested on?", test], ["How many churned?", base],
        ["How well does it rank?", ranking], ["Is it better than a simple rule?", comparison],
        ["How rich is the top tenth?", topTenth],
      ]
    )
  }

  private var prediction: String {
    var text = "No order for \(backtest.horizonDays) days"
    if backtest.gapDays > 0 {
      text += ", counted from \(backtest.gapDays) days after the score, to leave time to act"
    }
    return text + ". Scores of today speak of \(backtest.window(from: source.context.asOf))."
  }

  private var training: String {
    let dates = Int(backtest["training_dates"] ?? 0)
    let rate = ReportNumber.percent(backtest["training_churn_rate"] ?? .nan, places: 0)
    return "Customers as they looked on \(dates) earlier date\(dates == 1 ? "" : "s") whose "
      + "outcome was known before the test date; \(rate) of these cases churned. "
      + "The scores of today come from a model that learned from all dates, the test date too."
  }

  private var test: String {
    guard let date = backtest.testDate else { return "\u{2013}" }
    return "\(source.customers(Int(backtest.customers))) as of \(ReportNumber.date(date)), with "
      + "what was known then, against their orders from \(backtest.window(from: date))."
  }

  private var base: String {
    guard let rate = backtest.churnRate else { return "\u{2013}" }
    let interval = EstimateInterval.wilson(rate * backtest.customers, of: backtest.customers)
    var text =
      ReportNumber.percent(rate)
      + (interval.map { " (95% interval \(ReportedBacktest.percent($0, places: 1)))" } ?? "")
      + ": the base rate of the test date"
    if let known = backtest["latest_known_rate"], let forecast = backtest["forecast_rate"] {
      text +=
        "; it was \(ReportNumber.percent(known)) at the last date known then, and "
        + "\(ReportNumber.percent(forecast)) was forecast"
    }
    return text + "."
  }

  private var ranking: String {
    guard let auc = backtest.auc else { return "\u{2013}" }
    let interval = backtest.aucInterval.map { " (95% interval \(ReportedBacktest.text($0)))" }
    return "AUC \(NumberStyle.decimal(places: 3).text(auc))\(interval ?? ""): of a churner and a "
      + "stayer, the churner has the higher score in "
      + "\(ReportNumber.percent(auc, places: 0)) of all pairs.\(otherDates)"
  }

  /// The range over all test dates, where there are several.
  private var otherDates: String {
    let all = backtest.originAUCs
    guard all.count > 1, let least = all.min(), let most = all.max() else { return "" }
    let style = NumberStyle.decimal(places: 3)
    return " Over \(all.count) test dates it was \(style.text(least)) to \(style.text(most))."
  }

  private var comparison: String {
    guard let auc = backtest.auc, let rule = backtest.recencyAUC else { return "\u{2013}" }
    let style = NumberStyle.decimal(places: 3)
    let difference = NumberStyle.signed(places: 3).text(auc - rule)
    return "\(auc > rule ? "Yes" : "No"): ranking by days since the last order alone has AUC "
      + "\(style.text(rule)) (difference \(difference))."
  }

  private var topTenth: String {
    guard let lift = backtest["top_decile_lift"] else { return "\u{2013}" }
    var text = "\(NumberStyle.factor(places: 2).text(lift)) as many churners as a random tenth"
    if let rate = backtest.churnRate, rate > 0 {
      text +=
        "; more than \(NumberStyle.factor(places: 2).text(min(10, 1 / rate))) is not possible "
        + "at this base rate"
    }
    return text + "."
  }
}
