import Testing

@testable import LodeCustomer

@Suite("Totals of lifetime value")
struct LifetimeTotalsTests {
  /// A model that was off by half of what it expected on the only holdout there was.
  private static var poor: CalibrationErrors {
    var errors = CalibrationErrors()
    errors.purchases = CalibrationError([(expected: 100, actual: 150, variance: 1)])
    errors.buyers = CalibrationError([(expected: 100, actual: 150, variance: 1)])
    return errors
  }

  @Test("an interval stays within what the sum can be")
  func possible() {
    let total = LifetimeTotal(
      expected: 60,
      individual: 20,
      parameters: 5,
      calibration: Self.poor.buyers,
      level: 0.9,
      largest: 100
    )
    #expect(total.interval == 0...100)
    let certain = LifetimeTotal(
      expected: 60,
      individual: 16,
      parameters: 9,
      calibration: CalibrationError(),
      level: 0.9,
      largest: 100
    )
    // 60 ± 1.6449 · 5.
    #expect(abs((certain.interval?.lowerBound ?? 0) - 51.7757) < 1e-3)
    #expect(abs((certain.interval?.upperBound ?? 0) - 68.2243) < 1e-3)
  }

  @Test("no more customers buy than there are, though purchases have no such bound")
  func buyers() {
    let groups = PurchaseGroups(LifetimeModelsTests.customers(1000, seed: 8, .standard))
    let (model, fit) = LifetimeModel.fit(.bgnbd, groups)
    let totals = LifetimeTotals(
      groups,
      groups.forecasts(model, within: 52, level: 0.9),
      model: model,
      fit: fit,
      within: 52,
      money: nil,
      calibration: Self.poor
    )
    #expect(totals.buyers.expected > 0 && totals.buyers.expected < 1000)
    #expect(totals.buyers.interval == 0...1000)
    #expect((totals.purchases.interval?.upperBound ?? 0) > 1000)
  }
}
