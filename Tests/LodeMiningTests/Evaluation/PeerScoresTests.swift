import LodeMining
import LodeRuntime
import Testing

@Suite("Scores against those of peers")
struct PeerScoresTests {
  typealias Customers = ScoredCustomers

  @Test("AUC, Gini, average precision, KS, Brier, log-loss and ECE equal scikit-learn and scipy")
  func measures() throws {
    let scores = try ClassifierScores(Customers.scores, outcomes: Customers.outcomes)
    #expect(scores.positiveCount == 499)
    // roc_auc_score, average_precision_score, ks_2samp, brier_score_loss.
    #expect(abs((scores.auc ?? 0) - 0.7626291890910402) < 1e-14)
    #expect(abs((scores.gini ?? 0) - (2 * 0.7626291890910402 - 1)) < 1e-14)
    #expect(abs((scores.averagePrecision ?? 0) - 0.5040703447556489) < 1e-14)
    #expect(abs((scores.kolmogorovSmirnov ?? 0) - 0.41434100713085065) < 1e-14)
    #expect(abs(scores.brier - 0.16773148149999997) < 1e-13)
    #expect(abs(scores.logLoss - 0.7296844654482704) < 1e-13)
    #expect(abs(scores.expectedCalibrationErrorEqualWidth - 0.08805750000000001) < 1e-13)
  }

  @Test("the standard error of an AUC equals DeLong's by all pairs")
  func deLong() throws {
    let interval = try AUCInterval(Customers.scores, outcomes: Customers.outcomes)
    #expect(abs(interval.auc - 0.7626291890910402) < 1e-14)
    #expect(abs(interval.standardError - 0.012263139215878611) < 1e-13)
    #expect(abs(interval.upperBound - interval.auc - 1.959963984540054 * 0.0122631392) < 1e-9)
    let gap = try AUCInterval.difference(
      Customers.scores,
      Customers.otherScores,
      outcomes: Customers.outcomes
    )
    #expect(abs(gap.difference - (0.7626291890910402 - 0.754353477107446)) < 1e-13)
    #expect(abs(gap.standardError - 0.0028169059085241107) < 1e-13)
    #expect(abs(gap.pValue - 0.0033048) < 1e-6)
  }

  @Test("DeLong's interval holds the true AUC about 95 times in 100")
  func coverage() throws {
    // Normal scores one deviation apart: AUC = Φ(1/√2) = 0.7602499.
    var hits = 0
    for seed in 0..<200 {
      var random = CounterRandom(seed: UInt64(seed))
      let outcomes = (0..<150).map { $0 % 3 == 0 }
      let scores = outcomes.map { random.normal() + ($0 ? 1 : 0) }
      let interval = try AUCInterval(scores, outcomes: outcomes)
      if interval.lowerBound <= 0.7602499, interval.upperBound >= 0.7602499 { hits += 1 }
    }
    #expect((182...198).contains(hits), "\(hits) of 200")
  }

  @Test("the parts of a Brier score add up to it, and a perfect forecast has no reliability term")
  func decomposition() throws {
    for binning in CalibrationTable.Binning.allCases {
      let parts = try BrierDecomposition(
        Customers.scores,
        outcomes: Customers.outcomes,
        binning: binning
      )
      let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within
      #expect(abs(sum - parts.brier) < 1e-14)
      #expect(abs(parts.uncertainty - 0.2495 * 0.7505) < 1e-15)
    }
    // Two bins of one probability each, by hand: 0.2 comes true in 1 of 5, 0.8 in 4 of 5.
    let exact = try BrierDecomposition(
      (0..<10).map { $0 < 5 ? 0.2 : 0.8 },
      outcomes: (0..<10).map { $0 < 5 ? $0 == 0 : $0 != 9 },
      binCount: 2
    )
    #expect(abs(exact.reliability) < 1e-15)
    #expect(abs(exact.resolution - 0.09) < 1e-15)
    #expect(abs(exact.within) < 1e-15)
    #expect(abs(exact.brier - 0.16) < 1e-15)
  }

