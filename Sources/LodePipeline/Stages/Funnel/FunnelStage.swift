internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Visits, registrations and order lines to the acquisition funnel by the source of people.
///
/// Where costs are given, each step has what a person there cost; what people are worth is the
/// margin of their orders so far and of the value to come, where a table says it.
public struct FunnelStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "funnel"
  /// The version of the method.
  public static let version = 3

  /// The name of all sources together.
  static let allSources = "(all)"

  private let settings: FunnelSettings
  private let rejectLimit: RejectLimit

  /// Reads `visits`, `registrations`, `costs`, `value`, `source_of`, `margin`, `days_back`,
  /// `settle_days`, `products_only`, `net_returns` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    settings = try FunnelSettings(reader)
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The clean sales and the tables of the settings.
  public var inputs: [String] {
    ["order_lines"] + (settings.netsReturns ? ["return_matches"] : []) + settings.tables
  }
  /// A row a source and step.
  public var outputs: [String] { ["acquisition_funnel"] }

  /// Joins what tables say of a person, then counts steps by source.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var people = FunnelPeople(settings, asOf: context.asOf)
    if let visits = settings.visits {
      try people.addVisits(tables, visits)
    }
    if let registrations = settings.registrations {
      try people.addRegistrations(tables, registrations)
    }
    let (orders, scale) = try orders(tables, before: Timestamp(context.asOf).microseconds)
    people.add(orders: orders)
    if let values = settings.values {
      try people.add(values: try tables.table(values.table), values)
    }
    var costs: [String: Double] = [:]
    if let table = settings.costs {
      costs = try people.costs(of: try tables.table(table.table), table)
    }
    try people.checked.check(rejectLimit, context)
    let persons = people.people()
    guard !persons.isEmpty else {
      throw Diagnostic(
        .failure,
        at: "stage \(context.stageName)",
        "nobody was first seen in the days that count, and \(people.unsettledCount) people later.",
        fix: "raise days_back or lower settle_days."
      )
    }
    let funnel = AcquisitionFunnel(persons, steps: settings.steps, costs: costs)
    let all = AcquisitionFunnel(
      persons.map {
        AcquisitionFunnel.Person(source: Self.allSources, days: $0.days, value: $0.value)
      },
      steps: settings.steps,
      costs: costs.isEmpty
        ? [:] : [Self.allSources: costs.keys.sorted().reduce(0) { $0 + (costs[$1] ?? 0) }]
    )
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "acquisition_funnel",
        table(funnel.rows + all.rows, people.cohort, asOf: context.asOf, scale: scale)
      )
    ]
    people.checked.note(in: &output)
    output.finding = finding(funnel, all, people.unsettledCount, context.currency)
    let names = Set(funnel.rows.map(\.source))
    output.warnings = costs.keys.sorted().filter { !names.contains($0) }
      .map { "costs of the source \"\($0)\" were given, and nobody came from it" }
    return output
  }

  private func orders(
    _ tables: StageInputs,
    before limit: Int64
  ) throws -> (records: [PurchaseRecord], scale: Int) {
    let shards = try tables.shards(of: "order_lines")
    let parts = try Parallel.map(shards.count) {
      (index: Int) throws(Diagnostic) -> ([PurchaseRecord], Int) in
      let lines = try tables.netLines(
        shard: shards[index],
        columns: ["customer_id", "ordered_at", "kind", "amount"],
        returnedBefore: settings.netsReturns ? limit : nil
      )
      return (
        try PurchaseRecord.all(lines, productsOnly: settings.productsOnly, before: limit),
        try lines.requiredColumn("amount").type.scale
      )
    }
    return (parts.flatMap(\.0), parts.first?.1 ?? 2)
  }

  private func table(
    _ rows: [AcquisitionFunnel.Row],
    _ cohort: Range<Int>,
    asOf: CivilDate,
    scale: Int
  ) -> Table {
    var firstDay = ColumnBuilder(.date)
    for _ in rows {
      firstDay.append(integer: settings.daysBack == nil ? nil : Int64(cohort.lowerBound))
    }
    let day = Int64(asOf.daysSinceEpoch)
    let steps = settings.steps
    return Table([
      "as_of": Column(.date, integers: rows.map { _ in day }),
      "first_seen_from": firstDay.build(),
      "first_seen_to": Column(.date, integers: rows.map { _ in Int64(cohort.upperBound - 1) }),
      "source": Column(texts: rows.map(\.source)),
      "step_number": Column(
        integers: rows.map { row in Int64((steps.firstIndex(of: row.step) ?? 0) + 1) }
      ),
      "step": Column(texts: rows.map(\.step)),
      "people": Column(integers: rows.map { Int64($0.people) }),
      "conversion": Column(optional: rows.map(\.conversion)),
      "conversion_low90": Column(optional: rows.map { $0.interval?.lowerBound }),
      "conversion_high90": Column(optional: rows.map { $0.interval?.upperBound }),
      "median_days": Column(optional: rows.map(\.medianDays)),
      "cost_per_person": Column(money: rows.map(\.costPerPerson), scale: scale),
      "value_per_person": Column(
        money: rows.map { row in row.valuePerPerson.map { $0 + (row.costPerPerson ?? 0) } },
        scale: scale
      ),
      "equity_per_person": Column(
        money: rows.map { $0.costPerPerson == nil ? nil : $0.valuePerPerson },
        scale: scale
      ),
    ])
  }

  private func finding(
    _ funnel: AcquisitionFunnel,
    _ all: AcquisitionFunnel,
    _ unsettled: Int,
    _ currency: String
  ) -> String {
    let steps = all.rows.map { "\($0.people) \($0.step.replacing("_", with: " "))" }
    let won = funnel.rows.filter { $0.step == "first_order" && $0.costPerPerson != nil }
    let ranked = won.sorted { ($0.valuePerPerson ?? 0) > ($1.valuePerPerson ?? 0) }
    let best = ranked.first.map { row in
      "; most equity a customer won: \(row.source), "
        + "\((row.valuePerPerson ?? 0).rounded(toPlaces: 2)) \(currency) behind a cost of "
        + "\((row.costPerPerson ?? 0).rounded(toPlaces: 2))"
    }
    return "\(Set(funnel.rows.map(\.source)).count) sources: \(steps.joined(separator: ", "))"
      + (best ?? "") + "; \(unsettled) people first seen too lately to count"
  }
}
