internal import LodeColumns
internal import LodeRuntime

extension StageInputs {
  /// The order lines of a shard, with what was taken back before a time off their amounts.
  ///
  /// - Parameters:
  ///   - shard: the shard; nil for rows outside of shards.
  ///   - columns: the columns of `order_lines` that are wanted, `amount` among them.
  ///   - limit: returns at or behind it are not seen, microseconds since 1970; nil: none are taken
  ///     off.
  /// - Returns: the lines in their order, those wholly taken back with an amount of 0.
  /// - Throws: a diagnostic if a table or column is missing.
  func netLines(
    shard: Int?,
    columns: [String],
    returnedBefore limit: Int64?
  ) throws(Diagnostic) -> Table {
    guard let limit else {
      return try table("order_lines", shard: shard, columns: columns)
    }
    let returned = try ReturnedAmounts(table("return_matches", shard: shard), before: limit)
    guard !returned.isEmpty else {
      return try table("order_lines", shard: shard, columns: columns)
    }
    let more = ["customer_id", "order_id", "_line"].filter { !columns.contains($0) }
    let lines = try table("order_lines", shard: shard, columns: columns + more)
    return try returned.takenOff(lines).selecting(columns)
  }
}

/// What was taken back of each sold line.
private struct ReturnedAmounts {
  private struct SoldLine: Hashable {
    let customer: Cell
    let order: Cell
    let line: Int64
  }

  private var amounts: [SoldLine: Int64] = [:]
  /// The lines of the file, so that most are passed over by their number.
  private var numbers: Set<Int64> = []

  var isEmpty: Bool { amounts.isEmpty }

  init(_ matches: Table, before limit: Int64) throws(Diagnostic) {
    guard matches.rowCount > 0 else { return }
    let customer = try matches.requiredColumn("customer_id")
    let order = try matches.requiredColumn("order_id")
    let sold = try matches.requiredColumn("sale_line").integers
    let times = try matches.requiredColumn("returned_at").integers
    let amount = try matches.requiredColumn("amount").integers
    for row in 0..<matches.rowCount where times[row] < limit {
      let line = SoldLine(customer: customer[row], order: order[row], line: sold[row])
      amounts[line, default: 0] += amount[row]
      numbers.insert(sold[row])
    }
  }

  func takenOff(_ lines: Table) throws(Diagnostic) -> Table {
    let customer = try lines.requiredColumn("customer_id")
    let order = try lines.requiredColumn("order_id")
    let numberOfLine = try lines.requiredColumn("_line").integers
    let amount = try lines.requiredColumn("amount")
    var left = amount.integers
    for row in 0..<lines.rowCount where numbers.contains(numberOfLine[row]) {
      let line = SoldLine(customer: customer[row], order: order[row], line: numberOfLine[row])
      left[row] -= amounts[line] ?? 0
    }
    let net = Column(type: amount.type, storage: .integers(left), validity: amount.validity)
    return lines.setting(Field("amount", amount.type), net)
  }
}
