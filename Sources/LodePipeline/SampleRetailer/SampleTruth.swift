internal import FoundationEssentials
internal import LodeRuntime

/// What is true about the sample, as written to `truth.json`.
struct SampleTruth: Codable, Sendable {
  /// Clean revenue of a calendar month; faulty and repeated rows do not count.
  struct Month: Codable, Hashable, Sendable {
    /// `YYYY-MM`.
    let month: String
    /// Sales of known customers and guests with a product or fee.
    var orders = 0
    /// Product lines, returns and cancellations deducted, in cents.
    var goodsCents = 0
    /// Part of `goodsCents` from guests.
    var guestGoodsCents = 0
    /// Returns and cancellations, a negative number of cents.
    var creditCents = 0
    /// Postage, discounts, manual entries and bank charges, in cents.
    var feeCents = 0
  }

  /// What is spent on a source; of those approached the share
  /// `acquisition_ceiling` · (1 − e^(−`response` · spending)) is won.
  struct Spending: Codable, Hashable, Sendable {
    /// The mean of all months.
    let eurosPerProspect: Double
    /// A euro.
    let response: Double
    /// A customer and month with another order; nobody stays for it.
    let eurosPerRepeatMonth: Double
  }

  /// The effect of a campaign in orders per member within its window.
  struct Campaign: Codable, Hashable, Sendable {
    let code: String
    let treated: Int
    let control: Int
    /// The mean over all members of the true effect of treatment.
    let trueUplift: Double
    /// Orders that treatment really added or took away.
    let ordersChanged: Int
  }

  /// A planted pair, measured over the clean sale baskets.
  struct Pair: Codable, Hashable, Sendable {
    let firstProductId: String
    let secondProductId: String
    let plantedProbability: Double
    let basketsWithFirst: Int
    let basketsWithSecond: Int
    let basketsWithBoth: Int
    let lift: Double
  }

  /// An order by the thousand that was cancelled within minutes.
  struct BulkOrder: Codable, Hashable, Sendable {
    let orderId: String
    let cancellationId: String
    let quantity: Int
    let cents: Int
    let minutes: Int
  }

  let seed: UInt64
  let customerCount: Int
  let years: Int
  let startsOn: CivilDate
  let endsOn: CivilDate
  let currency: String
  let parameters: SampleParameters
  /// Sources and the factor of campaign uplift for each.
  let upliftFactorOfSource: [String: Double]
  let spendingOfSource: [String: Spending]
  /// Sale baskets with at least one product.
  let baskets: Int
  let buyers: Int
  let persons: Int
  let households: Int
  /// Share of buyers who dropped out before the end.
  let goneShare: Double
  /// Share of net goods of known customers that the best tenth of buyers paid.
  let topTenthRevenueShare: Double
  let expectedOrdersNext12Weeks: Double
  let monthlyRevenue: [Month]
  let campaigns: [Campaign]
  let pairs: [Pair]
  let bulkOrders: [BulkOrder]
  /// Data rows of each file, header and blank lines not counted.
  var rowCounts: [String: Int] = [:]
  /// File → kind of dirt → number of rows.
  var dirt: [String: [String: Int]] = [:]

  /// Notes the rows and the dirt of a file.
  mutating func record(_ file: String, rows: Int, _ tally: SampleTally) {
    rowCounts[file] = rows
    if !tally.counts.isEmpty { dirt[file] = tally.counts }
  }

  /// `truth.json`, keys sorted.
  func file() -> SampleFile {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let bytes = (try? encoder.encode(self)).map { Array($0) }
    guard let bytes else { preconditionFailure("the truth holds a number that is not finite") }
    return SampleFile(name: "truth.json", bytes: bytes + [0x0A])
  }
}

