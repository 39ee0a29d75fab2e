internal import LodeColumns
internal import LodeReports
internal import LodeRuntime

/// How the churn model did on the date that it was tested on.
struct ReportedBacktest: Sendable {
  /// The date of the test; nil without a backtest.
  let testDate: CivilDate?
  /// The AUC of the model in use at each test date, oldest first.
  let originAUCs: [Double]
  private let measures: [String: Double]

  init(_ source: ReportSource) throws {
    let rows = try source.rows("churn_backtest", ["test_as_of", "model", "is_champion", "auc"])
    // The last test of the model in use; origins rise.
    let champions = rows.indices.filter { rows.number("is_champion", $0) == 1 }
    guard let last = champions.last else {
      testDate = nil
      measures = [:]
      originAUCs = []
      return
    }
    testDate = rows.date("test_as_of", last)
    var measures: [String: Double] = [:]
    for field in rows.table.schema.fields { measures[field.name] = rows.number(field.name, last) }
    let day = rows.number("test_as_of", last)
    let rule = rows.rows(where: "model", is: "recency")
      .last { rows.number("test_as_of", $0) == day }
    measures["auc_recency_rule"] = rule.flatMap { rows.number("auc", $0) }
    self.measures = measures
    originAUCs = champions.compactMap { rows.number("auc", $0) }
  }

  /// A measure by its name in the table.
  subscript(name: String) -> Double? { measures[name] }

  /// The area under the ROC curve.
  var auc: Double? { measures["auc"] }
  /// The same of the rule that ranks by days since the last order.
  var recencyAUC: Double? { measures["auc_recency_rule"] }
  /// Customers who were scored.
  var customers: Double { measures["customers"] ?? 0 }
  /// The share of them who churned.
  var churnRate: Double? { measures["churn_rate"] }
  /// The days without an order that make a churner.
  var horizonDays: Int { Int(measures["horizon_days"] ?? 0) }
  /// The days between the date of a score and the begin of those days.
  var gapDays: Int { Int(measures["gap_days"] ?? 0) }

  /// The 95 % interval of ``auc``.
  var aucInterval: ClosedRange<Double>? {
    if let low = measures["auc_low"], let high = measures["auc_high"], low <= high {
      return low...high
    }
    guard let auc, let churnRate else { return nil }
    let positives = (customers * churnRate).rounded()
    return EstimateInterval.auc(auc, positives: positives, negatives: customers - positives)
  }

  /// An interval of plain numbers, for example `0.887 to 0.919`.
  static func text(_ interval: ClosedRange<Double>) -> String {
    let style = NumberStyle.decimal(places: 3)
    return "\(style.text(interval.lowerBound)) to \(style.text(interval.upperBound))"
  }

  /// An interval of shares, for example `69% to 73%`.
  static func percent(_ interval: ClosedRange<Double>, places: Int = 0) -> String {
    ReportNumber.percent(interval.lowerBound, places: places) + " to "
      + ReportNumber.percent(interval.upperBound, places: places)
  }

  /// The days in which an order decides on churn, for a score of the given date.
  func window(from date: CivilDate) -> String {
    let first = date.advanced(byDays: gapDays)
    let last = first.advanced(byDays: max(1, horizonDays) - 1)
    return "\(ReportNumber.date(first)) to \(ReportNumber.date(last))"
  }
}
