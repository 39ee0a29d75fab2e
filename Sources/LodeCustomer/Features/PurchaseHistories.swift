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
  }

  /// The customers in byte order of their ids.
  public let customers: [String]
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
    let rows = (0..<orderLines.rowCount)
      .filter { row in
        !customer.isMissing(row) && (!productsOnly || isProduct[Int(kinds[row])])
      }
    let rank = CustomerRanks(customer, rows: rows)
    customers = rank.names
    let time = try orderLines.requiredColumn("ordered_at").integers
    let product = try orderLines.requiredColumn("product_id")
    lines = Self.events(
      rows,
      customerOf: rank.ranks(customer),
      time: time,
      orders: order.codes.map { Int32($0) },
      orderNames: order.dictionary,
      amounts: amount.integers,
      quantities: try orderLines.requiredColumn("quantity").integers,
      codes: [Self.codes(product), Self.codes(category), Self.codes(channel)],
      customerCount: rank.names.count
    )
    guard let matches = returnMatches else {
      returns = Events(starts: Array(repeating: 0, count: rank.names.count + 1))
      return
    }
    returns = try Self.returnEvents(
      matches,
      rank: rank,
      orders: order.dictionary,
      productsOnly: productsOnly
    )
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
    for code in 0..<orders.count { _ = codeOfOrder.code(for: Array(orders.utf8(code)).span) }
    let returned = order.dictionary
    let translation = (0..<returned.count)
      .map { code in
        let place = Int(codeOfOrder.code(for: Array(returned.utf8(code)).span))
        return place < orders.count ? Int32(place) : -1
      }
    let ranks = rank.ranks(customer)
    // A refund of postage takes no goods back.
    let kind = productsOnly ? matches.column("kind") : nil
    let isProduct = kind?.dictionary.texts.map { $0 == "product" } ?? []
    let kinds = kind?.codes ?? []
    let rows = (0..<matches.rowCount)
      .filter { row in
        ranks[row] >= 0 && (kind == nil || isProduct[Int(kinds[row])])
      }
    return events(
      rows,
      customerOf: ranks,
      time: try matches.requiredColumn("returned_at").integers,
      orders: order.codes.map { translation[Int($0)] },
      orderNames: orders,
      amounts: try matches.requiredColumn("amount").integers,
      quantities: try matches.requiredColumn("quantity").integers,
      codes: [],
      customerCount: rank.names.count
    )
  }

  private static func events(
    _ rows: [Int],
    customerOf: [Int],
    time: [Int64],
    orders: [Int32],
    orderNames: TextDictionary,
    amounts: [Int64],
    quantities: [Int64],
    codes: [[Int32]],
    customerCount: Int
  ) -> Events {
    var starts = [Int](repeating: 0, count: customerCount + 1)
    for row in rows { starts[customerOf[row] + 1] += 1 }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var sorted = [Int](repeating: 0, count: rows.count)
    var next = starts
    for row in rows {
      sorted[next[customerOf[row]]] = row
      next[customerOf[row]] += 1
    }
    let keys = EventOrder(time: time, orders: orders, orderNames: orderNames)
    for customer in 0..<customerCount {
      keys.sort(&sorted, starts[customer]..<starts[customer + 1])
    }
    return Events(
      starts: starts,
      times: sorted.map { time[$0] },
      orders: sorted.map { orders[$0] },
      amounts: sorted.map { amounts[$0] },
      quantities: sorted.map { quantities[$0] },
      products: codes.isEmpty ? [] : sorted.map { codes[0][$0] },
      categories: codes.isEmpty ? [] : sorted.map { codes[1][$0] },
      channels: codes.isEmpty ? [] : sorted.map { codes[2][$0] }
    )
  }

  private static func codes(_ column: Column) -> [Int32] {
    let codes = column.codes
    return (0..<column.count).map { column.isMissing($0) ? -1 : Int32(codes[$0]) }
  }
}

/// The order of events of one customer: by time, at one time by the bytes of the order id.
///
/// Tables come sorted from their shards, so most customers need no more than a look.
private struct EventOrder {
  let time: [Int64]
  let orders: [Int32]
  let orderNames: TextDictionary

  /// Sorts the rows of one customer, stably.
  func sort(_ rows: inout [Int], _ range: Range<Int>) {
    guard range.count > 1 else { return }
    let isSorted = range.dropFirst().allSatisfy { !precedes(rows[$0], rows[$0 - 1]) }
    if !isSorted { rows[range].sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) } }
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    if time[left] != time[right] { return time[left] < time[right] }
    let (first, second) = (orders[left], orders[right])
    if first == second { return false }
    if first < 0 || second < 0 { return first < second }
    return orderNames.utf8(Int(first)).lexicographicallyPrecedes(orderNames.utf8(Int(second)))
  }
}

/// The place of each customer in byte order of the ids; ids are equal if their bytes are.
struct CustomerRanks {
  /// The ids in byte order.
  private(set) var names: [String] = []
  private var codes = TextDictionaryBuilder()
  private var rankOfCode: [Int] = []

  /// The customers of the given rows only.
  init(_ customer: Column, rows: [Int]) {
    let dictionary = customer.dictionary
    let cells = customer.codes
    var isPresent = [Bool](repeating: false, count: dictionary.count)
    for row in rows { isPresent[Int(cells[row])] = true }
    let order = dictionary.ranks()
    let present = isPresent.indices.filter { isPresent[$0] }.sorted { order[$0] < order[$1] }
    for (rank, code) in present.enumerated() {
      names.append(dictionary[code])
      _ = codes.code(for: Array(dictionary.utf8(code)).span)
      rankOfCode.append(rank)
    }
  }

  /// The rank of each cell, −1 for customers that are not kept and for missing cells.
  func ranks(_ customer: Column) -> [Int] {
    var lookup = codes
    let dictionary = customer.dictionary
    let ofCode = (0..<dictionary.count)
      .map { code in
        let place = Int(lookup.code(for: Array(dictionary.utf8(code)).span))
        return place < rankOfCode.count ? rankOfCode[place] : -1
      }
    let cells = customer.codes
    return (0..<customer.count).map { customer.isMissing($0) ? -1 : ofCode[Int(cells[$0])] }
  }
}
