internal import LodeColumns
internal import LodeReports

/// One customer list with its waterfall.
struct ReportedList: Sendable {
  /// The audience in the pipeline file.
  let audience: String
  /// What the list is for: `keep`, `win` or `extend`.
  let action: String
  /// The list, best customer first.
  let rows: ReportRows
  /// The counts after each rule.
  let waterfall: ReportRows

  /// Reads a list.
  ///
  /// - Throws: a diagnostic that names the missing table or column.
  init(_ audience: String, _ source: ReportSource) throws {
    let table = ReportSettings.tableName(audience)
    self.audience = audience
    rows = try source.rows(
      table,
      [
        "customer_id", "tier", "value_364d", "value_total", "days_since_last", "churn_p",
        "expected_loss", "offer", "reason_1", "reason_2", "reason_3", "action",
      ]
    )
    waterfall = try source.rows(
      "\(table)_waterfall",
      ["step", "rule", "people_out", "value_out"]
    )
    action = rows.count > 0 ? rows.text("action", 0) : audience
  }

  /// All lists in the order of the pipeline file.
  ///
  /// - Throws: a diagnostic that names the missing table or column.
  static func all(_ source: ReportSource) throws -> [ReportedList] {
    try source.settings.lists.map { try ReportedList($0, source) }
  }

  /// The value that is expected to leave with the listed customers.
  var expectedLoss: Double { rows.sum("expected_loss") }
  /// The value of the listed customers in the last 364 days.
  var value: Double { rows.sum("value_364d") }

  /// Whether the customers were chosen by their consents.
  var isConsentChecked: Bool { !waterfall.rows(where: "step", is: "consent").isEmpty }

  /// The name in headings.
  var name: String {
    switch action {
    case "keep": "Keep"
    case "win": "Win back"
    case "extend": "Extend"
    default: audience.prefix(1).uppercased() + audience.dropFirst()
    }
  }

  /// What the list is for, in words.
  var purpose: String {
    switch action {
    case "keep": "customers of value who are likely to leave"
    case "win": "good customers who have gone silent"
    case "extend": "active customers with a fitting next product"
    default: "customers of the audience \"\(audience)\""
    }
  }
}
