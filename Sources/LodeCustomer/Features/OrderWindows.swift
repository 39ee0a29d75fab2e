public import LodeColumns
public import LodeRuntime

/// The orders of customers by day, for labels: who has no valid order in a window of days.
///
/// It holds the lines from one day on only, and no product, so it is far smaller than
/// ``PurchaseHistories``. The labels are the same as ``PurchaseHistories/churned(_:from:until:)``
/// gives.
public struct OrderWindows: Sendable {
  /// The columns of `order_lines` that windows are made of.
  public static let lineColumns = ["customer_id", "order_id", "ordered_at", "kind", "quantity"]

  /// Those of ``lineColumns`` that are needed with some returns.
  ///
  /// - Parameter returnMatches: the returns; nil nets nothing.
  /// - Returns: the columns, without the orders where nothing came back: then a customer has a
  ///   valid order if any line has a quantity above 0.
  public static func lineColumns(with returnMatches: Table?) -> [String] {
    (returnMatches?.rowCount ?? 0) == 0 ? lineColumns.filter { $0 != "order_id" } : lineColumns
  }

  /// The first line of each customer, and one more.
  private let starts: [Int]
  private let days: [Int32]
  private let quantities: [Int64]
  /// The order as a code of `order_lines`; none where nothing came back.
  private let orders: [UInt32]
  /// What was sent back, by order code: the moment and the count.
  private let returns: [UInt32: [(at: Int64, quantity: Int64)]]

  /// The windows of the customers of a dictionary.
  ///
  /// - Parameters:
  ///   - customers: the ids; customers are asked for by their code.
  ///   - orderLines: columns ``lineColumns(with:)``.
  ///   - returnMatches: columns `customer_id order_id returned_at quantity`, and `kind` where other
  ///     kinds than `product` are to be left out too; nil nets nothing.
  ///   - productsOnly: whether lines of other kinds than `product` are left out.
  ///   - first: lines before this day are not needed.
  /// - Throws: a diagnostic that names a missing column.
  /// - Complexity: O(`n`) for `n` lines.
  public init(
    _ customers: TextDictionary,
    orderLines: Table,
    returnMatches: Table?,
    productsOnly: Bool,
    since first: CivilDate
  ) throws(Diagnostic) {
    let customer = try orderLines.requiredColumn("customer_id")
    let placeOfCode = customer.dictionary.codes(in: customers)
    let kind = try orderLines.requiredColumn("kind")
    let isWanted = kind.dictionary.texts.map { !productsOnly || $0 == "product" }
    let (cells, kinds) = (customer.codes, kind.codes)
    let times = try orderLines.requiredColumn("ordered_at").integers
    let limit = Int64(first.daysSinceEpoch) * Timestamp.microsecondsPerDay
    var rows: [UInt32] = []
    var starts = [Int](repeating: 0, count: customers.count + 1)
    for row in cells.indices
    where times[row] >= limit && isWanted[Int(kinds[row])] && !customer.isMissing(row) {
      let place = placeOfCode[Int(cells[row])]
      guard place >= 0 else { continue }
      rows.append(UInt32(truncatingIfNeeded: row))
      starts[Int(place) + 1] += 1
    }
    for index in stride(from: 1, to: starts.count, by: 1) { starts[index] += starts[index - 1] }
    var next = starts
    var sorted = [UInt32](repeating: 0, count: rows.count)
    for row in rows {
      let place = Int(placeOfCode[Int(cells[Int(row)])])
      sorted[next[place]] = row
      next[place] += 1
    }
    let counts = try orderLines.requiredColumn("quantity").integers
    self.starts = starts
    days = sorted.map {
      Int32(truncatingIfNeeded: Timestamp.day(ofMicroseconds: times[Int($0)]))
    }
    quantities = sorted.map { counts[Int($0)] }
    guard let matches = returnMatches, matches.rowCount > 0 else {
      (orders, returns) = ([], [:])
      return
    }
    let order = try orderLines.requiredColumn("order_id")
    let codes = order.codes
    orders = sorted.map { codes[Int($0)] }
    returns = try Self.returns(matches, orders: order.dictionary, productsOnly: productsOnly)
  }

  /// Whether a customer has no valid order in a window.
  ///
  /// - Parameters:
  ///   - customer: the code in the dictionary of the windows.
  ///   - first: the first day of the window, days since 1970.
  ///   - end: the day behind it.
  /// - Returns: true = churned.
  public func isSilent(_ customer: Int, from first: Int, until end: Int) -> Bool {
    let lines = starts[customer]..<starts[customer + 1]
    guard !orders.isEmpty else {
      return !lines.contains { quantities[$0] > 0 && days[$0] >= first && days[$0] < end }
    }
    var needsCare = false
    for index in lines where days[index] >= first && days[index] < end {
      if quantities[index] > 0, returns[orders[index]] == nil { return false }
      needsCare = true
    }
    return needsCare ? !hasOrder(lines, first, end) : true
  }

  /// Whether something of an order is left, counted order by order.
  private func hasOrder(_ lines: Range<Int>, _ first: Int, _ end: Int) -> Bool {
    var left: [UInt32: Int64] = [:]
    for index in lines where days[index] >= first && days[index] < end {
      left[orders[index], default: 0] += quantities[index]
    }
    let limit = Int64(end) * Timestamp.microsecondsPerDay
    for (order, quantity) in left {
      let back = (returns[order] ?? []).reduce(0) { $0 + ($1.at < limit ? $1.quantity : 0) }
      if quantity > back { return true }
    }
    return false
  }

  /// The returns of each order of a dictionary.
  private static func returns(
    _ matches: Table,
    orders: TextDictionary,
    productsOnly: Bool
  ) throws(Diagnostic) -> [UInt32: [(at: Int64, quantity: Int64)]] {
    let order = try matches.requiredColumn("order_id")
    let moments = try matches.requiredColumn("returned_at").integers
    let quantities = try matches.requiredColumn("quantity").integers
    let kind = productsOnly ? matches.column("kind") : nil
    let isWanted = kind?.dictionary.texts.map { $0 == "product" } ?? []
    let kinds = kind?.codes ?? []
    let cells = order.codes
    // Few orders come back, so those are looked for among all.
    var codeOfReturned = [Int64](repeating: -1, count: order.dictionary.count)
    for (code, place) in orders.codes(in: order.dictionary).enumerated()
    where place >= 0 {
      codeOfReturned[Int(place)] = Int64(code)
    }
    var returns: [UInt32: [(at: Int64, quantity: Int64)]] = [:]
    for row in cells.indices where kind == nil || isWanted[Int(kinds[row])] {
      let code = codeOfReturned[Int(cells[row])]
      guard code >= 0, !order.isMissing(row) else { continue }
      returns[UInt32(truncatingIfNeeded: code), default: []]
        .append((moments[row], quantities[row]))
    }
    return returns
  }
}
