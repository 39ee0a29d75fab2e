internal import Glibc
internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The labelled dates of a churn model with their rows, and the customers as of today.
struct ChurnData: Sendable {
  /// A date with its counts.
  struct Day: Sendable {
    let date: CivilDate
    var rows = 0
    var churned = 0

    var rate: Double { Double(churned) / Double(max(rows, 1)) }
  }

  /// The customers of one shard as of the date of the run.
  struct Today: Sendable {
    let shard: Int?
    /// `customer_id`, `as_of`, and the columns that models, baselines and reasons read.
    let table: Table
  }

  /// The labelled dates, rising.
  let days: [Day]
  /// From a date to the day behind its label window.
  let labelDays: Int
  var rows: ChurnRows
  let today: [Today]

  /// Reads features and labels shard by shard, only the columns that are needed.
  ///
  /// - Throws: a diagnostic for a missing column, or where no date has its label.
  init(_ stage: ChurnStage, _ tables: StageInputs, _ context: StageContext) throws {
    labelDays = stage.gapDays + stage.horizonDays
    let shards = try Self.shards(tables, stage)
    let dates = try Self.dates(tables, shards)
      .filter { $0.advanced(byDays: stage.gapDays + stage.horizonDays) <= context.asOf }
    guard let first = dates.first else {
      throw Diagnostic(
        .failure,
        "customer_features holds no date whose \(labelDays) days of label end before "
          + "\(context.asOf).",
        fix: "set training: { count: 6, behind_days: \(labelDays) } in the features stage, or run "
          + "as of a later date."
      )
    }
    guard dates.count <= Int(UInt8.max) else {
      throw Diagnostic(
        .failure,
        "customer_features holds \(dates.count) labelled dates; 255 is the most.",
        fix: "lower training.count of the features stage."
      )
    }
    let reader = ChurnShardReader(stage: stage, tables: tables, dates: dates, asOf: context.asOf)
    var rows = ChurnRows(columns: stage.modelColumns, featureCount: stage.selection.names.count)
    var today: [Today] = []
    // Few shards at a time, so that few tables stand in memory beside the rows.
    for start in stride(from: 0, to: shards.count, by: Self.shardsAtOnce) {
      let wave = shards[start..<min(start + Self.shardsAtOnce, shards.count)]
      let parts = try Parallel.map(wave.count) { try reader.read(wave[start + $0], since: first) }
      for (shard, part) in zip(wave, parts) {
        rows.append(part.rows)
        today.append(Today(shard: shard, table: part.today))
      }
    }
    self.today = today
    var days = dates.map { Day(date: $0) }
    for row in 0..<rows.count {
      days[Int(rows.dates[row])].rows += 1
      if rows.churned[row] { days[Int(rows.dates[row])].churned += 1 }
    }
    self.days = days
    self.rows = rows
  }

  /// The shards that are read side by side.
  private static let shardsAtOnce = 4

  /// The places of the dates whose label is complete at a date.
  func mature(at date: CivilDate) -> [Int] {
    days.indices.filter {
      days[$0].date.advanced(byDays: labelDays) <= date && days[$0].rows > 0
    }
  }

  /// Rows of some dates; of more than `limit` those of customers whose hash is smallest.
  ///
  /// The choice is by customer, so all rows of one are taken or none, and the same each week.
  func sample(_ places: [Int], limit: Int) -> [Int] {
    let total = places.reduce(0) { $0 + days[$1].rows }
    let threshold =
      total <= limit ? UInt64.max : UInt64(Double(limit) / Double(total) * 0x1p63) << 1
    var isWanted = [Bool](repeating: false, count: days.count)
    for place in places { isWanted[place] = true }
    return (0..<rows.count)
      .filter { isWanted[Int(rows.dates[$0])] && rows.customers[$0] <= threshold }
  }

  /// The shards to work on; one for everything where a table has none.
  private static func shards(
    _ tables: StageInputs,
    _ stage: ChurnStage
  ) throws(Diagnostic) -> [Int?] {
    var shards = try tables.shards(of: "customer_features")
    for name in stage.inputs where try tables.shards(of: name) == [nil] && shards != [nil] {
      // A table without rows has no shards and can be asked for any.
      if try tables.table(name, columns: ["customer_id"]).rowCount > 0 { shards = [nil] }
    }
    return shards
  }

