internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// The Pareto/NBD model of repeat purchases.
///
/// Customers buy at a rate of their own (gamma with shape `r` and rate `alpha`) until they drop out
/// at a time of their own (exponential with a rate that is gamma with `s` and `beta`), whether they
/// buy or not.
///
/// The integral in its likelihood is worked out by 24 points of Gauss and Legendre in a logarithmic
/// variable, with all derivatives from the same points: no hypergeometric function, no overflow.
///
/// - Source: Schmittlein, Morrison & Colombo (1987), Management Science 33(1); likelihood in the
///   form of Fader & Hardie (2005), "A note on deriving the Pareto/NBD model".
public struct ParetoNBD: Sendable, Hashable, Codable {
  /// The shape of the rates of purchase.
  public let r: Double
  /// The rate parameter of the rates of purchase, in the unit of times.
  public let alpha: Double
  /// The shape of the rates of dropping out.
  public let s: Double
  /// The rate parameter of the rates of dropping out, in the unit of times.
  public let beta: Double

  /// A model with known parameters.
  ///
  /// - Precondition: there are four positive ones: r, alpha, s, beta.
  public init(parameters: [Double]) {
    precondition(
      parameters.count == 4 && parameters.allSatisfy { $0 > 0 && $0.isFinite },
      "\(parameters) are no parameters r, alpha, s, beta"
    )
    (r, alpha, s, beta) = (parameters[0], parameters[1], parameters[2], parameters[3])
  }

  private static let rule = GaussLegendre(count: 24)

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``.
  ///
  /// - Complexity: O(24 · groups) a step, groups in parallel; about ten steps.
  public static func fit(_ groups: PurchaseGroups) -> (model: ParetoNBD, fit: LifetimeFit) {
    let age = max(groups.meanAge, 1e-12)
    let rate = max(groups.meanFrequency / age, 1e-9)
    let start = [log(1.0), log(1 / rate), log(1.0), log(age)]
    let maximum = NewtonMaximizer()
      .maximize(from: start) { point in
        ParetoNBD(parameters: point.map { exp(min(max($0, -30), 30)) }).likelihood(groups)
      }
    let fit = LifetimeFit(
      names: ["r", "alpha", "s", "beta"],
      maximum,
      customerCount: groups.customerCount
    )
    return (ParetoNBD(parameters: fit.parameters), fit)
  }

  /// The chance that a customer has not dropped out at the end of observation, 0…1.
  public func probabilityAlive(_ summary: PurchaseSummary) -> Double {
    let (base, gone) = logWeights(summary)
    return 1 / (1 + exp(gone - base))
  }

  /// The expected number of purchases of a customer in the time after the end of observation.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - time: the time ahead, in the unit of the summaries.
  /// - Returns: the expectation.
  public func expectedPurchases(_ summary: PurchaseSummary, within time: Double) -> Double {
    guard time > 0 else { return 0 }
    let rate = (r + Double(summary.frequency)) / (alpha + summary.age)
    return probabilityAlive(summary) * rate * aliveTime(from: summary.age, time)
  }

  /// The expected number of repeat purchases of a new customer in the time after the first one.
  public func expectedPurchases(ofNewCustomerWithin time: Double) -> Double {
    time > 0 ? r / alpha * aliveTime(from: 0, time) : 0
  }

  /// The expected time alive within `time`, of one alive at an age: the limit at `s = 1` included.
  func aliveTime(from age: Double, _ time: Double) -> Double {
    let e = s - 1
    let ratio = -log1p(time / (beta + age))
    let share = e == 0 ? -ratio : -expm1(e * ratio) / e
    return (beta + age) * share
  }

  /// ln of the weights of having lived to the end, and of having dropped out before.
  func logWeights(_ summary: PurchaseSummary) -> (alive: Double, gone: Double) {
    var points = InlineArray<24, QuadraturePoint>(repeating: QuadraturePoint())
    let x = Double(summary.frequency)
    let alive = -(r + x) * log(alpha + summary.age) - s * log(beta + summary.age)
    return (alive, log(s) + logIntegral(summary, &points))
  }

