import LodeMining
import LodeRuntime
import Testing

@Suite("Scores of a classifier")
struct ClassifierScoresTests {
  @Test("four customers by hand: AUC, log-loss and Brier")
  func workedExample() throws {
    // The example of scikit-learn's roc_auc_score: 0.75.
    let scores = [0.1, 0.4, 0.35, 0.8]
    let outcomes = [false, false, true, true]
    #expect(ClassifierScores.auc(scores, outcomes: outcomes) == 0.75)
    let all = try ClassifierScores(scores, outcomes: outcomes)
    // (0.01 + 0.16 + 0.4225 + 0.04) / 4
    #expect(abs(all.brier - 0.158125) < 1e-15)
    // −(ln 0.9 + ln 0.6 + ln 0.35 + ln 0.8) / 4
    #expect(abs(all.logLoss - 0.47228795380917615) < 1e-15)
  }

  @Test("tied scores count half, one class has no AUC")
  func ties() {
    #expect(ClassifierScores.auc([1, 1, 1, 1], outcomes: [true, false, true, false]) == 0.5)
    #expect(ClassifierScores.auc([1, 2, 2], outcomes: [false, false, true]) == 0.75)
    #expect(ClassifierScores.auc([1, 2], outcomes: [true, true]) == nil)
  }

  @Test("the AUC by ranks equals counting all pairs", arguments: 0..<20)
  func pairs(_ seed: UInt64) {
    var random = CounterRandom(seed: seed)
    let scores = (0..<60).map { _ in Double(random.integer(below: 20)) }
    let outcomes = scores.indices.map { $0 < 2 ? $0 == 0 : random.uniform() < 0.4 }
    var wins = 0.0
    var count = 0.0
    for i in scores.indices where outcomes[i] {
      for j in scores.indices where !outcomes[j] {
        wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
        count += 1
      }
    }
    let auc = ClassifierScores.auc(scores, outcomes: outcomes) ?? -1
    #expect(abs(auc - wins / count) < 1e-12)
  }

  @Test("the first of ten lift bins holds the best tenth, rounded up")
  func lift() {
    // 25 rows, the 5 best are the 5 events: first bin 3 rows, all events, lift 5.
    let scores = (0..<25).map { Double(25 - $0) }
    let table = LiftTable(scores, outcomes: (0..<25).map { $0 < 5 })
    #expect(table.bins[0].rowCount == 3)
    #expect(table.bins[0].lift == 5)
    #expect(table.bins.map(\.rowCount).reduce(0, +) == 25)
    #expect(table.bins[1].cumulativeGain == 1)
    #expect(table.bins[9].cumulativeLift == 1)
  }

  @Test("tied scores keep the order of rows in the lift table")
  func tiedLift() {
    let table = LiftTable([1, 1, 1, 1], outcomes: [true, false, false, false], binCount: 2)
    #expect(table.bins.map(\.positiveCount) == [1, 0])
  }

  @Test("probabilities that come true have no calibration error, shifted ones have the shift")
  func calibration() {
    let probabilities = (0..<100).map { $0 < 50 ? 0.2 : 0.8 }
    let outcomes = (0..<100).map { $0 < 50 ? $0 % 5 == 0 : $0 % 5 != 0 }
    let exact = CalibrationTable(probabilities, outcomes: outcomes)
    #expect(exact.bins.count == 10)
    #expect(exact.expectedCalibrationError < 1e-12)
    let shifted = CalibrationTable(probabilities.map { $0 + 0.1 }, outcomes: outcomes)
    #expect(abs(shifted.expectedCalibrationError - 0.1) < 1e-12)
  }
}
