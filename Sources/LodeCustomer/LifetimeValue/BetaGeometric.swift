internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// e to the power, for callers that import no C library.
func exponential(_ x: Double) -> Double { exp(x) }

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
    let meanAge = groups.meanAge
    let meanRate = groups.meanFrequency / max(meanAge, 1e-12)
    let start = [log(1.0), log(1 / max(meanRate, 1e-9)), log(1.0), log(1.0)]
    let maximum = NewtonMaximizer()
      .maximize(from: start) { point in
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
    guard summary.frequency > 0 || variant == .modified else { return nil }
    let x = Double(summary.frequency)
    return log(a) - log(b + x - 1 + shift)
      + (r + x) * log((alpha + summary.age) / (alpha + summary.recency))
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
    let terms = FrequencyTerms(self, largest: groups.largestFrequency, shift: shift)
    let parts = Parallel.map(rows: groups.summaries.count, chunkSize: 4096) { range in
      var sums = DerivativeSums(count: 4)
      for group in range {
        add(groups.summaries[group], groups.counts[group], terms, &sums)
      }
      return sums
    }
    var total = DerivativeSums(count: 4)
    for part in parts { total.merge(part) }
    return total.byLogarithms(of: [r, alpha, a, b])
  }

  private func add(
    _ summary: PurchaseSummary,
    _ count: Double,
    _ terms: FrequencyTerms,
    _ sums: inout DerivativeSums
  ) {
    let frequency = summary.frequency
    let s = r + Double(frequency)
    let (end, last) = (alpha + summary.age, alpha + summary.recency)
    let (logEnd, logLast) = (log(end), log(last))
    let base = terms.value[frequency] + r * terms.logAlpha - s * logEnd
    var p = 0.0
    var dropped = 0.0
    if frequency > 0 || variant == .modified {
      let d = terms.oddsOfFrequency[frequency] + s * (logEnd - logLast)
      p = 1 / (1 + exp(-d))
      dropped = d > 0 ? d + log1p(exp(-d)) : log1p(exp(d))
    }
    let slope = p * (1 - p)
    let (g, h) = (logEnd - logLast, s * (1 / end - 1 / last))
    // Without a chance to have dropped out nothing depends on it.
    let (da, db) = p == 0 ? (0, 0) : (1 / a, -1 / terms.denominator[frequency])
    sums.add(
      count,
      value: base + dropped,
      gradient: [
        terms.r[frequency] + terms.logAlpha - logEnd + p * g,
        r / alpha - s / end + p * h,
        terms.a[frequency] + p * da,
        terms.b[frequency] + p * db,
      ],
      hessian: [
        terms.rr[frequency] + slope * g * g,
        1 / alpha - 1 / end + p * (1 / end - 1 / last) + slope * g * h,
        slope * g * da, slope * g * db,
        -r / (alpha * alpha) + s / (end * end)
          + p * s * (1 / (last * last) - 1 / (end * end)) + slope * h * h,
        slope * h * da, slope * h * db,
        terms.aa[frequency] - p * da * da + slope * da * da,
        terms.ab[frequency] + slope * da * db,
        terms.bb[frequency] + p * db * db + slope * db * db,
      ]
    )
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
