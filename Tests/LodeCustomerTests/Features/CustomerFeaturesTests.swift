import Glibc
import LodeColumns
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Customer features", .serialized)
struct CustomerFeaturesTests {
  /// Ann orders on days 0, 100 and 160 of 2026, and the second order loses one of two lines.
  private static let lines = [
    ShopLine(customer: "ann", order: "o1", day: 0, product: "A", quantity: 2, amount: 2000),
    ShopLine(customer: "ann", order: "o2", day: 100, product: "A", amount: 1000),
    ShopLine(
      customer: "ann",
      order: "o2",
      day: 100,
      product: "B",
      category: "garden",
      channel: "shop",
      amount: 500
    ),
    ShopLine(
      customer: "ann",
      order: "o3",
      day: 160,
      product: "C",
      category: "garden",
      amount: 3500
    ),
    ShopLine(
      customer: "ann",
      order: "o3",
      day: 160,
      product: "POST",
      category: nil,
      kind: "postage",
      amount: 495
    ),
    ShopLine(customer: nil, order: "o9", day: 10),
    ShopLine(customer: "bob", order: "o5", day: 199, amount: 700),
    ShopLine(customer: "eve", order: "o6", day: 20, amount: 900),
  ]
  private static let returns = [
    ShopReturn(customer: "ann", order: "o2", day: 110, amount: 1000),
    ShopReturn(customer: "eve", order: "o6", day: 30, amount: 900),
  ]

  private func features(_ day: Int) throws -> Table {
    CustomerFeatures.table(
      try SmallShop.histories(Self.lines, Self.returns),
      asOf: [SmallShop.start.advanced(byDays: day)]
    )
  }

