internal import Glibc
internal import LodeColumns
internal import LodeRuntime

/// One customer as of one day: what the events before that day say, and nothing later.
struct CustomerSnapshot: Sendable {
  /// Windows are whole weeks, so that each holds the same weekdays: 4, 13 and 52 weeks.
  private static let windowsInDays = SIMD4(28, 91, 364, 0)

  var customer = 0
  /// Valid orders: those of which something is left after returns.
  var orders = 0
  var firstDay = 0
  var lastDay = 0
  var asOfDay = 0
  var total: Int64 = 0
  /// The value of all valid orders but the first.
  var repeatTotal: Int64 = 0
  /// Value and orders of each window of `windowsInDays`; the last lane is not used.
  var windowValues = SIMD4<Int64>.zero
  var windowOrders = SIMD4<Int64>.zero
  /// The value of the 91 days before the last 91.
  var previousQuarter: Int64 = 0
  var gross: Int64 = 0
  var returned: Int64 = 0
  var gapMean: Double?
  var gapDeviation: Double?
  /// The different weeks with valid orders, counted back from the as-of day.
  var orderWeeks = 0
  /// The sum of the logarithms of valid orders' values in fixed point, and how many there are.
  var orderLevels = LevelSum()
  /// The same of the unit prices of all lines.
  var priceLevels = LevelSum()
  /// The same of their quantities plus 1.
  var quantityLevels = LevelSum()
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
  /// (last quarter − quarter before) / (sum of both), 0 where both are empty.
  var spendTrend: Double {
    let sum = windowValues[1] + previousQuarter
    guard sum > 0 else { return 0 }
    return Double(windowValues[1] - previousQuarter) / Double(sum)
  }

  /// Takes over what an earlier snapshot says of the mix of the same orders.
  mutating func takeMix(of other: CustomerSnapshot) {
    productsPerOrder = other.productsPerOrder
    productCount = other.productCount
    categoryCount = other.categoryCount
    (topCategory, topCategoryShare) = (other.topCategory, other.topCategoryShare)
    (topChannel, topChannelShare) = (other.topChannel, other.topChannelShare)
  }

  /// Adds what the valid orders, by time, say of spend and rhythm.
  mutating func describe(_ orders: [OrderLedger.Order]) {
    var previous: Int?
    var lastWeek = -1
    var (gapCount, gapSum) = (0, 0)
    for order in orders where order.quantity > 0 {
      if previous == nil { firstDay = order.day } else { repeatTotal += order.amount }
      lastDay = order.day
      self.orders += 1
      total += order.amount
      let daysBack = asOfDay - order.day
      if (daysBack - 1) / 7 != lastWeek {
        lastWeek = (daysBack - 1) / 7
        orderWeeks += 1
      }
      orderLevels.add(order.level)
      for window in 0..<3 where daysBack <= Self.windowsInDays[window] {
        windowValues[window] += order.amount
        windowOrders[window] += 1
      }
      if daysBack > 91 && daysBack <= 182 { previousQuarter += order.amount }
      if let previous {
        gapCount += 1
        gapSum += order.day - previous
      }
      previous = order.day
    }
    guard gapCount > 0 else { return }
    let mean = Double(gapSum) / Double(gapCount)
    gapMean = mean
    guard gapCount > 1 else { return }
    var squares = 0.0
    var before: Int?
    for order in orders where order.quantity > 0 {
      if let before {
        let difference = Double(order.day - before) - mean
        squares += difference * difference
      }
      before = order.day
    }
    gapDeviation = (squares / Double(gapCount - 1)).squareRoot()
  }
}

/// The mean of logarithms, added up in fixed point: the same for numbers in any order.
struct LevelSum: Sendable {
  private var sum: Int64 = 0
  private var count: Int64 = 0

  /// Adds the level of a number.
  mutating func add(_ level: Int64?) {
    guard let level else { return }
    sum += level
    count += 1
  }

  /// The logarithm in fixed point of a number, nil for one not above 0.
  static func level(_ number: Double) -> Int64? {
    number > 0 ? rounded(log(number) * 0x1p32) : nil
  }

