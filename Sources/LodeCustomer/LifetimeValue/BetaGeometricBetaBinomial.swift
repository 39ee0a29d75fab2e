internal import Glibc
internal import LodeNumerics

/// What one customer did at a number of occasions to buy, as ``BetaGeometricBetaBinomial`` sees it.
public struct OccasionSummary: Sendable, Hashable, Codable {
  /// The occasions at which the customer bought, `x`.
  public let frequency: Int
  /// The last occasion at which the customer bought, from 1; 0 for none.
  public let lastOccasion: Int
  /// The number of occasions, `n`.
  public let occasions: Int

  /// A summary.
  ///
  /// - Parameters:
  ///   - frequency: `x`.
  ///   - lastOccasion: `t_x`.
  ///   - occasions: `n`.
  public init(frequency: Int, lastOccasion: Int, occasions: Int) {
    self.frequency = frequency
    self.lastOccasion = lastOccasion
    self.occasions = occasions
  }

  /// Whether such a customer can be.
  public var isPossible: Bool {
    frequency >= 0 && frequency <= lastOccasion && lastOccasion <= occasions
      && (frequency > 0) == (lastOccasion > 0)
  }
}

/// The BG/BB model of customers who may buy once at each of a number of occasions.
///
/// At an occasion a customer who is alive buys with a chance of the own (beta with `alpha` and
/// `beta`); before each one everybody may drop out with another chance of the own (beta with
/// `gamma` and `delta`). For donations, events, cruises, and orders counted by month.
///
/// - Source: Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time
///   noncontractual setting", Marketing Science 29(6).
public struct BetaGeometricBetaBinomial: Sendable, Hashable, Codable {
  /// The first parameter of the chances to buy.
  public let alpha: Double
  /// The second parameter of the chances to buy.
  public let beta: Double
  /// The first parameter of the chances to drop out.
  public let gamma: Double
  /// The second parameter of the chances to drop out.
  public let delta: Double

  /// A model with known parameters.
  ///
  /// - Precondition: there are four positive ones: alpha, beta, gamma, delta.
  public init(parameters: [Double]) {
    precondition(
      parameters.count == 4 && parameters.allSatisfy { $0 > 0 && $0.isFinite },
      "\(parameters) are no parameters alpha, beta, gamma, delta"
    )
    (alpha, beta) = (parameters[0], parameters[1])
    (gamma, delta) = (parameters[2], parameters[3])
  }

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``. Impossible summaries and counts that are not above 0
  /// are left out.
  ///
  /// - Parameter customers: the different summaries, and how many customers each stands for.
  /// - Returns: the model and the report.
  /// - Complexity: O(summaries · occasions) a step.
  public static func fit(
    _ customers: [(summary: OccasionSummary, count: Double)]
  ) -> (model: BetaGeometricBetaBinomial, fit: LifetimeFit) {
    let sound = customers.filter { $0.summary.isPossible && $0.count > 0 && $0.count.isFinite }
    func model(_ point: [Double]) -> BetaGeometricBetaBinomial {
      BetaGeometricBetaBinomial(parameters: point.map { exp(min(max($0, -30), 30)) })
    }
    let maximum = NewtonMaximizer().maximize(from: [0, 0, 0, 0]) { model($0).likelihood(sound) }
    let fit = LifetimeFit(
      names: ["alpha", "beta", "gamma", "delta"],
      maximum,
      customerCount: sound.reduce(0) { $0 + $1.count }
    )
    return (model(maximum.parameters), fit)
  }

  /// The chance that a customer is alive some occasions after the last one observed, 0…1.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - occasions: how many occasions ahead; 1 for the next one, 0 for the last one observed.
  /// - Returns: the chance.
  public func probabilityAlive(_ summary: OccasionSummary, ahead occasions: Int = 1) -> Double {
    precondition(summary.isPossible && occasions >= 0, "\(summary), \(occasions) ahead")
    let (x, n) = (Double(summary.frequency), Double(summary.occasions))
    let alive =
      SpecialFunctions.logBeta(alpha + x, beta + n - x)
      - SpecialFunctions.logBeta(alpha, beta)
      + SpecialFunctions.logBeta(gamma, delta + n + Double(occasions))
      - SpecialFunctions.logBeta(gamma, delta)
    return exp(alive - logLikelihood(summary))
  }

  /// The expected purchases of a customer at the occasions ahead.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - occasions: how many occasions ahead count.
  ///   - discount: what a purchase one occasion later is worth less, 0.1 for 10 %.
  /// - Returns: the sum over occasions of the chance to be alive times that to buy, discounted.
  /// - Complexity: O(occasions).
  public func expectedPurchases(
    _ summary: OccasionSummary,
    withinOccasions occasions: Int,
    discountPerOccasion discount: Double = 0
  ) -> Double {
    precondition(occasions >= 0 && discount > -1, "\(occasions) occasions, a rate of \(discount)")
    let (x, n) = (Double(summary.frequency), Double(summary.occasions))
    var alive = probabilityAlive(summary, ahead: 0)
    var (sum, weight) = (0.0, 1.0)
    for ahead in 0..<occasions {
      let age = delta + n + Double(ahead)
      alive *= age / (gamma + age)
      weight /= 1 + discount
      sum += alive * weight
      if alive * weight < 1e-18 * sum { break }
    }
    return sum * (alpha + x) / (alpha + beta + n)
  }