  /// By hand: orders left 20.00 (day 0), 5.00 (day 100), 35.00 (day 160); gaps 100 and 60 days,
  /// mean 80, deviation √((20² + 20²) / 1) = 28.28; last 91 days hold day 160 only, the 91 before
  /// (days 18…108) day 100; trend (35 − 5) / 40; returned 10 of 70 gross; products per order
  /// (1 + 2 + 1) / 3; home 30.00 of 70.00, web 65.00 of 70.00.
  @Test("a worked example with every column")
  func workedExample() throws {
    let table = try features(200)
    let expected: [(String, Cell)] = [
      ("customer_id", .text("ann")), ("orders", .integer(3)), ("frequency", .integer(2)),
      ("is_single_order", .boolean(false)), ("age_days", .integer(200)),
      ("recency_days", .integer(160)), ("days_since_last", .integer(40)),
      ("first_order_on", .date(SmallShop.start)),
      ("last_order_on", .date(SmallShop.start.advanced(byDays: 160))),
      ("value_total", .decimal(6000, scale: 2)), ("value_28d", .decimal(0, scale: 2)),
      ("value_91d", .decimal(3500, scale: 2)), ("value_364d", .decimal(6000, scale: 2)),
      ("value_previous_91d", .decimal(500, scale: 2)), ("orders_28d", .integer(0)),
      ("orders_91d", .integer(1)), ("orders_364d", .integer(3)),
      ("monetary_value", .decimal(2000, scale: 2)),
      ("average_order_value", .decimal(2000, scale: 2)), ("gap_mean_days", .double(80)),
      ("gap_sd_days", .double(800.0.squareRoot())), ("gap_ratio", .double(0.5)),
      ("spend_trend", .double(0.75)), ("returns_share", .double(1000.0 / 7000)),
      ("basket_products", .double(4.0 / 3)), ("product_count", .integer(3)),
      ("category_count", .integer(2)), ("top_category", .text("garden")),
      ("top_category_share", .double(4000.0 / 7000)), ("top_channel", .text("web")),
      ("top_channel_share", .double(6500.0 / 7000)),
      ("as_of", .date(SmallShop.start.advanced(byDays: 200))), ("order_weeks", .integer(3)),
    ]
    // Mean logarithms: orders left 20, 5 and 35; lines 2 × 10, 10, 5 and 35.
    let levels: [String: Double] = [
      "order_value_level": (log(20.0) + log(5.0) + log(35.0)) / 3,
      "price_level": (log(10.0) + log(10.0) + log(5.0) + log(35.0)) / 4,
      "quantity_level": (log(3.0) + 3 * log(2.0)) / 4,
    ]
    #expect(Set(expected.map(\.0) + levels.keys) == Set(table.schema.names))
    for (name, level) in levels {
      let value = try #require(table.column(name)).doubles[0]
      #expect(abs(value - level) < 1e-9, "\(name)")
    }
    for (name, cell) in expected { #expect(table.column(name)?[0] == cell, "\(name)") }
  }

  @Test("a single order has no gaps and no repeat value; a fully cancelled order counts not")
  func singleAndCancelled() throws {
    let table = try features(200)
    #expect(table.column("customer_id").map { [$0[0], $0[1]] } == [.text("ann"), .text("bob")])
    #expect(table.rowCount == 2)
    #expect(table.column("is_single_order")?[1] == .boolean(true))
    for name in ["gap_mean_days", "gap_sd_days", "gap_ratio", "monetary_value"] {
      #expect(table.column(name)?.isMissing(1) ?? false, "\(name)")
    }
    let before = try features(25)
    #expect(SmallShop.cells(try before.selecting(["customer_id"])) == [["ann"], ["eve"]])
  }

  @Test("an order on the as-of day is not seen, one on the day before is")
  func borders() throws {
    #expect(try features(199).rowCount == 1)
    #expect(try features(200).column("days_since_last")?.integers == [40, 1])
    #expect(try features(0).rowCount == 0)
  }

  @Test("a refund of postage takes no goods back")
  func postageRefund() throws {
    let lines = [
      ShopLine(customer: "ann", order: "o1", day: 0),
      ShopLine(customer: "ann", order: "o1", day: 0, product: "POST", kind: "postage", amount: 495),
    ]
    let refund = ShopReturn(customer: "ann", order: "o1", day: 2, kind: "postage", amount: 495)
    let table = CustomerFeatures.table(
      try SmallShop.histories(lines, [refund]),
      asOf: [SmallShop.start.advanced(byDays: 9)]
    )
    #expect(table.column("value_total")?.integers == [1000])
  }

  @Test("every column of the table is in the registry, and nothing else")
  func registry() throws {
    let table = CustomerFeatures.table(
      try SmallShop.histories([ShopLine(customer: "ann", order: "o1", day: 3)]),
      asOf: [SmallShop.start.advanced(byDays: 9)]
    )
    #expect(Set(FeatureRegistry.all.map(\.name)) == Set(table.schema.names))
    #expect(FeatureRegistry.all.count == table.schema.names.count)
    #expect(FeatureRegistry.words("no_such_thing") == "no such thing")
  }

  @Test("what happens on or after the date changes nothing", arguments: 0..<12 as Range<UInt64>)
  func noLeak(seed: UInt64) throws {
    var (lines, returns) = SmallShop.random(seed: seed)
    let dates = [SmallShop.start.advanced(byDays: 150)]
    let before = CustomerFeatures.table(try SmallShop.histories(lines, returns), asOf: dates)
    var random = CounterRandom(seed: seed, stream: 1)
    for index in lines.indices where lines[index].day >= 150 {
      lines[index].amount = Int64(random.integer(below: 99_999))
      lines[index].quantity = Int64(random.integer(below: 99) + 1)
      lines[index].customer = "c\(random.integer(below: 12))"
      lines[index].day = 150 + random.integer(below: 100)
    }
    returns.removeAll { $0.day >= 150 }
    let after = CustomerFeatures.table(try SmallShop.histories(lines, returns), asOf: dates)
    #expect(SmallShop.cells(before) == SmallShop.cells(after))
  }

  @Test("the order of the rows changes nothing", arguments: 0..<12 as Range<UInt64>)
  func shuffled(seed: UInt64) throws {
    let (lines, returns) = SmallShop.random(seed: seed)
    let dates = [100, 300].map { SmallShop.start.advanced(byDays: $0) }
    var random = CounterRandom(seed: seed, stream: 2)
    let first = CustomerFeatures.table(try SmallShop.histories(lines, returns), asOf: dates)
    let second = CustomerFeatures.table(
      try SmallShop.histories(lines.shuffled(using: &random), returns.shuffled(using: &random)),
      asOf: dates.reversed()
    )
    #expect(SmallShop.cells(first) == SmallShop.cells(second))
  }

  @Test("one, two and eight threads give the same table")
  func threads() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let lines = (0..<1500)
      .map { ShopLine(customer: "c\($0 % 1100)", order: "o\($0)", day: $0 % 90) }
    let histories = try SmallShop.histories(lines)
    let tables = [1, 2, 8]
      .map { threads in
        Parallel.threadCount = threads
        return CustomerFeatures.table(histories, asOf: [SmallShop.start.advanced(byDays: 80)])
      }
    #expect(tables[0] == tables[1] && tables[0] == tables[2])
  }

