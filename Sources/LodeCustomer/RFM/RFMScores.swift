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

    /// The place of the scores in ``RFMScores/allScores``.
    public var place: Int { (recency - 1) * 25 + (frequency - 1) * 5 + monetary - 1 }

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

  /// All scores that a customer can have, `111` first, `555` last.
  public static let allScores = (0..<125)
    .map { Scores(recency: $0 / 25 + 1, frequency: $0 / 5 % 5 + 1, monetary: $0 % 5 + 1) }

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
    let all = Parallel.map(3) { figure in
      quintiles(figure == 0 ? daysSinceLast.map { -$0 } : figure == 1 ? orders : value)
    }
    let (recency, frequency, monetary) = (all[0], all[1], all[2])
    return recency.indices.map { index in
      Scores(recency: recency[index], frequency: frequency[index], monetary: monetary[index])
    }
  }

  /// 1 + ⌊5 · (number of smaller values) / n⌋ for each value.
  static func quintiles(_ values: [Double]) -> [Int] {
    let order = RadixSort.order(of: values)
    var scores = [Int](repeating: 1, count: values.count)
    var output = scores.mutableSpan
    var (smaller, score) = (0, 1)
    var last = order.first.map { values[Int($0)] } ?? 0
    for place in order.indices {
      let value = values[Int(order[place])]
      if value > last {
        smaller = place
        score = 1 + 5 * smaller / values.count
      }
      last = value
      output[Int(order[place])] = score
    }
    return scores
  }
}
