internal import LodeColumns
internal import LodeRuntime

/// Revenue and orders by week, added up shard by shard; no order lies in two shards.
struct WeeklyTally: Sendable {
  /// Revenue and orders of one week.
  struct Week: Sendable {
    /// In units of the amounts' scale, net of refunds.
    var revenue: Int128 = 0
    var orders = 0
  }

  /// The day of the first sale.
  private(set) var firstDay: Int?
  /// By the day of their Monday.
  private(set) var weeks: [Int: Week] = [:]
  /// Revenue of consecutive weeks.
  struct Series: Sendable {
    /// The day of the first Monday.
    var monday: Int
    var sums: [Int128]

    /// Adds the revenue of other weeks.
    mutating func add(_ other: Series) {
      if monday == other.monday, sums.count == other.sums.count {
        for place in sums.indices { sums[place] += other.sums[place] }
        return
      }
      let before = max(0, (monday - other.monday) / 7)
      let end = max(monday + 7 * sums.count, other.monday + 7 * other.sums.count)
      monday -= 7 * before
      if before > 0 { sums = Array(repeating: 0, count: before) + sums }
      sums += Array(repeating: 0, count: (end - monday) / 7 - sums.count)
      let first = (other.monday - monday) / 7
      for (place, sum) in other.sums.enumerated() { sums[first + place] += sum }
    }

    /// The revenue of the week that begins on a Monday.
    func sum(ofMonday day: Int) -> Int128 {
      let place = (day - monday) / 7
      return day >= monday && place < sums.count ? sums[place] : 0
    }
  }

  /// Revenue before refunds by the value of each dimension.
  private(set) var groups: [[[UInt8]: Series]]
  private(set) var scale = 2
  private let dimensions: [String]

  /// Nothing sold yet.
  ///
  /// - Parameter dimensions: text columns of `order_lines` to tell revenue apart by.
  init(dimensions: [String] = []) {
    self.dimensions = dimensions
    groups = dimensions.map { _ in [:] }
  }

  /// The columns of `order_lines` that are read.
  var columns: [String] {
    let own = ["order_id", "ordered_at", "kind", "amount"]
    return own + dimensions.filter { !own.contains($0) }
  }

  /// Adds the products of a shard.
  mutating func add(orderLines: Table, returnMatches: Table) throws(Diagnostic) {
    let times = try orderLines.requiredColumn("ordered_at").integers
    let kind = try orderLines.requiredColumn("kind")
    let isProduct = kind.dictionary.texts.map { $0 == "product" }
    let kinds = kind.codes
    let amount = try orderLines.requiredColumn("amount")
    scale = amount.type.scale
    // The day of each product's line, none for other kinds.
    var days = [Int32](repeating: .min, count: times.count)
    var (first, last) = (Int32.max, Int32.min)
    for row in times.indices where isProduct[Int(kinds[row])] {
      let day = Int32(truncatingIfNeeded: Timestamp.day(ofMicroseconds: times[row]))
      days[row] = day
      (first, last) = (min(first, day), max(last, day))
    }
    if first <= last {
      firstDay = min(firstDay ?? Int(first), Int(first))
      let monday = Self.monday(Int(first))
      let weeks = days.map { $0 == .min ? -1 : ($0 - Int32(monday)) / 7 }
      let span = Span(weeks: weeks, monday: monday, count: (Int(last) - monday) / 7 + 1)
      add(amount.integers, try orderLines.requiredColumn("order_id"), span)
      for (place, dimension) in dimensions.enumerated() {
        add(amount.integers, try orderLines.requiredColumn(dimension), to: place, span)
      }
    }
    try subtract(returnMatches)
  }

  /// The weeks of lines, counted from a Monday.
  private struct Span {
    /// The week of each row, −1 for lines that do not count.
    let weeks: [Int32]
    let monday: Int
    let count: Int
  }

  private mutating func add(
    _ amounts: [Int64],
    _ order: Column,
    _ span: Span
  ) {
    var isSeen = [Bool](repeating: false, count: order.dictionary.count)
    let codes = order.codes
    var sums = [Week](repeating: Week(), count: span.count)
    for row in span.weeks.indices where span.weeks[row] >= 0 {
      let week = Int(span.weeks[row])
      sums[week].revenue += Int128(amounts[row])
      if !isSeen[Int(codes[row])] {
        isSeen[Int(codes[row])] = true
        sums[week].orders += 1
      }
    }
    for (week, sum) in sums.enumerated() {
      weeks[span.monday + 7 * week, default: Week()].revenue += sum.revenue
      weeks[span.monday + 7 * week, default: Week()].orders += sum.orders
    }
  }

  private mutating func add(
    _ amounts: [Int64],
    _ column: Column,
    to place: Int,
    _ span: Span
  ) {
    let most = amounts.reduce(UInt64(1)) { max($0, $1.magnitude) }
    // Half as much memory where no sum can be too large for it.
    if UInt64(Int64.max) / most > UInt64(amounts.count) {
      add(sums: weeklySums(Int64.self, amounts, column, span), of: column, to: place, span)
    } else {
      add(sums: weeklySums(Int128.self, amounts, column, span), of: column, to: place, span)
    }
  }

