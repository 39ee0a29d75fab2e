import Foundation
import LodeMining
import LodeRuntime
import Testing

@Suite("Drift of features and scores")
struct DriftTests {
  @Test("two bins by hand: the index, what chance gives, and the verdict")
  func byHand() throws {
    // Shares 0.5, 0.5 to 0.6, 0.4: 0.1·ln(1.2) − 0.1·ln(0.8) = 0.0405465.
    let drift = try PopulationStability(expected: [50, 50], actual: [120, 80])
    #expect(abs(drift.index - 0.04054651081081643) < 1e-15)
    #expect(abs(drift.expectedByChance - (1.0 / 100 + 1.0 / 200)) < 1e-15)
    // Chi-square of 0.0405465 / 0.015 = 2.7031 with one degree of freedom.
    #expect(abs(drift.pValue - 0.100152) < 1e-4)
    #expect(drift.verdict == .stable)
    #expect(PopulationStability.Verdict(index: 0.1) == .moderate)
    #expect(PopulationStability.Verdict(index: 0.25) == .shifted)
  }

  @Test("an empty bin counts as a share of one in ten thousand")
  func floor() throws {
    let drift = try PopulationStability(expected: [100, 0], actual: [50, 50])
    // (0.5 − 1)·ln(0.5/1) + (0.5 − 10⁻⁴)·ln(0.5/10⁻⁴)
    #expect(abs(drift.index - (0.34657359027997264 + 0.4999 * 8.517193191416238)) < 1e-12)
  }

  @Test("without drift, small samples show the index that chance gives, large ones less")
  func smallSamples() throws {
    var sum = 0.0
    var rejected = 0
    for seed in 0..<60 {
      var random = CounterRandom(seed: UInt64(seed))
      let training = (0..<400).map { _ in Double?(random.normal()) }
      let fresh = (0..<300).map { _ in Double?(random.normal()) }
      let report = try DriftBaseline([DriftColumn("score", .numbers(training))])
        .report([DriftColumn("score", .numbers(fresh))])
      let stability = try #require(report.features[0].stability)
      #expect(stability.binCount == 10)
      #expect(abs(stability.expectedByChance - 9 * (1.0 / 400 + 1.0 / 300)) < 1e-12)
      sum += stability.index / 60
      rejected += stability.pValue < 0.05 ? 1 : 0
    }
    // 9·(1/400 + 1/300) = 0.0525: that training's own quantiles are the edges changes nothing.
    #expect(sum > 0.042 && sum < 0.063, "\(sum)")
    #expect(rejected <= 6)
  }

  @Test("a moved feature, a missing one and new categories are named, and weights count")
  func report() throws {
    let training = [
      DriftColumn("spend", .numbers((0..<1_000).map { Double($0) })),
      DriftColumn("visits", .numbers((0..<1_000).map { $0 < 700 ? 0 : Double($0) })),
      DriftColumn("country", .categories((0..<1_000).map { $0 % 4 == 0 ? "DE" : "FR" })),
    ]
    let baseline = try DriftBaseline(training)
    let same = try baseline.report(training)
    #expect(same.weightedIndex == 0)
    #expect(same.verdict == .stable)
    let fresh = [
      DriftColumn("country", .categories((0..<500).map { $0 % 4 == 0 ? "PL" : "FR" })),
      DriftColumn("visits", .numbers((0..<500).map { $0 % 2 == 0 ? nil : 0 })),
      DriftColumn("spend", .numbers((0..<500).map { Double($0) })),
    ]
    let report = try baseline.report(fresh, importances: ["spend": 3, "visits": 1])
    #expect(report.features.map(\.name) == ["spend", "visits", "country"])
    #expect(report.features[0].stability?.verdict == .shifted)
    #expect(report.features[1].missingNow == 0.5)
    #expect(report.features[1].missingBefore == 0)
    #expect(report.features[1].missingPValue < 1e-12)
    #expect(report.features[2].addedUnknownShare == 0.25)
    let parts = report.features.map { ($0.stability?.index ?? 0) * $0.importance }
    #expect(abs((report.weightedIndex ?? 0) - (parts[0] + parts[1]) / 4) < 1e-12)
  }

  @Test("a constant feature drifts up and down")
  func constant() throws {
    let baseline = try DriftBaseline([DriftColumn("fee", .numbers([5, 5, 5, 5]))])
    for other in [4.0, 6.0] {
      let report = try baseline.report([DriftColumn("fee", .numbers([other, other]))])
      #expect(report.verdict == .shifted)
    }
    #expect(try baseline.report([DriftColumn("fee", .numbers([5]))]).weightedIndex == 0)
  }

  @Test("a feature that is gone or of another kind is refused by name")
  func refusals() throws {
    let baseline = try DriftBaseline([DriftColumn("fee", .numbers([1, 2, 3]))])
    do {
      _ = try baseline.report([DriftColumn("price", .numbers([1]))])
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "the new rows have no feature fee; give all features that the baseline was made of."
      )
    }
    #expect(throws: EvaluationError.self) {
      try baseline.report([DriftColumn("fee", .categories(["1"]))])
    }
    #expect(throws: EvaluationError.noRows(of: "features")) { try DriftBaseline([]) }
  }

  @Test("a baseline survives encoding")
  func coding() throws {
    let columns = [
      DriftColumn("fee", .numbers([1, 2, nil])), DriftColumn("land", .categories(["a", nil, "b"])),
    ]
    let baseline = try DriftBaseline(columns)
    let copy = try JSONDecoder().decode(DriftBaseline.self, from: JSONEncoder().encode(baseline))
    #expect(copy == baseline)
  }
}
