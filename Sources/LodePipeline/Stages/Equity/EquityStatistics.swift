internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// Exact sums over customers from which the rates and margins of a segment follow.
struct EquitySums: Sendable, Hashable {
  /// Customers whose first order lies in the window.
  var acquired = 0
  /// Those of them whose first period is over.
  var settled = 0
  /// What these spent in their first period, minor units.
  var firstUnits: Int128 = 0
  /// Customers and periods with an order, the last period aside.
  var pairs = 0
  /// Those of them with an order in the next period.
  var retained = 0
  /// Customers and periods with an order, behind the period of the first order.
  var repeats = 0
  /// What these spent on the base basket and beyond it, minor units.
  var baseUnits: Int128 = 0
  var addOnUnits: Int128 = 0

  /// Whether a customer changes any sum.
  var isEmpty: Bool { acquired == 0 && pairs == 0 && repeats == 0 }

  /// Adds a customer so many times.
  mutating func add(_ other: EquitySums, times: Int = 1) {
    acquired += times * other.acquired
    settled += times * other.settled
    firstUnits += Int128(times) * other.firstUnits
    pairs += times * other.pairs
    retained += times * other.retained
    repeats += times * other.repeats
    baseUnits += Int128(times) * other.baseUnits
    addOnUnits += Int128(times) * other.addOnUnits
  }
}

/// The sums of one customer.
struct EquityCustomer: Sendable {
  let id: String
  let sums: EquitySums

  /// One order line that counts.
  private struct Line {
    let day: Int
    let units: Int64
    let isAddOn: Bool
  }

  /// The customers of some order lines, in byte order.
  ///
  /// - Parameters:
  ///   - lines: columns `customer_id ordered_at kind category amount`, whole histories.
  ///   - settings: periods, add-on categories and which lines count.
  ///   - asOf: the end of the last period.
  /// - Returns: the customers who change any sum.
  /// - Throws: a diagnostic that names a missing column.
  static func all(
    _ lines: Table,
    _ settings: EquitySettings,
    asOf: CivilDate
  ) throws(Diagnostic) -> [EquityCustomer] {
    let customer = try lines.requiredColumn("customer_id").asTexts()
    let kind = try lines.requiredColumn("kind")
    let isCounted = kind.dictionary.texts.map { !settings.productsOnly || $0 == "product" }
    let category = try lines.requiredColumn("category")
    let isAddOn = category.dictionary.texts.map { settings.addOnCategories.contains($0) }
    let times = try lines.requiredColumn("ordered_at").integers
    let amounts = try lines.requiredColumn("amount").integers
    let limit = Timestamp(asOf).microseconds
    var own = [[Line]](repeating: [], count: customer.dictionary.count)
    let (codes, kinds, categories) = (customer.codes, kind.codes, category.codes)
    for row in 0..<lines.rowCount
    where !customer.isMissing(row) && isCounted[Int(kinds[row])] && times[row] < limit {
      own[Int(codes[row])]
        .append(
          Line(
            day: Timestamp.day(ofMicroseconds: times[row]),
            units: amounts[row],
            isAddOn: !category.isMissing(row) && isAddOn[Int(categories[row])]
          )
        )
    }
    let names = customer.dictionary.texts
    return names.indices.filter { !own[$0].isEmpty }
      .sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
      .map { EquityCustomer(id: names[$0], sums: sums(own[$0], settings, asOf: asOf)) }
      .filter { !$0.sums.isEmpty }
  }

  private static func sums(
    _ lines: [Line],
    _ settings: EquitySettings,
    asOf: CivilDate
  ) -> EquitySums {
    let (days, count) = (settings.periodDays, settings.periodCount)
    let start = asOf.daysSinceEpoch - days * count
    let first = lines.reduce(Int.max) { min($0, $1.day) }
    var sums = EquitySums()
    if first >= start {
      sums.acquired = 1
      if first + days <= asOf.daysSinceEpoch {
        sums.settled = 1
        for line in lines where line.day < first + days { sums.firstUnits += Int128(line.units) }
      }
    }
    var isActive = [Bool](repeating: false, count: count)
    for line in lines where line.day >= start { isActive[(line.day - start) / days] = true }
    for period in 0..<(count - 1) where isActive[period] {
      sums.pairs += 1
      if isActive[period + 1] { sums.retained += 1 }
    }
    let firstRepeat = first < start ? 0 : (first - start) / days + 1
    for period in 0..<count where isActive[period] && period >= firstRepeat { sums.repeats += 1 }
    for line in lines where line.day >= start && (line.day - start) / days >= firstRepeat {
      if line.isAddOn {
        sums.addOnUnits += Int128(line.units)
      } else {
        sums.baseUnits += Int128(line.units)
      }
    }
    return sums
  }
}

/// The sums of each segment, as they are and in replicates in which customers count 0, 1, 2 …
/// times.
struct EquityReplicates: Sendable {
  /// The segments in byte order.
  let names: [String]
  /// One a segment.
  let sums: [EquitySums]
  /// The replicates of each segment.
  let replicates: [[EquitySums]]

  /// The sums of customers by segment.
  ///
  /// A customer's weights are Poisson numbers of mean 1 from a stream of the id, so that neither
  /// order nor threads change them.
  ///
  /// - Parameters:
  ///   - customers: all with any sum.
  ///   - segmentOf: the segment of each customer.
  ///   - count: the replicates.
  ///   - seed: of the weights.
  /// - Source: Hanley & MacGibbon (2006), "Creating non-parametric bootstrap samples using Poisson
  ///   frequencies", Computer Methods and Programs in Biomedicine 83.
  init(
    _ customers: [EquityCustomer],
    segmentOf: (String) -> String,
    count: Int,
    seed: UInt64
  ) {
    let segments = customers.map { segmentOf($0.id) }
    let names = Set(segments).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let members = names.map { _ in [EquityCustomer]() }
    var grouped = members
    for (customer, name) in zip(customers, segments) {
      grouped[places[name] ?? 0].append(customer)
    }
    let groups = grouped
    let made = Parallel.map(groups.count) { segment in
      var whole = EquitySums()
      var replicates = [EquitySums](repeating: EquitySums(), count: count)
      for customer in groups[segment] {
        whole.add(customer.sums)
        var random = CounterRandom(seed: seed, stream: XXHash64.hash(customer.id))
        for place in 0..<count {
          let times = random.poisson(mean: 1)
          if times > 0 { replicates[place].add(customer.sums, times: times) }
        }
      }
      return (whole, replicates)
    }
    self.names = names
    sums = made.map(\.0)
    replicates = made.map(\.1)
  }
}
