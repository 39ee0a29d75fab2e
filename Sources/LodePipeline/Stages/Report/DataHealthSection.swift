internal import LodeReports

/// What was read, what was kept and what was refused.
struct DataHealthSection {
  private let source: ReportSource
  private let trail: ReportRows
  private let quarantine: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    trail = try source.rows("cleaning_trail", ["step", "rule", "rows", "customers", "orders"])
    quarantine = try source.optionalRows("quarantine", ["source", "reasons"])
  }

  /// The section.
  func section() -> ReportSection {
    var blocks: [ReportBlock] = []
    if trail.count > 0 { blocks += [.chart(waterfall), .table(steps)] }
    if let balance { blocks.append(.callout(.init(.success, balance))) }
    if !counts.isEmpty {
      blocks.append(.table(reasons))
    } else {
      blocks.append(.paragraph("No row is in quarantine."))
    }
    return ReportSection(id: "data", title: "Data health", lead: lead, blocks: blocks)
  }

  private var read: Int { trail.count > 0 ? trail.integer("rows", 0) : 0 }

  /// The rows of the sales in quarantine: unreadable ones, and those that broke a rule.
  private var refused: (unreadable: Int, unclean: Int) {
    guard let quarantine else { return (0, 0) }
    let rows = quarantine.rows(where: "source", is: source.settings.salesTable)
    let unreadable = rows.count { Self.isUnreadable(quarantine.text("reasons", $0)) }
    return (unreadable, rows.count - unreadable)
  }

  /// Whether the row was refused when its file was read, by the codes of its reasons.
  private static func isUnreadable(_ reasons: String) -> Bool {
    reasons.split(separator: " ")
      .contains { $0.hasPrefix("bad_") || $0 == "ragged" || $0 == "zero_byte" }
  }

  private var lead: String {
    guard read > 0 else { return "No sales rows were read." }
    let last = trail.integer("rows", trail.count - 1)
    let (unreadable, unclean) = refused
    let total = read + unreadable
    return "Of \(ReportNumber.integer(total)) rows of sales, "
      + "\(ReportNumber.percent(Double(last) / Double(total))) are valid sales of a known "
      + "customer; \(ReportNumber.integer(unreadable + unclean)) "
      + "(\(ReportNumber.percent(Double(unreadable + unclean) / Double(total), places: 2))) are in "
      + "quarantine."
  }

  private var balance: String? {
    guard read > 0, quarantine != nil else { return nil }
    let (unreadable, unclean) = refused
    let published = read - unclean
    return "the balance holds. \(ReportNumber.integer(read + unreadable)) rows of sales in the "
      + "files = \(ReportNumber.integer(published)) published as order lines or returns + "
      + "\(ReportNumber.integer(unreadable + unclean)) in quarantine "
      + "(\(ReportNumber.integer(unreadable)) unreadable, \(ReportNumber.integer(unclean)) against "
      + "a rule). A run that does not add up publishes nothing."
  }

  private var waterfall: Chart {
    let last = trail.integer("rows", trail.count - 1)
    return Chart(
      title: "From raw rows to sales of known customers",
      finding: "\(ReportNumber.integer(last)) of \(ReportNumber.integer(read)) readable rows are "
        + "left. Sales without a customer still count in revenue, and returns that match a sale "
        + "are taken off it.",
      .waterfall(
        WaterfallChart(
          steps: trail.indices.map { row in
            .init(
              trail.text("rule", row),
              remaining: trail.integer("rows", row),
              isTotal: row == 0
            )
          } + [.init("left", remaining: last, isTotal: true)],
          unit: "rows"
        )
      )
    )
  }

  private var steps: ReportTable {
    ReportTable(
      caption: "What is left after each step, one step after the other",
      columns: [
        ReportColumn("Step"), ReportColumn("Rows", isNumber: true),
        ReportColumn("Customers", isNumber: true), ReportColumn("Orders", isNumber: true),
        ReportColumn("Amount (\(source.context.currency))", isNumber: true),
      ],
      rows: trail.indices.map { row in
        [
          trail.text("rule", row), NumberStyle.integer.text(trail.number("rows", row)),
          NumberStyle.integer.text(trail.number("customers", row)),
          NumberStyle.integer.text(trail.number("orders", row)),
          NumberStyle.integer.text(trail.number("amount", row)),
        ]
      }
    )
  }

  /// How many rows have each reason, by source; a row with two reasons counts for both.
  private var counts: [(source: String, reason: String, rows: Int)] {
    guard let quarantine else { return [] }
    var counts: [[String]: Int] = [:]
    for row in quarantine.indices {
      let name = quarantine.text("source", row)
      for reason in quarantine.text("reasons", row).split(separator: " ") {
        counts[[name, String(reason)], default: 0] += 1
      }
    }
    return counts.map { (source: $0.key[0], reason: $0.key[1], rows: $0.value) }
      .sorted { ($0.source, $1.rows, $0.reason) < ($1.source, $0.rows, $1.reason) }
  }

  private var reasons: ReportTable {
    ReportTable(
      caption: "Rows in quarantine by source and reason; a row with two reasons counts for both",
      columns: [
        ReportColumn("Source"), ReportColumn("Reason"), ReportColumn("Rows", isNumber: true),
      ],
      rows: counts.map { count in
        [
          count.source, count.reason.split(separator: "_").joined(separator: " "),
          ReportNumber.integer(count.rows),
        ]
      }
    )
  }
}