  /// The revenue of each text of a column, week after week, text after text.
  private func weeklySums<Sum: FixedWidthInteger>(
    _: Sum.Type,
    _ amounts: [Int64],
    _ column: Column,
    _ span: Span
  ) -> [Sum] {
    let (codes, validity) = (column.codes, column.validity)
    var totals = [Sum](repeating: 0, count: span.count * column.dictionary.count)
    var sums = totals.mutableSpan
    for row in span.weeks.indices where span.weeks[row] >= 0 {
      if let validity, !validity[row] { continue }
      sums[Int(codes[row]) * span.count + Int(span.weeks[row])] += Sum(amounts[row])
    }
    return totals
  }

  private mutating func add<Sum: FixedWidthInteger>(
    sums: [Sum],
    of column: Column,
    to place: Int,
    _ span: Span
  ) {
    for code in 0..<column.dictionary.count {
      let own = sums[code * span.count..<(code + 1) * span.count]
      let series = Series(monday: span.monday, sums: own.map { Int128($0) })
      add(series, of: Array(column.dictionary.utf8(code)), to: place)
    }
  }

  private mutating func add(_ series: Series, of name: [UInt8], to place: Int) {
    if groups[place][name]?.add(series) == nil { groups[place][name] = series }
  }

  /// Revenue is that of products, so refunds of postage and the like do not lower it.
  private mutating func subtract(_ returnMatches: Table) throws(Diagnostic) {
    let returned = try returnMatches.requiredColumn("returned_at").integers
    let refunds = try returnMatches.requiredColumn("amount").integers
    let refunded = returnMatches.column("kind")
    let isRefund = refunded?.dictionary.texts.map { $0 == "product" } ?? []
    let kinds = refunded?.codes ?? []
    for row in 0..<returnMatches.rowCount where refunded == nil || isRefund[Int(kinds[row])] {
      let monday = Self.monday(Timestamp.day(ofMicroseconds: returned[row]))
      weeks[monday, default: Week()].revenue -= Int128(refunds[row])
    }
  }

  /// Adds what other shards sold.
  mutating func add(_ other: WeeklyTally) {
    guard let otherDay = other.firstDay else { return }
    firstDay = min(firstDay ?? otherDay, otherDay)
    scale = other.scale
    for (monday, week) in other.weeks {
      weeks[monday, default: Week()].revenue += week.revenue
      weeks[monday, default: Week()].orders += week.orders
    }
    for place in groups.indices {
      for (name, series) in other.groups[place] {
        add(series, of: name, to: place)
      }
    }
  }

  /// The day of the Monday on or before a day; 1970-01-01 was a Thursday.
  private static func monday(_ day: Int) -> Int {
    let back = (day + 3) % 7
    return day - (back < 0 ? back + 7 : back)
  }
}

/// Revenue and orders of whole weeks.
struct WeeklySales {
  /// The Mondays, rising, without gaps.
  let weeks: [CivilDate]
  /// Revenue net of matched returns, in units of the currency.
  let revenue: [Double]
  /// The number of orders.
  let orders: [Double]
  private let tally: WeeklyTally

  /// The first week that is to be forecast.
  var nextWeek: CivilDate {
    weeks.last?.advanced(byDays: 7) ?? CivilDate(daysSinceEpoch: 0)
  }

  /// The whole weeks of what was sold before a date.
  ///
  /// - Throws: a diagnostic if nothing was.
  init(_ tally: WeeklyTally, asOf: CivilDate) throws(Diagnostic) {
    guard let firstDay = tally.firstDay else {
      throw Diagnostic(
        .usage,
        "no sale lies before the as-of date \(asOf).",
        fix: "choose a later --as-of, or check the dates of the source."
      )
    }
    let firstMonday = CivilDate(daysSinceEpoch: firstDay).startOfWeek
    let start =
      firstMonday.daysSinceEpoch == firstDay ? firstMonday : firstMonday.advanced(byDays: 7)
    let count = max(0, asOf.startOfWeek.days(since: start) / 7)
    let weeks = (0..<count).map { start.advanced(byDays: 7 * $0) }
    let unit = Double(powerOfTen(tally.scale))
    self.weeks = weeks
    self.tally = tally
    let found = weeks.map { tally.weeks[$0.daysSinceEpoch] ?? WeeklyTally.Week() }
    revenue = found.map { Double($0.revenue) / unit }
    orders = found.map { Double($0.orders) }
  }

  /// The largest groups of a dimension with their revenue by week, before refunds.
  ///
  /// - Parameters:
  ///   - dimension: the place of the dimension in the tally.
  ///   - limit: how many groups; of equal revenue the first in byte order of their names.
  /// - Returns: the names and the revenue of each week, the largest group first.
  func groups(_ dimension: Int, limit: Int) -> [(name: String, values: [Double])] {
    let unit = Double(powerOfTen(tally.scale))
    let totals = tally.groups[dimension]
      .map { name, series in
        let values = weeks.map { series.sum(ofMonday: $0.daysSinceEpoch) }
        return (name: name, values: values, total: values.reduce(0, +))
      }
      .sorted { left, right in
        if left.total != right.total { return left.total > right.total }
        return left.name.lexicographicallyPrecedes(right.name)
      }
    return totals.prefix(limit)
      .map { (String(decoding: $0.name, as: UTF8.self), $0.values.map { Double($0) / unit }) }
  }

  /// Columns `week_from revenue orders`.
  func table() -> Table {
    Table([
      "week_from": Column(.date, integers: weeks.map { Int64($0.daysSinceEpoch) }),
      "revenue": Column(
        .money(scale: 2),
        integers: revenue.map { Int64(($0 * 100).rounded()) }
      ),
      "orders": Column(integers: orders.map { Int64($0) }),
    ])
  }
}
