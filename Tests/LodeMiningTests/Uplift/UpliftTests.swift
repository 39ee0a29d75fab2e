import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

/// 600 rows of a trial by a recipe that any language can repeat; numpy's and scikit-learn's values.
enum UpliftExample {
  static let first = (0..<600).map { fraction(Double($0) * 0.6180339887498949) }
  static let second = (0..<600).map { 10 * fraction(Double($0) * 0.3247179572447460) }
  static let treated = (0..<600).map { $0 % 2 == 0 }
  static let outcomes = (0..<600)
    .map { i in
      fraction(Double(i) * 0.7548776662466927 + 0.5) < 0.2 + (i % 2 == 0 ? 0.3 * first[i] : 0)
    }
  /// With ties: hundredths.
  static let scores = first.map { (100 * $0).rounded() / 100 }
  static let features = Matrix(columns: [first, second])

  private static func fraction(_ x: Double) -> Double { x.truncatingRemainder(dividingBy: 1) }
}

@Suite("Uplift curves and verdicts")
struct UpliftCurveTests {
  typealias Example = UpliftExample

  @Test("six customers by hand")
  func byHand() throws {
    // Treated yes, control no, tied: treated no and control yes, treated yes, control yes.
    let curve = try UpliftCurve(
      [6, 5, 4, 4, 2, 1],
      treated: [true, false, true, false, true, false],
      outcomes: [true, false, false, true, true, true]
    )
    // q: 0; 1; 1 − 0·1/1 = 1; (tie) 1 − 1·2/2 = 0; 2 − 1·3/2 = ½; 2 − 2·3/3 = 0.
    #expect(curve.points.map(\.qini) == [0, 1, 1, 0, 0.5, 0])
    // ∫ = (½ + 1 + 2·½ + ¼ + ¼)/6 = ½, a treated row 1/6; the random area is 0.
    #expect(abs(curve.qiniCoefficient - 1.0 / 6) < 1e-15)
    #expect(curve.averageEffect == 0)
    // The first half: one of two treated, one of two controls.
    #expect(curve.uplift(atShare: 0.5) == 0)
  }

  @Test("areas equal the printed formulas in numpy, ties together and in row order")
  func peers() throws {
    let grouped = try UpliftCurve(
      Example.scores,
      treated: Example.treated,
      outcomes: Example.outcomes
    )
    #expect(grouped.points.count == 102)
    #expect(abs(grouped.qiniCoefficient - 0.017061267248759657) < 1e-14)
    #expect(abs(grouped.auucAboveRandom - 0.017212530020580888) < 1e-14)
    let inOrder = try UpliftCurve(
      Example.scores,
      treated: Example.treated,
      outcomes: Example.outcomes,
      ties: .rowOrder
    )
    #expect(abs(inOrder.qiniCoefficient - 0.017206853567982613) < 1e-14)
    #expect(abs(inOrder.auucAboveRandom - 0.01735961190131688) < 1e-14)
  }

  @Test("the order of rows is without effect when ties are grouped")
  func rowOrder() throws {
    let back = Array(Example.scores.indices.reversed())
    let curve = try UpliftCurve(
      back.map { Example.scores[$0] },
      treated: back.map { Example.treated[$0] },
      outcomes: back.map { Example.outcomes[$0] }
    )
    let forward = try UpliftCurve(
      Example.scores,
      treated: Example.treated,
      outcomes: Example.outcomes
    )
    #expect(curve == forward)
  }

  /// A trial in which the treatment adds `0.6·u` to the customers, or 0.3 to all.
  private func trial(_ seed: UInt64, isHeterogeneous: Bool) -> ([Double], [Bool], [Bool]) {
    var random = CounterRandom(seed: seed)
    let scores = (0..<800).map { _ in random.uniform() }
    let treated = (0..<800).map { _ in random.uniform() < 0.5 }
    let outcomes = scores.indices.map { i in
      let added = isHeterogeneous ? 0.6 * scores[i] : 0.3
      return random.uniform() < 0.1 + (treated[i] ? added : 0)
    }
    return (scores, treated, outcomes)
  }

