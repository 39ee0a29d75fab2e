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

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``.
  ///
  /// - Complexity: O(8 to 24 · groups) a step, groups in parallel; about ten steps, most
  ///   of them on a sample where there are many customers.
  public static func fit(_ groups: PurchaseGroups) -> (model: ParetoNBD, fit: LifetimeFit) {
    fit(groups, from: nil)
  }

  /// The same from given parameters on.
  static func fit(
    _ groups: PurchaseGroups,
    from parameters: [Double]?
  ) -> (model: ParetoNBD, fit: LifetimeFit) {
    let age = max(groups.meanAge, 1e-12)
    let rate = max(groups.meanFrequency / age, 1e-9)
    var start = [log(1.0), log(1 / rate), log(1.0), log(age)]
    if let parameters {
      start = parameters.map { log($0) }
    } else if let sample = groups.sample() {
      start = fit(sample).fit.parameters.map(LifetimeFit.start)
    }
    let maximum = NewtonMaximizer(lastStep: groups.lastStep)
      .maximize(from: start, border: LifetimeFit.largestLogarithm) { point in
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
    let x = Double(summary.frequency)
    let (a, b) = (log(alpha + summary.age), log(beta + summary.age))
    return (-(r + x) * a - s * b, log(s) + integral(summary, (a, b)).logarithm)
  }

  /// ln L of one customer.
  func logLikelihood(_ summary: PurchaseSummary) -> Double {
    let x = Double(summary.frequency)
    let (alive, gone) = logWeights(summary)
    let larger = max(alive, gone)
    return SpecialFunctions.logGamma(r + x) - SpecialFunctions.logGamma(r) + r * log(alpha)
      + s * log(beta) + larger + log1p(exp(min(alive, gone) - larger))
  }

  /// The integral over the time of dropping out, with the means of what derivatives need.
  ///
  /// Means are over the points: `a` is ln(α + u) and `u` its slope 1 / (α + u), `b` is ln(β + u)
  /// and `v` is 1 / (β + u).
  private struct Integral: BitwiseCopyable {
    var logarithm = -Double.infinity
    var (a, u, b, v) = (0.0, 0.0, 0.0, 0.0)
    var (aa, au, ab, av) = (0.0, 0.0, 0.0, 0.0)
    var (uu, ub, uv) = (0.0, 0.0, 0.0)
    var (bb, bv, vv) = (0.0, 0.0, 0.0)

    /// Adds a point of some weight.
    @inline(__always)
    mutating func add(_ w: Double, _ a: Double, _ u: Double, _ b: Double, _ v: Double) {
      let (wa, wu, wb, wv) = (w * a, w * u, w * b, w * v)
      self.a += wa
      self.u += wu
      self.b += wb
      self.v += wv
      aa += wa * a
      au += wa * u
      ab += wa * b
      av += wa * v
      uu += wu * u
      ub += wu * b
      uv += wu * v
      bb += wb * b
      bv += wb * v
      vv += wv * v
    }

    /// Sums become means.
    mutating func divide(by total: Double) {
      let w = 1 / total
      (a, u, b, v) = (a * w, u * w, b * w, v * w)
      (aa, au, ab, av) = (aa * w, au * w, ab * w, av * w)
      (uu, ub, uv) = (uu * w, ub * w, uv * w)
      (bb, bv, vv) = (bb * w, bv * w, vv * w)
    }
  }

  /// How many points an integrand needs that falls by e^−`drop` over a length of `end`.
  ///
  /// The error of n points on e^(−drop·y) is below drop²ⁿ (n!)⁴ / ((2n + 1) (2n)!³), which is 1e-14
  /// of the integral or less at each of the borders.
  private static func rule(drop: Double, end: Double) -> Range<Int> {
    if drop <= 2, end <= 1 { return 0..<8 }
    if drop <= 8, end <= 2 { return 8..<20 }
    if drop <= 16, end <= 3 { return 20..<36 }
    return 36..<60
  }

  /// The rules of 8, 12, 16 and 24 points one after another.
  private struct Rules: Sendable {
    var points = InlineArray<60, Double>(repeating: 0)
    var weights = InlineArray<60, Double>(repeating: 0)

    init() {
      var place = 0
      for count in [8, 12, 16, 24] {
        let rule = GaussLegendre(count: count)
        for k in 0..<count {
          points[place] = rule.points[k]
          weights[place] = rule.weights[k]
          place += 1
        }
      }
    }
  }

  private static let rules = Rules()

  /// ∫ (α + u)^−(r+x) (β + u)^−(s+1) du from the last purchase to the end.
  ///
  /// With `c` the smaller of α and β, u goes over to y = ln((c + u) / (c + t_x)); there the
  /// integrand is log-concave, so the far end is cut where it has fallen by e⁻⁴⁰. Points lie in
  /// pairs about the middle, so one exponential serves two.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - logAges: ln(α + T) and ln(β + T).
  /// - Returns: its logarithm and the means of what derivatives need.
  private func integral(
    _ summary: PurchaseSummary,
    _ logAges: (alpha: Double, beta: Double)
  ) -> Integral {
    var result = Integral()
    let x = Double(summary.frequency)
    guard summary.age > summary.recency else { return result }
    let isBuyingFirst = alpha <= beta
    let c = isBuyingFirst ? alpha : beta
    let gap = abs(alpha - beta)
    let first = isBuyingFirst ? r + x : s + 1
    let second = isBuyingFirst ? s + 1 : r + x
    let start = c + summary.recency
    let logStart = log(start)
    let top = -(first - 1) * logStart - second * log(gap + start)
    let (nearEnd, farEnd) =
      isBuyingFirst ? (logAges.alpha, logAges.beta) : (logAges.beta, logAges.alpha)
    var end = log1p((summary.age - summary.recency) / start)
    var drop = top + (first - 1) * nearEnd + second * farEnd
    var middle = start.squareRoot() * (c + summary.age).squareRoot()
    if drop > 40 {
      end = self.end(where: 40, first: first, second: second, start: start, gap: gap, before: end)
      (middle, drop) = (start * exp(end / 2), 40)
    }
    var total = 0.0
    let rule = Self.rule(drop: drop, end: end)
    for k in rule.lowerBound..<rule.lowerBound + rule.count / 2 {
      let distance = end / 2 * Self.rules.points[k]
      let turn = exp(distance)
      for side in 0..<2 {
        let near = side == 0 ? middle * turn : middle / turn
        let y = side == 0 ? end / 2 + distance : end / 2 - distance
        let far = gap + near
        let (logNear, logFar) = (y + logStart, log(far))
        let weight = Self.rules.weights[k] * exp(-(first - 1) * logNear - second * logFar - top)
        total += weight
        if isBuyingFirst {
          result.add(weight, logNear, 1 / near, logFar, 1 / far)
        } else {
          result.add(weight, logFar, 1 / far, logNear, 1 / near)
        }
      }
    }
    result.divide(by: total)
    result.logarithm = top + log(total * end / 2)
    return result
  }

  /// The y below `before` at which the integrand has fallen by e^−`drop`, halved fourteen times.
  private func end(
    where drop: Double,
    first: Double,
    second: Double,
    start: Double,
    gap: Double,
    before: Double
  ) -> Double {
    let logFar = log(gap + start)
    func fall(_ y: Double) -> Double {
      (first - 1) * y + second * (log(gap + start * exp(y)) - logFar)
    }
    var (low, high) = (0.0, before)
    for _ in 0..<14 {
      let middle = (low + high) / 2
      if fall(middle) > drop { high = middle } else { low = middle }
    }
    return high
  }

  /// The log-likelihood of all customers with its derivatives by the logarithms of the parameters.
  func likelihood(_ groups: PurchaseGroups) -> NewtonMaximizer.Value {
    var table: [(value: Double, first: Double, second: Double)] = []
    let before = SpecialFunctions.logGamma(r)
    let (digammaR, trigammaR) = (SpecialFunctions.digamma(r), SpecialFunctions.trigamma(r))
    for frequency in groups.frequencyCounts.indices {
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
    let n = r + Double(summary.frequency)
    let (ageA, ageB) = (alpha + summary.age, beta + summary.age)
    let (a, b) = (log(ageA), log(ageB))
    let (u, v) = (1 / ageA, 1 / ageB)
    let alive = -n * a - s * b
    let points = integral(summary, (a, b))
    let gone = log(s) + points.logarithm
    let larger = max(alive, gone)
    let rest = log1p(exp(min(alive, gone) - larger))
    let share = points.logarithm == -.infinity ? 0 : 1 / (1 + exp(alive - gone))
    let stay = 1 - share
    let (m, q) = (s + 1, 1 / s)
    let g: InlineArray<4, Double> = [
      -(stay * a + share * points.a), -n * (stay * u + share * points.u),
      share * q - (stay * b + share * points.b), -(stay * s * v + share * m * points.v),
    ]
    // The mean of own second derivatives and of products of first ones, upper triangle.
    var h: InlineArray<10, Double> = [
      stay * a * a + share * points.aa,
      stay * (n * a - 1) * u + share * (n * points.au - points.u),
      stay * a * b + share * (points.ab - q * points.a),
      stay * s * a * v + share * m * points.av,
      (n * n + n) * (stay * u * u + share * points.uu),
      n * (stay * u * b + share * (points.ub - q * points.u)),
      n * (stay * s * u * v + share * m * points.uv),
      stay * b * b + share * (points.bb - 2 * q * points.b),
      stay * (s * b - 1) * v + share * (m * points.bv - (q * m + 1) * points.v),
      stay * (s * s + s) * v * v + share * (m * m + m) * points.vv,
    ]
    var place = 0
    for i in 0..<4 {
      for j in i..<4 {
        h[place] -= g[i] * g[j]
        place += 1
      }
    }
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
