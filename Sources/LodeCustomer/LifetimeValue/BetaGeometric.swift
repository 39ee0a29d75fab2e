internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// e to the power, for callers that import no C library.
func exponential(_ x: Double) -> Double { exp(x) }

/// The natural logarithm, for callers that import no C library.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// The BG/NBD and the MBG/NBD model of repeat purchases.
///
/// Customers buy at a rate of their own (gamma with shape `r` and rate `alpha`) until they drop
/// out, after any purchase with a probability of their own (beta with `a` and `b`). BG/NBD lets
/// nobody drop out before a repeat purchase; MBG/NBD lets customers drop out after the first one
/// too, so that those who never came back are not all alive.
///
/// - Note: Never rank customers by ``probabilityAlive(_:)`` of BG/NBD: it is 1 for everybody
///   without a repeat purchase. Rank by ``expectedPurchases(_:within:)``.
/// - Source: Fader, Hardie & Lee (2005), Marketing Science 24(2), §4; Batislam, Denizel &
///   Filiztekin (2007), International Journal of Research in Marketing 24(3).
public struct BetaGeometric: Sendable, Hashable, Codable {
  /// Which of the two models.
  public enum Variant: String, Sendable, Hashable, Codable, CaseIterable {
    /// BG/NBD.
    case standard = "bg_nbd"
    /// MBG/NBD.
    case modified = "mbg_nbd"
  }

  /// Which of the two models.
  public let variant: Variant
  /// The shape of the rates of purchase.
  public let r: Double
  /// The rate parameter of the rates of purchase, in the unit of times.
  public let alpha: Double
  /// The first parameter of the chances to drop out.
  public let a: Double
  /// The second parameter of the chances to drop out.
  public let b: Double

