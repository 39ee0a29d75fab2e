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
    var isKept = [Bool](repeating: true, count: rows.count)
    var steps = [Self.step("rows read", rows, isKept)]
    func drop(_ name: String, _ isDropped: (Int) -> Bool) {
      for row in isKept.indices where isKept[row] && isDropped(row) { isKept[row] = false }
      steps.append(Self.step(name, rows, isKept))
    }
    drop("without exact duplicates") { classification.isDuplicate[$0] }
    drop("with a known customer") { rows.customer.isMissing($0) }
    drop("without returns and cancellations") { classification.isReturn[$0] }
    drop("with valid quantity, price and date") { !classification.reasons[$0].isEmpty }
    self.steps = steps
  }

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

  private static func step(_ name: String, _ rows: SalesRows, _ isKept: [Bool]) -> Step {
    var hasCustomer = [Bool](repeating: false, count: rows.customer.dictionary.count)
    var hasOrder = [Bool](repeating: false, count: rows.order.dictionary.count)
    let customers = rows.customer.codes
    let orders = rows.order.codes
    var count = 0
    var amount: Int128 = 0
    for row in isKept.indices where isKept[row] {
      count += 1
      if !rows.customer.isMissing(row) { hasCustomer[Int(customers[row])] = true }
      if !rows.order.isMissing(row) { hasOrder[Int(orders[row])] = true }
      amount += Int128(rows.quantity[row]) * Int128(rows.price[row])
    }
    return Step(
      name: name,
      rows: count,
      customers: hasCustomer.count { $0 },
      orders: hasOrder.count { $0 },
      amount: amount
    )
  }
}
