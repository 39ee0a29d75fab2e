internal import LodeReports

/// The lists that are ready to send, each with how it came about.
struct ListsSection {
  /// The rows of a list that the page shows.
  private static let shownCount = 10

  private let source: ReportSource
  private let lists: [ReportedList]

  init(_ source: ReportSource) throws {
    self.source = source
    lists = try ReportedList.all(source)
  }

  /// The section.
  func section() -> ReportSection {
    ReportSection(
      id: "lists",
      title: "Lists ready to send",
      lead: lead,
      blocks: consentWarning + overlapNote + lists.flatMap(blocks)
    )
  }

  private var lead: String {
    guard !lists.isEmpty else { return "The pipeline makes no lists." }
    let sizes = lists.map { "\(ReportNumber.integer($0.rows.count)) to \($0.name.lowercased())" }
    let total = lists.reduce(0) { $0 + $1.rows.count }
    return "\(lists.count) list\(lists.count == 1 ? "" : "s") with "
      + "\(ReportNumber.integer(total)) entries: \(sizes.joined(separator: ", ")). "
      + "The files lie beside this page."
  }

  /// A warning if a list came about without a look at consents.
  private var consentWarning: [ReportBlock] {
    let unchecked = lists.filter { !$0.isConsentChecked }
    guard !unchecked.isEmpty else { return [] }
    let names = unchecked.map { "\u{201C}\($0.audience)\u{201D}" }.joined(separator: ", ")
    return [
      .callout(
        .init(
          .warning,
          "\(names): made without a check of consents. Check who may be contacted before you send."
        )
      )
    ]
  }

  /// A note if customers are on more than one list.
  private var overlapNote: [ReportBlock] {
    var listsOfCustomer: [String: Int] = [:]
    for list in lists {
      for row in list.rows.indices {
        listsOfCustomer[list.rows.key("customer_id", row), default: 0] += 1
      }
    }
    let repeated = listsOfCustomer.values.count { $0 > 1 }
    guard repeated > 0 else { return [] }
    return [
      .callout(
        .init(
          .note,
          "\(source.customers(repeated)) \(repeated == 1 ? "is" : "are") on more than one list. "
            + "Decide which message comes first."
        )
      )
    ]
  }

  private func blocks(_ list: ReportedList) -> [ReportBlock] {
    var blocks: [ReportBlock] = [
      .heading("\(list.name): \(source.customers(list.rows.count))"),
      .paragraph(finding(list)),
    ]
    if list.waterfall.count > 0 {
      blocks.append(.chart(waterfall(list)))
    }
    guard list.rows.count > 0 else {
      blocks.append(.callout(.init(.warning, "no customer passes all rules of this list.")))
      return blocks
    }
    blocks.append(.table(firstRows(list)))
    return blocks
  }

  private func finding(_ list: ReportedList) -> String {
    guard list.rows.count > 0 else { return "For \(list.purpose)." }
    var text =
      "For \(list.purpose). Together they were worth \(source.money(list.value)) in the last "
      + "364 days"
    if list.action == "win" {
      text += " and \(source.money(list.rows.sum("value_total"))) since their first order."
    } else {
      text += "; \(source.money(list.expectedLoss)) of it is expected to leave."
    }
    return text
  }

  private func waterfall(_ list: ReportedList) -> Chart {
    let steps = list.waterfall.indices.map { row in
      WaterfallChart.Step(
        Self.stepName(list.waterfall.text("step", row)),
        remaining: list.waterfall.integer("people_out", row)
      )
    }
    let left = steps.last?.remaining ?? 0
    let rules = list.waterfall.indices.dropFirst()
      .map { row in
        "\(list.waterfall.text("step", row)): \(list.waterfall.text("rule", row))"
      }
    let start = steps.first?.remaining ?? 0
    let share = start == 0 ? 0 : Double(left) / Double(start)
    return Chart(
      title: "\(list.name): from all customers to the list",
      finding: "\(ReportNumber.integer(left)) of \(source.customers(start)) "
        + "(\(ReportNumber.percent(share))) are on the list."
        + (rules.isEmpty ? "" : " Rules in turn: \(rules.joined(separator: "; "))."),
      .waterfall(
        WaterfallChart(
          steps: steps + [.init("on the list", remaining: left, isTotal: true)],
          unit: "customers"
        )
      )
    )
  }

  private static func stepName(_ step: String) -> String {
    switch step {
    case "condition": "meet the condition"
    case "consent": "may be contacted"
    case "limit": "within the limit"
    default: step
    }
  }

  private func firstRows(_ list: ReportedList) -> ReportTable {
    let rows = list.rows
    let isWin = list.action == "win"
    let isExtend = list.action == "extend"
    var columns = [
      ReportColumn("Customer"), ReportColumn("Tier"),
      ReportColumn("Value, 364 days (\(source.context.currency))", isNumber: true),
    ]
    if isWin {
      columns.append(ReportColumn("Value, ever (\(source.context.currency))", isNumber: true))
      columns.append(ReportColumn("Days since last order", isNumber: true))
    }
    columns.append(ReportColumn("Churn probability", isNumber: true))
    columns.append(
      isExtend
        ? ReportColumn("Offer")
        : ReportColumn("Expected loss (\(source.context.currency))", isNumber: true)
    )
    columns.append(ReportColumn("Why"))
    let shown = min(Self.shownCount, rows.count)
    let cells = (0..<shown)
      .map { row -> [String] in
        var cells = [
          rows.text("customer_id", row), rows.text("tier", row),
          NumberStyle.integer.text(rows.number("value_364d", row)),
        ]
        if isWin {
          cells.append(NumberStyle.integer.text(rows.number("value_total", row)))
          cells.append(NumberStyle.integer.text(rows.number("days_since_last", row)))
        }
        cells.append(source.probability(rows.number("churn_p", row)))
        cells.append(
          isExtend
            ? rows.text("offer", row) : NumberStyle.integer.text(rows.number("expected_loss", row))
        )
        let reasons = ["reason_1", "reason_2", "reason_3"].map { rows.text($0, row) }
        return cells + [reasons.filter { !$0.isEmpty }.joined(separator: "; ")]
      }
    return ReportTable(
      caption: "\(list.name): first \(shown) of \(ReportNumber.integer(rows.count)) rows, "
        + "best first; all rows in the list's file",
      columns: columns,
      rows: cells
    )
  }
}
