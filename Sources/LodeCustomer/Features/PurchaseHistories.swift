public import LodeColumns
public import LodeRuntime

/// The purchases and matched returns of every known customer, sorted by customer and time.
///
/// Lines without a customer are left out: they count for sales and baskets, not for customers.
public struct PurchaseHistories: Sendable {
  /// Lines of one kind of event, customer after customer, by time within a customer.
  struct Events: Sendable {
    /// The first event of each customer, and one more.
    var starts: [Int] = [0]
    var times: [Int64] = []
    /// The order, as a code into `orderCount` distinct orders.
    var orders: [Int32] = []
    var amounts: [Int64] = []
    var quantities: [Int64] = []
    /// Codes, −1 where missing; empty for returns.
    var products: [Int32] = []
    var categories: [Int32] = []
    var channels: [Int32] = []

    /// The events of a customer.
    func range(of customer: Int) -> Range<Int> { starts[customer]..<starts[customer + 1] }
  }

  /// The ids of the customers, in byte order.
  let customerNames: TextDictionary
  /// The number of product codes.
  let productCount: Int
  /// Digits behind the point of all amounts.
  public let scale: Int
  let lines: Events
  let returns: Events
  let categoryNames: TextDictionary
  let channelNames: TextDictionary
  /// The places of the names in byte order.
  let categoryRanks: [Int]
  let channelRanks: [Int]

  /// The histories of the tables `order_lines` and `return_matches`.
  ///
  /// - Parameters:
  ///   - orderLines: columns `customer_id order_id ordered_at product_id category channel kind
  ///     quantity amount`.
  ///   - returnMatches: columns `customer_id order_id returned_at quantity amount`, and `kind`
  ///     where returns of other kinds than `product` are to be left out too; nil nets nothing.
  ///   - productsOnly: whether lines of other kinds than `product` are left out.
  /// - Throws: a diagnostic that names a missing column.
  /// - Complexity: O(`n` log `n`) for `n` lines.
  public init(
    orderLines: Table,
    returnMatches: Table?,
    productsOnly: Bool
  ) throws(Diagnostic) {
    let amount = try orderLines.requiredColumn("amount")
    scale = amount.type.scale
    let category = try orderLines.requiredColumn("category")
    let channel = try orderLines.requiredColumn("channel")
    categoryNames = category.dictionary
    channelNames = channel.dictionary
    categoryRanks = categoryNames.ranks()
    channelRanks = channelNames.ranks()
    let kind = try orderLines.requiredColumn("kind")
    let isProduct = kind.dictionary.texts.map { $0 == "product" }
    let kinds = kind.codes
    let customer = try orderLines.requiredColumn("customer_id")
    let order = try orderLines.requiredColumn("order_id")
    var rows: [UInt32] = []
    rows.reserveCapacity(orderLines.rowCount)
    let isKnown = customer.validity
    for row in 0..<orderLines.rowCount where !productsOnly || isProduct[Int(kinds[row])] {
      if let isKnown, !isKnown[row] { continue }
      rows.append(UInt32(truncatingIfNeeded: row))
    }
    let rank = CustomerRanks(customer, rows: rows)
    customerNames = rank.dictionary
    let time = try orderLines.requiredColumn("ordered_at").integers
    let product = try orderLines.requiredColumn("product_id")
    productCount = product.dictionary.count
    lines = Self.events(
      rows,
      customerOf: rank.ranks(customer),
      time: time,
      orders: order.codes.map { Int32(truncatingIfNeeded: $0) },
      orderNames: order.dictionary,
      numbers: [amount.integers, try orderLines.requiredColumn("quantity").integers],
      codes: [product, category, channel],
      customerCount: rank.dictionary.count
    )
    guard let matches = returnMatches, matches.rowCount > 0 else {
      returns = Events(starts: Array(repeating: 0, count: rank.dictionary.count + 1))
      return
    }
    returns = try Self.returnEvents(
      matches,
      rank: rank,
      orders: order.dictionary,
      productsOnly: productsOnly
    )
  }

  /// The customers in byte order of their ids.
  ///
  /// - Complexity: O(customers), a text each.
  public var customers: [String] { customerNames.texts }
  /// The number of customers.
  public var customerCount: Int { customerNames.count }

  /// The columns of `order_lines` that histories are made of.
  public static let lineColumns = [
    "customer_id", "order_id", "ordered_at", "product_id", "category", "channel", "kind",
    "quantity", "amount",
  ]

