internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to customer features as of the date of the run and of earlier dates.
public struct CustomerFeaturesStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "customer_features"
  /// The version of the method.
  public static let version = 3

  private let productsOnly: Bool
  private let netsReturns: Bool
  private let daysBack: [Int]
  private let trainingCount: Int
  private let trainingStep: Int
  private let trainingLag: Int
  private let minimumHistory: Int

  /// Reads `products_only`, `net_returns`, `also_days_back` and `training`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    productsOnly = try reader.boolean("products_only") ?? true
    netsReturns = try reader.boolean("net_returns") ?? true
    let back = try reader.numbers("also_days_back") ?? []
    guard back.allSatisfy({ (1...36_600).contains($0) && $0 == $0.rounded() }) else {
      throw reader.problem(
        at: reader.node("also_days_back") ?? reader.node,
        "\"also_days_back\" of \(reader.subject) holds no whole days of the past.",
        fix: "write whole numbers from 1 to 36600, for example [91]."
      )
    }
    daysBack = back.map { Int($0) }
    let training = try reader.object("training")
    trainingCount = try training?.integer("count", in: 0...520) ?? 0
    trainingStep = try training?.integer("step_days", in: 1...366) ?? 28
    trainingLag = try training?.integer("behind_days", in: 1...3660) ?? 97
    minimumHistory = try training?.integer("min_history_days", in: 0...3660) ?? 91
    try training?.finish()
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines", "return_matches"] }
  /// The features.
  public var outputs: [String] { ["customer_features"] }

  /// Computes the features of all dates in one go, shard by shard.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let dates = try self.dates(tables, shards, context)
    let order = [SortKey("customer_id"), SortKey("as_of")]
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> Part in
      let histories = try tables.histories(
        shard: shards[index],
        productsOnly: productsOnly,
        netsReturns: netsReturns
      )
      let features = CustomerFeatures.table(histories, asOf: dates)
      return Part(
        rows: try context.handOver(
          features,
          to: "customer_features",
          shard: shards[index],
          order: order
        ),
        today:
          try CurrentFeatures.rows(
            try features.selecting(["as_of"]),
            asOf: context.asOf
          )
          .rowCount
      )
    }
    var output = StageOutput()
    let features = OutputTable(
      "customer_features",
      parts.map(\.rows),
      shardedBy: "customer_id",
      order: order
    )
    output.tables = [features]
    let today = parts.reduce(0) { $0 + $1.today }
    output.finding =
      "\(today) customers as of \(context.asOf), \(features.rowCount) rows over "
      + "\(dates.count) dates"
    return output
  }

  /// What comes of one shard.
  private struct Part: Sendable {
    let rows: ShardedRows
    /// The customers as of the date of the run.
    let today: Int
  }

  /// The dates at which customers are looked at, rising.
  ///
  /// Shards are read only until it is sure that the history is long enough for every date: the
  /// first day of some shards is that of all or a later one.
  private func dates(
    _ tables: StageInputs,
    _ shards: [Int?],
    _ context: StageContext
  ) throws(Diagnostic) -> [CivilDate] {
    let training = (0..<trainingCount)
      .map { context.asOf.advanced(byDays: -trainingLag - $0 * trainingStep) }
    let earliest = training.min() ?? context.asOf
    var firstDay: CivilDate?
    for start in stride(from: 0, to: shards.count, by: 2) {
      let days = try Parallel.map(min(2, shards.count - start)) {
        (index: Int) throws(Diagnostic) -> CivilDate? in
        try self.firstDay(tables, shards[start + index])
      }
      firstDay = (days.compactMap(\.self) + [firstDay].compactMap(\.self)).min()
      if let firstDay, firstDay < context.asOf, earliest.days(since: firstDay) >= minimumHistory {
        break
      }
    }
    guard let firstDay, firstDay < context.asOf else {
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "no order of a known customer lies before the as-of date \(context.asOf).",
        fix: "choose a later --as-of, or check the dates of the source."
      )
    }
    var dates: Set<CivilDate> = [context.asOf]
    for days in daysBack { dates.insert(context.asOf.advanced(byDays: -days)) }
    for date in training where date.days(since: firstDay) >= minimumHistory { dates.insert(date) }
    return dates.sorted()
  }

  /// The day of the earliest line of a known customer of a shard.
  private func firstDay(
    _ tables: StageInputs,
    _ shard: Int?
  ) throws(Diagnostic) -> CivilDate? {
    try PurchaseHistories.firstDay(
      orderLines: try tables.table(
        "order_lines",
        shard: shard,
        columns: ["customer_id", "ordered_at", "kind"]
      ),
      productsOnly: productsOnly
    )
  }
}

/// Picks the rows of one date from a table with an `as_of` column.
enum CurrentFeatures {
  /// The rows of the given date.
  static func rows(_ table: Table, asOf date: CivilDate) throws(Diagnostic) -> Table {
    let days = try table.requiredColumn("as_of").integers
    return table.filtered(days.map { $0 == Int64(date.daysSinceEpoch) })
  }

  /// The rows of the given date, in the order of customer ids, read shard by shard.
  ///
  /// - Parameters:
  ///   - tables: the inputs, `customer_features` among them.
  ///   - date: the date.
  ///   - columns: the columns besides `customer_id` and `as_of`, which come first; nil for all.
  /// - Returns: the rows.
  /// - Throws: a diagnostic for a column that is not there.
  static func customers(
    _ tables: StageInputs,
    asOf date: CivilDate,
    columns: [String]?
  ) throws(Diagnostic) -> Table {
    let keys = ["customer_id", "as_of"]
    let read = columns.map { columns in keys + columns.filter { !keys.contains($0) } }
    let shards = try tables.shards(of: "customer_features")
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> Table in
      try rows(
        try tables.table("customer_features", shard: shards[index], columns: read),
        asOf: date
      )
    }
    // No customer lies in two shards.
    return try Table.concatenating(parts, apart: ["customer_id"])
      .sorted(by: [SortKey("customer_id")])
  }

  /// The rows of the given date, in the order of customer ids.
  static func customers(_ table: Table, asOf date: CivilDate) throws(Diagnostic) -> Table {
    try rows(table, asOf: date).sorted(by: [SortKey("customer_id")])
  }

  /// The dates of the table, rising.
  static func dates(_ table: Table) throws(Diagnostic) -> [CivilDate] {
    distinct(try table.requiredColumn("as_of").integers)
      .map { CivilDate(daysSinceEpoch: Int($0)) }
  }

  /// The distinct numbers of days, rising.
  static func distinct(_ days: [Int64]) -> [Int64] {
    guard let extent = days.extent else { return [] }
    let (first, last) = (extent.lowerBound, extent.upperBound)
    guard last - first < 1 << 20 else { return Set(days).sorted() }
    var isThere = [Bool](repeating: false, count: Int(last - first) + 1)
    for day in days { isThere[Int(day - first)] = true }
    return isThere.indices.filter { isThere[$0] }.map { first + Int64($0) }
  }
}
