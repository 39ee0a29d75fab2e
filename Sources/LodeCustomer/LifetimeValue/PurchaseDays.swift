public import LodeColumns
public import LodeRuntime

/// On which days customers bought and for how much, returns netted, as seen from any date.
///
/// All orders of a day are one purchase. A day counts while what is left of its goods is worth more
/// than nothing: an order that was cancelled in full is no purchase from the cancellation on.
public struct PurchaseDays: Sendable {
  /// The customers, part after part, in byte order of their ids within a part.
  public private(set) var customers: [String] = []
  /// Digits behind the point of the amounts.
  public private(set) var scale = 0
  private var starts: [Int] = [0]
  /// The day of the purchase of each event, rising within a customer.
  private var days: [Int32] = []
  /// The day from which the event is known: that of the purchase, or of the return.
  private var knownDays: [Int32] = []
  private var amounts: [Int64] = []
  /// What every customer's first order had in some columns; empty without any.
  public internal(set) var firstOrders: [FirstOrderColumn] = []

  /// One customer as of a date.
  public struct Record: Sendable, Hashable {
    /// Repeat purchases, the last one and the age; days until `until`, in the unit asked for.
    public let summary: PurchaseSummary
    /// The mean value of the repeat purchases in money; 0 without any.
    public let meanValue: Double
    /// The days since 1970 of the first and the last purchase.
    public let firstDay: Int
    /// The day since 1970 of the last purchase.
    public let lastDay: Int
    /// The value of all purchases in money.
    public let totalValue: Double
  }

  /// The customers of each part, as a range of places.
  public private(set) var parts: [Range<Int>] = []

  /// The columns of `order_lines` that are read.
  public static let lineColumns = ["customer_id", "order_id", "ordered_at", "kind", "amount"]

  /// Those of ``lineColumns`` that are needed with some returns.
  ///
  /// - Parameter returnMatches: the returns; nil nets nothing.
  /// - Returns: the columns, without the orders where nothing came back.
  public static func lineColumns(with returnMatches: Table?) -> [String] {
    (returnMatches?.rowCount ?? 0) == 0 ? lineColumns.filter { $0 != "order_id" } : lineColumns
  }

  /// No purchases.
  public init() {}

  /// The parts of some purchases, one after the other; no customer may be in two.
  public init(_ purchases: [PurchaseDays]) {
    let (people, events) = (
      purchases.reduce(0) { $0 + $1.customers.count }, purchases.reduce(0) { $0 + $1.days.count }
    )
    customers.reserveCapacity(people)
    starts.reserveCapacity(people + 1)
    days.reserveCapacity(events)
    knownDays.reserveCapacity(events)
    amounts.reserveCapacity(events)
    for part in purchases { append(part) }
  }

  /// Adds the parts of other purchases; no customer may be in both.
  public mutating func append(_ other: PurchaseDays) {
    let (customer, event) = (customers.count, days.count)
    appendFirstOrders(of: other)
    if !other.customers.isEmpty || customers.isEmpty { scale = other.scale }
    customers += other.customers
    starts += other.starts.dropFirst().map { $0 + event }
    days += other.days
    knownDays += other.knownDays
    amounts += other.amounts
    parts += other.parts.map { $0.lowerBound + customer..<$0.upperBound + customer }
  }

  /// Adds purchases of customers without a table.
  ///
  /// - Parameters:
  ///   - names: the ids of the customers.
  ///   - purchases: who bought on which day since 1970, and for how much.
  ///   - scale: digits behind the point of the amounts.
  /// - Precondition: every customer is a place among `names`.
  public mutating func append(
    _ names: [String],
    _ purchases: [(customer: Int, day: Int, amount: Int64)],
    scale: Int
  ) {
    self.scale = scale
    append(
      purchases.map { purchase in
        precondition(names.indices.contains(purchase.customer), "customer \(purchase.customer)")
        let day = Int32(truncatingIfNeeded: purchase.day)
        return Event(
          customer: Int32(truncatingIfNeeded: purchase.customer),
          day: day,
          known: day,
          amount: purchase.amount
        )
      },
      of: names
    )
  }

  /// The first day of all, nil without purchases.
  public var firstDay: Int? { days.min().map { Int($0) } }

