internal import Glibc
internal import LodeNumerics

/// The shifted beta-geometric (sBG) model of customers who renew or leave once a period.
///
/// Everybody leaves at each renewal with the same chance as before, but chances differ between
/// customers (beta with `alpha` and `beta`). Those likely to leave do so first, so the retention of
/// a cohort rises without anybody becoming more loyal: do not read it as growing loyalty.
///
/// - Source: Fader & Hardie (2007), "How to project customer retention", Journal of Interactive
///   Marketing 21(1); discounted lifetimes: Fader & Hardie (2010), Marketing Science 29(1).
public struct ShiftedBetaGeometric: Sendable, Hashable, Codable {
  /// The first parameter of the chances to leave.
  public let alpha: Double
  /// The second parameter of the chances to leave.
  public let beta: Double

  /// A model with known parameters.
  ///
  /// - Precondition: both are positive and finite.
  public init(alpha: Double, beta: Double) {
    precondition(
      alpha > 0 && beta > 0 && alpha.isFinite && beta.isFinite,
      "\(alpha) and \(beta) are no parameters alpha and beta"
    )
    (self.alpha, self.beta) = (alpha, beta)
  }

  /// The model of highest likelihood and what the fit reached.
  ///
  /// Never fails: see ``LifetimeFit/status``. If nobody leaves, or customers are all alike, the
  /// parameters are not identified.
  ///
  /// - Complexity: O(periods) a step.
  public static func fit(
    _ cohorts: RenewalCohorts
  ) -> (model: ShiftedBetaGeometric, fit: LifetimeFit) {
    func model(_ point: [Double]) -> ShiftedBetaGeometric {
      let parameters = point.map { exp(min(max($0, -30), 30)) }
      return ShiftedBetaGeometric(alpha: parameters[0], beta: parameters[1])
    }
    let churn = cohorts.meanChurn
    let maximum = NewtonMaximizer()
      .maximize(from: [0, log((1 - churn) / churn)]) { model($0).likelihood(cohorts) }
    let fit = LifetimeFit(
      names: ["alpha", "beta"],
      maximum,
      customerCount: cohorts.customerCount
    )
    return (model(maximum.parameters), fit)
  }

  /// The chance of a new customer to stay for so many periods, 0…1.
  public func survival(after periods: Int) -> Double {
    exp(
      SpecialFunctions.logBeta(alpha, beta + Double(periods))
        - SpecialFunctions.logBeta(alpha, beta)
    )
  }

  /// The share of those there at the start of a period (1, 2, …) who stay to its end, 0…1.
  public func retention(inPeriod period: Int) -> Double {
    (beta + Double(period) - 1) / (alpha + beta + Double(period) - 1)
  }

  /// The expected number of periods paid from now on, the one just paid included, discounted.
  ///
  /// - Parameters:
  ///   - renewals: how often the customer has renewed already; 0 for a new one.
  ///   - discount: the rate of one period, 0.1 for 10 %; not negative.
  /// - Returns: Σ S(renewals + t) / S(renewals) / (1 + discount)ᵗ from t = 0; infinite at rate 0
  ///   with `alpha` up to 1.
  public func discountedLifetime(
    afterRenewals renewals: Int = 0,
    discountPerPeriod discount: Double
  ) -> Double {
    precondition(renewals >= 0 && discount >= 0, "\(renewals) renewals, a rate of \(discount)")
    let start = beta + Double(renewals)
    // The mean of 1/θ over a beta distribution.
    guard discount > 0 else { return alpha > 1 ? (alpha + start - 1) / (alpha - 1) : .infinity }
    var chance = 1.0
    return discountedSum(discount: discount) { period in
      if period > 0 {
        chance *= (start + Double(period) - 1) / (alpha + start + Double(period) - 1)
      }
      return chance
    }
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

  /// The log-likelihood of all customers with its derivatives by the logarithms of the parameters.
  func likelihood(_ cohorts: RenewalCohorts) -> NewtonMaximizer.Value {
    typealias F = SpecialFunctions
    let both = alpha + beta
    let before = (value: F.logBeta(alpha, beta), both: F.digamma(both), curve: F.trigamma(both))
    let firstB = F.digamma(beta)
    let (secondA, secondB) = (F.trigamma(alpha), F.trigamma(beta))
    var sums = DerivativeSums(count: 2)
    // B(α + gain, β + t) / B(α, β): lost customers have gain 1 and one renewal less.
    func add(_ count: Double, gain: Double, _ t: Double) {
      guard count > 0 else { return }
      let end = both + gain + t
      let (first, second) = (before.both - F.digamma(end), before.curve - F.trigamma(end))
      sums.add(
        count,
        value: F.logBeta(alpha + gain, beta + t) - before.value,
        gradient: [
          (gain > 0 ? 1 / alpha : 0) + first, F.digamma(beta + t) - firstB + first,
        ],
        hessian: [
          F.trigamma(alpha + gain) - secondA + second, second,
          F.trigamma(beta + t) - secondB + second,
        ]
      )
    }
    for (place, count) in cohorts.lost.enumerated() { add(count, gain: 1, Double(place)) }
    for (period, count) in cohorts.survivors.enumerated() { add(count, gain: 0, Double(period)) }
    return sums.byLogarithms(of: [alpha, beta])
  }
}
