import LodeNumerics
import Testing

@testable import LodeCustomer

@Suite("Beta-geometric beta-binomial model")
struct BetaGeometricBetaBinomialTests {
  /// The 11,104 donors of 1995 over six years: x, t_x, donors, the chance to be alive in year
  /// seven, the expected donations of years seven to eleven.
  ///
  /// - Source: counts: Fader, Hardie & Shang (2010), table 1, as in donations.csv of lifetimes
  ///   0.11.3; figures: customer_value_vectors.json, own_run.bgbb_palive_at_n_plus_1_and_E5.
  static let donors: [(x: Int, last: Int, count: Double, alive: Double, next: Double)] = [
    (0, 0, 3464, 0.10813327511, 0.0728633389408),
    (1, 1, 1091, 0.0694618050169, 0.0856957076393),
    (1, 2, 277, 0.254709927595, 0.314238126733),
    (1, 3, 129, 0.481355768, 0.593853314854),
    (1, 4, 78, 0.680383831057, 0.839396181177),
    (1, 5, 119, 0.828143731452, 1.02168901422),
    (1, 6, 129, 0.930433577509, 1.14788499689),
    (2, 2, 613, 0.0664147590309, 0.11912088238),
    (2, 3, 255, 0.29890365622, 0.536110765065),
    (2, 4, 155, 0.589657189079, 1.05760354611),
    (2, 5, 173, 0.804555006079, 1.44304223408),
    (2, 6, 234, 0.930433577508, 1.66881684684),
    (3, 3, 322, 0.095006295763, 0.223594587902),
    (3, 4, 181, 0.439593892509, 1.03457159813),
    (3, 5, 225, 0.766826000115, 1.80470296322),
    (3, 6, 357, 0.930433577508, 2.18974869678),
    (4, 4, 240, 0.200179036632, 0.58319200164),
    (4, 5, 284, 0.696800115918, 2.0300240284),
    (4, 6, 512, 0.930433577508, 2.71068054672),
    (5, 5, 335, 0.52197543422, 1.81294218605),
    (5, 6, 728, 0.930433577509, 3.23161239666),
    (6, 6, 1203, 0.930433577509, 3.75254424661),
  ]

  static let customers = donors.map {
    (OccasionSummary(frequency: $0.x, lastOccasion: $0.last, occasions: 6), $0.count)
  }

  @Test("the donations have the parameters, totals and chances of the paper")
  func donations() {
    let (model, fit) = BetaGeometricBetaBinomial.fit(Self.customers)
    #expect(fit.status == .converged && fit.customerCount == 11_104)
    // Printed: 1.204, .750, .657, 2.783, −33,225.6.
    for (got, printed) in zip(fit.parameters, [1.204, 0.750, 0.657, 2.783]) {
      #expect(abs(got - printed) < 6e-4)
    }
    #expect(abs(fit.logLikelihood + 33_225.58127) < 1e-4)
    var total = 0.0
    for donor in Self.donors {
      let summary = OccasionSummary(frequency: donor.x, lastOccasion: donor.last, occasions: 6)
      let next = model.expectedPurchases(summary, withinOccasions: 5)
      total += next * donor.count
      // lifetimes stops its search at a gradient of about 1e-7: four digits.
      #expect(abs(next / donor.next - 1) < 1e-4)
      #expect(abs(model.probabilityAlive(summary) / donor.alive - 1) < 1e-4)
    }
    #expect(abs(total - 12_884.2) < 0.06)
    let shares = (0...6).map { model.share(buying: $0, ofOccasions: 6) }
    #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
    #expect(abs(shares[0] * 11_104 - 3454.9) < 0.06 && abs(shares[6] * 11_104 - 1253.1) < 0.06)
  }

  @Test("derivatives agree with differences of the likelihood")
  func derivatives() {
    let point = [0.9, 1.4, 0.7, 2.2]
    func value(_ point: [Double]) -> NewtonMaximizer.Value {
      BetaGeometricBetaBinomial(parameters: point).likelihood(Self.customers)
    }
    let here = value(point)
    for i in 0..<4 {
      var (low, high) = (point, point)
      low[i] *= exponential(-1e-5)
      high[i] *= exponential(1e-5)
      let (below, above) = (value(low), value(high))
      #expect(abs(here.gradient[i] - (above.value - below.value) / 2e-5) < 0.01)
      for j in 0..<4 {
        #expect(abs(here.hessian[i, j] - (above.gradient[j] - below.gradient[j]) / 2e-5) < 0.01)
      }
    }
  }

  @Test("the sum over occasions is the closed form of the paper")
  func closedForm() {
    let model = BetaGeometricBetaBinomial(parameters: [1.2, 0.75, 0.66, 2.78])
    let summary = OccasionSummary(frequency: 2, lastOccasion: 4, occasions: 6)
    // Fader, Hardie & Shang (2010), the closed form, with x = 2, n = 6, n* = 5.
    typealias F = SpecialFunctions
    func ratio(_ n: Double) -> Double {
      exponential(F.logGamma(1 + 2.78 + n) - F.logGamma(0.66 + 2.78 + n))
    }
    let buying = F.logBeta(1.2 + 3, 0.75 + 4) - F.logBeta(1.2, 0.75)
    let lives = F.logGamma(0.66 + 2.78) - F.logGamma(1 + 2.78)
    let logScale = buying + lives - model.logLikelihood(summary)
    let closed = exponential(logScale) * 2.78 / (0.66 - 1) * (ratio(6) - ratio(11))
    #expect(abs(model.expectedPurchases(summary, withinOccasions: 5) - closed) < 1e-12)
    let endless = model.expectedPurchases(
      summary,
      withinOccasions: 100_000,
      discountPerOccasion: 0.1
    )
    let forty = model.expectedPurchases(summary, withinOccasions: 400, discountPerOccasion: 0.1)
    #expect(abs(endless - forty) < 1e-12 && endless > 0)
    // Whoever bought at the last occasion was alive at it.
    let last = OccasionSummary(frequency: 1, lastOccasion: 6, occasions: 6)
    #expect(abs(model.probabilityAlive(last, ahead: 0) - 1) < 1e-12)
  }

  @Test("few or odd customers give a status, never a crash")
  func degenerate() {
    let never = OccasionSummary(frequency: 0, lastOccasion: 0, occasions: 6)
    let always = OccasionSummary(frequency: 6, lastOccasion: 6, occasions: 6)
    let wrong = OccasionSummary(frequency: 3, lastOccasion: 2, occasions: 6)
    let nothing = OccasionSummary(frequency: 0, lastOccasion: 0, occasions: 0)
    #expect(!wrong.isPossible)
    for customers in [[], [never], [always], [wrong], [nothing], [never, always]] {
      let fit = BetaGeometricBetaBinomial.fit(customers.map { ($0, 10) }).fit
      #expect(fit.status != .converged, "\(customers)")
    }
  }
}
