package import LodeRuntime

extension SampleRetailer {
  /// A sale of goods to a known customer.
  package struct Purchase: Sendable, Hashable {
    /// The customer, from 0.
    package let customer: Int
    /// The day.
    package let day: CivilDate
    /// The goods without postage and discounts, in cents.
    package let cents: Int
  }

  /// All sales to known customers, customer after customer by time, without the dirt of the files.
  ///
  /// Those who order by the thousand and cancel are left out, and so are returns.
  ///
  /// - Returns: the sales of the whole history.
  /// - Complexity: O(orders).
  package func purchases() -> [Purchase] {
    let shop = SampleShop(self)
    let histories = Parallel.map(customerCount) { shop.history(ofCustomer: $0) }
    var purchases: [Purchase] = []
    for history in histories {
      for order in history.orders.sorted(by: { $0.second < $1.second })
      where order.kind == .sale && order.goods > 0 && order.goods < 10_000_000 {
        let day = Int((Double(order.second) / 86_400).rounded(.down))
        purchases.append(
          Purchase(
            customer: history.customer,
            day: CivilDate(daysSinceEpoch: day),
            cents: order.goods
          )
        )
      }
    }
    return purchases
  }
}
