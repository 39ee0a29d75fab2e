internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to the life-cycle state of each customer with its date, and the odds of the next.
///
/// Visits and registrations, where the settings name them, tell of surfers and prospects.
public struct LifeCycleStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "life_cycle"
  /// The version of the method.
  public static let version = 1

  private let rules: LifeCycleRules
  private let stepDays: Int
  private let stepCount: Int
  private let productsOnly: Bool
  private let contacts: LifeCycleContacts
  private let rejectLimit: RejectLimit

  /// Reads `step_days`, `steps`, `products_only`, the limits of the states, `visits`,
  /// `registrations`, `referrals` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    stepDays = try reader.integer("step_days", in: 1...366) ?? 28
    stepCount = try reader.integer("steps", in: 1...520) ?? 12
    productsOnly = try reader.boolean("products_only") ?? true
    var rules = LifeCycleRules()
    rules.lapseGaps = try reader.number("lapsing_gaps", in: 0.1...100) ?? rules.lapseGaps
    rules.lostGaps = try reader.number("lost_gaps", in: 0.1...100) ?? rules.lostGaps
    rules.leastLapseDays =
      try reader.integer("lapsing_days", in: 1...3660) ?? rules.leastLapseDays
    rules.leastLostDays = try reader.integer("lost_days", in: 1...3660) ?? rules.leastLostDays
    rules.mostLostDays =
      try reader.integer("lost_days_at_most", in: 1...36_600) ?? rules.mostLostDays
    rules.loyalOrderDays = try reader.integer("loyal_orders", in: 2...366) ?? rules.loyalOrderDays
    rules.partnerOrderDays =
      try reader.integer("partner_orders", in: 2...366) ?? rules.partnerOrderDays
    guard rules.lostGaps >= rules.lapseGaps, rules.leastLostDays >= rules.leastLapseDays,
      rules.mostLostDays >= rules.leastLostDays, rules.partnerOrderDays >= rules.loyalOrderDays
    else {
      throw reader.problem(
        at: reader.node,
        "the limits of \(reader.subject) cross: lost before lapsing, or partner before loyal.",
        fix: "keep lapsing_gaps ≤ lost_gaps, lapsing_days ≤ lost_days ≤ lost_days_at_most and "
          + "loyal_orders ≤ partner_orders."
      )
    }
    self.rules = rules
    contacts = try LifeCycleContacts(reader)
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The clean sales and the tables of the settings.
  public var inputs: [String] { ["order_lines"] + contacts.tables }
  /// The states, the odds, and how many people are in each state where not all are customers.
  public var outputs: [String] {
    ["lifecycle_states", "lifecycle_transitions"]
      + (contacts.knowsPeople ? ["lifecycle_counts"] : [])
  }

  /// Finds the mean gap, then the transitions, then the states, each shard by shard.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var checked = CheckedRows()
    let signs = try contacts.signs(tables, before: context.asOf, &checked)
    try checked.check(rejectLimit, context)
    let (shards, histories) = try histories(tables, signs, context)
    let gaps = histories.map { $0.gaps(before: context.asOf) }
    let gapCount = gaps.reduce(0) { $0 + $1.count }
    let meanGap =
      gapCount == 0 ? 91 : Double(gaps.reduce(0) { $0 + $1.days }) / Double(gapCount)
    let odds = odds(histories, signs.strangerDays, meanGap: meanGap, asOf: context.asOf)
    let order = [SortKey("customer_id")]
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> ShardedRows in
      try context.handOver(
        states(histories[index], odds, meanGap: meanGap, asOf: context.asOf),
        to: "lifecycle_states",
        shard: shards[index],
        order: order
      )
    }
    var counts = counts(histories, meanGap: meanGap, asOf: context.asOf)
    if !signs.strangerDays.isEmpty { counts[.surfer, default: 0] += signs.strangerDays.count }
    var output = StageOutput()
    output.tables = [
      OutputTable("lifecycle_states", parts, shardedBy: "customer_id", order: order),
      OutputTable("lifecycle_transitions", transitions(odds)),
    ]
    if contacts.knowsPeople {
      output.tables.append(
        OutputTable("lifecycle_counts", countTable(counts, odds, asOf: context.asOf))
      )
    }
    if !contacts.tables.isEmpty { checked.note(in: &output) }
    output.finding = finding(counts)
    return output
  }

  /// The shards with the history of their customers.
  private func histories(
    _ tables: StageInputs,
    _ signs: LifeCycleSigns,
    _ context: StageContext
  ) throws(Diagnostic) -> (shards: [Int?], [LifeCycleHistory]) {
    let ordered = try tables.shards(of: "order_lines")
    // Who has not ordered may be the only one of a shard.
    let shards =
      ordered == [nil] || signs.ofCustomers.isEmpty ? ordered : Array(0..<context.shardCount)
    let known = signs.parted(into: ordered == [nil] ? 1 : context.shardCount)
    let histories = try Parallel.map(shards.count) {
      (index: Int) throws(Diagnostic) -> LifeCycleHistory in
      var history = LifeCycleHistory(
        try tables.histories(shard: shards[index], productsOnly: productsOnly)
      )
      history.add(known[shards[index] ?? 0])
      return history
    }
    return (shards, histories)
  }

  /// What became of the states, from step to step up to the date of the run.
  private func odds(
    _ histories: [LifeCycleHistory],
    _ strangerDays: [Int],
    meanGap: Double,
    asOf: CivilDate
  ) -> LifeCycleOdds {
    let dates = (0...stepCount).reversed().map { asOf.advanced(byDays: -stepDays * $0) }
    let parts = Parallel.map(histories.count) { index in
      histories[index].transitions(dates, rules: rules, meanGap: meanGap)
    }
    let size = LifeCycleState.allCases.count
    let surfer = LifeCycleState.allCases.firstIndex(of: .surfer) ?? 0
    var counts = [[Int]](repeating: Array(repeating: 0, count: size), count: size)
    for part in parts {
      for row in 0..<size { for column in 0..<size { counts[row][column] += part[row][column] } }
    }
    // A visitor who was never known stays a surfer from the first visit on.
    for date in dates.dropLast() {
      counts[surfer][surfer] += strangerDays.count { $0 < date.daysSinceEpoch }
    }
    return LifeCycleOdds(counts: counts, stepDays: stepDays)
  }

  private func states(
    _ history: LifeCycleHistory,
    _ odds: LifeCycleOdds,
    meanGap: Double,
    asOf: CivilDate
  ) -> Table {
    let day = asOf.daysSinceEpoch
    let outlooks = Dictionary(
      uniqueKeysWithValues: LifeCycleState.allCases.map { ($0, outlook(from: $0, odds)) }
    )
    var (ids, names) = (ColumnBuilder(.text), ColumnBuilder(.text))
    var (since, inState) = (ColumnBuilder(.date), ColumnBuilder(.integer))
    var (previous, orders) = (ColumnBuilder(.text), ColumnBuilder(.integer))
    var (gap, next) = (ColumnBuilder(.double), ColumnBuilder(.text))
    var (nextShare, stay) = (ColumnBuilder(.double), ColumnBuilder(.double))
    for (customer, person) in zip(history.customers, history.persons) {
      guard let first = person.firstDay, first < day else { continue }
      let seen = person.orderDays.prefix { $0 < day }
      let state = rules.state(at: day, of: person, meanGap: meanGap)
      let entry = rules.entry(at: day, of: person, meanGap: meanGap)
      ids.append(text: customer)
      names.append(text: state.rawValue)
      since.append(integer: entry.map { Int64($0.since) })
      inState.append(integer: entry.map { Int64(day - $0.since) })
      previous.append(text: entry?.before?.rawValue)
      orders.append(integer: Int64(seen.count))
      let expected = seen.isEmpty ? nil : rules.expectedGap(seen, meanGap: meanGap)
      gap.append(double: expected.map { ($0 * 10).rounded() / 10 })
      let outlook = outlooks[state]
      next.append(text: outlook?.next)
      nextShare.append(double: outlook?.nextShare)
      stay.append(double: outlook?.sameShare)
    }
    let count = ids.build().count
    let dates = Column(.date, integers: Array(repeating: Int64(day), count: count))
    return Table([
      "customer_id": ids.build(), "as_of": dates, "state": names.build(), "since": since.build(),
      "days_in_state": inState.build(), "previous_state": previous.build(),
      "order_days": orders.build(), "expected_gap_days": gap.build(), "next_state": next.build(),
      "next_state_share": nextShare.build(), "same_state_share": stay.build(),
    ])
  }

  /// The most likely other state a step later, its share, and the share of those who stay.
  private func outlook(
    from state: LifeCycleState,
    _ odds: LifeCycleOdds
  ) -> (next: String?, nextShare: Double?, sameShare: Double?) {
    let change = odds.mostLikelyChange(from: state)
    return (change?.state.rawValue, change?.share, odds.share(from: state, to: state)?.mean)
  }

  private func transitions(_ odds: LifeCycleOdds) -> Table {
    let states = LifeCycleState.allCases
    var cells: [(from: LifeCycleState, to: LifeCycleState, customers: Int)] = []
    for (row, from) in states.enumerated() where odds.counts[row].contains(where: { $0 > 0 }) {
      for (column, to) in states.enumerated() where odds.counts[row][column] > 0 {
        cells.append((from, to, odds.counts[row][column]))
      }
    }
    let shares = cells.map { odds.share(from: $0.from, to: $0.to) }
    return Table([
      "from_state": Column(texts: cells.map(\.from.rawValue)),
      "to_state": Column(texts: cells.map(\.to.rawValue)),
      "step_days": Column(integers: cells.map { _ in Int64(odds.stepDays) }),
      "customers": Column(integers: cells.map { Int64($0.customers) }),
      "share": Column(doubles: shares.map { $0?.mean ?? 0 }),
      "share_low90": Column(doubles: shares.map { $0?.lower ?? 0 }),
      "share_high90": Column(doubles: shares.map { $0?.upper ?? 0 }),
    ])
  }

  /// How many customers are in each state.
  private func counts(
    _ histories: [LifeCycleHistory],
    meanGap: Double,
    asOf: CivilDate
  ) -> [LifeCycleState: Int] {
    let day = asOf.daysSinceEpoch
    var counts: [LifeCycleState: Int] = [:]
    for person in histories.flatMap(\.persons) where (person.firstDay ?? .max) < day {
      counts[rules.state(at: day, of: person, meanGap: meanGap), default: 0] += 1
    }
    return counts
  }

  private func countTable(
    _ counts: [LifeCycleState: Int],
    _ odds: LifeCycleOdds,
    asOf: CivilDate
  ) -> Table {
    let states = LifeCycleState.allCases.filter { counts[$0] != nil }
    let people = states.map { counts[$0] ?? 0 }
    let all = Double(people.reduce(0, +))
    let outlooks = states.map { outlook(from: $0, odds) }
    return Table([
      "as_of": Column(.date, integers: states.map { _ in Int64(asOf.daysSinceEpoch) }),
      "state": Column(texts: states.map(\.rawValue)),
      "people": Column(integers: people.map { Int64($0) }),
      "share": Column(doubles: people.map { Double($0) / all }),
      "next_state": Column(texts: outlooks.map(\.next)),
      "next_state_share": Column(optional: outlooks.map(\.nextShare)),
      "same_state_share": Column(optional: outlooks.map(\.sameShare)),
    ])
  }

  private func finding(_ counts: [LifeCycleState: Int]) -> String {
    let words = LifeCycleState.allCases.compactMap { state in
      counts[state].map { "\(state.rawValue) \($0)" }
    }
    let people = contacts.knowsPeople ? "people" : "customers"
    return "\(counts.values.reduce(0, +)) \(people): \(words.joined(separator: ", "))"
  }
}