  @Test("many customers are those of each alone, by customer and day")
  func blocks() throws {
    let days = [40, 80].map { SmallShop.start.advanced(byDays: $0) }
    func line(_ number: Int) -> ShopLine {
      ShopLine(
        customer: "c\(1000 + number)",
        order: "o\(number)",
        day: number % 60,
        amount: Int64(number + 1)
      )
    }
    let lines = (0..<700).map(line)
    let all = CustomerFeatures.table(try SmallShop.histories(lines, []), asOf: days)
    #expect(all == (try all.sorted(by: [SortKey("customer_id"), SortKey("as_of")])))
    let ids = try all.requiredColumn("customer_id")
    for number in [0, 255, 256, 511, 699] {
      let one = CustomerFeatures.table(try SmallShop.histories([lines[number]], []), asOf: days)
      let rows = (0..<all.rowCount).filter { ids[$0].description == "c\(1000 + number)" }
      #expect(rows.count == one.rowCount && one.rowCount > 0)
      for (place, column) in all.columns.enumerated() {
        for (row, own) in zip(rows, 0..<one.rowCount) {
          #expect(column[row] == one.columns[place][own])
        }
      }
    }
  }

  @Test("customers are told apart by the bytes of their ids")
  func bytesOfIDs() throws {
    let lines = [
      ShopLine(customer: "Zoe\u{308}", order: "o1", day: 0),
      ShopLine(customer: "Zo\u{EB}", order: "o2", day: 1),
    ]
    let histories = try SmallShop.histories(lines)
    #expect(histories.customers.count == 2)
    let churned = histories.churned(
      histories.customers,
      from: SmallShop.start.advanced(byDays: 1),
      until: SmallShop.start.advanced(byDays: 2)
    )
    #expect(churned == [true, false])
  }

  @Test("customers in parts of any size make the same table")
  func parts() throws {
    let histories = try SmallShop.histories(Self.lines, Self.returns)
    let days = [50, 105, 170, 210].map { SmallShop.start.advanced(byDays: $0) }
    let whole = CustomerFeatures.table(histories, asOf: days)
    #expect(whole.rowCount > 4)
    for size in [1, 2] {
      #expect(CustomerFeatures.table(histories, asOf: days, partSize: size) == whole)
    }
  }

  @Test("a day on which nothing new is known repeats the mix, though not the windows")
  func quietDays() throws {
    let histories = try SmallShop.histories(Self.lines, Self.returns)
    let days = [105, 111, 115, 170, 400].map { SmallShop.start.advanced(byDays: $0) }
    let all = CustomerFeatures.table(histories, asOf: days)
    let places = try all.requiredColumn("as_of").integers
    for day in days {
      let alone = CustomerFeatures.table(histories, asOf: [day])
      let rows = all.filtered(places.map { $0 == Int64(day.daysSinceEpoch) })
      #expect(rows == alone, "\(day)")
    }
  }

