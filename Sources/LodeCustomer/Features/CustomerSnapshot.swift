internal import LodeColumns
internal import LodeRuntime

/// One customer as of one day: what the events before that day say, and nothing later.
struct CustomerSnapshot: Sendable {
  /// Windows are whole weeks, so that each holds the same weekdays: 4, 13 and 52 weeks.
  static let windowsInDays = [28, 91, 364]

  var customer = 0
  /// Valid orders: those of which something is left after returns.
  var orders = 0
  var firstDay = 0
  var lastDay = 0
  var asOfDay = 0
  var total: Int64 = 0
  /// The value of all valid orders but the first.
  var repeatTotal: Int64 = 0
  /// Value and orders of each window of `windowsInDays`.
  var windowValues: [Int64] = [0, 0, 0]
  var windowOrders: [Int64] = [0, 0, 0]
  /// The value of the 91 days before the last 91.
  var previousQuarter: Int64 = 0
  var gross: Int64 = 0
  var returned: Int64 = 0
  var gapMean: Double?
  var gapDeviation: Double?
  var productsPerOrder = 0.0
  var productCount = 0
  var categoryCount = 0
  var topCategory: Int32 = -1
  var topCategoryShare: Double?
  var topChannel: Int32 = -1
  var topChannelShare: Double?

  var daysSinceLast: Int { asOfDay - lastDay }
  var age: Int { asOfDay - firstDay }
  var recency: Int { lastDay - firstDay }
}

extension PurchaseHistories {
  /// The snapshot of a customer at the start of a day; nil if no valid order lies before it.
  func snapshot(of customer: Int, asOf day: Int) -> CustomerSnapshot? {
    let limit = Int64(day) * Timestamp.microsecondsPerDay
    var ledger = OrderLedger()
    var snapshot = CustomerSnapshot()
    for index in lines.starts[customer]..<lines.starts[customer + 1] {
      guard lines.times[index] < limit else { break }
      ledger.sell(
        lines.orders[index],
        day: Timestamp.day(ofMicroseconds: lines.times[index]),
        amount: lines.amounts[index],
        quantity: lines.quantities[index]
      )
      snapshot.gross += lines.amounts[index]
    }
    for index in returns.starts[customer]..<returns.starts[customer + 1] {
      guard returns.times[index] < limit else { break }
      ledger.takeBack(
        returns.orders[index],
        amount: returns.amounts[index],
        quantity: returns.quantities[index]
      )
      snapshot.returned += returns.amounts[index]
    }
    let valid = ledger.orders.filter { $0.quantity > 0 }
    guard let first = valid.first, let last = valid.last else { return nil }
    snapshot.customer = customer
    snapshot.asOfDay = day
    snapshot.orders = valid.count
    snapshot.firstDay = first.day
    snapshot.lastDay = last.day
    describeSpend(valid, &snapshot)
    describeMix(valid, &snapshot, customer: customer, limit: limit)
    return snapshot
  }

  private func describeSpend(_ valid: [OrderLedger.Order], _ snapshot: inout CustomerSnapshot) {
    for (place, order) in valid.enumerated() {
      snapshot.total += order.amount
      if place > 0 { snapshot.repeatTotal += order.amount }
      let daysBack = snapshot.asOfDay - order.day
      for (window, days) in CustomerSnapshot.windowsInDays.enumerated() where daysBack <= days {
        snapshot.windowValues[window] += order.amount
        snapshot.windowOrders[window] += 1
      }
      if daysBack > 91 && daysBack <= 182 { snapshot.previousQuarter += order.amount }
    }
    let gaps = zip(valid.dropFirst(), valid).map { Double($0.day - $1.day) }
    guard !gaps.isEmpty else { return }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    snapshot.gapMean = mean
    guard gaps.count > 1 else { return }
    let squares = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    snapshot.gapDeviation = (squares / Double(gaps.count - 1)).squareRoot()
  }

  private func describeMix(
    _ valid: [OrderLedger.Order],
    _ snapshot: inout CustomerSnapshot,
    customer: Int,
    limit: Int64
  ) {
    let validOrders = Set(valid.map(\.code))
    var products: Set<Int32> = []
    var pairs: Set<Int64> = []
    var categories: [Int32: Int64] = [:]
    var channels: [Int32: Int64] = [:]
    for index in lines.starts[customer]..<lines.starts[customer + 1] {
      guard lines.times[index] < limit else { break }
      guard validOrders.contains(lines.orders[index]) else { continue }
      let product = lines.products[index]
      products.insert(product)
      pairs.insert(Int64(lines.orders[index]) << 32 | Int64(UInt32(bitPattern: product)))
      if lines.categories[index] >= 0 {
        categories[lines.categories[index], default: 0] += lines.amounts[index]
      }
      if lines.channels[index] >= 0 {
        channels[lines.channels[index], default: 0] += lines.amounts[index]
      }
    }
    snapshot.productCount = products.count
    snapshot.productsPerOrder = Double(pairs.count) / Double(valid.count)
    snapshot.categoryCount = categories.count
    (snapshot.topCategory, snapshot.topCategoryShare) = Self.top(categories, categoryRanks)
    (snapshot.topChannel, snapshot.topChannelShare) = Self.top(channels, channelRanks)
  }

  /// The code with the largest amount (the first name of equals) and its share of the total.
  private static func top(_ amounts: [Int32: Int64], _ ranks: [Int]) -> (Int32, Double?) {
    var best: (code: Int32, amount: Int64)?
    var total: Int64 = 0
    for code in amounts.keys.sorted(by: { ranks[Int($0)] < ranks[Int($1)] }) {
      let amount = amounts[code] ?? 0
      total += amount
      if best.map({ amount > $0.amount }) ?? true { best = (code, amount) }
    }
    guard let best, total > 0 else { return (-1, nil) }
    return (best.code, Double(best.amount) / Double(total))
  }
}

/// The orders of one customer with what is left of them after returns.
private struct OrderLedger {
  struct Order {
    let code: Int32
    let day: Int
    var amount: Int64
    var quantity: Int64
  }

  private(set) var orders: [Order] = []
  private var placeOfOrder: [Int32: Int] = [:]

  mutating func sell(_ code: Int32, day: Int, amount: Int64, quantity: Int64) {
    if let place = placeOfOrder[code] {
      orders[place].amount += amount
      orders[place].quantity += quantity
    } else {
      placeOfOrder[code] = orders.count
      orders.append(Order(code: code, day: day, amount: amount, quantity: quantity))
    }
  }

  mutating func takeBack(_ code: Int32, amount: Int64, quantity: Int64) {
    guard let place = placeOfOrder[code] else { return }
    orders[place].amount -= amount
    orders[place].quantity -= quantity
  }
}
