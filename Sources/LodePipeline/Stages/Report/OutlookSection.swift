internal import LodeColumns
internal import LodeCustomer
internal import LodeReports
internal import LodeRuntime

/// What customers will be worth, and where they stand in their life cycle.
struct OutlookSection {
  private let source: ReportSource
  private let totals: ReportRows?
  private let holdout: ReportRows?
  private let values: ReportRows?
  private let states: ReportRows?
  private let counts: ReportRows?
  private let transitions: ReportRows?
  private let customers: ReportRows
  private let tiers: [String]

  init(_ source: ReportSource) throws {
    self.source = source
    totals = try source.optionalRows(
      "clv_totals",
      ["measure", "horizon_days", "level", "expected", "lower", "upper"]
    )
    holdout = try source.optionalRows("clv_holdout", ["part", "name", "measure", "value"])
    values = try source.optionalRows("customer_clv", ["customer_id", "clv_value"])
    states = try source.optionalRows(
      "lifecycle_states",
      ["state", "next_state", "next_state_share"]
    )
    counts = try source.optionalRows(
      "lifecycle_counts",
      ["state", "people", "next_state", "next_state_share"]
    )
    transitions = try source.optionalRows("lifecycle_transitions", ["step_days"])
    customers = try source.rows("customer_value", ["customer_id", "tier", "value_364d"])
    tiers = try source.rows("tier_migration", ["to_tier"]).distinct("to_tier")
  }

  /// The section; nil if no stage made the tables.
  func section() throws -> ReportSection? {
    guard totals != nil || states != nil else { return nil }
    let valueBlocks: [ReportBlock] = try values.map { [.table(try tierTable($0))] } ?? []
    let stateBlocks: [ReportBlock] = states.map { [.table(stateTable($0))] } ?? []
    return ReportSection(
      id: "outlook",
      title: "Value to come and life cycle",
      lead: totals.map(lead) ?? states.map(stateLead) ?? "",
      blocks: valueBlocks + test + stateBlocks
    )
  }

  private func lead(_ totals: ReportRows) -> String {
    func row(_ measure: String) -> Int? { totals.rows(where: "measure", is: measure).first }
    guard let purchases = row("purchases"), let buyers = row("customers_who_buy") else { return "" }
    let level = ReportNumber.percent(totals.amount("level", purchases), places: 0)
    var text =
      "In the next \(ReportNumber.integer(totals.integer("horizon_days", purchases))) days from "
      + "\(source.asOfText) on, \(count(totals, purchases)) days with a purchase are expected, by "
      + "\(count(totals, buyers)) of today's customers"
    if let revenue = row("revenue"), let worth = totals.number("expected", revenue) {
      let interval = interval(totals, revenue).map { " (\(source.money($0)))" } ?? ""
      text += ", worth \(source.money(worth))\(interval)"
    }
    text += ". In brackets: \(level) intervals"
    if interval(totals, purchases) == nil {
      text += ", left out where the data do not say what the parameters of the model are"
    }
    return text + "."
  }

  private func interval(_ totals: ReportRows, _ row: Int) -> ClosedRange<Double>? {
    guard let lower = totals.number("lower", row), let upper = totals.number("upper", row),
      lower <= upper
    else { return nil }
    return lower...upper
  }

  private func count(_ totals: ReportRows, _ row: Int) -> String {
    let interval = interval(totals, row)
      .map { interval in
        " (\(ReportNumber.text(interval.lowerBound, places: 0)) to "
          + "\(ReportNumber.text(interval.upperBound, places: 0)))"
      }
    return ReportNumber.text(totals.amount("expected", row), places: 0) + (interval ?? "")
  }