  @Test("levels of amounts and unit prices are their logarithms in fixed point")
  func amountLevels() {
    var levels = AmountLevels()
    for amount in [-5, 0, 1, 99, 1799, 32_767, 32_768, 1_000_000_007] as [Int64] {
      for _ in 0..<2 {
        #expect(levels.level(amount) == LevelSum.level(Double(amount)))
        for count in [1, 2, 3, 7] as [Int64] {
          let price = Double(amount) / Double(count)
          #expect(levels.level(amount, of: count) == LevelSum.level(price))
        }
      }
    }
    for number in [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 7e11 + 0.5] {
      #expect(LevelSum.rounded(number) == Int64(number.rounded()))
    }
  }

  @Test("a table without a needed column is refused")
  func missingColumn() {
    #expect(
      throws: Diagnostic(
        .failure,
        "there is no column \"amount\". The columns are customer_id."
      )
    ) {
      try PurchaseHistories(
        orderLines: Table(["customer_id": Column(texts: ["a"])]),
        returnMatches: nil,
        productsOnly: true
      )
    }
  }
}

@Suite("Churn labels")
struct ChurnLabelsTests {
  /// The labels of both ways to make them, which must agree.
  private func churned(_ lines: [ShopLine], _ returns: [ShopReturn] = []) throws -> [Bool] {
    let (first, end) = (SmallShop.start.advanced(byDays: 10), SmallShop.start.advanced(byDays: 20))
    let customers = ["ann", "nobody"]
    let labels = try SmallShop.histories(lines, returns)
      .churned(customers, from: first, until: end)
    let windows = try OrderWindows(
      Column(texts: customers).dictionary,
      orderLines: SmallShop.orderLines(lines),
      returnMatches: returns.isEmpty ? nil : SmallShop.returnMatches(returns),
      productsOnly: true,
      since: first
    )
    let quick = [0, 1]
      .map { windows.isSilent($0, from: first.daysSinceEpoch, until: end.daysSinceEpoch) }
    #expect(quick == labels)
    guard returns.isEmpty else { return labels }
    // Without returns the orders need not be known.
    let fewer = try OrderWindows(
      Column(texts: customers).dictionary,
      orderLines: SmallShop.orderLines(lines)
        .selecting(OrderWindows.lineColumns(with: SmallShop.returnMatches([]))),
      returnMatches: SmallShop.returnMatches([]),
      productsOnly: true,
      since: first
    )
    let again = [0, 1]
      .map { fewer.isSilent($0, from: first.daysSinceEpoch, until: end.daysSinceEpoch) }
    #expect(again == labels)
    return labels
  }

  @Test("an order inside the window is no churn; its borders are first day and day behind")
  func window() throws {
    for (day, isChurned) in [(9, true), (10, false), (19, false), (20, true)] {
      let line = ShopLine(customer: "ann", order: "o1", day: day)
      #expect(try churned([line]) == [isChurned, true], "day \(day)")
    }
  }

  @Test("an order taken back inside the window is churn, one taken back later is not")
  func returned() throws {
    let line = ShopLine(customer: "ann", order: "o1", day: 12)
    let soon = ShopReturn(customer: "ann", order: "o1", day: 18)
    let late = ShopReturn(customer: "ann", order: "o1", day: 25)
    #expect(try churned([line], [soon])[0])
    #expect(try !churned([line], [late])[0])
  }

  @Test("the first day is that of the earliest product line of a known customer")
  func firstDay() throws {
    func firstDay(_ lines: [ShopLine]) throws -> CivilDate? {
      try PurchaseHistories.firstDay(orderLines: SmallShop.orderLines(lines), productsOnly: true)
    }
    let lines = [5, 3, 9].map { ShopLine(customer: "ann", order: "o\($0)", day: $0) }
    let others = [
      ShopLine(customer: nil, order: "o1", day: 1),
      ShopLine(customer: "ann", order: "o2", day: 2, kind: "postage"),
    ]
    #expect(try firstDay(lines + others) == SmallShop.start.advanced(byDays: 3))
    #expect(try firstDay([]) == nil)
  }
}
