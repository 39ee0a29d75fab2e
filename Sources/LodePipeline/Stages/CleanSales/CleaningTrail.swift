internal import LodeColumns

/// The rows left after each step of the usual cleaning of sales, one step after the other.
///
/// An order id that several customers share counts once for each of them.
struct CleaningTrail: Sendable {
  /// One step.
  struct Step: Hashable, Sendable {
    let name: String
    let rows: Int
    let customers: Int
    let orders: Int
    /// The sum of quantity × price, in units of the price's scale.
    let amount: Int128
  }

  let steps: [Step]
  let scale: Int

  /// The trail: read → no exact duplicates → known customer → no returns → quantity and price above
  /// zero and every other rule.
  init(_ rows: SalesRows, _ classification: SalesClassification) {
    scale = rows.scale
    let customers = rows.customer.codes
    let hasCustomer = rows.customer.validity
    let orders = rows.order.codes
    let hasOrder = rows.order.validity
    // How many rows and how much money pass just so many steps, and how many any row of a customer
    // or of an order passes.
    var count = [Int](repeating: 0, count: Self.rules.count + 1)
    var amount = [Int128](repeating: 0, count: count.count)
    var ofCustomer = [UInt8](repeating: 0, count: rows.customer.dictionary.count)
    var ofOrder = [UInt8](repeating: 0, count: rows.order.dictionary.count)
    for row in 0..<rows.count {
      let isKnown = hasCustomer?[row] ?? true
      let defects = classification.defects[row]
      let passed: UInt8 =
        defects.contains(.exactDuplicate)
        ? 1 : !isKnown ? 2 : classification.isReturn[row] ? 3 : defects.isEmpty ? 5 : 4
      count[Int(passed)] += 1
      amount[Int(passed)] += Int128(rows.quantity[row]) * Int128(rows.price[row])
      if isKnown { ofCustomer[Int(customers[row])] = max(ofCustomer[Int(customers[row])], passed) }
      if hasOrder?[row] ?? true {
        ofOrder[Int(orders[row])] = max(ofOrder[Int(orders[row])], passed)
      }
    }
    steps = Self.rules.enumerated()
      .map { index, name in
        Step(
          name: name,
          rows: count[(index + 1)...].reduce(0, +),
          customers: ofCustomer.count { $0 > index },
          orders: ofOrder.count { $0 > index },
          amount: amount[(index + 1)...].reduce(0, +)
        )
      }
  }

  private static let rules = [
    "rows read", "without exact duplicates", "with a known customer",
    "without returns and cancellations", "with valid quantity, price and date",
  ]

  /// The trail of all rows from those of parts that have no customer in common.
  ///
  /// - Precondition: at least one part.
  init(joining parts: [CleaningTrail]) {
    scale = parts[0].scale
    steps = parts[0].steps.indices
      .map { index in
        let same = parts.map { $0.steps[index] }
        return Step(
          name: same[0].name,
          rows: same.reduce(0) { $0 + $1.rows },
          customers: same.reduce(0) { $0 + $1.customers },
          orders: same.reduce(0) { $0 + $1.orders },
          amount: same.reduce(0) { $0 + $1.amount }
        )
      }
  }

  /// The steps as the table `cleaning_trail`.
  func table() -> Table {
    Table([
      "step": Column(integers: steps.indices.map { Int64($0) }),
      "rule": Column(texts: steps.map(\.name)),
      "rows": Column(integers: steps.map { Int64($0.rows) }),
      "customers": Column(integers: steps.map { Int64($0.customers) }),
      "orders": Column(integers: steps.map { Int64($0.orders) }),
      "amount": Column(.money(scale: scale), integers: steps.map { Int64(clamping: $0.amount) }),
    ])
  }
}
