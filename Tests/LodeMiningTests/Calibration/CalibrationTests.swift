import LodeMining
import LodeRuntime
import Testing

@Suite("Calibration of probabilities")
struct CalibrationTests {
  typealias Customers = ScoredCustomers

  @Test("slope, intercept and their errors equal statsmodels")
  func recalibration() throws {
    let model = try LogisticRecalibration()
      .fit(Customers.probabilities, outcomes: Customers.outcomes)
    // Logit of the outcome on the log-odds; Binomial GLM with the log-odds as offset.
    #expect(abs(model.intercept.value + 0.44937378282591894) < 1e-9)
    #expect(abs(model.slope.value - 0.4073678061186735) < 1e-9)
    #expect(abs(model.intercept.standardError - 0.06302636178200119) < 1e-8)
    #expect(abs(model.slope.standardError - 0.02630364454867995) < 1e-8)
    #expect(abs(model.inTheLarge.value + 0.005197810614468407) < 1e-12)
    #expect(abs(model.inTheLarge.standardError - 0.0683252314223667) < 1e-9)
    #expect(!model.isInverted)
  }

  @Test("recalibrated probabilities have slope 1, intercept 0 and the mean of the outcomes")
  func recalibrated() throws {
    let model = try LogisticRecalibration()
      .fit(Customers.probabilities, outcomes: Customers.outcomes)
    let straight = model.calibrated(Customers.probabilities)
    let again = try LogisticRecalibration().fit(straight, outcomes: Customers.outcomes)
    #expect(abs(again.slope.value - 1) < 1e-9)
    #expect(abs(again.intercept.value) < 1e-9)
    #expect(abs(again.inTheLarge.value) < 1e-9)
    #expect(
      try ClassifierScores(straight, outcomes: Customers.outcomes).auc
        == ClassifierScores(Customers.probabilities, outcomes: Customers.outcomes).auc
    )
  }

  @Test("equal probabilities and perfect separation are refused, Firth's likelihood copes")
  func refusedRecalibration() throws {
    #expect(throws: EvaluationError.constantScores(rows: 4, value: 0.5)) {
      try LogisticRecalibration()
        .fit([0.5, 0.5, 0.5, 0.5], outcomes: [true, false, true, false])
    }
    let scores = [0.1, 0.2, 0.3, 0.6, 0.7, 0.8]
    let outcomes = scores.map { $0 > 0.5 }
    #expect(throws: EvaluationError.self) {
      try LogisticRecalibration().fit(scores, outcomes: outcomes)
    }
    let firth = try LogisticRecalibration(likelihood: .firth).fit(scores, outcomes: outcomes)
    #expect(firth.slope.value > 0)
    #expect(firth.slope.value.isFinite)
  }

  @Test("the isotonic curve equals scikit-learn's")
  func isotonic() throws {
    let model = try IsotonicCalibration(margin: 0)
      .fit(Customers.scores, outcomes: Customers.outcomes)
    let places = [-1, 0, 0.0105, 0.1, 0.2505, 0.5, 0.75, 0.9995, 2]
    let expected = [
      0.06363636363636363, 0.06363636363636363, 0.06904761904761905, 0.16666666666666666,
      0.2894736842105263, 0.41333333333333333, 0.5217391304347828, 1, 1,
    ]
    #expect(model.scores.count == 59)
    for (got, expected) in zip(model.calibrated(places), expected) {
      #expect(abs(got - expected) < 1e-12)
    }
    let squares = model.calibrated(Customers.scores).reduce(0) { $0 + $1 * $1 }
    #expect(abs(squares - 189.96860690137188) < 1e-9)
  }

  @Test("an isotonic curve by hand: the pool of 1, 0 is a half, and the margin holds")
  func isotonicByHand() throws {
    let model = try IsotonicCalibration(margin: 0.01)
      .fit([1, 2, 3, 4], outcomes: [false, true, false, true])
    #expect(model.scores == [1, 2, 3, 4])
    #expect(model.probabilities == [0.01, 0.5, 0.5, 0.99])
    #expect(model.calibrated([2.5, 3.5]) == [0.5, 0.745])
  }

  @Test("a corrected mean is the base rate, however extreme", arguments: [1e-9, 0.02, 0.5, 0.999])
  func baseRate(_ rate: Double) throws {
    let probabilities = [0, 1e-12, 0.1, 0.5, 0.9, 0.999_999, 1]
    let correction = try BaseRateCorrection(probabilities, toBaseRate: rate)
    let corrected = correction.corrected(probabilities)
    let mean = corrected.reduce(0, +) / 7
    #expect(abs(mean - rate) < 1e-12 * max(1, 1 / rate) || abs(mean / rate - 1) < 1e-9)
    #expect(zip(corrected, corrected.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("the correction by odds alone: 0.5 of a model trained at 1/2 becomes 1/5")
  func oddsOnly() throws {
    let correction = try BaseRateCorrection(fromBaseRate: 0.5, toBaseRate: 0.2)
    #expect(abs(correction.corrected([0.5])[0] - 0.2) < 1e-15)
    #expect(throws: EvaluationError.self) {
      try BaseRateCorrection([0.1, 0.2], toBaseRate: 1)
    }
  }
}
