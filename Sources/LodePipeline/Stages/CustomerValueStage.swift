internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Customer features to RFM scores, value tiers and their migration.
public struct CustomerValueStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "rfm+tiers"
  /// The version of the method.
  public static let version = 1

  private let tiers: ValueTiers
  private let by: String
  private let migrationDays: Int

  /// Reads `tiers` and `migration_days`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    guard let table = try reader.object("tiers") else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"tiers\".",
        fix: "add tiers: { names: [\"top\", \"high\", \"low\"], cuts: [1000, 250] }."
      )
    }
    by = try table.string("by") ?? "value_364d"
    let names = try table.strings("names") ?? []
    let cuts = try table.numbers("cuts") ?? []
    try table.finish()
    do {
      tiers = try ValueTiers(names: names, cuts: cuts)
    } catch {
      let words =
        switch error {
        case .countsDiffer(let names, let cuts): "\(names) names and \(cuts) cut points"
        case .cutsDoNotFall: "cut points that do not fall"
        case .namesRepeat: "a name twice"
        }
      throw reader.problem(
        at: table.node,
        "\"tiers\" of \(reader.subject) has \(words).",
        fix: "give falling cut points and one name more than cut points, best tier first."
      )
    }
    migrationDays = try reader.integer("migration_days", in: 1...3660) ?? 91
  }

  /// The features.
  public var inputs: [String] { ["customer_features"] }
  /// Values and the migration between tiers.
  public var outputs: [String] { ["customer_value", "tier_migration"] }

  /// Grades every customer now and as of the earlier date.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shown = [
      "value_364d", "value_total", "orders", "days_since_last", "last_order_on",
    ]
    let now = try CurrentFeatures.customers(
      tables,
      asOf: context.asOf,
      columns: shown.contains(by) ? shown : shown + [by]
    )
    let earlierDate = context.asOf.advanced(byDays: -migrationDays)
    let earlier = try CurrentFeatures.customers(tables, asOf: earlierDate, columns: [by])
    guard earlier.rowCount > 0 else {
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "customer_features has no rows as of \(earlierDate), \(migrationDays) days back.",
        fix: "add \(migrationDays) to also_days_back of the features stage, or choose fewer "
          + "migration_days."
      )
    }
    let values = try now.requiredColumn(by).numbers()
    let before = try previousValues(of: now, in: earlier)
    let migration = tiers.migration(before: before, now: values)
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "customer_value",
        try graded(now, values: values, before: before),
        shardedBy: "customer_id",
        order: [SortKey("customer_id")]
      ),
      OutputTable("tier_migration", table(migration)),
    ]
    let sizes = tiers.names.indices.map { tier in
      "\(tiers.names[tier]) \(migration.people.reduce(0) { $0 + $1[tier] })"
    }
    output.finding = "\(now.rowCount) customers in tiers: \(sizes.joined(separator: ", "))"
    return output
  }

  private func previousValues(of now: Table, in earlier: Table) throws -> [Double?] {
    let values = try earlier.requiredColumn(by).numbers()
    return try now.requiredColumn("customer_id")
      .rows(in: try earlier.requiredColumn("customer_id"))
      .map { $0 < 0 ? nil : values[$0] }
  }

  private func graded(_ now: Table, values: [Double], before: [Double?]) throws -> Table {
    let scores = RFMScores.scores(
      daysSinceLast: try now.requiredColumn("days_since_last").numbers(),
      orders: try now.requiredColumn("orders").numbers(),
      value: try now.requiredColumn("value_total").numbers()
    )
    let tier = Column(codes: values.map { tiers.tier(of: $0) }, names: tiers.names)
    let previous = Column(
      codes: before.map { $0.map { tiers.tier(of: $0) } ?? -1 },
      names: tiers.names
    )
    let all = RFMScores.allScores
    let cells = scores.map(\.place)
    return
      try now
      .selecting([
        "customer_id", "as_of", "value_364d", "value_total", "orders", "days_since_last",
        "last_order_on",
      ])
      .setting(Field("tier", .text), tier)
      .setting(Field("tier_previous", .text), previous)
      .setting(Field("recency_score", .integer), Column(integers: scores.map { Int64($0.recency) }))
      .setting(
        Field("frequency_score", .integer),
        Column(integers: scores.map { Int64($0.frequency) })
      )
      .setting(
        Field("monetary_score", .integer),
        Column(integers: scores.map { Int64($0.monetary) })
      )
      .setting(Field("rfm", .text), Column(codes: cells, names: all.map(\.cell)))
      .setting(Field("rfm_group", .text), Column(codes: cells, names: all.map(\.group)))
  }

  private func table(_ migration: ValueTiers.Migration) -> Table {
    let fromNames = tiers.names + ["new"]
    var cells: [(from: String, to: String, people: Int, share: Double, change: Double)] = []
    for (from, row) in migration.people.enumerated() {
      let sum = row.reduce(0, +)
      for (to, people) in row.enumerated() {
        let share = sum == 0 ? 0 : Double(people) / Double(sum)
        let change = migration.valueChange[from][to]
        cells.append((fromNames[from], tiers.names[to], people, share, change))
      }
    }
    return Table([
      "from_tier": Column(texts: cells.map(\.from)),
      "to_tier": Column(texts: cells.map(\.to)),
      "people": Column(integers: cells.map { Int64($0.people) }),
      "share": Column(doubles: cells.map(\.share)),
      "value_change": Column(
        .money(scale: 2),
        integers: cells.map { Int64(($0.change * 100).rounded()) }
      ),
    ])
  }
}
