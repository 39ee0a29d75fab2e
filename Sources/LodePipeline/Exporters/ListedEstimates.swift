internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// What each estimate of a list says: its unit, date, horizon, interval and model.
struct ListedEstimates {
  /// The tables that tell it, where a needed stage makes them.
  static let tables = ["churn_backtest", "clv_totals", "model.clv", "lifecycle_transitions"]

  private let asOf: CivilDate
  private let currency: String
  /// The row of the champion's last test; here and below nil without the table.
  private let churn: Table?
  private let value: Table?
  private let valueModel: Table?
  /// All transitions.
  private let lifeCycle: Table?

  init(_ tables: StageInputs, _ context: StageContext) throws {
    asOf = context.asOf
    currency = context.currency
    func first(_ name: String, where holds: String, is wanted: Cell) throws -> Table? {
      guard let table = try tables.optionalTable(name) else { return nil }
      let column = try table.requiredColumn(holds)
      return (0..<table.rowCount).first { column[$0] == wanted }.map { table.gathering([$0]) }
    }
    churn = try first("churn_backtest", where: "is_champion", is: .boolean(true))
    value = try first("clv_totals", where: "measure", is: .text("purchases"))
    valueModel = try first("model.clv", where: "is_chosen", is: .boolean(true))
    lifeCycle = try tables.optionalTable("lifecycle_transitions")
  }

  /// One object an estimate among the columns of a list; null where no table tells.
  func json(_ columns: [String]) -> String {
    let loss = "churn_p × value_364d"
    var entries: [(column: String, fields: [(String, String)])] = [
      (
        "churn_p",
        estimate("probability", churn)
          + interval(
            JSONText.number(ChurnScoring.intervalLevel),
            of: "churn_p_lower, churn_p_upper of churn_scores"
          )
      ), ("expected_loss", estimate(currency, churn, meaning: loss) + interval("null", of: nil)),
    ]
    for name in ["clv_value", "clv_value_lower", "clv_value_upper"] {
      // The value of a horizon is a sum of amounts as they fall due.
      let fields =
        estimate(currency, value, model: valueModel)
        + interval(cell(value, "level"), of: "clv_value_lower, clv_value_upper")
      entries.append((name, fields + [("discount_rate_per_year", "0")]))
    }
    entries.append(
      ("lifecycle_next", estimate("state", lifeCycle) + interval("null", of: nil))
    )
    return JSONText.array(
      entries.filter { columns.contains($0.column) }
        .map { JSONText.object([("column", JSONText.quoted($0.column))] + $0.fields) }
    )
  }

  private func estimate(
    _ unit: String,
    _ horizon: Table?,
    model: Table? = nil,
    meaning: String? = nil
  ) -> [(String, String)] {
    var fields = [("unit", JSONText.quoted(unit)), ("as_of", JSONText.quoted("\(asOf)"))]
    fields.append(("horizon_days", cell(horizon, "horizon_days", or: "step_days")))
    if horizon?.column("gap_days") != nil { fields.append(("gap_days", cell(horizon, "gap_days"))) }
    let named = model ?? horizon
    if named?.column("model") != nil { fields.append(("model", cell(named, "model"))) }
    if let meaning { fields.append(("meaning", JSONText.quoted(meaning))) }
    return fields
  }

  private func interval(_ level: String, of columns: String?) -> [(String, String)] {
    [
      ("interval_level", level),
      ("interval_columns", columns.map { JSONText.quoted($0) } ?? "null"),
    ]
  }

  /// The first cell of a column as JSON, null where there is none.
  private func cell(_ table: Table?, _ name: String, or other: String? = nil) -> String {
    guard let column = table?.column(name) ?? other.flatMap({ table?.column($0) }), column.count > 0
    else { return "null" }
    switch column[0] {
    case .integer(let number): return String(number)
    case .double(let number): return JSONText.number(number)
    case .text(let text): return JSONText.quoted(text)
    default: return "null"
    }
  }
}
