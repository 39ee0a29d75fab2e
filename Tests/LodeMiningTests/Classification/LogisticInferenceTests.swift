import Glibc
import LodeMining
import LodeNumerics
import Testing

@Suite("LogisticInference")
struct LogisticInferenceTests {
  private static let spector = LogisticExamples.spector

  private func fitted(_ example: LogisticExamples.Example) throws -> LogisticInference {
    let model = try LogisticRegression()
      .fit(example.features, featureNames: example.featureNames, outcomes: example.outcomes)
    return try LogisticInference(model, features: example.features, outcomes: example.outcomes)
  }

  private func expectErrors(
    _ expected: [Double],
    _ got: [LogisticRegression.Inference?],
    tolerance: Double = 5e-8
  ) throws {
    for (error, inference) in zip(expected, got) {
      let found = try #require(inference).standardError
      #expect(abs(found / error - 1) < tolerance, "\(found) instead of \(error)")
    }
  }

  @Test("the grades of Spector and Mazzeo have the errors that statsmodels gives")
  func errors() throws {
    // statsmodels 0.15.0 Logit.fit(cov_type=...); printed to nine digits. Its HC1 of a Logit takes
    // no small-sample factor and so equals HC0; groups are four rows each.
    let inference = try fitted(Self.spector)
    try expectErrors(
      [4.93132421, 1.26294108, 0.14155421, 1.06456425],
      try inference.terms(.information)
    )
    let robust = [5.19758541, 1.26754598, 0.11792227, 0.96441921]
    try expectErrors(robust, try inference.terms(.robust))
    try expectErrors(
      robust.map { $0 * (32.0 / 28).squareRoot() },
      try inference.terms(.robustHC1)
    )
    try expectErrors(
      [4.61228131, 1.20150566, 0.05698528, 0.82262582],
      try inference.terms(.clustered((0..<32).map { 7 - $0 / 4 })),
      tolerance: 1e-7
    )
  }

  @Test("errors by groups of one row are robust errors but for the small-sample factor")
  func groupsOfOne() throws {
    let inference = try fitted(Self.spector)
    let robust = try inference.terms(.robustHC1)
    let clustered = try inference.terms(.clustered(Array(0..<32)))
    for (one, other) in zip(robust, clustered) {
      let ratio = try #require(other).standardError / #require(one).standardError
      #expect(abs(ratio - 1) < 1e-12)
    }
  }

  @Test("the profile intervals of the budworms are those of R's confint")
  func profile() throws {
    // Venables & Ripley, MASS, ?confint: sexF -4.4581438, -2.613736; ldose 0.8228708, 1.339058.
    // Further digits and the male row by scipy 1.17.1 `brentq` over statsmodels GLM with offset.
    let inference = try fitted(LogisticExamples.budworm)
    let expected = [
      (-4.458068048987513, -2.6135359691139923), (0.4192124273913422, 1.820444558840739),
      (0.822854515697544, 1.339038779258904),
    ]
    for (bounds, got) in zip(expected, inference.profileIntervals()) {
      let interval = try #require(got)
      #expect(abs(interval.lowerBound - bounds.0) < 1e-8)
      #expect(abs(interval.upperBound - bounds.1) < 1e-8)
      #expect(interval.converged)
    }
  }

