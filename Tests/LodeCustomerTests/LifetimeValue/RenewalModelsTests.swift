import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Renewal models")
struct RenewalModelsTests {
  /// Customers in percent after 0…12 years.
  ///
  /// - Source: Fader & Hardie (2007), table 1; data of Berry & Linoff (2004).
  static let highEnd = [
    100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4,
  ]
  static let regular = [
    100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3,
  ]

  /// The first seven years of a thousand customers.
  static func cohort(_ percent: [Double]) -> RenewalCohorts {
    RenewalCohorts([percent.prefix(8).map { $0 * 10 }])
  }

  static func error(_ percent: [Double], _ survival: (Int) -> Double) -> Double {
    (8...12).reduce(0) { $0 + abs(survival($1) * 100 / percent[$1] - 1) } / 5
  }

  @Test("the shifted beta-geometric model of the published cohorts is the published one")
  func shiftedBetaGeometric() {
    let (high, highFit) = ShiftedBetaGeometric.fit(Self.cohort(Self.highEnd))
    let (plain, plainFit) = ShiftedBetaGeometric.fit(Self.cohort(Self.regular))
    #expect(highFit.status == .converged && plainFit.status == .converged)
    // Printed: .668, 3.806, −1.611 per customer; .704, 1.182.
    #expect(abs(high.alpha - 0.668) < 5e-4 && abs(high.beta - 3.806) < 5e-4)
    #expect(abs(highFit.logLikelihood / 1000 + 1.611) < 5e-4)
    #expect(abs(plain.alpha - 0.704) < 5e-4 && abs(plain.beta - 1.182) < 5e-4)
    // More digits: own_run.sbg_fits of customer_value_vectors.json (scipy 1.17.1).
    #expect(abs(high.alpha / 0.668088369399 - 1) < 1e-6)
    #expect(abs(high.beta / 3.80609503034 - 1) < 1e-6)
    #expect(abs(highFit.logLikelihood + 1611.15814739) < 1e-6)
    #expect(abs(plainFit.logLikelihood + 1680.26518846) < 1e-6)
    let later = [0.460439666382, 0.43577958435, 0.414172392041, 0.395055337185, 0.377999065508]
    for (year, expected) in zip(8...12, later) {
      #expect(abs(high.survival(after: year) - expected) < 1e-6)
    }
    #expect(abs(high.retention(inPeriod: 8) - 0.941774647823) < 1e-6)
    #expect(abs(Self.error(Self.highEnd, high.survival) - 0.0283243739) < 1e-5)
    #expect(abs(Self.error(Self.regular, plain.survival) - 0.0148638980) < 1e-5)
    let lifetimes = [
      high.discountedLifetime(discountPerPeriod: 0.1),
      plain.discountedLifetime(discountPerPeriod: 0.1),
      high.discountedResidualLifetime(atEndOfPeriod: 5, discountPerPeriod: 0.1),
      plain.discountedResidualLifetime(atEndOfPeriod: 5, discountPerPeriod: 0.1),
    ]
    for (got, expected) in zip(
      lifetimes,
      [5.92225344801, 3.69490842603, 6.89670662077, 5.89409532343]
    ) {
      #expect(abs(got - expected) < 1e-5)
    }
  }