  private static func dates(
    _ tables: StageInputs,
    _ shards: [Int?]
  ) throws(Diagnostic) -> [CivilDate] {
    let sets = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> [Int64] in
      let days = try tables.table("customer_features", shard: shards[index], columns: ["as_of"])
      return CurrentFeatures.distinct(try days.requiredColumn("as_of").integers)
    }
    return CurrentFeatures.distinct(sets.flatMap(\.self))
      .map { CivilDate(daysSinceEpoch: Int($0)) }
  }
}

/// Reads one shard of features and orders.
struct ChurnShardReader: Sendable {
  let stage: ChurnStage
  let tables: StageInputs
  let dates: [CivilDate]
  let asOf: CivilDate

  /// The labelled rows, customer after customer, and the rows of today.
  func read(_ shard: Int?, since first: CivilDate) throws -> (rows: ChurnRows, today: Table) {
    let features = try tables.table(
      "customer_features",
      shard: shard,
      columns: ["customer_id", "as_of"] + stage.factColumns
    )
    let customer = try features.requiredColumn("customer_id")
    let days = try features.requiredColumn("as_of").integers
    let chosen = try labelledRows(features)
    var rows = ChurnRows(columns: stage.modelColumns, featureCount: stage.selection.names.count)
    rows.add(try stage.elements(features, rows: chosen.map(\.row)))
    let codes = customer.codes
    let hashes = Self.hashes(customer.dictionary)
    rows.customers = chosen.map { hashes[Int(codes[$0.row])] }
    rows.dates = chosen.map(\.date)
    let today = try CurrentFeatures.rows(features, asOf: asOf)
    // Orders are read when all that is wanted of the features is taken out of them.
    let returns =
      stage.netsReturns ? try tables.table("return_matches", shard: shard) : nil
    let windows = try OrderWindows(
      customer.dictionary,
      orderLines: try tables.table(
        "order_lines",
        shard: shard,
        columns: OrderWindows.lineColumns(with: returns)
      ),
      returnMatches: returns,
      productsOnly: stage.productsOnly,
      since: first.advanced(byDays: stage.gapDays)
    )
    rows.churned = chosen.map { chosen in
      let start = Int(days[chosen.row]) + stage.gapDays
      return windows.isSilent(
        Int(codes[chosen.row]),
        from: start,
        until: start + stage.horizonDays
      )
    }
    return (rows, today)
  }

  private static func hashes(_ customers: TextDictionary) -> [UInt64] {
    let (bytes, offsets) = (customers.bytes.span, customers.offsets)
    return (0..<customers.count)
      .map { XXHash64.hash(bytes.extracting(offsets[$0]..<offsets[$0 + 1]), seed: Self.seed) }
  }

  /// The seed of customer hashes: another one than that of shards, or a shard would be a sample.
  private static let seed: UInt64 = 0x6C6F_6465

  /// The rows at labelled dates of customers who were active, customer after customer.
  private func labelledRows(_ features: Table) throws(Diagnostic) -> [LabelledRow] {
    let customer = try features.requiredColumn("customer_id")
    let days = try features.requiredColumn("as_of").integers
    let silences = try features.requiredColumn("days_since_last").integers
    let codes = customer.codes
    let limit = Int64(stage.activeDays)
    var rows: [LabelledRow] = []
    var next = [Int](repeating: 0, count: customer.dictionary.count + 1)
    let wanted = dates.map { Int64($0.daysSinceEpoch) }
    for row in codes.indices where silences[row] <= limit {
      let day = days[row]
      guard let date = wanted.firstIndex(where: { $0 >= day }), wanted[date] == day else {
        continue
      }
      rows.append(LabelledRow(row: row, date: UInt8(date)))
      next[Int(codes[row]) + 1] += 1
    }
    for index in stride(from: 1, to: next.count, by: 1) { next[index] += next[index - 1] }
    var sorted = rows
    for labelled in rows {
      let code = Int(codes[labelled.row])
      sorted[next[code]] = labelled
      next[code] += 1
    }
    return sorted
  }

  /// A row of the features with the place of its date.
  private struct LabelledRow {
    let row: Int
    let date: UInt8
  }
}
