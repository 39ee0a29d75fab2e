/// What the runner must know of tables beyond their schema.
enum TableCatalog {
  /// The column with the time of the event that a row tells, by table; a row at or after the as-of
  /// date is shown to no stage behind `clean`.
  static let eventTimeColumns: [String: String] = [
    "order_lines": "ordered_at",
    "orders": "ordered_at",
    "returns": "returned_at",
    "return_matches": "returned_at",
    "consents": "at",
    "interactions": "at",
    "surveys": "answered_at",
    "web_sessions": "started_at",
    "campaign_members": "assigned_at",
  ]
}