  @Test("the beta discrete Weibull model projects the published cohorts better")
  func betaDiscreteWeibull() {
    let (high, highFit) = BetaDiscreteWeibull.fit(Self.cohort(Self.highEnd))
    let (plain, plainFit) = BetaDiscreteWeibull.fit(Self.cohort(Self.regular))
    #expect(highFit.status == .converged && plainFit.status == .converged)
    // own_run.sbg_fits: parameters, LL and mean absolute percentage error of years 8…12.
    let expected = [0.214253335137, 1.42657486083, 1.72356487115]
    for (got, value) in zip(highFit.parameters, expected) { #expect(abs(got / value - 1) < 1e-4) }
    #expect(abs(highFit.logLikelihood + 1605.31421321) < 1e-6)
    #expect(abs(plainFit.logLikelihood + 1679.60283291) < 1e-6)
    #expect(abs(Self.error(Self.highEnd, high.survival) - 0.0126632680) < 1e-5)
    #expect(abs(Self.error(Self.regular, plain.survival) - 0.0137817645) < 1e-5)
    // The projection from four years that retenmod 0.2 prints.
    let short = RenewalCohorts([Self.highEnd.prefix(5).map { $0 * 10 }])
    let (four, _) = BetaDiscreteWeibull.fit(short)
    let printed = [54.66105, 51.0369, 48.10444, 45.66884, 43.60369, 41.82319]
    for (year, percent) in zip(5...10, printed) {
      #expect(abs(four.survival(after: year) * 100 - percent) < 0.01)
    }
    // With c = 1 both models are the same.
    let same = BetaDiscreteWeibull(alpha: 0.7, beta: 3, c: 1)
    let other = ShiftedBetaGeometric(alpha: 0.7, beta: 3)
    #expect(abs(same.retention(inPeriod: 4) - other.retention(inPeriod: 4)) < 1e-13)
    let (one, two) = (
      same.discountedLifetime(discountPerPeriod: 0.1),
      other.discountedLifetime(discountPerPeriod: 0.1)
    )
    #expect(abs(one - two) < 1e-10)
  }

  @Test("derivatives agree with differences of the likelihood")
  func derivatives() {
    let cohorts = RenewalCohorts([[50, 40, 35, 33], [80, 60, 60]])
    #expect(cohorts.customerCount == 130 && cohorts.lost == [30, 5, 2])
    #expect(cohorts.survivors == [0, 0, 60, 33])
    let functions: [(Int, ([Double]) -> NewtonMaximizer.Value)] = [
      (2, { ShiftedBetaGeometric(alpha: $0[0], beta: $0[1]).likelihood(cohorts) }),
      (3, { BetaDiscreteWeibull(alpha: $0[0], beta: $0[1], c: $0[2]).likelihood(cohorts) }),
    ]
    for (count, function) in functions {
      let point = Array([0.7, 2.5, 1.3].prefix(count))
      let here = function(point)
      for i in 0..<count {
        var (low, high) = (point, point)
        low[i] *= exponential(-1e-5)
        high[i] *= exponential(1e-5)
        let (below, above) = (function(low), function(high))
        #expect(abs(here.gradient[i] - (above.value - below.value) / 2e-5) < 1e-5)
        for j in 0..<count {
          let curve = (above.gradient[j] - below.gradient[j]) / 2e-5
          #expect(abs(here.hessian[i, j] - curve) < 1e-5)
        }
      }
    }
  }

  @Test("the parameters behind simulated subscribers are found within three errors")
  func recovery() {
    // 20,000 subscribers in four cohorts watched for 3, 5, 8 and 12 periods.
    let cohorts = [3, 5, 8, 12].enumerated()
      .map { place, periods in
        var left = [Double](repeating: 0, count: periods + 1)
        for customer in 0..<5000 {
          var random = CounterRandom(seed: 21, stream: UInt64(place * 5000 + customer))
          let (one, two) = (random.gamma(shape: 1.3, rate: 1), random.gamma(shape: 4, rate: 1))
          var period = 0
          left[0] += 1
          while period < periods, random.uniform() >= one / (one + two) {
            period += 1
            left[period] += 1
          }
        }
        return left
      }
    let (_, fit) = ShiftedBetaGeometric.fit(RenewalCohorts(cohorts))
    #expect(fit.status == .converged && fit.customerCount == 20_000)
    for (place, truth) in [1.3, 4].enumerated() {
      #expect(abs(fit.parameters[place] - truth) < 3 * fit.standardErrors[place])
    }
    // The third parameter of the larger model is 1.
    let (_, larger) = BetaDiscreteWeibull.fit(RenewalCohorts(cohorts))
    #expect(larger.status == .converged)
    #expect(abs(larger.parameters[2] - 1) < 3 * larger.standardErrors[2])
  }

  @Test("an undiscounted lifetime is finite only where the mean is")
  func undiscounted() {
    // E[1/θ] of a beta distribution with 3 and 4 is 6 / 2.
    #expect(ShiftedBetaGeometric(alpha: 3, beta: 4).discountedLifetime(discountPerPeriod: 0) == 3)
    let near = ShiftedBetaGeometric(alpha: 3, beta: 4).discountedLifetime(discountPerPeriod: 1e-4)
    #expect(near < 3 && near > 2.99)
    let heavy = ShiftedBetaGeometric(alpha: 0.9, beta: 4)
    #expect(heavy.discountedLifetime(discountPerPeriod: 0) == .infinity)
  }

  @Test(
    "cohorts that say nothing give a status, never a crash",
    arguments: [
      [], [[]], [[100]], [[100, 100, 100]], [[100, 0]], [[0, 0, 0]], [[100, 120]], [[100, 50]],
      [[1, 1, 0]], [[1000, 500, 250, 125]],
    ] as [[[Double]]]
  )
  func degenerate(_ cohorts: [[Double]]) {
    let cohorts = RenewalCohorts(cohorts)
    #expect(ShiftedBetaGeometric.fit(cohorts).fit.status != .converged)
    #expect(BetaDiscreteWeibull.fit(cohorts).fit.status != .converged)
  }
}
