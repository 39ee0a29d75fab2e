internal import LodeReports
internal import LodeRuntime

/// Who moved between value tiers.
struct TiersSection {
  /// A way to move between tiers.
  private struct Movement {
    let name: String
    var people = 0
    var value = 0.0
  }

  /// The row of customers without an earlier order.
  private static let newcomers = "new"

  private let source: ReportSource
  private let cells: ReportRows
  private let customers: ReportRows
  private let tiers: [String]
  private let firstWeek: CivilDate?

  init(_ source: ReportSource) throws {
    self.source = source
    cells = try source.rows("tier_migration", ["from_tier", "to_tier", "people", "value_change"])
    customers = try source.rows("customer_value", ["tier", "value_364d"])
    tiers = cells.distinct("to_tier")
    let weeks = try source.rows("weekly_sales", ["week_from"])
    firstWeek = weeks.count > 0 ? weeks.date("week_from", 0) : nil
  }

  /// The section.
  func section() -> ReportSection {
    guard cells.count > 0, cells.sum("people") > 0 else {
      return ReportSection(
        id: "tiers",
        title: "Value tiers and migration",
        lead: "There are no customers to grade.",
        blocks: []
      )
    }
    return ReportSection(
      id: "tiers",
      title: "Value tiers and migration",
      lead: lead,
      blocks: historyWarning + [
        .chart(matrix), .chart(sizes), .table(movementTable), .table(tierTable),
      ]
    )
  }

  private var period: String { "\(source.settings.migrationDays) days" }

  private var earlier: String {
    ReportNumber.date(source.context.asOf.advanced(byDays: -source.settings.migrationDays))
  }

  /// A warning if the value of the earlier date could not see its whole 364 days.
  private var historyWarning: [ReportBlock] {
    let earlier = source.context.asOf.advanced(byDays: -source.settings.migrationDays)
    guard let first = firstWeek, first > earlier.advanced(byDays: -364 + 7) else { return [] }
    return [
      .callout(
        .init(
          .warning,
          "the sales begin about \(ReportNumber.date(first)), so the value as of \(self.earlier) "
            + "covers \(earlier.days(since: first)) days instead of 364. Part of the rise in tiers "
            + "and value is only the longer history."
        )
      )
    ]
  }

  private var movements: [Movement] {
    var all = ["Moved up", "Stayed", "Moved down", "New"].map { Movement(name: $0) }
    for row in cells.indices {
      let from = cells.text("from_tier", row)
      let to = tiers.firstIndex(of: cells.text("to_tier", row)) ?? 0
      var place = 3
      if from != Self.newcomers, let start = tiers.firstIndex(of: from) {
        place = to < start ? 0 : to == start ? 1 : 2
      }
      all[place].people += cells.integer("people", row)
      all[place].value += cells.amount("value_change", row)
    }
    return all
  }

  private var lead: String {
    let all = movements
    func words(_ place: Int) -> String { Self.count(all[place].people) }
    let change = cells.sum("value_change")
    return "In \(period), \(words(0)) customers moved up a tier, \(words(2)) moved down and "
      + "\(words(3)) were new; the value of the trailing 364 days "
      + (abs(change) < 0.5
        ? "did not change."
        : "\(change > 0 ? "rose" : "fell") by \(source.money(abs(change))).")
  }

  private var matrix: Chart {
    let rows = tiers + [Self.newcomers]
    let values = rows.map { from in
      tiers.map { to in
        cells.indices
          .first {
            cells.text("from_tier", $0) == from && cells.text("to_tier", $0) == to
          }
          .flatMap { cells.number("people", $0) }
      }
    }
    let stayed = movements[1].people
    let known = movements[0].people + stayed + movements[2].people
    let share = known == 0 ? 0 : Double(stayed) / Double(known)
    return Chart(
      title: "From tier to tier, customers",
      finding: "\(ReportNumber.percent(share, places: 0)) of the customers known on \(earlier) "
        + "are in the same tier on \(source.asOfText). Counts of 1 to "
        + "\(ReportSource.smallestCount - 1) are shown as <\(ReportSource.smallestCount).",
      size: .half,
      .heat(
        HeatTable(
          rowTitle: "Then",
          columnTitle: "Tier now",
          rows: rows,
          columns: tiers,
          values: values,
          marksDiagonal: true,
          leastShown: ReportSource.smallestCount
        )
      )
    )
  }

  private func people(_ column: String, _ tier: String) -> Int {
    cells.rows(where: column, is: tier).reduce(0) { $0 + cells.integer("people", $1) }
  }

  private var sizes: Chart {
    let now = tiers.map { people("to_tier", $0) }
    let then = tiers.map { people("from_tier", $0) }
    let best = tiers.first ?? ""
    return Chart(
      title: "Customers by tier, then and now",
      finding: "The tier \u{201C}\(best)\u{201D} went from \(Self.count(then.first ?? 0)) to "
        + "\(Self.count(now.first ?? 0)) customers.",
      size: .half,
      .bars(
        BarChart(
          .vertical,
          categories: tiers,
          series: [
            .init("\(earlier)", then.map { Double($0) }),
            .init("\(source.asOfText)", now.map { Double($0) }),
          ],
          valueTitle: "Customers"
        )
      )
    )
  }

  private var movementTable: ReportTable {
    let all = movements
    let total = all.reduce(0) { $0 + $1.people }
    return ReportTable(
      caption: "What moved between \(earlier) and \(source.asOfText)",
      columns: [
        ReportColumn("Movement"), ReportColumn("Customers", isNumber: true),
        ReportColumn("Share", isNumber: true),
        ReportColumn("Change of value, 364 days (\(source.context.currency))", isNumber: true),
      ],
      rows: all.map { movement in
        let isSmall = (1..<ReportSource.smallestCount).contains(movement.people)
        let share = total == 0 ? 0 : Double(movement.people) / Double(total)
        return [
          movement.name, Self.count(movement.people),
          isSmall ? "\u{2013}" : ReportNumber.percent(share),
          isSmall ? "\u{2013}" : NumberStyle.signed(places: 0).text(movement.value),
        ]
      }
    )
  }

  private var tierTable: ReportTable {
    let values = customers.numbers("value_364d")
    let total = values.reduce(0, +)
    var valueOfTier: [String: Double] = [:]
    var countOfTier: [String: Int] = [:]
    for row in customers.indices {
      let tier = customers.text("tier", row)
      valueOfTier[tier, default: 0] += values[row]
      countOfTier[tier, default: 0] += 1
    }
    return ReportTable(
      caption: "Tiers as of \(source.asOfText)",
      columns: [
        ReportColumn("Tier"), ReportColumn("Customers", isNumber: true),
        ReportColumn("Share of customers", isNumber: true),
        ReportColumn("Value, 364 days (\(source.context.currency))", isNumber: true),
        ReportColumn("Share of value", isNumber: true),
      ],
      rows: tiers.map { tier in
        let count = countOfTier[tier] ?? 0
        let value = valueOfTier[tier] ?? 0
        let isSmall = (1..<ReportSource.smallestCount).contains(count)
        return [
          tier, Self.count(count),
          ReportNumber.percent(Double(count) / Double(max(1, customers.count))),
          isSmall ? "\u{2013}" : NumberStyle.integer.text(value),
          isSmall || total == 0 ? "\u{2013}" : ReportNumber.percent(value / total),
        ]
      }
    )
  }

  /// A count, small ones veiled.
  private static func count(_ people: Int) -> String {
    (1..<ReportSource.smallestCount).contains(people)
      ? "<\(ReportSource.smallestCount)" : ReportNumber.integer(people)
  }
}