  @Test("the hull of the ROC curve has falling slopes and no point above it")
  func hull() throws {
    let curve = try ROCCurve(Customers.scores, outcomes: Customers.outcomes)
    let hull = curve.convexHull
    #expect(hull.first?.rows == 0)
    #expect(hull.last?.rows == 2_000)
    for (corner, next) in zip(hull, hull.dropFirst()) {
      for point in curve.points where point.rows >= corner.rows && point.rows <= next.rows {
        let above =
          (point.positives - corner.positives) * (next.negatives - corner.negatives)
          - (next.positives - corner.positives) * (point.negatives - corner.negatives)
        #expect(above <= 0)
      }
    }
  }

  @Test("an expected count carries luck and calibration error")
  func counts() throws {
    // 100 rows of 0.2: mean 20, variance 16; 20 ± 1.96·4 = 12.16…27.84.
    let luck = try EventCountForecast([Double](repeating: 0.2, count: 100))
    #expect(abs(luck.mean - 20) < 1e-12)
    #expect(abs(luck.drawVariance - 16) < 1e-12)
    #expect(luck.lowerBound == 12)
    #expect(luck.upperBound == 28)
    // A rate that is off by 0.05 adds 5² = 25, log-odds off by 0.3 add (16·0.3)² = 23.04.
    let wide = try EventCountForecast(
      [Double](repeating: 0.2, count: 100),
      calibrationError: .init(rateDeviation: 0.05, logOddsDeviation: 0.3)
    )
    #expect(abs(wide.calibrationVariance - 48.04) < 1e-12)
    #expect(abs(wide.standardDeviation - 64.04.squareRoot()) < 1e-12)
    // Exact chances of each count, row by row: at least 95 in 100 fall inside.
    var chances = [1.0]
    for p in ScoredCustomers.scores.prefix(300) {
      var next = [Double](repeating: 0, count: chances.count + 1)
      for (count, chance) in chances.enumerated() {
        next[count] += chance * (1 - p)
        next[count + 1] += chance * p
      }
      chances = next
    }
    let forecast = try EventCountForecast(Array(ScoredCustomers.scores.prefix(300)))
    let inside = chances[forecast.lowerBound...forecast.upperBound].reduce(0, +)
    #expect(inside >= 0.95 && inside < 0.98)
    let sure = try EventCountForecast([1, 1, 0])
    #expect(sure.lowerBound == 2)
    #expect(sure.upperBound == 2)
  }

  @Test("refusals say what is wrong, where, and what to do")
  func refusals() {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no error"
    }
    #expect(
      message { _ = try ClassifierScores([], outcomes: []) }
        == "there are no probabilities to judge; give at least one row."
    )
    #expect(
      message { _ = try ClassifierScores([0.5, 1.5], outcomes: [true, false]) }
        == "row 2 holds the probability 1.5, which is not in 0…1; give probabilities, not log-odds "
        + "or percent."
    )
    #expect(
      message { _ = try ROCCurve([0.5, .nan], outcomes: [true, false]) }
        == "row 2 of the scores is missing or infinite; drop or fill such rows first."
    )
    #expect(
      message { _ = try ROCCurve([0.5, 0.4], outcomes: [true, true]) }
        == "all 2 outcomes are yes, so there is nothing to tell apart; widen the window or change "
        + "the definition of the outcome."
    )
    #expect(
      message { _ = try ROCCurve([0.5], outcomes: [true, true]) }
        == "the number of scores is 1, but there are 2 rows; give as many scores as rows."
    )
    #expect(
      message { _ = try AUCInterval([0.5, 0.2, 0.1], outcomes: [true, false, false]) }
        == "the number of events is 1, but at least 2 are needed; use more rows."
    )
    #expect(
      message { _ = try EventCountForecast([0.5], confidenceLevel: 95) }
        == "95.0 is no confidence level; give one between 0 and 1, such as 0.95."
    )
  }
}
