internal import LodeReports

/// The numbers that a reader should take away.
struct HeadlineSection {
  private let source: ReportSource
  private let sales: ReportedSales
  private let lists: [ReportedList]
  private let backtest: ReportedBacktest
  private let customerCount: Int
  private let activeCount: Int

  init(_ source: ReportSource) throws {
    self.source = source
    sales = try ReportedSales(source)
    lists = try ReportedList.all(source)
    backtest = try ReportedBacktest(source)
    let customers = try source.rows("customer_value", ["customer_id", "value_364d"])
    customerCount = customers.count
    activeCount = customers.numbers("value_364d").count { $0 > 0 }
  }

  /// The section.
  func section() -> ReportSection {
    ReportSection(
      id: "headline",
      title: "The week in numbers",
      lead: lead,
      blocks: [.keyFigures(figures)] + actions
    )
  }

  private var lead: String {
    var parts: [String] = []
    if let now = sales.lastRevenue {
      var text = "Revenue of the last \(sales.span) whole weeks is \(source.money(now))"
      if let change = ReportedChange.percent(now, sales.previousRevenue) {
        text += ", \(ReportedChange.words(change)) the \(sales.span) weeks before"
      }
      parts.append(text)
    }
    if let keep = lists.first(where: { $0.action == "keep" }), keep.rows.count > 0 {
      parts.append(
        "\(source.money(keep.expectedLoss)) are at risk with the "
          + "\(source.customers(keep.rows.count)) worth keeping"
      )
    }
    if let next = sales.nextRevenue {
      parts.append(
        "the next \(sales.span) weeks should bring "
          + "\(sales.isRough ? "very roughly " : "")\(source.money(next.mean))"
      )
    }
    guard !parts.isEmpty else { return "There are no whole weeks of sales to report on." }
    return parts.joined(separator: "; ") + "."
  }

  private var figures: [KeyFigure] {
    var figures = [
      KeyFigure(
        label: "Customers",
        value: ReportNumber.integer(customerCount),
        note: "with an order before \(source.asOfText); "
          + "\(ReportNumber.integer(activeCount)) with value in the last 364 days"
      )
    ]
    figures += [revenue, atRisk, forecast, model].compactMap(\.self)
    figures += lists.map { list in
      KeyFigure(
        label: "List: \(list.name)",
        value: ReportNumber.integer(list.rows.count),
        note: list.purpose
      )
    }
    return figures
  }

  private var revenue: KeyFigure? {
    guard let now = sales.lastRevenue, let first = sales.firstDayOfSpan, let last = sales.lastDay
    else { return nil }
    var change: KeyFigure.Change?
    if let share = ReportedChange.percent(now, sales.previousRevenue) {
      change = KeyFigure.Change(
        "\(ReportNumber.percent(abs(share))) against the \(sales.span) weeks before",
        isRise: abs(share) < 0.0005 ? nil : share > 0,
        judgement: abs(share) < 0.01 ? .neutral : share > 0 ? .good : .bad
      )
    }
    var note = "\(ReportNumber.date(first)) to \(ReportNumber.date(last)), net of matched returns"
    if let share = ReportedChange.percent(now, sales.yearAgoRevenue) {
      note += "; \(NumberStyle.signed(places: 1).text(share * 100))% on 52 weeks earlier"
    }
    return KeyFigure(
      label: "Revenue, last \(sales.span) weeks",
      value: source.shortMoney(now),
      note: note,
      change: change,
      history: sales.revenue.suffix(52)
    )
  }

  private var atRisk: KeyFigure? {
    guard let keep = lists.first(where: { $0.action == "keep" }) else { return nil }
    return KeyFigure(
      label: "Value at risk",
      value: source.shortMoney(keep.expectedLoss),
      note: "sum of churn probability × value of the last 364 days over the keep list, "
        + "which holds \(source.money(keep.value))"
    )
  }

  private var forecast: KeyFigure? {
    guard let next = sales.nextRevenue else { return nil }
    let band = next.interval.map { "80% interval \(source.money($0)) if all weeks err together" }
    var change: KeyFigure.Change?
    if let share = ReportedChange.percent(next.mean, sales.lastRevenue) {
      change = KeyFigure.Change(
        "\(ReportNumber.percent(abs(share))) against the last \(sales.span) weeks",
        isRise: abs(share) < 0.0005 ? nil : share > 0
      )
    }
    return KeyFigure(
      label: "Forecast, next \(sales.span) weeks",
      value: source.shortMoney(next.mean),
      note: (sales.isRough ? "rough guide only; " : "")
        + (band ?? "no interval: the history is too short"),
      change: change
    )
  }

  private var model: KeyFigure? {
    guard let auc = backtest.auc else { return nil }
    var note = backtest.aucInterval.map { "95% interval \(ReportedBacktest.text($0)); " } ?? ""
    note += "rule \u{201C}longest silent first\u{201D}: "
    note += NumberStyle.decimal(places: 3).text(backtest.recencyAUC)
    note += "; 0.5 is a coin, 1 is perfect"
    return KeyFigure(
      label: "Churn model, AUC",
      value: NumberStyle.decimal(places: 3).text(auc),
      note: note
    )
  }

  private var actions: [ReportBlock] {
    let todo = lists.filter { $0.rows.count > 0 }
      .map { list in
        "\(list.name): \(list.isConsentChecked ? "" : "check consents, then ")"
          + "contact the \(source.customers(list.rows.count)) of the list "
          + "\u{201C}\(list.audience)\u{201D}, \(list.purpose); "
          + "they brought \(source.money(list.value)) in the last 364 days."
      }
    let empty = lists.filter { $0.rows.count == 0 }
      .map {
        ReportBlock.callout(.init(.warning, "the list \u{201C}\($0.audience)\u{201D} is empty."))
      }
    return (todo.isEmpty ? [] : [.heading("What to do now"), .list(todo)]) + empty
  }
}
