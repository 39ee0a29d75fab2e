internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// The ways of people from a first visit to a second order, as tables tell them before a date.
struct FunnelPeople: Sendable {
  /// The name of people whose source no table says.
  static let unknownSource = "(unknown)"

  /// What is known of a person so far.
  private struct Way {
    var visit: FirstContact?
    var registration: FirstContact?
    /// The first two days with an order.
    var orderDays: [Int] = []
    /// In units of the currency.
    var revenue = 0.0
    var future = 0.0

    var firstDay: Int? {
      [visit?.day, registration?.day, orderDays.first].compactMap(\.self).min()
    }
  }

  private let settings: FunnelSettings
  private let asOf: CivilDate
  private let limit: Int64
  private var ways: [String: Way] = [:]
  /// The rows read before the date, order lines aside.
  private(set) var checked = CheckedRows()
  /// People left out since they were first seen too lately.
  private(set) var unsettledCount = 0

  /// Nobody yet.
  init(_ settings: FunnelSettings, asOf: CivilDate) {
    self.settings = settings
    self.asOf = asOf
    limit = Timestamp(asOf).microseconds
  }

  /// The days, from the first to behind the last, in which people may be first seen.
  var cohort: Range<Int> {
    let end = asOf.daysSinceEpoch - settings.settleDays
    return (settings.daysBack.map { asOf.daysSinceEpoch - $0 } ?? Int.min)..<end
  }

  /// Adds visits.
  mutating func addVisits(
    _ tables: StageInputs,
    _ settings: VisitSettings
  ) throws(Diagnostic) {
    let visits = try FirstVisits(tables, settings, before: limit, &checked)
    for (customer, visit) in visits.ofCustomers {
      ways["c" + customer, default: Way()].visit = visit
    }
    for (visitor, visit) in visits.ofStrangers { ways["v" + visitor, default: Way()].visit = visit }
  }

  /// Adds registrations; of several of a customer the earliest counts.
  mutating func addRegistrations(
    _ tables: StageInputs,
    _ settings: CustomerEventSettings
  ) throws(Diagnostic) {
    for (customer, event) in try checked.firstEvents(settings, in: tables, before: limit) {
      ways["c" + customer, default: Way()].registration = event
    }
  }

  /// Adds what customers will be worth; people without a way yet are nobody's.
  mutating func add(values table: Table, _ settings: FunnelSettings.Values) throws(Diagnostic) {
    let customer = try settings.customer.ids(of: table, settings.table)
    let amounts = try settings.amount.numbers(of: table, settings.table)
    for row in 0..<table.rowCount {
      let reasons =
        (customer.isMissing(row) ? ["missing_customer"] : [])
        + (amounts[row].isFinite ? [] : ["missing_value"])
      guard checked.takes(row, of: table, settings.table, reasons) else { continue }
      ways["c" + customer[row].description]?.future += amounts[row]
    }
  }

  /// Adds the orders of customers.
  mutating func add(orders: [PurchaseRecord]) {
    for order in orders {
      var way = ways["c" + order.customer] ?? Way()
      way.orderDays = order.days
      way.revenue = order.revenue
      ways["c" + order.customer] = way
    }
  }

  /// What was spent on each source while people were first seen who count.
  mutating func costs(
    of table: Table,
    _ settings: FunnelSettings.Costs
  ) throws(Diagnostic) -> [String: Double] {
    let source = try settings.source.ids(of: table, settings.table)
    let amounts = try settings.amount.numbers(of: table, settings.table)
    let times = try settings.at.map { setting throws(Diagnostic) in
      try setting.times(of: table, settings.table)
    }
    var cells: [String: [Double]] = [:]
    for row in 0..<table.rowCount {
      if let time = times?[row], time >= limit { continue }
      let reasons =
        (source.isMissing(row) ? ["missing_source"] : [])
        + (amounts[row].isFinite ? (amounts[row] < 0 ? ["cost_negative"] : []) : ["missing_cost"])
        + (times != nil && times?[row] == nil ? ["missing_time"] : [])
      let isGood = checked.takes(row, of: table, settings.table, reasons) { reason in
        reason == "cost_negative" ? "the cost is below 0" : nil
      }
      guard isGood else { continue }
      if let time = times?[row], !cohort.contains(Timestamp.day(ofMicroseconds: time)) { continue }
      cells[source[row].description, default: []].append(amounts[row])
    }
    return cells.mapValues { $0.sorted().reduce(0, +) }
  }

  /// The people who were first seen in the days that count, in byte order of their ids.
  mutating func people() -> [AcquisitionFunnel.Person] {
    let keys = ways.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var people: [AcquisitionFunnel.Person] = []
    unsettledCount = 0
    for key in keys {
      guard let way = ways[key], let day = way.firstDay else { continue }
      if day >= cohort.upperBound { unsettledCount += 1 }
      guard cohort.contains(day) else { continue }
      let registered = way.registration?.day
      let others = [registered, way.orderDays.first].compactMap(\.self)
      // A visit behind another step did not bring the person.
      let visited = (way.visit?.day).flatMap { day in others.allSatisfy { day <= $0 } ? day : nil }
      let days =
        (settings.visits == nil ? [] : [visited])
        + (settings.registrations == nil ? [] : [registered])
        + [way.orderDays.first, way.orderDays.dropFirst().first]
      let visitSource = visited == nil ? nil : way.visit?.source
      let sources =
        settings.sourceRule == .firstVisit
        ? [visitSource, way.registration?.source] : [way.registration?.source, visitSource]
      people.append(
        AcquisitionFunnel.Person(
          source: sources.compactMap(\.self).first ?? Self.unknownSource,
          days: days,
          value: settings.margin * (way.revenue + way.future)
        )
      )
    }
    return people
  }
}

/// What a customer bought before a date.
struct PurchaseRecord: Sendable {
  let customer: String
  /// The first two days with an order.
  let days: [Int]
  /// In units of the currency.
  let revenue: Double

  /// The customers of some order lines, in byte order.
  ///
  /// - Parameters:
  ///   - lines: columns `customer_id ordered_at kind amount`.
  ///   - productsOnly: whether lines of other kinds than `product` are left out.
  ///   - limit: orders at or behind it are not seen, microseconds since 1970.
  /// - Returns: one a customer with an order.
  /// - Throws: a diagnostic that names a missing column.
  static func all(
    _ lines: Table,
    productsOnly: Bool,
    before limit: Int64
  ) throws(Diagnostic) -> [PurchaseRecord] {
    let customer = try lines.requiredColumn("customer_id").asTexts()
    let kind = try lines.requiredColumn("kind")
    let isCounted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
    let times = try lines.requiredColumn("ordered_at").integers
    let amount = try lines.requiredColumn("amount")
    let amounts = amount.integers
    var days = [Set<Int>](repeating: [], count: customer.dictionary.count)
    var units = [Int128](repeating: 0, count: days.count)
    let (codes, kinds) = (customer.codes, kind.codes)
    for row in 0..<lines.rowCount
    where !customer.isMissing(row) && isCounted[Int(kinds[row])] && times[row] < limit {
      let code = Int(codes[row])
      days[code].insert(Timestamp.day(ofMicroseconds: times[row]))
      units[code] += Int128(amounts[row])
    }
    let names = customer.dictionary.texts
    let scale = Double(powerOfTen(amount.type.scale))
    return names.indices.filter { !days[$0].isEmpty }
      .sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
      .map { code in
        PurchaseRecord(
          customer: names[code],
          days: Array(days[code].sorted().prefix(2)),
          revenue: Double(units[code]) / scale
        )
      }
  }
}
