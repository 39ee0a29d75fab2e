internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
internal import LodeNumerics
public import LodeRuntime

/// Order lines and spending to customer equity: what won customers are worth, and what moves it.
///
/// Rates and margins are counted over whole periods before the as-of date; equity is that of the
/// customers who were won in them.
public struct EquityStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.forecast
  /// The name in pipeline files.
  public static let method = "equity"
  /// The version of the method.
  public static let version = 3

  /// The segment of customers that no table knows.
  static let unknownSegment = "(unknown)"
  /// The segment of all customers, where there are no others.
  static let wholeSegment = "all"

  private let settings: EquitySettings
  private let rejectLimit: RejectLimit

  /// Reads `segments`, `spending`, `value`, `period_days`, `periods`, `margin`,
  /// `add_on_categories`, `discount_rate`, `horizon_periods`, `ceilings`, `bootstrap`,
  /// `products_only`, `net_returns` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    settings = try EquitySettings(reader)
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The clean sales and the tables of the settings.
  public var inputs: [String] {
    ["order_lines"] + (settings.netsReturns ? ["return_matches"] : []) + settings.tables
  }
  /// A row a segment; what each driver is worth; the best spending.
  public var outputs: [String] {
    ["customer_equity", "customer_equity_drivers", "customer_equity_spending"]
  }

  /// Counts rates and margins, then values segments as they are and as they could be.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var facts = EquityFacts(settings, asOf: context.asOf)
    if let segments = settings.segments {
      try facts.add(segments: try tables.table(segments.table), segments)
    }
    if let spending = settings.spending {
      try facts.add(spending: try tables.table(spending.table), spending)
    }
    if let values = settings.values {
      try facts.add(values: try tables.table(values.table), values)
    }
    try facts.checked.check(rejectLimit, context)
    let (customers, scale) = try customers(tables, context)
    let names = facts.segmentOf
    let replicates = EquityReplicates(
      customers,
      segmentOf: { id in
        settings.segments == nil ? Self.wholeSegment : names[id] ?? Self.unknownSegment
      },
      count: settings.bootstrapCount,
      seed: context.seed
    )
    guard !replicates.names.isEmpty else {
      throw Diagnostic(
        .failure,
        at: "stage \(context.stageName)",
        "nobody ordered in the \(settings.periodCount) periods of \(settings.periodDays) days.",
        fix: "raise periods or period_days."
      )
    }
    let valued = try replicates.names.indices.map { place throws(Diagnostic) in
      try segment(place, replicates, facts, scale: scale)
    }
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "customer_equity",
        EquityTables.equity(valued, settings, asOf: context.asOf, scale: scale)
      ),
      OutputTable(
        "customer_equity_drivers",
        EquityTables.drivers(valued, settings, scale: scale)
      ),
      OutputTable(
        "customer_equity_spending",
        EquityTables.spending(valued, settings, scale: scale)
      ),
    ]
    facts.checked.note(in: &output)
    output.finding = finding(valued, context.currency)
    output.warnings = warnings(valued, facts)
    return output
  }

  private func customers(
    _ tables: StageInputs,
    _ context: StageContext
  ) throws -> (customers: [EquityCustomer], scale: Int) {
    let shards = try tables.shards(of: "order_lines")
    let parts = try Parallel.map(shards.count) {
      (index: Int) throws(Diagnostic) -> ([EquityCustomer], Int) in
      let lines = try tables.netLines(
        shard: shards[index],
        columns: ["customer_id", "ordered_at", "kind", "category", "amount"],
        returnedBefore: settings.netsReturns ? Timestamp(context.asOf).microseconds : nil
      )
      return (
        try EquityCustomer.all(lines, settings, asOf: context.asOf),
        try lines.requiredColumn("amount").type.scale
      )
    }
    return (parts.flatMap(\.0), parts.first?.1 ?? 2)
  }

  /// A segment with its worth, as it is and in replicates.
  private func segment(
    _ place: Int,
    _ replicates: EquityReplicates,
    _ facts: EquityFacts,
    scale: Int
  ) throws(Diagnostic) -> ValuedSegment {
    let name = replicates.names[place]
    let spent = facts.spending[name] ?? SegmentSpending()
    let sums = replicates.sums[place]
    if let prospects = spent.prospects, Double(sums.acquired) > prospects,
      let setting = settings.spending?.prospects
    {
      throw setting.problem(
        "\(sums.acquired) customers of the segment \"\(name)\" were won of "
          + "\(prospects.rounded(toPlaces: 2)) prospects in the same days.",
        fix: "count all who were approached in the \(settings.periodCount) periods, or drop "
          + "prospects."
      )
    }
    let unit = settings.margin / Double(powerOfTen(scale))
    func make(_ sums: EquitySums) -> CustomerEquity.Segment {
      EquityFacts.segment(name, sums, spent, unit: unit)
    }
    let segment = make(sums)
    let drawn = replicates.replicates[place].map(make)
    return ValuedSegment(
      segment: segment,
      sums: sums,
      hasProspects: spent.prospects != nil,
      value: settings.equity.value(segment),
      replicates: drawn.map { settings.equity.value($0) },
      retentionRates: drawn.map(\.retentionRate),
      existing: settings.values == nil ? nil : settings.margin * (facts.existing[name] ?? 0)
    )
  }

  private func finding(_ segments: [ValuedSegment], _ currency: String) -> String {
    let all = EquityTables.Whole(segments)
    let interval = EquityTables.interval(all.replicates.map(\.total))
    let gains = EquityTables.wholeDrivers(segments, settings)
    let most = gains.max { $0.gain < $1.gain }
    func whole(_ number: Double) -> String { number.rounded(toPlaces: abs(number) < 1000 ? 2 : 0) }
    return "\(all.acquired) customers won in \(settings.periodCount) × \(settings.periodDays) days "
      + "are worth \(whole(all.value)) \(currency) "
      + "(\(whole(interval.low)) to \(whole(interval.high))): "
      + "acquisition \(whole(all.acquisition)), retention \(whole(all.retention)), add-on "
      + "\(whole(all.addOn))"
      + (most.map { "; one percent better \($0.driver): \(whole($0.gain)) \(currency)" } ?? "")
  }

  private func warnings(_ segments: [ValuedSegment], _ facts: EquityFacts) -> [String] {
    let names = Set(segments.map(\.segment.name))
    var warnings = facts.spending.keys.sorted().filter { !names.contains($0) }
      .map { "money was spent on the segment \"\($0)\", and none of its customers ordered" }
    for segment in segments where segment.sums.pairs == 0 {
      warnings.append(
        "no customer of the segment \"\(segment.segment.name)\" could be retained yet: its "
          + "retention rate counts as 0"
      )
    }
    return warnings
  }
}
