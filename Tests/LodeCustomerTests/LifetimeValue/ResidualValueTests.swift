import Testing

@testable import LodeCustomer

@Suite("Discounted purchases to come")
struct ResidualValueTests {
  @Test("the discounted purchases of CDNOW customers at 15 % a year are those of the fixture")
  func fixture() {
    // customer_value_vectors.json, own_run.pareto_dert_weekly_delta_ln1_15_over_52 (mpmath), with
    // the parameters of own_run.pareto_nbd_quadrature_mle_cdnow.
    let model = ParetoNBD(
      parameters: [0.553275564294, 10.5776130112, 0.606213426594, 11.6679064814]
    )
    let cases: [(Int, Double, Double)] = [
      (0, 0, 0.181933661174), (1, 30, 1.42995546928), (2, 30, 1.72060269917),
      (7, 35, 0.89458671565), (14, 70, 26.2436025532), (14, 30, 0.00564981083772),
    ]
    for (x, last, expected) in cases {
      let customer = PurchaseSummary(frequency: x, recency: last, age: 77.86)
      let got = model.discountedPurchases(
        customer,
        discount: DiscountRate(yearly: 0.15),
        unit: .week
      )
      #expect(abs(got / expected - 1) < 1e-5, "\(x), \(last): \(got)")
    }
  }

  @Test("the integral is that of the closed forms, on both ways")
  func integral() {
    // Abramowitz & Stegun (1964), table 5.1: E₁(½) = 0.559773595, E₁(1) = 0.219383934.
    let half = ParetoNBD.scaledExponentialIntegral(1, 0.5) * exponential(-0.5)
    let one = ParetoNBD.scaledExponentialIntegral(1, 1) * exponential(-1)
    #expect(abs(half - 0.5597735948) < 1e-9 && abs(one - 0.2193839344) < 1e-9)
    for s in [0.05, 0.606, 1, 1.5, 2, 64.28] {
      for z in [0.05, 0.3, 0.5, 2, 20] {
        let fraction = ParetoNBD.exponentialIntegralByFraction(s, z)
        let points = ParetoNBD.exponentialIntegralByPoints(s, z)
        #expect(abs(fraction / points - 1) < 1e-11, "s = \(s), z = \(z)")
        // s Eₛ₊₁ = e⁻ᶻ − z Eₛ.
        let next = ParetoNBD.scaledExponentialIntegral(s + 1, z)
        let here = ParetoNBD.scaledExponentialIntegral(s, z)
        #expect(abs(s * next + z * here - 1) < 1e-12, "s = \(s), z = \(z)")
      }
      // Without much discount and s > 1 the integral is 1 / (s − 1).
      if s > 1 {
        let tiny = ParetoNBD.scaledExponentialIntegral(s, 1e-12)
        #expect(abs(tiny * (s - 1) - 1) < 1e-5)
      }
    }
  }

  @Test("parameters on their way to a border give finite figures")
  func stress() {
    // CLVTools issues 132 and 171: infinite or NaN there.
    let model = ParetoNBD(parameters: [0.53, 38.06, 64.28, 7721.5])
    let customer = PurchaseSummary(frequency: 221, recency: 103.43, age: 103.57)
    for unit in TimeUnit.allCases {
      let got = model.discountedPurchases(
        customer,
        discount: DiscountRate(yearly: 0.1),
        unit: unit
      )
      #expect(got.isFinite && got > 0)
    }
    // At a rate so high that only the next moment counts: purchases per unit over the rate.
    let soon = model.discountedPurchases(
      PurchaseSummary(frequency: 1, recency: 100, age: 100),
      discount: DiscountRate(yearly: 1e12),
      unit: .week
    )
    let rate = 1.53 / 138.06 / (27.631_021_115_929_54 / 52)
    #expect(soon < rate && soon > 0.9 * rate)
  }
}