  /// The day of the earliest line of a known customer; nil without such a line.
  ///
  /// - Parameters:
  ///   - orderLines: columns `customer_id ordered_at kind`.
  ///   - productsOnly: whether lines of other kinds than `product` are left out.
  /// - Returns: the day in UTC.
  /// - Throws: a diagnostic that names a missing column.
  public static func firstDay(
    orderLines: Table,
    productsOnly: Bool
  ) throws(Diagnostic) -> CivilDate? {
    let customer = try orderLines.requiredColumn("customer_id")
    let kind = try orderLines.requiredColumn("kind")
    let isCounted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
    let (kinds, times) = (kind.codes, try orderLines.requiredColumn("ordered_at").integers)
    var first: Int64?
    for row in times.indices where isCounted[Int(kinds[row])] && times[row] < first ?? .max {
      if !customer.isMissing(row) { first = times[row] }
    }
    return first.map { CivilDate(daysSinceEpoch: Timestamp.day(ofMicroseconds: $0)) }
  }

  private static func returnEvents(
    _ matches: Table,
    rank: CustomerRanks,
    orders: TextDictionary,
    productsOnly: Bool
  ) throws(Diagnostic) -> Events {
    let customer = try matches.requiredColumn("customer_id")
    let order = try matches.requiredColumn("order_id")
    var codeOfOrder = TextDictionaryBuilder()
    for code in 0..<orders.count {
      let text = orders.bytes.span.extracting(orders.offsets[code]..<orders.offsets[code + 1])
      _ = codeOfOrder.code(for: text)
    }
    let returned = order.dictionary
    let translation = (0..<returned.count)
      .map { code in
        let place = Int(codeOfOrder.code(for: Array(returned.utf8(code)).span))
        return place < orders.count ? Int32(place) : -1
      }
    let ranks = rank.ranks(ofOther: customer)
    // A refund of postage takes no goods back.
    let kind = productsOnly ? matches.column("kind") : nil
    let isProduct = kind?.dictionary.texts.map { $0 == "product" } ?? []
    let kinds = kind?.codes ?? []
    let rows = (0..<matches.rowCount)
      .filter { row in ranks[row] >= 0 && (kind == nil || isProduct[Int(kinds[row])]) }
      .map { UInt32(truncatingIfNeeded: $0) }
    return events(
      rows,
      customerOf: ranks,
      time: try matches.requiredColumn("returned_at").integers,
      orders: order.codes.map { translation[Int($0)] },
      orderNames: orders,
      numbers: [
        try matches.requiredColumn("amount").integers,
        try matches.requiredColumn("quantity").integers,
      ],
      codes: [],
      customerCount: rank.dictionary.count
    )
  }

  /// The events of the given rows, customer after customer, by time.
  private static func events(
    _ rows: [UInt32],
    customerOf: [Int32],
    time: [Int64],
    orders: [Int32],
    orderNames: TextDictionary,
    numbers: [[Int64]],
    codes: [Column],
    customerCount: Int
  ) -> Events {
    let (starts, byCustomer) = sorted(rows, by: customerOf, customerCount)
    let order = EventOrder(time: time, orders: orders, orderNames: orderNames)
    // Tables come sorted by time from their shards, so few customers need more than a look.
    let unsorted = Parallel.map(rows: customerCount, chunkSize: 4096) { customers in
      customers.filter {
        !order.isSorted(byCustomer.span.extracting(starts[$0]..<starts[$0 + 1]))
      }
    }
    var ordered = byCustomer
    for customer in unsorted.joined() {
      order.sort(&ordered, starts[customer]..<starts[customer + 1])
    }
    let places = ordered
    let whole = Parallel.map(numbers.count + 1) { index in
      gather(index == 0 ? time : numbers[index - 1], places)
    }
    let coded = Parallel.map(codes.count + 1) { index in
      index == 0 ? gather(orders, places) : gatherCodes(codes[index - 1], places)
    }
    return Events(
      starts: starts,
      times: whole[0],
      orders: coded[0],
      amounts: whole[1],
      quantities: whole[2],
      products: codes.isEmpty ? [] : coded[1],
      categories: codes.isEmpty ? [] : coded[2],
      channels: codes.isEmpty ? [] : coded[3]
    )
  }