  /// A model with known parameters.
  ///
  /// - Precondition: there are four positive ones: r, alpha, a, b.
  public init(_ variant: Variant, parameters: [Double]) {
    precondition(
      parameters.count == 4 && parameters.allSatisfy { $0 > 0 && $0.isFinite },
      "\(parameters) are no parameters r, alpha, a, b"
    )
    self.variant = variant
    (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3])
  }

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``; without customers the status is `stopped`.
  ///
  /// - Complexity: O(groups) a step, groups in parallel; six to ten steps.
  public static func fit(
    _ variant: Variant,
    _ groups: PurchaseGroups
  ) -> (model: BetaGeometric, fit: LifetimeFit) {
    fit(variant, groups, from: nil)
  }

  /// The same from given parameters on.
  static func fit(
    _ variant: Variant,
    _ groups: PurchaseGroups,
    from parameters: [Double]?
  ) -> (model: BetaGeometric, fit: LifetimeFit) {
    let meanAge = groups.meanAge
    let meanRate = groups.meanFrequency / max(meanAge, 1e-12)
    var start = [log(1.0), log(1 / max(meanRate, 1e-9)), log(1.0), log(1.0)]
    if let parameters {
      start = parameters.map { log($0) }
    } else if let sample = groups.sample() {
      start = fit(variant, sample).fit.parameters.map(LifetimeFit.start)
    }
    let maximum = NewtonMaximizer(lastStep: groups.lastStep)
      .maximize(from: start, border: LifetimeFit.largestLogarithm) { point in
        BetaGeometric(variant, parameters: point.map { exp(min(max($0, -30), 30)) })
          .likelihood(groups)
      }
    let fit = LifetimeFit(
      names: ["r", "alpha", "a", "b"],
      maximum,
      customerCount: groups.customerCount
    )
    return (BetaGeometric(variant, parameters: fit.parameters), fit)
  }

  /// 1 where the modified model has one chance more to drop out, 0 otherwise.
  private var shift: Double { variant == .modified ? 1 : 0 }

  /// ln of the odds to have dropped out after the last purchase; nil where that cannot be.
  private func logOdds(_ summary: PurchaseSummary) -> Double? {
    logOddsOfFrequency(summary.frequency)
      .map { odds in
        let gap = log((alpha + summary.age) / (alpha + summary.recency))
        return odds + (r + Double(summary.frequency)) * gap
      }
  }

  /// The part of the log-odds that depends on the frequency only; nil where nobody drops out.
  func logOddsOfFrequency(_ frequency: Int) -> Double? {
    guard frequency > 0 || variant == .modified else { return nil }
    return log(a) - log(b + Double(frequency) - 1 + shift)
  }

  /// The chance that a customer has not dropped out, 0…1.
  public func probabilityAlive(_ summary: PurchaseSummary) -> Double {
    logOdds(summary).map { 1 / (1 + exp($0)) } ?? 1
  }

  /// The expected number of purchases of a customer in the time after the end of observation.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - time: the time ahead, in the unit of the summaries.
  /// - Returns: the expectation.
  /// - Source: the conditional expectation of the papers after Euler's transformation of ₂F₁, whose
  ///   powers cancel: no overflow for any frequency, and `a = 1` is no special case.
  public func expectedPurchases(_ summary: PurchaseSummary, within time: Double) -> Double {
    guard time > 0 else { return 0 }
    let x = Double(summary.frequency)
    let z = time / (alpha + summary.age + time)
    let e = a - 1
    var c = a + b + x - 1 + shift
    // a + b = 1 without a repeat purchase: the limit from the side.
    if c == 0 { c = 1e-12 }
    let first = a + b - r - 1 + shift
    let logRest = log1p(-z)
    var term = 1.0
    var sum = 0.0
    var n = 1.0
    while n < 200_000 {
      // (A)ₙ (e + 1)ₙ₋₁ zⁿ / ((C)ₙ n!) from the one before.
      term *= (first + n - 1) / (c + n - 1) * z / n * (n > 1 ? e + n - 1 : 1)
      sum += term
      if abs(term) <= 1e-17 * abs(sum) || term == 0 { break }
      n += 1
    }
    let plain = e == 0 ? -logRest : -expm1(e * logRest) / e
    let bracket = plain - exp(e * logRest) * sum
    let odds = logOdds(summary).map(exp) ?? 0
    return max(0, c * bracket / (1 + odds))
  }

  /// The expected number of repeat purchases of a new customer in the time after the first one.
  public func expectedPurchases(ofNewCustomerWithin time: Double) -> Double {
    expectedPurchases(PurchaseSummary(frequency: 0, recency: 0, age: 0), within: time)
  }

  /// The log-likelihood of all customers with its derivatives by the logarithms of the parameters.
  func likelihood(_ groups: PurchaseGroups) -> NewtonMaximizer.Value {
    let terms = FrequencyTerms(self, largest: groups.frequencyCounts.count - 1, shift: shift)
    let (ages, recencies) = (groups.ages.shifted(by: alpha), groups.recencies.shifted(by: alpha))
    let parts = Parallel.map(rows: groups.summaries.count, chunkSize: 4096) { range in
      var sums = TimeSums()
      for group in range {
        let frequency = groups.summaries[group].frequency
        sums.add(
          groups.counts[group],
          r + Double(frequency),
          ages[Int(groups.ages.places[group])],
          recencies[Int(groups.recencies.places[group])],
          odds: frequency > 0 || variant == .modified ? terms.oddsOfFrequency[frequency] : nil,
          denominator: terms.denominator[frequency]
        )
      }
      return sums
    }
    var times = TimeSums()
    for part in parts { times.merge(part) }
    return derivatives(times, terms, groups.frequencyCounts).byLogarithms(of: [r, alpha, a, b])
  }

  /// The derivatives of the sums over groups, with what depends on the frequency only.
  private func derivatives(
    _ times: TimeSums,
    _ terms: FrequencyTerms,
    _ counts: [Double]
  ) -> DerivativeSums {
    var sums = DerivativeSums(count: 4)
    let t = times.values
    let ia = 1 / a
    sums.add(
      1,
      value: t[0],
      gradient: [t[1], t[2], ia * t[3], t[4]],
      hessian: [
        t[5], t[6], ia * t[7], t[8],
        t[9], ia * t[10], t[11],
        ia * ia * t[12], ia * t[13],
        t[14],
      ]
    )
    for (frequency, count) in counts.enumerated() where count > 0 {
      sums.add(
        count,
        value: terms.value[frequency] + r * terms.logAlpha,
        gradient: [
          terms.r[frequency] + terms.logAlpha, r / alpha, terms.a[frequency], terms.b[frequency],
        ],
        hessian: [
          terms.rr[frequency], 1 / alpha, 0, 0,
          -r / (alpha * alpha), 0, 0,
          terms.aa[frequency], terms.ab[frequency],
          terms.bb[frequency],
        ]
      )
    }
    return sums
  }
}