extension SampleTruth {
  init(_ shop: SampleShop, _ histories: [SampleHistory], _ ledger: SampleLedger) {
    seed = shop.seed
    customerCount = shop.customerCount
    years = shop.years
    startsOn = shop.calendar.start
    endsOn = SampleRetailer.endDate
    currency = "EUR"
    parameters = shop.parameters
    upliftFactorOfSource = Dictionary(
      uniqueKeysWithValues: SampleSource.allCases.map { ($0.rawValue, $0.upliftFactor) }
    )
    spendingOfSource = Dictionary(
      uniqueKeysWithValues: SampleSource.allCases.map { source in
        let spending = Spending(
          eurosPerProspect: source.winning.spending,
          response: source.winning.response,
          eurosPerRepeatMonth: source.keeping
        )
        return (source.rawValue, spending)
      }
    )
    let buyers = histories.filter { !$0.behaviour.isProspect }
    let end = Double(shop.calendar.dayCount)
    let gone = buyers.filter { $0.behaviour.dropoutAt < end }
    self.buyers = buyers.count
    persons = Set(histories.map(\.person.root)).count
    households = Set(histories.map(\.person.household)).count
    goneShare = Self.ratio(gone.count, buyers.count)
    topTenthRevenueShare = Self.topTenthShare(buyers)
    expectedOrdersNext12Weeks =
      buyers.map { shop.expectedOrdersAfterEnd($0.behaviour) }.reduce(0, +)
    monthlyRevenue = Self.months(ledger)
    campaigns = shop.campaigns.indices.map { Self.campaign($0, shop, histories) }
    let sales = ledger.entries.filter { $0.order.kind == .sale }.map(\.order)
    let baskets = sales.map { Self.products(of: $0) }.filter { !$0.isEmpty }
    self.baskets = baskets.count
    pairs = shop.catalogue.pairs.map { Self.pair($0, shop, baskets) }
    bulkOrders = Self.bulkOrders(ledger)
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }

  private static func topTenthShare(_ buyers: [SampleHistory]) -> Double {
    let revenue = buyers.map { $0.orders.reduce(0) { $0 + $1.goods } }.sorted(by: >)
    let total = revenue.reduce(0, +)
    return ratio(revenue.prefix(max(1, revenue.count / 10)).reduce(0, +), total)
  }

  private static func months(_ ledger: SampleLedger) -> [Month] {
    var months: [Month] = []
    for entry in ledger.entries {
      let name = String(SampleTime.dateText(entry.order.second).prefix(7))
      if months.last?.month != name { months.append(Month(month: name)) }
      let place = months.count - 1
      let goods = entry.order.goods
      let fees = entry.order.lines.reduce(0) { $0 + $1.amount } - goods
      if entry.order.kind == .sale { months[place].orders += 1 }
      if entry.order.kind == .credit { months[place].creditCents += goods }
      if entry.customer == nil { months[place].guestGoodsCents += goods }
      months[place].goodsCents += goods
      months[place].feeCents += fees
    }
    return months
  }

  private static func campaign(
    _ index: Int,
    _ shop: SampleShop,
    _ histories: [SampleHistory]
  ) -> Campaign {
    let members = histories.compactMap { $0.members.first { $0.campaign == index } }
    let treated = members.filter(\.isTreated)
    let effect = members.map(\.trueEffect).reduce(0, +)
    return Campaign(
      code: shop.campaigns[index].code,
      treated: treated.count,
      control: members.count - treated.count,
      trueUplift: members.isEmpty ? 0 : effect / Double(members.count),
      ordersChanged: treated.reduce(0) { $0 + $1.ordersChanged }
    )
  }

  private static func products(of order: SampleOrder) -> [Int] {
    order.lines.compactMap { line in
      if case .product(let index) = line.item { return index }
      return nil
    }
  }

  private static func pair(_ pair: SamplePair, _ shop: SampleShop, _ baskets: [[Int]]) -> Pair {
    var first = 0
    var second = 0
    var both = 0
    for basket in baskets {
      let hasFirst = basket.contains(pair.first)
      let hasSecond = basket.contains(pair.second)
      first += hasFirst ? 1 : 0
      second += hasSecond ? 1 : 0
      both += hasFirst && hasSecond ? 1 : 0
    }
    let expected = Double(first) * Double(second)
    return Pair(
      firstProductId: shop.catalogue.products[pair.first].id,
      secondProductId: shop.catalogue.products[pair.second].id,
      plantedProbability: pair.probability,
      basketsWithFirst: first,
      basketsWithSecond: second,
      basketsWithBoth: both,
      lift: expected > 0 ? Double(both) * Double(baskets.count) / expected : 0
    )
  }

  private static func bulkOrders(_ ledger: SampleLedger) -> [BulkOrder] {
    let isBulk = { (entry: SampleLedger.Entry) in
      (entry.order.lines.first?.quantity.magnitude ?? 0) > 50_000
    }
    let entries = ledger.entries.filter(isBulk)
    return entries.filter { $0.order.kind == .sale }
      .compactMap { sale in
        guard
          let credit = entries.first(where: {
            $0.order.kind == .credit && $0.customer == sale.customer
          })
        else { return nil }
        return BulkOrder(
          orderId: sale.id,
          cancellationId: credit.id,
          quantity: sale.order.lines[0].quantity,
          cents: sale.order.goods,
          minutes: Int(credit.order.second - sale.order.second) / 60
        )
      }
  }
}
