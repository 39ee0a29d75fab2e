internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to the life-cycle state of each customer with its date, and the odds of the next.
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

  /// Reads `step_days`, `steps`, `products_only` and the limits of the states.
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
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines"] }
  /// The states and the odds.
  public var outputs: [String] { ["lifecycle_states", "lifecycle_transitions"] }

  /// Finds the mean gap, then the transitions, then the states, each shard by shard.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let histories = try Parallel.map(shards.count) {
      (index: Int) throws(Diagnostic) -> LifeCycleHistory in
      LifeCycleHistory(
        try PurchaseHistories(
          orderLines: try tables.table(
            "order_lines",
            shard: shards[index],
            columns: PurchaseHistories.lineColumns
          ),
          returnMatches: nil,
          productsOnly: productsOnly
        )
      )
    }
    let gaps = histories.map { $0.gaps(before: context.asOf) }
    let gapCount = gaps.reduce(0) { $0 + $1.count }
    let meanGap =
      gapCount == 0 ? 91 : Double(gaps.reduce(0) { $0 + $1.days }) / Double(gapCount)
    let odds = odds(histories, meanGap: meanGap, asOf: context.asOf)
    let order = [SortKey("customer_id")]
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> ShardedRows in
      try context.handOver(
        states(histories[index], odds, meanGap: meanGap, asOf: context.asOf),
        to: "lifecycle_states",
        shard: shards[index],
        order: order
      )
    }
    var output = StageOutput()
    output.tables = [
      OutputTable("lifecycle_states", parts, shardedBy: "customer_id", order: order),
      OutputTable("lifecycle_transitions", transitions(odds)),
    ]
    output.finding = finding(histories, meanGap: meanGap, asOf: context.asOf)
    return output
  }

  /// What became of the states, from step to step up to the date of the run.
  private func odds(
    _ histories: [LifeCycleHistory],
    meanGap: Double,
    asOf: CivilDate
  ) -> LifeCycleOdds {
    let dates = (0...stepCount).reversed().map { asOf.advanced(byDays: -stepDays * $0) }
    let parts = Parallel.map(histories.count) { index in
      histories[index].transitions(dates, rules: rules, meanGap: meanGap)
    }
    let size = LifeCycleState.allCases.count
    var counts = [[Int]](repeating: Array(repeating: 0, count: size), count: size)
    for part in parts {
      for row in 0..<size { for column in 0..<size { counts[row][column] += part[row][column] } }
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
    let changes = Dictionary(
      uniqueKeysWithValues: LifeCycleState.allCases.map { state in
        (state, (odds.mostLikelyChange(from: state), odds.share(from: state, to: state)?.mean))
      }
    )
    var (ids, names) = (ColumnBuilder(.text), ColumnBuilder(.text))
    var (since, inState) = (ColumnBuilder(.date), ColumnBuilder(.integer))
    var (previous, orders) = (ColumnBuilder(.text), ColumnBuilder(.integer))
    var (gap, next) = (ColumnBuilder(.double), ColumnBuilder(.text))
    var (nextShare, stay) = (ColumnBuilder(.double), ColumnBuilder(.double))
    for (customer, days) in zip(history.customers, history.orderDays) {
      let seen = days.prefix { $0 < day }
      guard !seen.isEmpty else { continue }
      let state = rules.state(at: day, orderDays: days, meanGap: meanGap)
      let entry = rules.entry(at: day, orderDays: days, meanGap: meanGap)
      ids.append(text: customer)
      names.append(text: state.rawValue)
      since.append(integer: entry.map { Int64($0.since) })
      inState.append(integer: entry.map { Int64(day - $0.since) })
      previous.append(text: entry?.before.rawValue)
      orders.append(integer: Int64(seen.count))
      gap.append(double: (rules.expectedGap(seen, meanGap: meanGap) * 10).rounded() / 10)
      let (change, share) = changes[state] ?? (nil, nil)
      next.append(text: change?.state.rawValue)
      nextShare.append(double: change?.share)
      stay.append(double: share)
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

  private func finding(
    _ histories: [LifeCycleHistory],
    meanGap: Double,
    asOf: CivilDate
  ) -> String {
    var counts: [LifeCycleState: Int] = [:]
    for days in histories.flatMap(\.orderDays) where (days.first ?? .max) < asOf.daysSinceEpoch {
      counts[
        rules.state(at: asOf.daysSinceEpoch, orderDays: days, meanGap: meanGap),
        default: 0
      ] += 1
    }
    let words = LifeCycleState.allCases.compactMap { state in
      counts[state].map { "\(state.rawValue) \($0)" }
    }
    return "\(counts.values.reduce(0, +)) customers: \(words.joined(separator: ", "))"
  }
}