  /// ln L of one customer.
  func logLikelihood(_ summary: PurchaseSummary) -> Double {
    let x = Double(summary.frequency)
    let (alive, gone) = logWeights(summary)
    let larger = max(alive, gone)
    return SpecialFunctions.logGamma(r + x) - SpecialFunctions.logGamma(r) + r * log(alpha)
      + s * log(beta) + larger + log1p(exp(min(alive, gone) - larger))
  }

  /// One point of the integral over the time of dropping out.
  private struct QuadraturePoint: BitwiseCopyable {
    /// α + u and β + u, with their logarithms.
    var buying = 0.0
    var leaving = 0.0
    var logBuying = 0.0
    var logLeaving = 0.0
    var weight = 0.0
  }

  /// ln of ∫ (α + u)^−(r+x) (β + u)^−(s+1) du from the last purchase to the end.
  ///
  /// With `c` the smaller of α and β, u goes over to y = ln((c + u) / (c + t_x)); there the
  /// integrand is log-concave, so the far end is cut where it has fallen by e⁻⁴⁰.
  private func logIntegral(
    _ summary: PurchaseSummary,
    _ points: inout InlineArray<24, QuadraturePoint>
  ) -> Double {
    let x = Double(summary.frequency)
    guard summary.age > summary.recency else { return -.infinity }
    let isBuyingFirst = alpha <= beta
    let c = isBuyingFirst ? alpha : beta
    let gap = abs(alpha - beta)
    let first = isBuyingFirst ? r + x : s + 1
    let second = isBuyingFirst ? s + 1 : r + x
    let start = c + summary.recency
    let logStart = log(start)
    func integrand(_ y: Double) -> Double {
      -(first - 1) * (y + logStart) - second * log(gap + start * exp(y))
    }
    var end = log1p((summary.age - summary.recency) / start)
    let top = integrand(0)
    if integrand(end) < top - 40 {
      var (low, high) = (0.0, end)
      for _ in 0..<14 {
        let middle = (low + high) / 2
        if integrand(middle) < top - 40 { high = middle } else { low = middle }
      }
      end = high
    }
    var total = 0.0
    for k in 0..<24 {
      let y = end / 2 * (Self.rule.points[k] + 1)
      let near = start * exp(y)
      let far = gap + near
      let (logNear, logFar) = (y + logStart, log(far))
      points[k].buying = isBuyingFirst ? near : far
      points[k].leaving = isBuyingFirst ? far : near
      points[k].logBuying = isBuyingFirst ? logNear : logFar
      points[k].logLeaving = isBuyingFirst ? logFar : logNear
      let weight =
        Self.rule.weights[k]
        * exp(-(first - 1) * logNear - second * logFar - top)
      points[k].weight = weight
      total += weight
    }
    for k in 0..<24 { points[k].weight /= total }
    return top + log(total * end / 2)
  }

  /// The log-likelihood of all customers with its derivatives by the logarithms of the parameters.
  func likelihood(_ groups: PurchaseGroups) -> NewtonMaximizer.Value {
    var table: [(value: Double, first: Double, second: Double)] = []
    let before = SpecialFunctions.logGamma(r)
    let (digammaR, trigammaR) = (SpecialFunctions.digamma(r), SpecialFunctions.trigamma(r))
    for frequency in 0...max(0, groups.largestFrequency) {
      let x = Double(frequency)
      table.append(
        (
          SpecialFunctions.logGamma(r + x) - before + r * log(alpha) + s * log(beta),
          SpecialFunctions.digamma(r + x) - digammaR,
          SpecialFunctions.trigamma(r + x) - trigammaR
        )
      )
    }
    let terms = table
    let parts = Parallel.map(rows: groups.summaries.count, chunkSize: 1024) { range in
      var sums = DerivativeSums(count: 4)
      for group in range {
        add(
          groups.summaries[group],
          groups.counts[group],
          terms[groups.summaries[group].frequency],
          &sums
        )
      }
      return sums
    }
    var total = DerivativeSums(count: 4)
    for part in parts { total.merge(part) }
    return total.byLogarithms(of: [r, alpha, s, beta])
  }