/// The sums over groups of what depends on their times.
///
/// In order: the value; its derivatives by r, α, a (times a) and b; the upper triangle of its
/// second ones, again without the powers of 1 / a.
private struct TimeSums: Sendable {
  private(set) var values = InlineArray<15, Double>(repeating: 0)

  /// Adds a group.
  ///
  /// - Parameters:
  ///   - count: its customers.
  ///   - s: r + x.
  ///   - age: α + T.
  ///   - recency: α + t_x.
  ///   - odds: the part of the log-odds of a dropout that depends on x only; nil for no dropout.
  ///   - denominator: b + x − 1, or b + x.
  @inline(__always)
  mutating func add(
    _ count: Double,
    _ s: Double,
    _ age: DistinctTimes.Shifted,
    _ recency: DistinctTimes.Shifted,
    odds: Double?,
    denominator: Double
  ) {
    values[0] -= count * s * age.logarithm
    values[1] -= count * age.logarithm
    values[2] -= count * s * age.inverse
    values[6] -= count * age.inverse
    values[9] += count * s * age.inverse * age.inverse
    guard let odds else { return }
    let g = age.logarithm - recency.logarithm
    let d = odds + s * g
    let e = exp(-abs(d))
    let p = (d > 0 ? 1 : e) / (1 + e)
    let slope = count * e / ((1 + e) * (1 + e))
    let part = count * p
    let gap = age.inverse - recency.inverse
    let h = s * gap
    let db = -1 / denominator
    values[0] += count * (max(d, 0) + log(1 + e))
    values[1] += part * g
    values[2] += part * h
    values[3] += part
    values[4] += part * db
    values[5] += slope * g * g
    values[6] += part * gap + slope * g * h
    values[7] += slope * g
    values[8] += slope * g * db
    values[9] += part * s * (recency.inverse * recency.inverse - age.inverse * age.inverse)
    values[9] += slope * h * h
    values[10] += slope * h
    values[11] += slope * h * db
    values[12] += slope - part
    values[13] += slope * db
    values[14] += (part + slope) * db * db
  }

  /// Adds other sums.
  mutating func merge(_ other: TimeSums) {
    for place in 0..<15 { values[place] += other.values[place] }
  }
}

/// What depends on the frequency only, worked out once for all groups.
private struct FrequencyTerms: Sendable {
  let logAlpha: Double
  var value: [Double] = []
  var oddsOfFrequency: [Double] = []
  var denominator: [Double] = []
  var r: [Double] = []
  var a: [Double] = []
  var b: [Double] = []
  var rr: [Double] = []
  var aa: [Double] = []
  var ab: [Double] = []
  var bb: [Double] = []

  init(_ model: BetaGeometric, largest: Int, shift: Double) {
    typealias F = SpecialFunctions
    logAlpha = log(model.alpha)
    let (a, b, r) = (model.a, model.b, model.r)
    let (betaBefore, gammaBefore) = (F.logBeta(a, b), F.logGamma(r))
    for frequency in 0...max(0, largest) {
      let x = Double(frequency)
      let more = x + shift
      value.append(F.logGamma(r + x) - gammaBefore + F.logBeta(a, b + more) - betaBefore)
      denominator.append(b + x - 1 + shift)
      oddsOfFrequency.append(log(a) - log(b + x - 1 + shift))
      self.r.append(F.digamma(r + x) - F.digamma(r))
      let both = F.digamma(a + b) - F.digamma(a + b + more)
      self.a.append(both)
      self.b.append(F.digamma(b + more) - F.digamma(b) + both)
      rr.append(F.trigamma(r + x) - F.trigamma(r))
      let curvature = F.trigamma(a + b) - F.trigamma(a + b + more)
      aa.append(curvature)
      ab.append(curvature)
      bb.append(F.trigamma(b + more) - F.trigamma(b) + curvature)
    }
  }
}
