internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
internal import LodeNumerics
public import LodeRuntime

/// Campaign members and order lines to a trial: who was contacted, what was known of them on the
/// day before, and what they ordered behind it.
///
/// The table is made for the uplift stage. Features see events before the day of the contact only;
/// the response is missing where its days are not over before the as-of date.
public struct TrialStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "trial"
  /// The version of the method.
  public static let version = 1

  /// The most days of contacts; features are computed for each of them.
  private static let mostDays = 400
  private static let key = "_key"

  private let from: String
  private let into: String
  private let columns: CampaignColumns
  private let campaigns: [String]?
  private let campaignsPlace: String
  private let responseDays: Int
  private let productsOnly: Bool
  private let netsReturns: Bool
  private let rejectLimit: RejectLimit

  /// Reads `from`, `into`, `columns`, `treated`, `control`, `campaigns`, `response_days`,
  /// `products_only`, `net_returns` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.string("from") ?? "campaign_members"
    into = try reader.string("into") ?? "campaign_trials"
    columns = try CampaignColumns(reader)
    guard columns.cell != nil else {
      throw reader.problem(
        at: reader.node("columns") ?? reader.node,
        "\"columns\" of \(reader.subject) has no \"cell\".",
        fix: "name the column that says who was contacted and who was held back."
      )
    }
    campaigns = try reader.strings("campaigns")
    campaignsPlace = reader.place(of: reader.node("campaigns") ?? reader.node)
    responseDays = try reader.integer("response_days", in: 1...366) ?? 28
    productsOnly = try reader.boolean("products_only") ?? true
    netsReturns = try reader.boolean("net_returns") ?? true
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The members and the clean sales.
  public var inputs: [String] {
    [from, "order_lines"] + (netsReturns ? ["return_matches"] : [])
  }
  /// A row a campaign and member.
  public var outputs: [String] { [into] }

  /// Sorts the members, then looks what was known before the contact and ordered behind it.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let window = Int64(responseDays) * Timestamp.microsecondsPerDay
    let contacts = try CampaignContacts(
      tables,
      from,
      columns,
      window: window,
      limit: rejectLimit,
      context
    )
    let closed = try picked(contacts.members)
    let open = picked(open: contacts.openMembers)
    let members = closed + open
    let known = try facts(tables, of: members)
    var responded = ColumnBuilder(.integer)
    var revenue = ColumnBuilder(.money(scale: known.scale))
    for member in closed {
      let orders = (known.orders[member.customer] ?? [])
        .filter { $0.time > member.time && $0.time <= member.time + window }
      responded.append(integer: orders.isEmpty ? 0 : 1)
      revenue.append(integer: orders.reduce(0) { $0 + $1.units })
    }
    for _ in open {
      responded.append(integer: nil)
      revenue.append(integer: nil)
    }
    let names = known.features.schema.names
      .filter {
        !["customer_id", "as_of", "first_order_on", "last_order_on", Self.key].contains($0)
      }
    let table = try Table([
      "campaign": Column(texts: members.map(\.campaign)),
      "customer_id": Column(texts: members.map(\.customer)),
      "arm": Column(texts: members.map { $0.isTreated ? "treated" : "control" }),
      "contacted_at": Column(.timestamp, integers: members.map(\.time)),
      "responded": responded.build(), "response_revenue": revenue.build(),
      Self.key: Column(texts: members.map { Self.key($0.customer, day: $0.day) }),
    ])
    .joining(known.features, on: Self.key, taking: names)
    var output = StageOutput()
    let order = [SortKey("campaign"), SortKey("customer_id")]
    output.tables = [
      OutputTable(
        into,
        try table.selecting(table.schema.names.filter { $0 != Self.key }).sorted(by: order)
      )
    ]
    contacts.checked.note(in: &output)
    let count = Set(members.map(\.campaign)).count
    output.finding =
      "\(members.count) members of \(count) campaign\(count == 1 ? "" : "s"), "
      + "\(members.count { $0.isTreated }) of them contacted, \(names.count) features of the day "
      + "before; \(open.count) members whose time is not over"
    output.warnings = warnings(members)
    return output
  }

  private static func key(_ customer: String, day: Int) -> String { "\(day) \(customer)" }

  /// The members of the campaigns that are asked for.
  private func picked(
    _ members: [CampaignContacts.Member]
  ) throws(Diagnostic) -> [CampaignContacts.Member] {
    guard let campaigns else { return members }
    let known = Set(members.map(\.campaign)).sorted()
    for name in campaigns where !known.contains(name) {
      throw Diagnostic(
        .usage,
        at: campaignsPlace,
        "no campaign \"\(name)\" has members whose \(responseDays) days are over"
          + Suggestion.ending(for: name, in: known),
        fix: "correct campaigns, or drop it for all."
      )
    }
    return members.filter { campaigns.contains($0.campaign) }
  }

  private func picked(open members: [CampaignContacts.Member]) -> [CampaignContacts.Member] {
    campaigns.map { names in members.filter { names.contains($0.campaign) } } ?? members
  }

  /// An order line of a member.
  private struct Order: Sendable {
    let time: Int64
    let units: Int64
  }

  /// What order lines say of members.
  private struct Facts: Sendable {
    /// One row a customer and day of contact.
    let features: Table
    let orders: [String: [Order]]
    let scale: Int
  }

  private func facts(
    _ tables: StageInputs,
    of members: [CampaignContacts.Member]
  ) throws -> Facts {
    let days = Set(members.map(\.day)).sorted()
    guard days.count <= Self.mostDays else {
      throw Diagnostic(
        .failure,
        at: campaignsPlace,
        "members were contacted on \(days.count) days, and features are computed for at most "
          + "\(Self.mostDays).",
        fix: "name some campaigns: campaigns: [\"…\"]."
      )
    }
    let keys = Set(members.map { Self.key($0.customer, day: $0.day) })
    let customers = Set(members.map(\.customer))
    let dates = days.map { CivilDate(daysSinceEpoch: $0) }
    let shards = try tables.shards(of: "order_lines")
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> Facts in
      let lines = try tables.table(
        "order_lines",
        shard: shards[index],
        columns: PurchaseHistories.lineColumns
      )
      let histories = try PurchaseHistories(
        orderLines: lines,
        returnMatches: netsReturns
          ? try tables.table("return_matches", shard: shards[index]) : nil,
        productsOnly: productsOnly
      )
      return Facts(
        features: try Self.features(histories, dates, keys: keys),
        orders: try memberOrders(lines, of: customers),
        scale: try lines.requiredColumn("amount").type.scale
      )
    }
    var orders: [String: [Order]] = [:]
    for part in parts { orders.merge(part.orders) { $0 + $1 } }
    return Facts(
      features: Table.concatenating(parts.map(\.features)),
      orders: orders,
      scale: parts.first?.scale ?? 2
    )
  }

  /// The features of members on their days, with the key of both.
  private static func features(
    _ histories: PurchaseHistories,
    _ dates: [CivilDate],
    keys: Set<String>
  ) throws(Diagnostic) -> Table {
    let all = CustomerFeatures.table(histories, asOf: dates)
    let ids = try all.requiredColumn("customer_id")
    let days = try all.requiredColumn("as_of").integers
    var (rows, names): ([Int], [String]) = ([], [])
    for row in 0..<all.rowCount {
      let name = key(ids[row].description, day: Int(days[row]))
      guard keys.contains(name) else { continue }
      rows.append(row)
      names.append(name)
    }
    return all.gathering(rows).setting(Field(key, .text), Column(texts: names))
  }

  private func memberOrders(
    _ lines: Table,
    of customers: Set<String>
  ) throws(Diagnostic) -> [String: [Order]] {
    let customer = try lines.requiredColumn("customer_id").asTexts()
    let wanted = customer.dictionary.texts.map { customers.contains($0) ? $0 : nil }
    let kind = try lines.requiredColumn("kind")
    let isCounted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
    let times = try lines.requiredColumn("ordered_at").integers
    let amounts = try lines.requiredColumn("amount").integers
    let (codes, kinds) = (customer.codes, kind.codes)
    var found: [String: [Order]] = [:]
    for row in 0..<lines.rowCount where !customer.isMissing(row) && isCounted[Int(kinds[row])] {
      guard let id = wanted[Int(codes[row])] else { continue }
      found[id, default: []].append(Order(time: times[row], units: amounts[row]))
    }
    return found
  }

  /// Campaigns of different shares of contacted members cannot simply be thrown together.
  private func warnings(_ members: [CampaignContacts.Member]) -> [String] {
    var counts: [String: (treated: Int, all: Int)] = [:]
    for member in members {
      counts[member.campaign, default: (0, 0)].all += 1
      if member.isTreated { counts[member.campaign, default: (0, 0)].treated += 1 }
    }
    let share = Double(members.count { $0.isTreated }) / Double(max(members.count, 1))
    guard counts.count > 1, share > 0, share < 1 else { return [] }
    let square = counts.keys.sorted()
      .reduce(0.0) { sum, name in
        guard let count = counts[name] else { return sum }
        let gap = Double(count.treated) - share * Double(count.all)
        return sum + gap * gap / (Double(count.all) * share * (1 - share))
      }
    let p = Distributions.chiSquareSurvival(square, degreesOfFreedom: Double(counts.count - 1))
    guard p < 0.001 else { return [] }
    return [
      "the share of contacted members differs between campaigns: what differs between their "
        + "customers would look like an effect, so judge one campaign at a time (campaigns: "
        + "[\"…\"])"
    ]
  }
}

extension CampaignContacts.Member {
  /// The day of the contact, since 1970.
  fileprivate var day: Int { Timestamp.day(ofMicroseconds: time) }
}
