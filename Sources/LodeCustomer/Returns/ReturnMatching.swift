/// Matches returns and cancellations to the earlier sales of the same customer and product.
///
/// A return takes, in this order: the latest earlier sale of exactly its quantity; the latest
/// earlier sale with enough left; several earlier sales, the latest first. What finds no sale stays
/// unmatched (the sale lies before the data, or the customer is unknown).
public enum ReturnMatching {
  /// Units of one return taken from one sale.
  public struct Match: Hashable, Sendable {
    /// The place of the return in the input.
    public let returnIndex: Int
    /// The place of the sale in the input.
    public let saleIndex: Int
    /// The units, positive.
    public let quantity: Int64
  }

  /// One movement of goods of one customer and product.
  public struct Movement: Hashable, Sendable {
    /// The group of equal customer and product.
    public let key: Int
    /// When it happened, in microseconds.
    public let time: Int64
    /// The units, positive for both sales and returns.
    public let quantity: Int64

    /// A movement.
    public init(key: Int, time: Int64, quantity: Int64) {
      self.key = key
      self.time = time
      self.quantity = quantity
    }
  }

  /// The matches of all returns, ordered by return time, then by return, then by sale.
  ///
  /// - Parameters:
  ///   - returns: the returns, in any order.
  ///   - sales: the sales, in any order.
  /// - Returns: the matches; the quantities of a return sum to at most its own.
  /// - Complexity: O(`n` log `n`) plus the sales of each returned product of each customer.
  public static func matches(returns: [Movement], sales: [Movement]) -> [Match] {
    var salesOfKey: [Int: [Int]] = [:]
    let wanted = Set(returns.map(\.key))
    for (index, sale) in sales.enumerated() where wanted.contains(sale.key) {
      salesOfKey[sale.key, default: []].append(index)
    }
    for key in Array(salesOfKey.keys) {
      salesOfKey[key]?.sort { (sales[$0].time, $0) < (sales[$1].time, $1) }
    }
    var left = sales.map(\.quantity)
    var matches: [Match] = []
    let order = returns.indices.sorted { (returns[$0].time, $0) < (returns[$1].time, $1) }
    for index in order {
      let earlier = (salesOfKey[returns[index].key] ?? [])
        .filter {
          sales[$0].time <= returns[index].time && left[$0] > 0
        }
      for (sale, quantity) in taken(returns[index].quantity, from: earlier, left: left) {
        left[sale] -= quantity
        matches.append(Match(returnIndex: index, saleIndex: sale, quantity: quantity))
      }
    }
    return matches
  }

  /// The sales, oldest first, that a return of `quantity` takes from, and how much from each.
  private static func taken(
    _ quantity: Int64,
    from earlier: [Int],
    left: [Int64]
  ) -> [(sale: Int, quantity: Int64)] {
    if let equal = earlier.last(where: { left[$0] == quantity }) { return [(equal, quantity)] }
    if let enough = earlier.last(where: { left[$0] > quantity }) { return [(enough, quantity)] }
    var open = quantity
    var taken: [(sale: Int, quantity: Int64)] = []
    for sale in earlier.reversed() where open > 0 {
      let units = min(open, left[sale])
      taken.append((sale, units))
      open -= units
    }
    return taken
  }
}
