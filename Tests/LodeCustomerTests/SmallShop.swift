import LodeColumns
import LodeCustomer
import LodeRuntime

/// One line of an order, for tables of tests.
struct ShopLine {
  var customer: String?
  var order: String
  /// Days since 2026-01-01.
  var day: Int
  var product = "P1"
  var category: String? = "home"
  var channel: String? = "web"
  var kind = "product"
  var quantity: Int64 = 1
  /// In cents.
  var amount: Int64 = 1000
}

/// Units of an order taken back.
struct ShopReturn {
  var customer: String
  var order: String
  var day: Int
  var kind = "product"
  var quantity: Int64 = 1
  var amount: Int64 = 1000
}

/// Tables as the clean stage makes them.
enum SmallShop {
  static let start = CivilDate(year: 2026, month: 1, day: 1) ?? CivilDate(daysSinceEpoch: 0)

  /// Noon of the day.
  static func time(_ day: Int) -> Int64 {
    Timestamp(start.advanced(byDays: day)).microseconds + Timestamp.microsecondsPerDay / 2
  }

  static func orderLines(_ lines: [ShopLine]) -> Table {
    Table([
      "customer_id": Column(texts: lines.map(\.customer)),
      "order_id": Column(texts: lines.map(\.order)),
      "ordered_at": Column(.timestamp, integers: lines.map { time($0.day) }),
      "product_id": Column(texts: lines.map(\.product)),
      "category": Column(texts: lines.map(\.category)),
      "channel": Column(texts: lines.map(\.channel)),
      "kind": Column(texts: lines.map(\.kind)),
      "quantity": Column(integers: lines.map(\.quantity)),
      "amount": Column(.money(scale: 2), integers: lines.map(\.amount)),
    ])
  }

  static func returnMatches(_ returns: [ShopReturn]) -> Table {
    Table([
      "customer_id": Column(texts: returns.map(\.customer)),
      "order_id": Column(texts: returns.map(\.order)),
      "returned_at": Column(.timestamp, integers: returns.map { time($0.day) }),
      "kind": Column(texts: returns.map(\.kind)),
      "quantity": Column(integers: returns.map(\.quantity)),
      "amount": Column(.money(scale: 2), integers: returns.map(\.amount)),
    ])
  }

  static func histories(
    _ lines: [ShopLine],
    _ returns: [ShopReturn] = [],
    productsOnly: Bool = true
  ) throws -> PurchaseHistories {
    try PurchaseHistories(
      orderLines: orderLines(lines),
      returnMatches: returnMatches(returns),
      productsOnly: productsOnly
    )
  }

  /// A random shop: lines and returns of some of them.
  static func random(seed: UInt64) -> (lines: [ShopLine], returns: [ShopReturn]) {
    var random = CounterRandom(seed: seed)
    var lines: [ShopLine] = []
    var returns: [ShopReturn] = []
    for order in 0..<60 {
      let customer = "c\(random.integer(below: 9))"
      let day = random.integer(below: 300)
      for _ in 0...random.integer(below: 3) {
        let quantity = Int64(random.integer(below: 3) + 1)
        let line = ShopLine(
          customer: customer,
          order: "o\(order)",
          day: day,
          product: "P\(random.integer(below: 6))",
          category: ["home", "garden", nil][random.integer(below: 3)],
          channel: ["web", "shop"][random.integer(below: 2)],
          quantity: quantity,
          amount: quantity * Int64(random.integer(below: 20) + 1) * 50
        )
        lines.append(line)
        if random.integer(below: 4) == 0 {
          let back = day + random.integer(below: 30)
          returns.append(
            ShopReturn(
              customer: customer,
              order: line.order,
              day: back,
              quantity: quantity,
              amount: line.amount
            )
          )
        }
      }
    }
    return (lines, returns)
  }

  /// The rows of a table as texts, for comparisons that do not see dictionaries.
  static func cells(_ table: Table) -> [[String]] {
    (0..<table.rowCount).map { row in table.columns.map { $0[row].description } }
  }
}
