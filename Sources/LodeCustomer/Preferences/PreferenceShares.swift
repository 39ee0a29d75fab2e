internal import Glibc
internal import LodeNumerics

/// What share of their choices people give to each of some options, drawn towards that of all.
///
/// Three orders by phone do not make an eternal caller: choices of one person are taken as draws
/// from shares of their own, and those as draws from a Dirichlet distribution around the shares of
/// all people. How far people differ is measured from how often two choices of one person agree.
///
/// - Input: counts of choices of each person, in any order; sums of parts add up.
/// - Output: for each person the mean share of each option, with an interval.
/// - Determinism: whole-number sums; the same for people in any order.
/// - Source: Minka (2012), "Estimating a Dirichlet distribution", §3 for the model; the moment
///   estimator is the intraclass correlation of categorical choices.
public struct PreferenceShares: Sendable, Hashable {
  /// The number of options.
  public let optionCount: Int
  /// The choices of all people by option.
  public private(set) var totals: [Int]
  /// The ordered pairs of choices of one person, and those of them that agree.
  private var pairs = 0
  private var agreements = 0

  /// Nobody chose anything yet.
  public init(optionCount: Int) {
    self.optionCount = optionCount
    totals = Array(repeating: 0, count: optionCount)
  }

  /// Adds a person by the options chosen, each once.
  public mutating func add(_ choices: [(option: Int, count: Int)]) {
    let total = choices.reduce(0) { $0 + $1.count }
    pairs += total * (total - 1)
    for (option, count) in choices {
      totals[option] += count
      agreements += count * (count - 1)
    }
  }

  /// Adds the people of another part.
  public mutating func add(_ other: PreferenceShares) {
    precondition(other.optionCount == optionCount, "\(other.optionCount) options")
    for option in totals.indices { totals[option] += other.totals[option] }
    pairs += other.pairs
    agreements += other.agreements
  }

  /// The share of each option in all choices.
  public var shares: [Double] {
    let sum = Double(max(totals.reduce(0, +), 1))
    return totals.map { Double($0) / sum }
  }

  /// How many choices the shares of all people count for beside a person's own, 0.01…10,000.
  ///
  /// With `ρ = (agreement − Σπ²) / (1 − Σπ²)` it is `(1 − ρ) / ρ`.
  public var priorChoices: Double {
    let chance = shares.reduce(0) { $0 + $1 * $1 }
    guard pairs > 0, chance < 1 else { return 10_000 }
    let correlation = (Double(agreements) / Double(pairs) - chance) / (1 - chance)
    guard correlation > 0 else { return 10_000 }
    return min(max((1 - correlation) / correlation, 0.01), 10_000)
  }

  /// The shares of people, as of all the choices so far.
  public var estimate: Estimate { Estimate(shares: shares, priorChoices: priorChoices) }

  /// What to expect of a person.
  public struct Estimate: Sendable, Hashable {
    /// The share of each option in all choices.
    public let shares: [Double]
    /// How many choices ``shares`` count for beside a person's own.
    public let priorChoices: Double

    /// The mean share of an option that a person chose `count` times in `total`.
    public func share(_ count: Int, of total: Int, option: Int) -> Double {
      (Double(count) + priorChoices * shares[option]) / (Double(total) + priorChoices)
    }

    /// The 90 % interval of that share.
    public func interval(
      _ count: Int,
      of total: Int,
      option: Int
    ) -> (lower: Double, upper: Double) {
      let hits = Double(count) + priorChoices * shares[option]
      let misses = Double(total - count) + priorChoices * (1 - shares[option])
      guard hits > 0, misses > 0 else { return hits > 0 ? (1, 1) : (0, 0) }
      return (
        Distributions.betaQuantile(0.05, a: hits, b: misses),
        Distributions.betaQuantile(0.95, a: hits, b: misses)
      )
    }
  }
}

/// How evenly shares are spread.
public enum Entropy {
  /// The entropy in bits: 0 where one share is all, `log2 n` where all are equal.
  public static func bits(_ shares: [Double]) -> Double {
    shares.reduce(0) { $0 - ($1 > 0 ? $1 * log2($1) : 0) }
  }
}