  @Test("heterogeneity that is there is found, and its absence is said", arguments: 0..<4)
  func verdicts(_ seed: UInt64) throws {
    let evaluator = UpliftEvaluator(bootstrapCount: 100, permutationCount: 99)
    let (scores, treated, outcomes) = trial(seed, isHeterogeneous: true)
    let found = try evaluator.evaluate(scores, treated: treated, outcomes: outcomes)
    #expect(found.verdict == .heterogeneity)
    #expect(found.pValue <= 0.02)
    let wrong = try evaluator.evaluate(scores.map { -$0 }, treated: treated, outcomes: outcomes)
    #expect(wrong.verdict == .inverted)
    #expect(found.bins.map(\.counts.rows).reduce(0, +) == 800)
    let top = try #require(found.bins[0].effect.difference)
    let last = try #require(found.bins[9].effect.difference)
    #expect(top > last)
  }

  @Test("an equal effect on all is no heterogeneity: send to all", arguments: [10, 11, 12])
  func none(_ seed: UInt64) throws {
    let (scores, treated, outcomes) = trial(seed, isHeterogeneous: false)
    let evaluation = try UpliftEvaluator(bootstrapCount: 100, permutationCount: 99)
      .evaluate(scores, treated: treated, outcomes: outcomes)
    #expect(evaluation.verdict == UpliftEvaluation.Verdict.none)
    #expect(
      evaluation.sentence
        == "no heterogeneity: send to all or none; on average the treatment works, so to all if it "
        + "pays."
    )
  }

  @Test("without heterogeneity the verdict says so, wrong about once in 20 times")
  func falseAlarms() throws {
    // 400 such trials of 800 rows in numpy: 2.75 % above 0 and as many below.
    let evaluator = UpliftEvaluator(bootstrapCount: 100, permutationCount: 1)
    var alarms = 0
    for seed in 100..<130 {
      let (scores, treated, outcomes) = trial(UInt64(seed), isHeterogeneous: false)
      let part = try evaluator.evaluate(
        Array(scores.prefix(200)),
        treated: Array(treated.prefix(200)),
        outcomes: Array(outcomes.prefix(200))
      )
      alarms += part.verdict == UpliftEvaluation.Verdict.none ? 0 : 1
    }
    #expect(alarms <= 5, "\(alarms) of 30")
  }

  @Test("one thread and many give the same bits, another seed another interval")
  func determinism() throws {
    let (scores, treated, outcomes) = trial(3, isHeterogeneous: true)
    var evaluator = UpliftEvaluator(bootstrapCount: 100, permutationCount: 49)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let alone = try evaluator.evaluate(scores, treated: treated, outcomes: outcomes)
    Parallel.threadCount = 4
    #expect(try evaluator.evaluate(scores, treated: treated, outcomes: outcomes) == alone)
    evaluator.seed = 2
    let other = try evaluator.evaluate(scores, treated: treated, outcomes: outcomes)
    #expect(other.lowerBound != alone.lowerBound)
  }

  @Test("one arm is refused with a message that says what to do")
  func oneArm() {
    do {
      _ = try UpliftCurve([1, 2], treated: [true, true], outcomes: [true, false])
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "all 2 rows are treated, so there is nothing to compare with; keep a random control "
          + "group."
      )
    }
  }
}

@Suite("Uplift models")
struct UpliftRegressionTests {
  typealias Example = UpliftExample

  @Test(
    "predicted uplifts equal scikit-learn's",
    arguments: zip(
      UpliftRegression.Method.allCases,
      [
        [0.09980149517856468, 0.16101235506993714, 0.29301270371402827],
        [0.09470454819245622, 0.15565235638968825, 0.2864933865627233],
        [0.08888043267332413, 0.16415770375651229, 0.2818662638603162],
      ]
    )
  )
  func peers(_ method: UpliftRegression.Method, _ expected: [Double]) throws {
    let model = try UpliftRegression(method: method)
      .fit(
        Example.features,
        featureNames: ["u", "w"],
        treated: Example.treated,
        outcomes: Example.outcomes
      )
    let uplift = model.uplift(for: Matrix(rows: [[0, 0], [0.5, 5], [1, 2]]))
    for (got, expected) in zip(uplift, expected) { #expect(abs(got - expected) < 1e-9) }
    #expect(model.converged)
    #expect(
      (model.treatedProbabilities(for: Example.features) == nil) == (method == .classTransformation)
    )
  }