  @Test("a profile interval ends where the likelihood ratio test of a refit says so")
  func profileIsLikelihoodRatio() throws {
    // With the slope of a lone feature held at b the intercept is the only unknown: solve for it.
    let example = LogisticExamples.budworm
    let dose = example.features.gathering(columns: [1])
    let model = try LogisticRegression()
      .fit(dose, featureNames: ["dose"], outcomes: example.outcomes)
    let inference = try LogisticInference(model, features: dose, outcomes: example.outcomes)
    let interval = try #require(inference.profileInterval(term: 1))
    for bound in [interval.lowerBound, interval.upperBound] {
      var (low, high) = (-50.0, 50.0)
      func logLikelihood(_ intercept: Double) -> (value: Double, slope: Double) {
        var sum = (value: 0.0, slope: 0.0)
        for row in example.outcomes.indices {
          let p = 1 / (1 + exp(-(intercept + bound * dose[row, 0])))
          sum.value += log(example.outcomes[row] ? p : 1 - p)
          sum.slope += (example.outcomes[row] ? 1 : 0) - p
        }
        return sum
      }
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if logLikelihood(middle).slope > 0 { low = middle } else { high = middle }
      }
      let drop = 2 * (model.logLikelihood - logLikelihood(low).value)
      // The 95 % point of chi-square with one degree of freedom.
      #expect(abs(drop - 3.841458820694124) < 1e-8)
    }
  }

  @Test("likelihood ratio, odds ratios and criteria follow from their definitions")
  func ratios() throws {
    // statsmodels 0.15.0: llr 15.404190949005582, llr_pvalue 0.0015018786820365755.
    let example = Self.spector
    let model = try LogisticRegression()
      .fit(example.features, featureNames: example.featureNames, outcomes: example.outcomes)
    let test = try #require(model.likelihoodRatioTest)
    #expect(abs(test.statistic - 15.404190949005582) < 1e-10)
    #expect(abs(test.pValue - 0.0015018786820365755) < 1e-13)
    let fewer = try LogisticRegression()
      .fit(
        example.features.gathering(columns: [0, 1]),
        featureNames: ["gpa", "tuce"],
        outcomes: example.outcomes
      )
    let nested = try #require(model.likelihoodRatioTest(against: fewer))
    #expect(nested.degreesOfFreedom == 1)
    #expect(abs(nested.statistic - 2 * (model.logLikelihood - fewer.logLikelihood)) < 1e-12)
    let ratio = try #require(model.terms[3].oddsRatio)
    #expect(abs(ratio - exp(model.coefficients[2])) < 1e-12)
    let perDeviation = try #require(model.oddsRatiosPerStandardDeviation[0])
    let step = model.coefficients[0] * model.standardDeviations[0]
    #expect(abs(perDeviation - exp(step)) < 1e-12)
  }

  @Test("penalised models and other rows are refused")
  func refusals() throws {
    let example = Self.spector
    let model = try LogisticRegression(l2: 1)
      .fit(example.features, featureNames: example.featureNames, outcomes: example.outcomes)
    let error = #expect(throws: LogisticInference.Failure.self) {
      try LogisticInference(model, features: example.features, outcomes: example.outcomes)
    }
    #expect(
      error?.description
        == "the model was fitted with the penalty l2 = 1.0, which biases it on purpose; fit it "
        + "with l2 = 0, or use a bootstrap."
    )
    let plain = try fitted(example)
    #expect(throws: LogisticInference.Failure.oneGroup) {
      try plain.terms(.clustered(Array(repeating: 7, count: 32)))
    }
  }
}

@Suite("Collinearity")
struct CollinearityTests {
  @Test("variance inflation of the grades is what statsmodels gives")
  func inflation() {
    // statsmodels 0.15.0 variance_inflation_factor with a constant; numpy cond of the z-scores.
    let example = LogisticExamples.spector
    let collinearity = Collinearity(example.features, featureNames: example.featureNames)
    let expected = [1.1761582341579835, 1.1894350280708073, 1.0129022410286042]
    for (value, got) in zip(expected, collinearity.varianceInflation) {
      #expect(abs((got ?? 0) - value) < 1e-12)
    }
    #expect(abs(collinearity.conditionNumber - 1.5282170179396275) < 1e-12)
  }

  @Test("exact combinations are named and have infinite inflation")
  func exact() {
    let collinearity = Collinearity(
      Matrix(columns: [[1, 2, 3, 5, 8], [3, 1, 4, 1, 5], [2, 4, 6, 10, 16], [7, 7, 7, 7, 7]]),
      featureNames: ["a", "b", "twice a", "seven"]
    )
    #expect(collinearity.aliases.map(\.name) == ["twice a", "seven"])
    #expect(collinearity.aliases[0].combinationOf == ["a"])
    #expect(collinearity.varianceInflation[0] == .infinity)
    #expect((collinearity.varianceInflation[1] ?? 9) < 2)
    #expect(collinearity.varianceInflation[3] == nil)
    #expect(collinearity.conditionNumber == .infinity)
  }
}