  /// What the model said of time held out, and what happened.
  private var test: [ReportBlock] {
    func figure(_ name: String, _ measure: String) -> Double? {
      holdout?.indices
        .first { row in
          holdout?.text("part", row) == "totals" && holdout?.text("name", row) == name
            && holdout?.text("measure", row) == measure
        }
        .flatMap { holdout?.number("value", $0) }
    }
    guard let said = figure("purchases", "predicted"), let happened = figure("purchases", "actual"),
      happened > 0
    else { return [] }
    let error = NumberStyle.signed(places: 1).text((said / happened - 1) * 100)
    return [
      .paragraph(
        "Tested on time held out: the model said \(ReportNumber.text(said, places: 0)) days with a "
          + "purchase, \(ReportNumber.text(happened, places: 0)) happened (\(error)%)."
      )
    ]
  }

  private func tierTable(_ values: ReportRows) throws -> ReportTable {
    let rows = try customers.table.requiredColumn("customer_id")
      .rows(in: try values.table.requiredColumn("customer_id"))
    let toCome = values.numbers("clv_value")
    let past = customers.numbers("value_364d")
    var sums: [String: (people: Int, past: Double, toCome: Double)] = [:]
    for row in customers.indices {
      var sum = sums[customers.text("tier", row)] ?? (0, 0, 0)
      sum.people += 1
      sum.past += past[row].isFinite ? past[row] : 0
      if rows[row] >= 0, toCome[rows[row]].isFinite { sum.toCome += toCome[rows[row]] }
      sums[customers.text("tier", row)] = sum
    }
    return ReportTable(
      caption: "Value of the last 364 days and value to come, by tier",
      columns: [
        ReportColumn("Tier"), ReportColumn("Customers", isNumber: true),
        ReportColumn("Last 364 days", isNumber: true), ReportColumn("To come", isNumber: true),
        ReportColumn("To come a customer", isNumber: true),
      ],
      rows: tiers.compactMap { tier in
        guard let sum = sums[tier] else { return nil }
        return [
          tier, ReportNumber.integer(sum.people), source.money(sum.past), source.money(sum.toCome),
          source.money(sum.toCome / Double(max(1, sum.people))),
        ]
      }
    )
  }

  private func stateLead(_ states: ReportRows) -> String {
    "\(source.customers(states.count)) stand in the states of the life cycle below."
  }

  /// A row of the table of states: how many are in one, and where it leads.
  private struct StateCount {
    var people = 0
    let next: String
    let nextShare: Double?

    init(_ rows: ReportRows, _ row: Int) {
      next = rows.text("next_state", row).replacing("_", with: " ")
      nextShare = rows.number("next_state_share", row)
    }
  }

  /// The people of each state, visitors without a name as well where they are counted.
  private func stateCounts(_ states: ReportRows) -> [String: StateCount] {
    var found: [String: StateCount] = [:]
    if let counts {
      for row in counts.indices {
        found[counts.text("state", row), default: StateCount(counts, row)].people =
          counts.integer("people", row)
      }
    } else {
      for row in states.indices {
        found[states.text("state", row), default: StateCount(states, row)].people += 1
      }
    }
    return found
  }

  private func stateTable(_ states: ReportRows) -> ReportTable {
    let step = transitions.flatMap { $0.count > 0 ? $0.integer("step_days", 0) : nil }
    let found = stateCounts(states)
    let all = Double(found.values.reduce(0) { $0 + $1.people })
    let people = counts == nil ? "Customers" : "People"
    return ReportTable(
      caption: "\(people) by state of the life cycle, as of \(source.asOfText)",
      columns: [
        ReportColumn("State"), ReportColumn(people, isNumber: true),
        ReportColumn("Share", isNumber: true), ReportColumn("Most often next"),
        ReportColumn(step.map { "Chance in \($0) days" } ?? "Chance", isNumber: true),
      ],
      rows: LifeCycleState.allCases.compactMap { state in
        guard let count = found[state.rawValue] else { return nil }
        let isShown = count.people >= ReportSource.smallestCount
        return [
          state.rawValue.replacing("_", with: " "),
          isShown ? ReportNumber.integer(count.people) : "<\(ReportSource.smallestCount)",
          isShown ? source.probability(Double(count.people) / all) : "",
          count.next.isEmpty ? "–" : count.next, source.probability(count.nextShare),
        ]
      }
    )
  }
}