  /// The nearest whole number, half away from zero, as `rounded()` gives it at a function call.
  ///
  /// - Precondition: a number that 64 bits hold.
  @inline(__always)
  static func rounded(_ number: Double) -> Int64 {
    let whole = Int64(number)
    let rest = number - Double(whole)
    return rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole
  }

  /// The mean logarithm less `shift`; nil without numbers.
  func mean(less shift: Double) -> Double? {
    count == 0 ? nil : Double(sum) * 0x1p-32 / Double(count) - shift
  }
}

/// The levels of amounts of money, each worked out once while it is small.
struct AmountLevels: Sendable {
  /// The level of each small amount, `unknown` before it is asked for.
  private var levels = [Int64](repeating: Self.unknown, count: 1 << 15)

  private static let unknown = Int64.min

  /// The level of an amount, nil for one not above 0.
  @inline(__always)
  mutating func level(_ amount: Int64) -> Int64? {
    guard amount > 0, amount < levels.count else { return LevelSum.level(Double(amount)) }
    if levels[Int(amount)] == Self.unknown {
      levels[Int(amount)] = LevelSum.level(Double(amount)) ?? 0
    }
    return levels[Int(amount)]
  }

  /// The level of the unit price of some pieces.
  @inline(__always)
  mutating func level(_ amount: Int64, of count: Int64) -> Int64? {
    if count == 1 { return level(amount) }
    // A price without a rest is the same number as the quotient.
    let (price, rest) = amount.quotientAndRemainder(dividingBy: count)
    return rest == 0 ? level(price) : LevelSum.level(Double(amount) / Double(count))
  }
}

/// The orders of one customer with what is left of them after returns.
struct OrderLedger: Sendable {
  /// One order.
  struct Order: Sendable {
    let code: Int32
    let day: Int
    var amount: Int64
    var quantity: Int64
    /// The level of the amount; nil where it is not above 0.
    var level: Int64?
    /// Whether the amount has changed since its level was found.
    var needsLevel = true
  }

  /// The orders by the time of their first line.
  private(set) var orders: [Order] = []
  /// Whether lines of an order follow lines of a later one.
  private(set) var isInterleaved = false
  /// The places of orders, kept only where they are too many to look through.
  private var places: [Int32: Int] = [:]

  private static let manyOrders = 32

  /// Forgets everything.
  mutating func clear() {
    orders.removeAll(keepingCapacity: true)
    if !places.isEmpty { places.removeAll() }
    isInterleaved = false
  }

  /// Adds a line.
  ///
  /// - Returns: the place of its order.
  mutating func sell(_ code: Int32, day: Int, amount: Int64, quantity: Int64) -> Int {
    if let place = place(of: code) {
      if place != orders.count - 1 { isInterleaved = true }
      orders[place].amount += amount
      orders[place].quantity += quantity
      orders[place].needsLevel = true
      return place
    }
    orders.append(Order(code: code, day: day, amount: amount, quantity: quantity))
    if orders.count == Self.manyOrders {
      for (place, order) in orders.enumerated() { places[order.code] = place }
    } else if orders.count > Self.manyOrders {
      places[code] = orders.count - 1
    }
    return orders.count - 1
  }

  /// Takes goods of an order back.
  ///
  /// - Returns: whether the order is known.
  mutating func takeBack(_ code: Int32, amount: Int64, quantity: Int64) -> Bool {
    guard let place = place(of: code) else { return false }
    orders[place].amount -= amount
    orders[place].quantity -= quantity
    orders[place].needsLevel = true
    return true
  }

  /// Finds the levels of amounts that have changed.
  mutating func findLevels(_ levels: inout AmountLevels) {
    for place in orders.indices where orders[place].needsLevel {
      orders[place].level = levels.level(orders[place].amount)
      orders[place].needsLevel = false
    }
  }

  /// The place of an order, nil for one that is not here.
  func place(of code: Int32) -> Int? {
    // Lines of one order mostly follow each other.
    guard let last = orders.last else { return nil }
    if last.code == code { return orders.count - 1 }
    if orders.count >= Self.manyOrders { return places[code] }
    return orders.firstIndex { $0.code == code }
  }
}
