internal import LodeFormats
internal import LodeRuntime

/// The tables of a funnel and which of their columns mean what.
struct FunnelSettings: Sendable {
  /// What was spent on sources.
  struct Costs: Sendable {
    let table: String
    let source: ColumnSetting
    let amount: ColumnSetting
    let at: ColumnSetting?
  }

  /// What customers will be worth.
  struct Values: Sendable {
    let table: String
    let customer: ColumnSetting
    let amount: ColumnSetting
  }

  /// Which source counts where a person has two.
  enum SourceRule: String, CaseIterable, Sendable {
    case firstVisit = "first_visit"
    case registration
  }

  let visits: VisitSettings?
  let registrations: CustomerEventSettings?
  let costs: Costs?
  let values: Values?
  let sourceRule: SourceRule
  /// The share of revenue that is margin.
  let margin: Double
  /// Only people first seen so many days back at most; nil for all.
  let daysBack: Int?
  /// People first seen so few days ago are left out: they had no time yet.
  let settleDays: Int
  let productsOnly: Bool
  /// Whether what was taken back counts as never bought.
  let netsReturns: Bool

  /// Reads everything but the limit of bad rows.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    visits = try VisitSettings(reader, withSource: true)
    registrations = try CustomerEventSettings("registrations", reader, withSource: true)
    guard visits != nil || registrations != nil else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has neither \"visits\" nor \"registrations\".",
        fix: "name the table of the first step, for example registrations: { from: \"customers\", "
          + "at: \"registered_on\", source: \"acquisition_source\" }."
      )
    }
    guard visits?.source != nil || registrations?.source != nil else {
      throw reader.problem(
        at: reader.node,
        "no table of \(reader.subject) has a \"source\".",
        fix: "name the column of visits or registrations that says where people come from."
      )
    }
    costs = try Self.costs(reader)
    values = try Self.values(reader)
    sourceRule = try reader.choice("source_of", of: SourceRule.self) ?? .firstVisit
    margin = try reader.number("margin", in: 0...1) ?? 1
    daysBack = try reader.integer("days_back", in: 1...36_600)
    settleDays = try reader.integer("settle_days", in: 0...3660) ?? 28
    if let daysBack, daysBack <= settleDays {
      throw reader.problem(
        at: reader.node("days_back") ?? reader.node,
        "\"days_back\" of \(reader.subject) is \(daysBack), and people need \(settleDays) days to "
          + "settle: nobody is left.",
        fix: "keep days_back above settle_days."
      )
    }
    productsOnly = try reader.boolean("products_only") ?? true
    netsReturns = try reader.boolean("net_returns") ?? true
  }

  /// The tables besides order lines, each once.
  var tables: [String] {
    var names: [String] = []
    for name in [visits?.table, registrations?.table, costs?.table, values?.table] {
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The names of the steps, in order.
  var steps: [String] {
    (visits == nil ? [] : ["visit"]) + (registrations == nil ? [] : ["registration"])
      + ["first_order", "repeat_order"]
  }

  private static func costs(_ reader: ConfigurationReader) throws(Diagnostic) -> Costs? {
    guard let object = try reader.object("costs") else { return nil }
    let costs = Costs(
      table: try object.requiredString("from"),
      source: try ColumnSetting("source", object, or: "source"),
      amount: try ColumnSetting("amount", required: object),
      at: try ColumnSetting("at", object)
    )
    try object.finish()
    return costs
  }

  /// The setting `value`: what customers will be worth.
  static func values(_ reader: ConfigurationReader) throws(Diagnostic) -> Values? {
    guard let object = try reader.object("value") else { return nil }
    let values = Values(
      table: try object.requiredString("from"),
      customer: try ColumnSetting("customer", object, or: "customer_id"),
      amount: try ColumnSetting("amount", required: object)
    )
    try object.finish()
    return values
  }
}
