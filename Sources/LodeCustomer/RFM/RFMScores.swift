internal import LodeRuntime

/// Recency, frequency and monetary scores of 1 to 5, and the eleven customary groups.
///
/// - Source: Hughes (1994), "Strategic Database Marketing"; the groups follow the usual map of
///   recency against the mean of frequency and money.
public enum RFMScores {
  /// The scores of one customer.
  public struct Scores: Hashable, Sendable {
    /// 5 = bought most recently.
    public let recency: Int
    /// 5 = bought most often.
    public let frequency: Int
    /// 5 = spent most.
    public let monetary: Int

    /// The scores as one text, for example `543`.
    public var cell: String { "\(recency)\(frequency)\(monetary)" }

    /// The name of the group.
    public var group: String {
      let strength = (frequency + monetary + 1) / 2
      switch (recency, strength) {
      case (5, 4...5), (4, 5): return "champions"
      case (3...4, 4...5): return "loyal"
      case (4...5, 3): return "potential loyalists"
      case (5, 1): return "new customers"
      case (4, 1): return "promising"
      case (4...5, 2): return "recent, small"
      case (3, 3): return "need attention"
      case (3, 1...2): return "about to sleep"
      case (1, 5): return "cannot lose them"
      case (1...2, 3...5): return "at risk"
      default: return "hibernating"
      }
    }
  }

  /// The scores of all customers by quintiles; equal values get equal scores.
  ///
  /// - Parameters:
  ///   - daysSinceLast: days since the last order.
  ///   - orders: the number of orders.
  ///   - value: what they spent.
  /// - Returns: one entry a customer.
  /// - Complexity: O(`n`) for each 11 bits in which values differ.
  public static func scores(
    daysSinceLast: [Double],
    orders: [Double],
    value: [Double]
  ) -> [Scores] {
    let recency = quintiles(daysSinceLast.map { -$0 })
    let frequency = quintiles(orders)
    let monetary = quintiles(value)
    return recency.indices.map { index in
      Scores(recency: recency[index], frequency: frequency[index], monetary: monetary[index])
    }
  }

  /// 1 + ⌊5 · (number of smaller values) / n⌋ for each value.
  static func quintiles(_ values: [Double]) -> [Int] {
    let order = RadixSort.order(of: values).map { Int($0) }
    var scores = [Int](repeating: 1, count: values.count)
    var smaller = 0
    for (place, index) in order.enumerated() {
      if place > 0 && values[index] > values[order[place - 1]] { smaller = place }
      scores[index] = 1 + 5 * smaller / values.count
    }
    return scores
  }
}
