internal import Glibc
internal import LodeNumerics

/// The beta discrete Weibull (BdW) model of customers who renew or leave once a period.
///
/// It is ``ShiftedBetaGeometric`` with a third parameter `c`: above 1 each customer becomes more
/// likely to leave with time, below 1 less likely; at 1 the two models are the same.
///
/// - Source: Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to project customer retention
///   revisited", Journal of Interactive Marketing 43.
public struct BetaDiscreteWeibull: Sendable, Hashable, Codable {
  /// The first parameter of the chances to leave.
  public let alpha: Double
  /// The second parameter of the chances to leave.
  public let beta: Double
  /// The power of time.
  public let c: Double

  /// A model with known parameters.
  ///
  /// - Precondition: all are positive and finite.
  public init(alpha: Double, beta: Double, c: Double) {
    precondition(
      [alpha, beta, c].allSatisfy { $0 > 0 && $0.isFinite },
      "\(alpha), \(beta) and \(c) are no parameters alpha, beta and c"
    )
    (self.alpha, self.beta, self.c) = (alpha, beta, c)
  }

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``. The search starts at the ``ShiftedBetaGeometric`` of
  /// the same cohorts where that one is identified.
  ///
  /// - Complexity: O(periods) a step.
  public static func fit(
    _ cohorts: RenewalCohorts
  ) -> (model: BetaDiscreteWeibull, fit: LifetimeFit) {
    func model(_ point: [Double]) -> BetaDiscreteWeibull {
      let parameters = point.map { exp(min(max($0, -30), 30)) }
      let (alpha, beta) = (parameters[0], parameters[1])
      return BetaDiscreteWeibull(alpha: alpha, beta: beta, c: min(parameters[2], 50))
    }
    let plain = ShiftedBetaGeometric.fit(cohorts)
    let churn = cohorts.meanChurn
    let start =
      plain.fit.status == .converged
      ? [log(plain.model.alpha), log(plain.model.beta), 0]
      : [0, log((1 - churn) / churn), 0]
    let maximum = NewtonMaximizer()
      .maximize(from: start, largestStep: 1) { model($0).likelihood(cohorts) }
    let fit = LifetimeFit(
      names: ["alpha", "beta", "c"],
      maximum,
      customerCount: cohorts.customerCount
    )
    return (model(maximum.parameters), fit)
  }

  /// The chance of a new customer to stay for so many periods, 0…1.
  public func survival(after periods: Int) -> Double { exp(logSurvival(periods)) }

  /// The share of those there at the start of a period (1, 2, …) who stay to its end, 0…1.
  public func retention(inPeriod period: Int) -> Double {
    exp(logSurvival(period) - logSurvival(period - 1))
  }

  /// The expected number of periods paid from now on, the one just paid included, discounted.
  ///
  /// - Parameters:
  ///   - renewals: how often the customer has renewed already; 0 for a new one.
  ///   - discount: the rate of one period, 0.1 for 10 %; above 0.
  /// - Returns: Σ S(renewals + t) / S(renewals) / (1 + discount)ᵗ from t = 0.
  public func discountedLifetime(
    afterRenewals renewals: Int = 0,
    discountPerPeriod discount: Double
  ) -> Double {
    precondition(renewals >= 0 && discount > 0, "\(renewals) renewals, a rate of \(discount)")
    let start = logSurvival(renewals)
    return discountedSum(discount: discount) { exp(logSurvival(renewals + $0) - start) }
  }

  /// The expected number of periods still to be paid, of a customer about to renew, discounted.
  ///
  /// - Parameters:
  ///   - period: the period that ends now, from 1; its payment does not count any more.
  ///   - discount: the rate of one period, 0.1 for 10 %; above 0.
  /// - Returns: the chance to renew times the discounted lifetime of one who did.
  /// - Source: Fader & Hardie (2010), Marketing Science 29(1), "discounted expected residual
  ///   lifetime".
  public func discountedResidualLifetime(
    atEndOfPeriod period: Int,
    discountPerPeriod discount: Double
  ) -> Double {
    precondition(period > 0, "the end of period \(period)")
    return retention(inPeriod: period)
      * discountedLifetime(afterRenewals: period, discountPerPeriod: discount)
  }

  private func logSurvival(_ periods: Int) -> Double {
    SpecialFunctions.logBeta(alpha, beta + pow(Double(periods), c))
      - SpecialFunctions.logBeta(alpha, beta)
  }

  /// The log-likelihood of all customers with its derivatives by the logarithms of the parameters.
  func likelihood(_ cohorts: RenewalCohorts) -> NewtonMaximizer.Value {
    var sums = DerivativeSums(count: 3)
    var last = LogSurvival(self, periods: 0)
    for (period, stayed) in cohorts.survivors.enumerated() {
      let here = period == 0 ? last : LogSurvival(self, periods: period)
      if stayed > 0 {
        sums.add(stayed, value: here.value, gradient: here.gradient, hessian: here.hessian)
      }
      if period > 0, cohorts.lost[period - 1] > 0 {
        let loss = last.lostUntil(here)
        sums.add(
          cohorts.lost[period - 1],
          value: loss.value,
          gradient: loss.gradient,
          hessian: loss.hessian
        )
      }
      last = here
    }
    return sums.byLogarithms(of: [alpha, beta, c])
  }
}

/// ln S(t) with its derivatives by alpha, beta and c; second derivatives as upper triangle.
private struct LogSurvival {
  var value: Double
  var gradient: InlineArray<3, Double>
  var hessian: InlineArray<6, Double>

  init(_ model: BetaDiscreteWeibull, periods: Int) {
    typealias F = SpecialFunctions
    let (a, b) = (model.alpha, model.beta)
    let time = pow(Double(periods), model.c)
    // t^c by c, once and twice; 0 at t = 0 and t = 1.
    let logTime = periods > 0 ? log(Double(periods)) : 0
    let (slope, curve) = (time * logTime, time * logTime * logTime)
    let (end, whole) = (b + time, a + b + time)
    let byTime = F.digamma(end) - F.digamma(whole)
    let byA = F.digamma(a + b) - F.digamma(whole)
    let (endCurve, wholeCurve) = (F.trigamma(end), F.trigamma(whole))
    let both = F.trigamma(a + b) - wholeCurve
    value = F.logBeta(a, end) - F.logBeta(a, b)
    gradient = [byA, F.digamma(end) - F.digamma(b) + byA, byTime * slope]
    hessian = [
      both, both, -wholeCurve * slope,
      endCurve - F.trigamma(b) + both, (endCurve - wholeCurve) * slope,
      (endCurve - wholeCurve) * slope * slope + byTime * curve,
    ]
  }

  /// ln of the chance to be lost between here and a later time, S(here) − S(later).
  func lostUntil(_ later: LogSurvival) -> LogSurvival {
    var loss = self
    let difference = later.value - value
    loss.value += log(-expm1(difference))
    // ln(1 − e^D) by D, once and twice.
    let slope = -1 / expm1(-difference)
    let curve = slope - slope * slope
    var place = 0
    for i in 0..<3 {
      let step = later.gradient[i] - gradient[i]
      loss.gradient[i] += slope * step
      for j in i..<3 {
        loss.hessian[place] +=
          slope * (later.hessian[place] - hessian[place])
          + curve * step * (later.gradient[j] - gradient[j])
        place += 1
      }
    }
    return loss
  }
}