  @Test("two models refuse an arm without any event, and say which")
  func armWithoutEvents() {
    do {
      _ = try UpliftRegression()
        .fit(
          Matrix(columns: [[1, 2, 3, 4]]),
          featureNames: ["u"],
          treated: [true, true, false, false],
          outcomes: [true, false, false, false]
        )
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "all 2 control rows have the outcome no; take more rows or another outcome, or use "
          + "interactions."
      )
    }
  }

  @Test("a class transformation refuses arms of unequal size")
  func unequalArms() {
    let treated = (0..<600).map { $0 % 3 == 0 }
    do {
      _ = try UpliftRegression(method: .classTransformation)
        .fit(
          Example.features,
          featureNames: ["u", "w"],
          treated: treated,
          outcomes: Example.outcomes
        )
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "the class transformation needs arms of equal size, but the treated share is "
          + "0.3333333333333333; use two models or interactions."
      )
    }
  }

  @Test("random arms are sound, a shifted feature and lost rows are named")
  func randomization() throws {
    let sound = try RandomizationCheck(
      Example.features,
      featureNames: ["u", "w"],
      treated: Example.treated
    )
    #expect(sound.isSound)
    #expect(sound.pValue == 1)
    let treated = Example.first.map { $0 > 0.4 }
    let broken = try RandomizationCheck(
      Example.features,
      featureNames: ["u", "w"],
      treated: treated
    )
    #expect(broken.imbalanced.contains("u"))
    // 360 of 600: (60²/300)·2 = 24 with one degree of freedom.
    #expect(broken.treatedCount == 360)
    #expect(abs(broken.chiSquare - 24) < 1e-12)
    #expect(broken.hasSampleRatioMismatch)
    #expect(!broken.isSound)
  }
}

@Suite("Forecast of campaign responses")
struct CampaignResponseTests {
  static let groups = zip([12, 30, 8, 55, 20], [400, 600, 100, 1_500, 350]).enumerated()
    .map { CampaignResponse.Group(name: "campaign \($0)", contacts: $1.1, responses: $1.0) }

  @Test("the prior has the likelihood of scipy's maximum, and rates lie between own and all")
  func pooling() throws {
    let fit = try CampaignResponse(Self.groups)
    #expect(fit.converged)
    // scipy.stats.betabinom with Nelder–Mead: α 56.83, β 1233.8.
    #expect(abs(fit.logLikelihood + 15.959397994213987) < 1e-8)
    #expect(abs(fit.prior.a / 56.827834805405516 - 1) < 1e-3)
    #expect(abs(fit.prior.mean - 56.827834805405516 / 1290.6233549076374) < 1e-6)
    let rates = try fit.rates()
    for (group, rate) in zip(Self.groups, rates) {
      let own = Double(group.responses) / Double(group.contacts)
      #expect((own - rate.mean) * (rate.mean - fit.prior.mean) >= 0)
      #expect(rate.lowerBound < rate.mean && rate.mean < rate.upperBound)
    }
    // 100 contacts move less than 1,500.
    #expect(abs(rates[2].mean - fit.prior.mean) < abs(0.08 - fit.prior.mean) / 5)
    let new = try fit.rate()
    #expect(new.belief == fit.prior)
  }

  @Test("counts of responses equal scipy's beta-binomial quantiles")
  func counts() throws {
    func bounds(_ n: Int, _ a: Double, _ b: Double) throws -> [Int] {
      let count = try CampaignResponse.responses(to: n, at: BetaBelief(a: a, b: b))
      return [count.lowerBound, count.upperBound]
    }
    #expect(try bounds(200, 6, 114) == [2, 21])
    #expect(try bounds(50, 0.5, 0.7) == [0, 50])
    #expect(try bounds(5_000, 30, 700) == [135, 289])
  }

  @Test("campaigns that differ by luck alone pool completely")
  func noSpread() throws {
    let fit = try CampaignResponse(
      (0..<5).map { .init(name: "\($0)", contacts: 1_000, responses: 50 + $0 % 2) }
    )
    #expect(fit.prior.a + fit.prior.b > 1e5)
    #expect(abs(fit.prior.mean - 0.0504) < 1e-5)
  }

  @Test("one campaign, no responses and impossible counts are refused")
  func refusals() {
    #expect(throws: EvaluationError.self) {
      try CampaignResponse([.init(name: "a", contacts: 10, responses: 1)])
    }
    #expect(throws: EvaluationError.oneClass(rows: 20, outcome: false)) {
      try CampaignResponse([
        .init(name: "a", contacts: 10, responses: 0), .init(name: "b", contacts: 10, responses: 0),
      ])
    }
    do {
      _ = try CampaignResponse([.init(name: "May", contacts: 10, responses: 11)])
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "May has 11 responses to 10 contacts; give at least one contact, and no more "
          + "responses than contacts."
      )
    }
  }
}