  /// Adds a group: the likelihood is a mixture of living to the end and of dropping out at each
  /// point, so its derivatives are the mean and the covariance of those of the parts.
  private func add(
    _ summary: PurchaseSummary,
    _ count: Double,
    _ terms: (value: Double, first: Double, second: Double),
    _ sums: inout DerivativeSums
  ) {
    var points = InlineArray<24, QuadraturePoint>(repeating: QuadraturePoint())
    let x = Double(summary.frequency)
    let (ageA, ageB) = (alpha + summary.age, beta + summary.age)
    let alive = -(r + x) * log(ageA) - s * log(ageB)
    let gone = log(s) + logIntegral(summary, &points)
    let larger = max(alive, gone)
    let rest = log1p(exp(min(alive, gone) - larger))
    let share = 1 / (1 + exp(alive - gone))
    var moments = MixtureMoments()
    moments.add(
      1 - share,
      [-log(ageA), -(r + x) / ageA, -log(ageB), -s / ageB],
      crossAlpha: -1 / ageA,
      alpha: (r + x) / (ageA * ageA),
      ss: 0,
      crossBeta: -1 / ageB,
      beta: s / (ageB * ageB)
    )
    if share > 0 {
      for k in 0..<24 where points[k].weight > 1e-18 {
        let (a, b) = (points[k].buying, points[k].leaving)
        moments.add(
          share * points[k].weight,
          [-points[k].logBuying, -(r + x) / a, 1 / s - points[k].logLeaving, -(s + 1) / b],
          crossAlpha: -1 / a,
          alpha: (r + x) / (a * a),
          ss: -1 / (s * s),
          crossBeta: -1 / b,
          beta: (s + 1) / (b * b)
        )
      }
    }
    let h = moments.hessian()
    let g = moments.gradient
    sums.add(
      count,
      value: terms.value + larger + rest,
      gradient: [
        terms.first + log(alpha) + g[0], r / alpha + g[1], log(beta) + g[2], s / beta + g[3],
      ],
      hessian: [
        terms.second + h[0], 1 / alpha + h[1], h[2], h[3],
        -r / (alpha * alpha) + h[4], h[5], h[6],
        h[7], 1 / beta + h[8],
        -s / (beta * beta) + h[9],
      ]
    )
  }
}

/// The mean gradient of the parts of a mixture, and the Hessian of the logarithm of their sum.
private struct MixtureMoments {
  private(set) var gradient: InlineArray<4, Double> = [0, 0, 0, 0]
  /// The mean of own Hessians plus products of gradients, upper triangle.
  private var seconds = InlineArray<10, Double>(repeating: 0)

  mutating func add(
    _ weight: Double,
    _ g: InlineArray<4, Double>,
    crossAlpha: Double,
    alpha: Double,
    ss: Double,
    crossBeta: Double,
    beta: Double
  ) {
    let own: InlineArray<10, Double> = [0, crossAlpha, 0, 0, alpha, 0, 0, ss, crossBeta, beta]
    var place = 0
    for i in 0..<4 {
      gradient[i] += weight * g[i]
      for j in i..<4 {
        seconds[place] += weight * (own[place] + g[i] * g[j])
        place += 1
      }
    }
  }

  /// The mean of seconds without the product of mean gradients, upper triangle.
  func hessian() -> InlineArray<10, Double> {
    var result = seconds
    var place = 0
    for i in 0..<4 {
      for j in i..<4 {
        result[place] -= gradient[i] * gradient[j]
        place += 1
      }
    }
    return result
  }
}
