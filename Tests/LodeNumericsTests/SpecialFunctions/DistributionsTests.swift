import LodeNumerics
import Testing

/// Whether two numbers agree to a relative tolerance.
func agree(_ left: Double, _ right: Double, within tolerance: Double) -> Bool {
  abs(left - right) <= tolerance * max(abs(left), abs(right))
}

/// Source of all expected values: scipy 1.17.1 (`special`, `stats`), printed with `repr`.
@Suite("Special functions and distributions")
struct DistributionsTests {
  @Test("the gamma family equals scipy to 13 digits")
  func gammaFamily() {
    #expect(agree(SpecialFunctions.logGamma(0.5), 0.5723649429247, within: 1e-13))
    #expect(agree(SpecialFunctions.logGamma(100.25), 360.28455963776423, within: 1e-14))
    #expect(agree(SpecialFunctions.digamma(0.3), -3.502524222200133, within: 1e-13))
    #expect(agree(SpecialFunctions.digamma(12.5), 2.4851956512749123, within: 1e-13))
    #expect(
      agree(SpecialFunctions.upperIncompleteGamma(2.5, 1.3), 0.761365267845014, within: 1e-13)
    )
    #expect(
      agree(SpecialFunctions.upperIncompleteGamma(2.5, 9), 0.0029464045878802923, within: 1e-13)
    )
  }

  @Test("the incomplete beta function equals scipy on both sides of its switch")
  func incompleteBeta() {
    #expect(
      agree(SpecialFunctions.incompleteBeta(2, 3.5, at: 0.4), 0.5984490866652151, within: 1e-13)
    )
    #expect(
      agree(SpecialFunctions.incompleteBeta(50, 0.5, at: 0.99), 0.3173043978741973, within: 1e-12)
    )
  }

  @Test("the normal distribution equals scipy in the middle and in the far tail")
  func normal() {
    #expect(agree(Distributions.normalCDF(-1.96), 0.024997895148220435, within: 1e-14))
    #expect(agree(Distributions.normalCDF(-8), 6.22096057427174e-16, within: 1e-12))
    #expect(agree(Distributions.normalQuantile(0.975), 1.959963984540054, within: 1e-14))
    #expect(agree(Distributions.normalQuantile(1e-10), -6.361340902404056, within: 1e-13))
    #expect(agree(Distributions.normalQuantile(0.3), -0.5244005127080409, within: 1e-13))
    #expect(
      agree(
        Distributions.normalTwoSided(9.674757560647105),
        3.8600544507123725e-22,
        within: 1e-12
      )
    )
  }

  @Test("p-values of chi-square, t and F equal scipy")
  func pValues() {
    let chiSquare = Distributions.chiSquareSurvival
    #expect(agree(chiSquare(3.84, 1), 0.05004352124870519, within: 1e-12))
    #expect(agree(chiSquare(40, 3), 1.065509033425585e-08, within: 1e-11))
    let student = Distributions.studentTwoSided
    #expect(agree(student(2.1, 10), 0.06207724420221853, within: 1e-12))
    #expect(agree(student(31.58, 7041), 7.900117908009447e-205, within: 1e-8))
    #expect(
      agree(
        Distributions.fSurvival(3.2, numerator: 4, denominator: 20),
        0.034831623728782526,
        within: 1e-12
      )
    )
  }

  @Test("quantiles of the beta distribution equal scipy, in the far tail too")
  func betaQuantiles() {
    let quantile = Distributions.betaQuantile
    #expect(agree(quantile(0.025, 6, 14), 0.1257606358729833, within: 1e-12))
    #expect(agree(quantile(0.975, 3.5, 200.25), 0.038956092173392784, within: 1e-12))
    #expect(agree(quantile(1e-6, 2, 30), 4.6394691291346266e-05, within: 1e-10))
    #expect(quantile(0, 2, 3) == 0)
    #expect(quantile(1, 2, 3) == 1)
  }

  @Test("the normal quantile undoes the normal CDF", arguments: 1..<50)
  func roundTrip(_ step: Int) {
    let probability = Double(step) / 50
    let back = Distributions.normalCDF(Distributions.normalQuantile(probability))
    #expect(abs(back - probability) < 1e-15)
  }
}