  /// Adds the customers of a part; no customer may be in two parts.
  ///
  /// - Parameters:
  ///   - orderLines: columns `customer_id ordered_at amount`, `order_id` with returns, and `kind`
  ///     where only lines of kind `product` count.
  ///   - returnMatches: columns `order_id returned_at amount` and maybe `kind`; nil nets nothing.
  ///   - firstOrderColumns: columns of texts to keep of every customer's first order.
  /// - Throws: a diagnostic that names a missing column.
  /// - Complexity: O(lines) and sorting of those customers whose lines are not in order of time.
  public mutating func append(
    orderLines: Table,
    returnMatches: Table?,
    firstOrderColumns: [String] = []
  ) throws(Diagnostic) {
    let amount = try orderLines.requiredColumn("amount")
    scale = amount.type.scale
    let customer = try orderLines.requiredColumn("customer_id")
    let rows = Self.productRows(customer, orderLines.column("kind"))
    let (names, customerOf) = Self.ranks(customer, rows)
    let times = try orderLines.requiredColumn("ordered_at").integers
    let values = amount.integers
    var events: [Event] = []
    for row in rows {
      let place = Int(row)
      let day = Int32(truncatingIfNeeded: Timestamp.day(ofMicroseconds: times[place]))
      // Lines of one order mostly follow each other.
      if let last = events.last, last.customer == customerOf[place], last.day == day {
        events[events.count - 1].amount += values[place]
      } else {
        events.append(
          Event(customer: customerOf[place], day: day, known: day, amount: values[place])
        )
      }
    }
    if let returnMatches, returnMatches.rowCount > 0 {
      let order = try orderLines.requiredColumn("order_id")
      let orders = order.codes
      var dayOfOrder = [Int32](repeating: .min, count: order.dictionary.count)
      var customerOfOrder = [Int32](repeating: -1, count: order.dictionary.count)
      for row in rows.map({ Int($0) }) {
        let day = Timestamp.day(ofMicroseconds: times[row])
        dayOfOrder[Int(orders[row])] = Int32(truncatingIfNeeded: day)
        customerOfOrder[Int(orders[row])] = customerOf[row]
      }
      try appendReturns(returnMatches, order.dictionary, dayOfOrder, customerOfOrder, &events)
    }
    for name in firstOrderColumns {
      let column = try orderLines.requiredColumn(name)
      appendFirstOrders(name, column, rows, times, customerOf, customerCount: names.count)
    }
    append(events, of: names)
  }

  /// The rows with a known customer or order, of products where there is a kind.
  private static func productRows(_ id: Column, _ kind: Column?) -> [UInt32] {
    let validity = id.validity ?? []
    let (kinds, isProduct) = (
      kind?.codes ?? [], kind?.dictionary.texts.map { $0 == "product" } ?? []
    )
    var rows: [UInt32] = []
    rows.reserveCapacity(id.count)
    for row in 0..<id.count where validity.isEmpty || validity[row] {
      guard kinds.isEmpty || isProduct[Int(kinds[row])] else { continue }
      rows.append(UInt32(truncatingIfNeeded: row))
    }
    return rows
  }

  /// The customers of some rows in byte order of their ids, and each row's place among them, which
  /// means nothing in other rows.
  private static func ranks(_ customer: Column, _ rows: [UInt32]) -> ([String], [Int32]) {
    let all = customer.dictionary
    let codes = customer.codes
    var isPresent = [Bool](repeating: false, count: all.count)
    for row in rows { isPresent[Int(codes[Int(row)])] = true }
    let order = all.ranks()
    var sorted = [Int](repeating: -1, count: all.count)
    for code in 0..<all.count where isPresent[code] { sorted[order[code]] = code }
    var placeOfCode = [Int32](repeating: -1, count: all.count)
    var names: [String] = []
    for code in sorted where code >= 0 {
      placeOfCode[code] = Int32(truncatingIfNeeded: names.count)
      names.append(all[code])
    }
    var places = [Int32](repeating: -1, count: codes.count)
    for row in rows { places[Int(row)] = placeOfCode[Int(codes[Int(row)])] }
    return (names, places)
  }

  private struct Event: BitwiseCopyable {
    var customer: Int32
    var day: Int32
    var known: Int32
    var amount: Int64
  }

  private func appendReturns(
    _ matches: Table,
    _ orders: TextDictionary,
    _ dayOfOrder: [Int32],
    _ customerOfOrder: [Int32],
    _ events: inout [Event]
  ) throws(Diagnostic) {
    let order = try matches.requiredColumn("order_id")
    // Few orders come back: a table of those, and a look for each order.
    let names = order.dictionary
    var codes = TextDictionaryBuilder()
    for code in 0..<names.count {
      let text = names.bytes.span.extracting(names.offsets[code]..<names.offsets[code + 1])
      _ = codes.code(for: text)
    }
    var translation = [Int](repeating: -1, count: names.count)
    let (bytes, ends) = (orders.bytes.span, orders.offsets)
    for code in 0..<orders.count {
      let text = bytes.extracting(ends[code]..<ends[code + 1])
      if let found = codes.existingCode(of: text) { translation[Int(found)] = code }
    }
    let rows = Self.productRows(order, matches.column("kind"))
    let times = try matches.requiredColumn("returned_at").integers
    let amounts = try matches.requiredColumn("amount").integers
    let cells = order.codes
    for row in rows.map({ Int($0) }) {
      let place = translation[Int(cells[row])]
      guard place >= 0, customerOfOrder[place] >= 0 else { continue }
      let known = Int32(truncatingIfNeeded: Timestamp.day(ofMicroseconds: times[row]))
      events.append(
        Event(
          customer: customerOfOrder[place],
          day: dayOfOrder[place],
          known: max(known, dayOfOrder[place]),
          amount: -amounts[row]
        )
      )
    }
  }