  /// The rows customer after customer, in their order, and where each customer starts.
  private static func sorted(
    _ rows: [UInt32],
    by customerOf: [Int32],
    _ customerCount: Int
  ) -> (starts: [Int], rows: [UInt32]) {
    var starts = [Int](repeating: 0, count: customerCount + 1)
    for row in rows { starts[Int(customerOf[Int(row)]) + 1] += 1 }
    for index in stride(from: 1, to: starts.count, by: 1) { starts[index] += starts[index - 1] }
    var sorted = [UInt32](repeating: 0, count: rows.count)
    var next = starts
    for row in rows {
      let customer = Int(customerOf[Int(row)])
      sorted[next[customer]] = row
      next[customer] += 1
    }
    return (starts, sorted)
  }
}

/// The values of the given rows.
private func gather<Value>(_ values: [Value], _ rows: [UInt32]) -> [Value] {
  rows.map { values[Int($0)] }
}

/// The codes of a text column in the given rows, −1 where missing.
private func gatherCodes(_ column: Column, _ rows: [UInt32]) -> [Int32] {
  let codes = column.codes
  guard let validity = column.validity else {
    return rows.map { Int32(truncatingIfNeeded: codes[Int($0)]) }
  }
  return rows.map { validity[Int($0)] ? Int32(truncatingIfNeeded: codes[Int($0)]) : -1 }
}

/// The order of events of one customer: by time, at one time by the bytes of the order id.
private struct EventOrder: Sendable {
  let time: [Int64]
  let orders: [Int32]
  let orderNames: TextDictionary

  /// Whether the rows of one customer stand in order.
  func isSorted(_ rows: Span<UInt32>) -> Bool {
    for place in stride(from: 1, to: rows.count, by: 1) where precedes(rows[place], rows[place - 1])
    { return false }
    return true
  }

  /// Sorts the rows of one customer, stably.
  func sort(_ rows: inout [UInt32], _ range: Range<Int>) {
    rows[range].sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
  }

  private func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
    let (first, second) = (Int(left), Int(right))
    if time[first] != time[second] { return time[first] < time[second] }
    let (one, other) = (orders[first], orders[second])
    if one == other { return false }
    if one < 0 || other < 0 { return one < other }
    return orderNames.utf8(Int(one)).lexicographicallyPrecedes(orderNames.utf8(Int(other)))
  }
}

/// The place of each customer in byte order of the ids; ids are equal if their bytes are.
struct CustomerRanks {
  /// The ids in byte order.
  let dictionary: TextDictionary
  /// The place of each code of the column, −1 for customers that are not kept.
  private let rankOfCode: [Int32]

  /// The customers of the given rows only.
  init(_ customer: Column, rows: [UInt32]) {
    let all = customer.dictionary
    let cells = customer.codes
    var isPresent = [Bool](repeating: false, count: all.count)
    for row in rows { isPresent[Int(cells[Int(row)])] = true }
    let order = all.ranks()
    var sorted = [Int](repeating: -1, count: all.count)
    for code in 0..<all.count where isPresent[code] { sorted[order[code]] = code }
    var rankOfCode = [Int32](repeating: -1, count: all.count)
    var bytes: [UInt8] = []
    var offsets = [0]
    bytes.reserveCapacity(all.bytes.count)
    offsets.reserveCapacity(all.offsets.count)
    for code in sorted where code >= 0 {
      rankOfCode[code] = Int32(truncatingIfNeeded: offsets.count - 1)
      bytes += all.bytes[all.offsets[code]..<all.offsets[code + 1]]
      offsets.append(bytes.count)
    }
    self.rankOfCode = rankOfCode
    dictionary = TextDictionary(bytes: bytes, offsets: offsets)
  }

  /// The rank of each cell of the column, −1 for customers that are not kept and missing cells.
  func ranks(_ customer: Column) -> [Int32] { Self.cells(customer, rankOfCode) }

  /// The rank of each cell of another column, −1 for customers that are not kept.
  func ranks(ofOther customer: Column) -> [Int32] {
    Self.cells(customer, customer.dictionary.codes(in: dictionary))
  }

  private static func cells(_ customer: Column, _ rankOfCode: [Int32]) -> [Int32] {
    var ranks = customer.codes.map { rankOfCode[Int($0)] }
    if let validity = customer.validity {
      for row in ranks.indices where !validity[row] { ranks[row] = -1 }
    }
    return ranks
  }
}
