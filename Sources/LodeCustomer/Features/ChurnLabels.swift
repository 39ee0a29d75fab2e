internal import LodeColumns
public import LodeRuntime

extension PurchaseHistories {
  /// Whether each customer of a list has no valid order in a window of days.
  ///
  /// An order counts if something of it is left at the end of the window.
  ///
  /// - Parameters:
  ///   - customers: ids; an unknown customer has no order.
  ///   - first: the first day of the window.
  ///   - end: the day behind the window.
  /// - Returns: one entry a customer: true = churned.
  /// - Complexity: O(lines of the customers).
  public func churned(_ customers: [String], from first: CivilDate, until end: CivilDate) -> [Bool]
  {
    var codes = TextDictionaryBuilder()
    for name in self.customers { _ = codes.code(for: name) }
    let count = customerCount
    return customers.map { name in
      let rank = Int(codes.code(for: name))
      guard rank < count else { return true }
      return !hasOrder(rank, from: first.daysSinceEpoch, until: end.daysSinceEpoch)
    }
  }

  private func hasOrder(_ customer: Int, from first: Int, until end: Int) -> Bool {
    let limit = Int64(end) * Timestamp.microsecondsPerDay
    var left: [Int32: Int64] = [:]
    for index in lines.starts[customer]..<lines.starts[customer + 1] {
      guard lines.times[index] < limit else { break }
      guard Timestamp.day(ofMicroseconds: lines.times[index]) >= first else { continue }
      left[lines.orders[index], default: 0] += lines.quantities[index]
    }
    for index in returns.starts[customer]..<returns.starts[customer + 1]
    where returns.times[index] < limit && left[returns.orders[index]] != nil {
      left[returns.orders[index], default: 0] -= returns.quantities[index]
    }
    return left.values.contains { $0 > 0 }
  }
}