  /// Adds the events customer after customer by day, equal days merged.
  private mutating func append(_ events: [Event], of names: [String]) {
    var ends = [Int](repeating: 0, count: names.count + 1)
    for event in events { ends[Int(event.customer) + 1] += 1 }
    for place in stride(from: 1, to: ends.count, by: 1) { ends[place] += ends[place - 1] }
    var next = ends
    var sorted = events
    for event in events {
      sorted[next[Int(event.customer)]] = event
      next[Int(event.customer)] += 1
    }
    func precedes(_ left: Event, _ right: Event) -> Bool {
      (left.day, left.known) < (right.day, right.known)
    }
    for customer in names.indices {
      let range = ends[customer]..<ends[customer + 1]
      let isSorted = range.dropFirst().allSatisfy { !precedes(sorted[$0], sorted[$0 - 1]) }
      if !isSorted { sorted[range].sort(by: precedes) }
      let first = days.count
      for place in range {
        let event = sorted[place]
        if days.count > first, days[days.count - 1] == event.day,
          knownDays[knownDays.count - 1] == event.known
        {
          amounts[amounts.count - 1] += event.amount
        } else {
          days.append(event.day)
          knownDays.append(event.known)
          amounts.append(event.amount)
        }
      }
      starts.append(days.count)
    }
    parts.append(customers.count..<customers.count + names.count)
    customers += names
  }

  /// Calls `body` with each purchase of a customer in a time, as known at its end.
  private func forEachPurchase(
    of customer: Int,
    in range: Range<Int>,
    _ body: (_ day: Int, _ amount: Int64) -> Void
  ) {
    var place = starts[customer]
    let end = starts[customer + 1]
    while place < end {
      let day = days[place]
      var left: Int64 = 0
      while place < end, days[place] == day {
        if Int(knownDays[place]) < range.upperBound { left += amounts[place] }
        place += 1
      }
      if range.contains(Int(day)), left > 0 { body(Int(day), left) }
    }
  }

  /// Every customer as of a date; nil for those who had not bought yet.
  ///
  /// - Parameters:
  ///   - day: the first day that is not seen, in days since 1970.
  ///   - unit: the unit of times, days or weeks.
  /// - Returns: one record a customer.
  public func records(asOf day: Int, unit: TimeUnit) -> [Record?] {
    var all = [Record?](repeating: nil, count: customers.count)
    let known = known(asOf: day, unit: unit)
    for (place, record) in zip(known.places, known.records) { all[place] = record }
    return all
  }

  /// The customers who had bought before a date.
  ///
  /// - Parameters:
  ///   - day: the first day that is not seen, in days since 1970.
  ///   - unit: the unit of times.
  /// - Returns: their places, rising, and what each did.
  func known(asOf day: Int, unit: TimeUnit) -> (places: [Int], records: [Record]) {
    let length: Double = unit == .week ? 7 : unit == .month ? 365.0 / 12 : 1
    let parts = Parallel.map(rows: customers.count, chunkSize: 8192) { range in
      var (places, records): ([Int], [Record]) = ([], [])
      places.reserveCapacity(range.count)
      records.reserveCapacity(range.count)
      for customer in range {
        guard let record = record(customer, asOf: day, length) else { continue }
        places.append(customer)
        records.append(record)
      }
      return (places: places, records: records)
    }
    return (parts.flatMap(\.places), parts.flatMap(\.records))
  }

  /// A customer as of a date; nil for one who had not bought yet.
  private func record(_ customer: Int, asOf day: Int, _ length: Double) -> Record? {
    let money = 1 / Double(powerOfTen(scale))
    var (first, last, repeats) = (0, 0, -1)
    var (opening, total): (Int64, Int64) = (0, 0)
    forEachPurchase(of: customer, in: Int(Int32.min)..<day) { purchase, amount in
      if repeats < 0 { (first, opening) = (purchase, amount) }
      repeats += 1
      last = purchase
      total += amount
    }
    guard repeats >= 0 else { return nil }
    let mean = repeats > 0 ? Double(total - opening) * money / Double(repeats) : 0
    return Record(
      summary: PurchaseSummary(
        frequency: repeats,
        recency: Double(last - first) / length,
        age: Double(day - first) / length
      ),
      meanValue: mean,
      firstDay: first,
      lastDay: last,
      totalValue: Double(total) * money
    )
  }

  /// How often each customer bought in a time, and for how much money.
  ///
  /// - Parameter days: the days since 1970, the last one not among them.
  /// - Returns: one pair a customer.
  public func purchases(in days: Range<Int>) -> [(count: Int, value: Double)] {
    let money = 1 / Double(powerOfTen(scale))
    return
      Parallel.map(rows: customers.count, chunkSize: 8192) { range in
        range.map { customer in
          var (count, value): (Int, Int64) = (0, 0)
          forEachPurchase(of: customer, in: days) { _, amount in
            count += 1
            value += amount
          }
          return (count, Double(value) * money)
        }
      }
      .flatMap(\.self)
  }
}
