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
  public static let version = 3

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
  /// The same rows on every date.
  public var usesAsOf: Bool { false }

  /// Sorts every raw row into order lines, returns or quarantine.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let raw = try tables.table(from)
    let rows = try SalesRows(raw, columns, tableName: from)
    let classification = try SalesClassification(rows, raw: raw, rules: rules)
    let quarantine = refused(rows, classification, raw: raw)
    try quarantine.check(
      against: rows.count,
      limit: rejectLimit,
      expected: expectedReasons,
      stageName: context.stageName
    )
    let good = (0..<rows.count).filter { classification.reasons[$0].isEmpty }
    let sales = good.filter { !classification.isReturn[$0] }
    let returns = good.filter { classification.isReturn[$0] }
    let tablesOut = CleanSalesTables(rows, classification, sales: sales, returns: returns)
    let lines = tablesOut.orderLines()
    let matches = netsReturns ? tablesOut.matches() : []
    var output = StageOutput()
    let byCustomer = [SortKey("customer_id"), SortKey("ordered_at"), SortKey("_line")]
    let byReturn = [SortKey("customer_id"), SortKey("returned_at"), SortKey("_line")]
    output.tables = [
      OutputTable(
        "order_lines",
        lines,
        shardedBy: "customer_id",
        order: byCustomer
      ),
      OutputTable(
        "returns",
        tablesOut.returnLines(matches),
        shardedBy: "customer_id",
        order: byReturn
      ),
      OutputTable(
        "return_matches",
        tablesOut.matchTable(matches),
        shardedBy: "customer_id",
        order: [SortKey("customer_id"), SortKey("returned_at"), SortKey("sale_line")]
      ),
      OutputTable(
        "orders",
        try tablesOut.orders(of: lines),
        shardedBy: "customer_id",
        order: [SortKey("customer_id"), SortKey("ordered_at"), SortKey("order_id")]
      ),
      OutputTable("products", tablesOut.products(), order: [SortKey("product_id")]),
      OutputTable("cleaning_trail", CleaningTrail(rows, classification).table()),
    ]
    output.quarantine = quarantine
    output.rowsRead = rows.count
    output.rowsPublished = sales.count + returns.count
    let matched = Set(matches.map(\.returnIndex)).count
    output.finding =
      "\(sales.count) order lines, \(returns.count) returns (\(matched) matched to their sale), "
      + "\(quarantine.count) rows in quarantine"
    return output
  }

  private func refused(
    _ rows: SalesRows,
    _ classification: SalesClassification,
    raw: Table
  ) -> QuarantineRows {
    var quarantine = QuarantineRows()
    let cells = raw.schema.fields.indices.filter { !raw.schema.fields[$0].name.hasPrefix("_") }
    for row in 0..<rows.count where !classification.reasons[row].isEmpty {
      let reasons = classification.reasons[row]
      quarantine.append(
        source: from,
        file: rows.file[row].description,
        line: rows.line.integers[row],
        offset: nil,
        reasons: reasons,
        message: Self.words(reasons, row, rows),
        raw: cells.map { raw.columns[$0][row].description }.joined(separator: ",")
      )
    }
    return quarantine
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