  /// The expected share of new customers who buy at so many of the first occasions, 0…1.
  ///
  /// - Parameters:
  ///   - frequency: how many occasions they buy at.
  ///   - occasions: how many occasions there are.
  /// - Returns: the share; all shares add up to 1.
  public func share(buying frequency: Int, ofOccasions occasions: Int) -> Double {
    precondition(0...occasions ~= frequency, "\(frequency) purchases at \(occasions) occasions")
    // ln C(n, k) B(α + x, β + n − x) / B(α, β) for those who lived through n occasions.
    func buying(_ lived: Int) -> Double {
      let (x, n) = (Double(frequency), Double(lived))
      return SpecialFunctions.logGamma(n + 1) - SpecialFunctions.logGamma(x + 1)
        - SpecialFunctions.logGamma(n - x + 1)
        + SpecialFunctions.logBeta(alpha + x, beta + n - x)
        - SpecialFunctions.logBeta(alpha, beta)
    }
    func living(_ gain: Double, _ lived: Int) -> Double {
      SpecialFunctions.logBeta(gamma + gain, delta + Double(lived))
        - SpecialFunctions.logBeta(gamma, delta)
    }
    var sum = exp(buying(occasions) + living(0, occasions))
    for lived in frequency..<max(occasions, frequency) {
      sum += exp(buying(lived) + living(1, lived))
    }
    return sum
  }

  /// ln L of one customer.
  func logLikelihood(_ summary: OccasionSummary) -> Double {
    var sums = DerivativeSums(count: 4)
    add(summary, 1, &sums)
    return sums.byLogarithms(of: [alpha, beta, gamma, delta]).value
  }

  /// The log-likelihood of customers with its derivatives by the logarithms of the parameters.
  func likelihood(
    _ customers: [(summary: OccasionSummary, count: Double)]
  ) -> NewtonMaximizer.Value {
    var sums = DerivativeSums(count: 4)
    for (summary, count) in customers { add(summary, count, &sums) }
    return sums.byLogarithms(of: [alpha, beta, gamma, delta])
  }

  /// Adds customers: a mixture of those alive to the end and those lost after each occasion since
  /// the last purchase, whose derivatives are the mean and covariance of those of the parts.
  private func add(_ summary: OccasionSummary, _ count: Double, _ sums: inout DerivativeSums) {
    let (x, n) = (summary.frequency, summary.occasions)
    let buying = BetaRatio.Base(alpha, beta)
    let living = BetaRatio.Base(gamma, delta)
    var parts = [
      (BetaRatio(buying, x, n - x), BetaRatio(living, 0, n))
    ]
    for lived in summary.lastOccasion..<max(n, summary.lastOccasion) {
      parts.append((BetaRatio(buying, x, lived - x), BetaRatio(living, 1, lived)))
    }
    let largest = parts.reduce(-Double.infinity) { max($0, $1.0.value + $1.1.value) }
    var total = 0.0
    for part in parts { total += exp(part.0.value + part.1.value - largest) }
    var mean: InlineArray<4, Double> = [0, 0, 0, 0]
    var seconds = InlineArray<10, Double>(repeating: 0)
    for (one, two) in parts {
      let weight = exp(one.value + two.value - largest) / total
      let g: InlineArray<4, Double> = [one.first, one.second, two.first, two.second]
      let own: InlineArray<10, Double> = [
        one.firstFirst, one.both, 0, 0, one.secondSecond, 0, 0, two.firstFirst, two.both,
        two.secondSecond,
      ]
      var place = 0
      for i in 0..<4 {
        mean[i] += weight * g[i]
        for j in i..<4 {
          seconds[place] += weight * (own[place] + g[i] * g[j])
          place += 1
        }
      }
    }
    var place = 0
    for i in 0..<4 {
      for j in i..<4 {
        seconds[place] -= mean[i] * mean[j]
        place += 1
      }
    }
    sums.add(count, value: largest + log(total), gradient: mean, hessian: seconds)
  }
}

/// ln of B(a + k, b + m) / B(a, b) with its derivatives by a and b.
private struct BetaRatio {
  /// What does not depend on k and m.
  struct Base {
    let (a, b): (Double, Double)
    let value: Double
    let first: (a: Double, b: Double, both: Double)
    let second: (a: Double, b: Double, both: Double)

    init(_ a: Double, _ b: Double) {
      typealias F = SpecialFunctions
      (self.a, self.b) = (a, b)
      value = F.logBeta(a, b)
      first = (F.digamma(a), F.digamma(b), F.digamma(a + b))
      second = (F.trigamma(a), F.trigamma(b), F.trigamma(a + b))
    }
  }

  let value: Double
  let first: Double
  let second: Double
  let firstFirst: Double
  let both: Double
  let secondSecond: Double

  init(_ base: Base, _ k: Int, _ m: Int) {
    typealias F = SpecialFunctions
    let (a, b) = (base.a + Double(k), base.b + Double(m))
    value = F.logBeta(a, b) - base.value
    let slope = base.first.both - F.digamma(a + b)
    let curve = base.second.both - F.trigamma(a + b)
    first = F.digamma(a) - base.first.a + slope
    second = F.digamma(b) - base.first.b + slope
    firstFirst = F.trigamma(a) - base.second.a + curve
    both = curve
    secondSecond = F.trigamma(b) - base.second.b + curve
  }
}
