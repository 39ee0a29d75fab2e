internal import Glibc
internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// What the pipeline file says of customer equity.
struct EquitySettings: Sendable {
  /// Which segment a customer belongs to.
  struct Segments: Sendable {
    let table: String
    let customer: ColumnSetting
    let segment: ColumnSetting
  }

  /// What was spent.
  struct Spending: Sendable {
    let table: String
    let segment: ColumnSetting?
    let at: ColumnSetting?
    let prospects: ColumnSetting?
    let acquisition: ColumnSetting?
    let retention: ColumnSetting?
    let addOn: ColumnSetting?

    /// The columns of numbers, in the order of ``SegmentSpending``.
    var numbers: [ColumnSetting?] { [prospects, acquisition, retention, addOn] }
  }

  let segments: Segments?
  let spending: Spending?
  let values: FunnelSettings.Values?
  let periodDays: Int
  let periodCount: Int
  let margin: Double
  let addOnCategories: Set<String>
  let equity: CustomerEquity
  /// The rates that no spending exceeds, as managers judge them; nil where nobody said.
  let acquisitionCeiling: Double?
  let retentionCeiling: Double?
  let bootstrapCount: Int
  let productsOnly: Bool
  /// Whether what was taken back counts as never bought.
  let netsReturns: Bool

  /// Reads everything but the limit of bad rows.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    segments = try Self.segments(reader)
    spending = try Self.spending(reader, hasSegments: segments != nil)
    values = try FunnelSettings.values(reader)
    periodDays = try reader.integer("period_days", in: 7...366) ?? 91
    periodCount = try reader.integer("periods", in: 2...60) ?? 4
    margin = try reader.number("margin", in: 0...1) ?? 1
    addOnCategories = Set(try reader.strings("add_on_categories") ?? [])
    let rate = try reader.number("discount_rate", in: 0...10) ?? 0.1
    let horizon = try reader.integer("horizon_periods", in: 0...1000)
    guard rate > 0 || horizon != nil else {
      throw reader.problem(
        at: reader.node("discount_rate") ?? reader.node,
        "\"discount_rate\" of \(reader.subject) is 0, and no horizon ends the sum.",
        fix: "give a rate above 0, or horizon_periods."
      )
    }
    equity = CustomerEquity(
      discountRate: pow(1 + rate, Double(periodDays) / 365) - 1,
      horizon: horizon
    )
    let ceilings = try reader.object("ceilings")
    acquisitionCeiling = try ceilings?.number("acquisition", in: 0.0001...1)
    retentionCeiling = try ceilings?.number("retention", in: 0.0001...1)
    try ceilings?.finish()
    bootstrapCount = try reader.integer("bootstrap", in: 20...10_000) ?? 200
    productsOnly = try reader.boolean("products_only") ?? true
    netsReturns = try reader.boolean("net_returns") ?? true
  }

  /// The tables besides order lines, each once.
  var tables: [String] {
    var names: [String] = []
    for name in [segments?.table, spending?.table, values?.table] {
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static func segments(_ reader: ConfigurationReader) throws(Diagnostic) -> Segments? {
    guard let object = try reader.object("segments") else { return nil }
    let segments = Segments(
      table: try object.requiredString("from"),
      customer: try ColumnSetting("customer", object, or: "customer_id"),
      segment: try ColumnSetting("column", required: object)
    )
    try object.finish()
    return segments
  }

  private static func spending(
    _ reader: ConfigurationReader,
    hasSegments: Bool
  ) throws(Diagnostic) -> Spending? {
    guard let object = try reader.object("spending") else { return nil }
    let spending = Spending(
      table: try object.requiredString("from"),
      segment: try ColumnSetting("segment", object),
      at: try ColumnSetting("at", object),
      prospects: try ColumnSetting("prospects", object),
      acquisition: try ColumnSetting("acquisition", object),
      retention: try ColumnSetting("retention", object),
      addOn: try ColumnSetting("add_on", object)
    )
    try object.finish()
    guard spending.numbers.contains(where: { $0 != nil }) else {
      throw reader.problem(
        at: object.node,
        "\(object.subject) names no column of numbers.",
        fix: "name some of prospects, acquisition, retention and add_on."
      )
    }
    guard (spending.segment != nil) == hasSegments else {
      throw reader.problem(
        at: object.node,
        hasSegments
          ? "\(object.subject) has no \"segment\", and customers have segments."
          : "\(object.subject) has a \"segment\", and customers have none.",
        fix: hasSegments
          ? "name the column that says which segment was spent on."
          : "add segments: { from: \"…\", column: \"…\" }, or drop segment."
      )
    }
    return spending
  }
}

/// What was spent on a segment in the window, sums of rows.
struct SegmentSpending: Sendable {
  /// Nil where no table says.
  var prospects: Double?
  var acquisition = 0.0
  var retention = 0.0
  var addOn = 0.0
}
