import LodeMining
import LodeRuntime
import Testing

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
