internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeRuntime

/// The tables besides orders that say where people stand, and which of their columns mean what.
struct LifeCycleContacts: Sendable {
  private let visits: VisitSettings?
  private let registrations: CustomerEventSettings?
  private let referrals: CustomerEventSettings?

  /// Reads `visits`, `registrations` and `referrals`.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    visits = try VisitSettings(reader, withSource: false)
    registrations = try CustomerEventSettings("registrations", reader, withSource: false)
    referrals = try CustomerEventSettings("referrals", reader, withSource: false)
  }

  /// The tables, each once.
  var tables: [String] {
    var names: [String] = []
    for name in [visits?.table, registrations?.table, referrals?.table] {
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Whether people are known before their first order.
  var knowsPeople: Bool { visits != nil || registrations != nil }

  /// What the tables say before a date; bad rows are counted and taken by `checked`.
  ///
  /// - Throws: a diagnostic for a wrong column or a file that cannot be read.
  func signs(
    _ tables: StageInputs,
    before date: CivilDate,
    _ checked: inout CheckedRows
  ) throws(Diagnostic) -> LifeCycleSigns {
    let limit = Timestamp(date).microseconds
    var signs = LifeCycleSigns()
    if let visits {
      let first = try FirstVisits(tables, visits, before: limit, &checked)
      for (id, visit) in first.ofCustomers {
        signs.ofCustomers[id, default: LifeCyclePerson()].visitDay = visit.day
      }
      // Who is logged in has registered, though no row may say so.
      for (id, visit) in first.named { signs.register(id, visit.day) }
      signs.strangerDays = first.ofStrangers.values.map(\.day).sorted()
    }
    if let registrations {
      for (id, event) in try checked.firstEvents(registrations, in: tables, before: limit) {
        signs.register(id, event.day)
      }
    }
    if let referrals {
      for (id, event) in try checked.firstEvents(referrals, in: tables, before: limit) {
        signs.ofCustomers[id, default: LifeCyclePerson()].referralDay = event.day
      }
    }
    return signs
  }
}

/// What is known of people besides their orders.
struct LifeCycleSigns: Sendable {
  /// Without order days.
  fileprivate(set) var ofCustomers: [String: LifeCyclePerson] = [:]
  /// The days of the first visits of visitors who were never known, rising.
  fileprivate(set) var strangerDays: [Int] = []

  fileprivate mutating func register(_ customer: String, _ day: Int) {
    let known = ofCustomers[customer]?.registrationDay ?? day
    ofCustomers[customer, default: LifeCyclePerson()].registrationDay = min(known, day)
  }

  /// The signs of each shard of customers.
  func parted(into count: Int) -> [[String: LifeCyclePerson]] {
    let ids = Array(ofCustomers.keys)
    var parts = [[String: LifeCyclePerson]](repeating: [:], count: count)
    for (id, shard) in zip(ids, Column(texts: ids).shards(count: count)) {
      parts[shard][id] = ofCustomers[id]
    }
    return parts
  }
}
