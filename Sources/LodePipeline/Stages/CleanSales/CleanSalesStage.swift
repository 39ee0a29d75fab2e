internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Raw sales to clean order lines, returns matched to sales, orders, products and quarantine.
public struct CleanSalesStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.clean
  /// Sales, one row a line of an order.
  public static let method = "sales"
  /// The version of the method.
  public static let version = 6

  private let from: String
  private let columns: SalesColumns
  private let rules: SalesRules
  private let netsReturns: Bool
  private let rejectLimit: RejectLimit
  private let expectedReasons: [String]

  /// Reads `from`, `columns`, the rules for rows, `net_returns` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.requiredString("from")
    guard let columns = try reader.object("columns") else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"columns\".",
        fix: "add columns: { customer: \"…\", at: \"…\", amount: \"…\" }."
      )
    }
    self.columns = try SalesColumns(columns)
    rules = try SalesRules(reader)
    netsReturns = try reader.boolean("net_returns") ?? true
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
    expectedReasons = try reader.strings("expected_reasons") ?? ["exact_duplicate"]
  }

  /// The raw table.
  public var inputs: [String] { [from] }
  /// The clean tables.
  public var outputs: [String] {
    ["order_lines", "returns", "return_matches", "orders", "products", "cleaning_trail"]
  }
  /// The raw table, by its customers.
  public var customerColumns: [String: String] { [from: columns.customer] }
  /// The same rows on every date.
  public var usesAsOf: Bool { false }

  /// Sorts every raw row into order lines, returns or quarantine, shard by shard.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try SalesShards(
      tables,
      table: from,
      customer: columns.customer,
      shardCount: context.shardCount
    )
    let parts = try Parallel.map(shards.numbers.count) { index in
      let shard = shards.numbers[index]
      // Only the rows in order are held on, not the raw table as well.
      let rows = try SalesRows(shards.take(shard), columns, tableName: from)
      return try clean(rows, shard: shard, context)
    }
    let rowCount = parts.reduce(0) { $0 + $1.rowCount }
    let refused = parts.flatMap(\.refused).sorted { $0.place < $1.place }
    var quarantine = QuarantineRows()
    for row in refused { quarantine.append(row, source: from) }
    try quarantine.check(
      against: rowCount,
      limit: rejectLimit,
      expected: expectedReasons,
      stageName: context.stageName
    )
    var output = StageOutput()
    output.tables = Self.sortedTables.enumerated()
      .map { index, table in
        OutputTable(
          table.name,
          parts.map { $0.tables[index] },
          shardedBy: "customer_id",
          order: table.order
        )
      }
    output.tables += [
      OutputTable("products", ProductTally(joining: parts.map(\.products)).table()),
      OutputTable("cleaning_trail", CleaningTrail(joining: parts.map(\.trail)).table()),
    ]
    output.quarantine = quarantine
    output.rowsRead = rowCount
    let (lines, returns) = (output.tables[0].rowCount, output.tables[1].rowCount)
    output.rowsPublished = lines + returns
    output.finding =
      "\(lines) order lines, \(returns) returns "
      + "(\(parts.reduce(0) { $0 + $1.matchedCount }) matched to their sale), "
      + "\(quarantine.count) rows in quarantine"
    return output
  }

  /// The tables that are apart by customer, with the order of rows in a shard.
  private static let sortedTables: [(name: String, order: [SortKey])] = [
    ("order_lines", [SortKey("customer_id"), SortKey("ordered_at"), SortKey("_line")]),
    ("returns", [SortKey("customer_id"), SortKey("returned_at"), SortKey("_line")]),
    ("return_matches", [SortKey("customer_id"), SortKey("returned_at"), SortKey("sale_line")]),
    ("orders", [SortKey("customer_id"), SortKey("ordered_at"), SortKey("order_id")]),
  ]

  /// What comes of the sales of one shard.
  private struct Part: Sendable {
    /// The raw rows.
    let rowCount: Int
    /// As ``sortedTables``.
    let tables: [ShardedRows]
    let products: ProductTally
    let trail: CleaningTrail
    let refused: [RefusedRow]
    /// The returns that were matched to their sale.
    let matchedCount: Int
  }

  private func clean(
    _ rows: SalesRows,
    shard: Int,
    _ context: StageContext
  ) throws(Diagnostic) -> Part {
    let classification = try SalesClassification(rows, rules: rules)
    let good = (0..<rows.count).filter { classification.defects[$0].isEmpty }
    let tables = CleanSalesTables(
      rows,
      classification,
      sales: good.filter { !classification.isReturn[$0] },
      returns: good.filter { classification.isReturn[$0] }
    )
    let lines = tables.orderLines()
    let matches = netsReturns ? tables.matches() : []
    let made = [
      lines, tables.returnLines(matches), tables.matchTable(matches), try tables.orders(of: lines),
    ]
    var handed: [ShardedRows] = []
    for (table, rows) in zip(Self.sortedTables, made) {
      handed.append(
        try context.handOver(rows, to: table.name, shard: shard, order: table.order)
      )
    }
    return Part(
      rowCount: rows.count,
      tables: handed,
      products: tables.products(),
      trail: CleaningTrail(rows, classification),
      refused: refused(rows, classification),
      matchedCount: Set(matches.map(\.returnIndex)).count
    )
  }

  private func refused(
    _ rows: SalesRows,
    _ classification: SalesClassification
  ) -> [RefusedRow] {
    let raw = rows.cells
    let cells = raw.schema.fields.indices.filter { !raw.schema.fields[$0].name.hasPrefix("_") }
    let defects = classification.defects
    return defects.indices.filter { !defects[$0].isEmpty }
      .map { row in
        let reasons = defects[row].reasons
        return RefusedRow(
          place: rows.place(row),
          file: rows.file[row].description,
          reasons: reasons,
          message: Self.words(reasons, row, rows),
          raw: cells.map { raw.columns[$0][row].description }.joined(separator: ",")
        )
      }
  }

  private static func words(_ reasons: [String], _ row: Int, _ rows: SalesRows) -> String {
    let price = Cell.decimalText(rows.price[row], scale: rows.scale)
    let day = Timestamp(microseconds: rows.time[row]).date
    return
      reasons.map { reason in
        switch reason {
        case "exact_duplicate": "the row repeats an earlier row in every cell"
        case "date_too_early": "the date \(day) is before valid_dates.from"
        case "date_in_future": "the date \(day) is after valid_dates.to"
        case "quantity_zero": "the quantity is 0"
        case "quantity_negative":
          "the quantity is \(rows.quantity[row]) and the order no cancellation"
        case "cancellation_without_negative_quantity":
          "a cancellation with quantity \(rows.quantity[row])"
        case "price_zero": "the price is 0"
        case "price_negative": "the price is \(price)"
        case "amount_too_large": "quantity × price has more than 18 digits"
        default: "the \(reason.replacing("missing_", with: "")) is missing"
        }
      }
      .joined(separator: "; ")
  }
}

/// A raw row that cleaning refused.
private struct RefusedRow: Sendable {
  let place: RawPlace
  let file: String
  let reasons: [String]
  let message: String
  let raw: String
}

extension QuarantineRows {
  /// Adds a row that cleaning refused.
  fileprivate mutating func append(_ row: RefusedRow, source: String) {
    append(
      source: source,
      file: row.file,
      line: row.place.line,
      offset: nil,
      reasons: row.reasons,
      message: row.message,
      raw: row.raw
    )
  }
}
