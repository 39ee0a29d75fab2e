internal import Glibc
internal import LodeRuntime

/// How well forecasts of customers' purchases met what the customers did in a time held out.
public struct LifetimeHoldout: Sendable, Hashable, Codable {
  /// The judgement of one predictor.
  public struct Score: Sendable, Hashable, Codable {
    /// The name of the predictor.
    public let name: String
    /// The predicted purchases of all; nil for one that only ranks.
    public let total: Double?
    /// The mean of |predicted − actual|; nil for one that only ranks.
    public let meanAbsoluteError: Double?
    /// The root of the mean of (predicted − actual)²; nil for one that only ranks.
    public let rootMeanSquareError: Double?
    /// The chance that one who bought ranks above one who did not; nil if all did or none.
    public let auc: Double?
    /// The share of all purchases that the tenth ranked highest made; nil without a purchase.
    public let topDecileShare: Double?
  }

  /// The predicted and actual purchases of customers of equal frequency.
  public struct FrequencyGroup: Sendable, Hashable, Codable {
    /// Repeat purchases before the holdout; the last group has this many or more.
    public let frequency: Int
    /// The number of customers.
    public let customerCount: Int
    /// Their predicted purchases.
    public let predicted: Double
    /// Their actual purchases.
    public let actual: Double
  }

  /// The purchases of each customer in the holdout.
  public let actual: [Int]

  /// A holdout with the purchases of each customer in it.
  public init(actual: [Int]) { self.actual = actual }

  /// All purchases.
  public var total: Int { actual.reduce(0, +) }

  /// Judges a predictor; ties in its figures share what they rank equally.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - figures: a figure for each customer, larger for more purchases.
  ///   - isCount: whether the figures are numbers of purchases; otherwise they only rank.
  /// - Returns: the judgement.
  /// - Complexity: O(n log n).
  public func score(_ name: String, _ figures: [Double], isCount: Bool = true) -> Score {
    precondition(figures.count == actual.count, "\(figures.count) figures")
    var (total, absolute, square) = (0.0, 0.0, 0.0)
    for (figure, count) in zip(figures, actual) {
      let error = figure - Double(count)
      total += figure
      absolute += abs(error)
      square += error * error
    }
    let n = Double(max(actual.count, 1))
    // A figure that is no number ranks lowest.
    let order = RadixSort.order(of: figures.map { -$0 })
    var (start, below, wins) = (0, 0.0, 0.0)
    let buyers = Double(actual.count { $0 > 0 })
    var room = (Double(figures.count) / 10).rounded()
    var captured = 0.0
    while start < order.count {
      var end = start
      var (active, purchases) = (0.0, 0.0)
      let figure = figures[Int(order[start])]
      while end < order.count, figures[Int(order[end])] == figure {
        let count = actual[Int(order[end])]
        if count > 0 { active += 1 }
        purchases += Double(count)
        end += 1
      }
      let size = Double(end - start)
      wins += (size - active) * (below + active / 2)
      below += active
      let taken = min(room, size)
      captured += purchases * taken / size
      room -= taken
      start = end
    }
    let pairs = buyers * (Double(actual.count) - buyers)
    let isFlat = figures.allSatisfy { $0 == figures.first }
    return Score(
      name: name,
      total: isCount ? total : nil,
      meanAbsoluteError: isCount ? absolute / n : nil,
      rootMeanSquareError: isCount ? (square / n).squareRoot() : nil,
      auc: pairs > 0 && !isFlat ? wins / pairs : nil,
      topDecileShare: self.total > 0 && !isFlat ? captured / Double(self.total) : nil
    )
  }

  /// Predicted and actual purchases by frequency.
  ///
  /// - Parameters:
  ///   - frequencies: repeat purchases of each customer before the holdout.
  ///   - predicted: the predicted purchases of each.
  ///   - last: the frequency from which on customers are one group.
  /// - Returns: the groups from 0 to `last`.
  public func byFrequency(
    _ frequencies: [Int],
    predicted: [Double],
    last: Int = 7
  ) -> [FrequencyGroup] {
    var groups = Array(repeating: (count: 0, predicted: 0.0, actual: 0.0), count: last + 1)
    for row in frequencies.indices {
      let place = min(frequencies[row], last)
      groups[place].count += 1
      groups[place].predicted += predicted[row]
      groups[place].actual += Double(actual[row])
    }
    return groups.enumerated()
      .map { frequency, group in
        FrequencyGroup(
          frequency: frequency,
          customerCount: group.count,
          predicted: group.predicted,
          actual: group.actual
        )
      }
  }
}
