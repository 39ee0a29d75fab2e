import LodeNumerics
import Testing

@testable import LodeCustomer

@Suite("Survival curves")
struct KaplanMeierTests {
  /// Weeks in remission of 42 patients, 21 with 6-MP and 21 with placebo.
  ///
  /// - Source: Freireich et al. (1963), Blood 21; Gehan (1965), Biometrika 52.
  static func remissions() throws -> (sample: SurvivalSample, group: [Int]) {
    let drug: [Double] = [
      6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35,
    ]
    let placebo: [Double] = [
      1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
    ]
    let isEvent = (0..<42).map { $0 < 9 || $0 >= 21 }
    let sample = try SurvivalSample(durations: drug + placebo, isEvent: isEvent)
    return (sample, (0..<42).map { $0 / 21 })
  }

  @Test("five customers, worked out by hand")
  func byHand() throws {
    // Leave at 1, 3 and 4; seen last at 2 and 3: S = 4/5, then ·2/3, then ·0/1.
    let sample = try SurvivalSample(
      durations: [4, 3, 2, 1, 3],
      isEvent: [true, true, false, true, false]
    )
    let curve = KaplanMeier(sample)
    #expect(curve.times == [1, 3, 4] && curve.atRisk == [5, 3, 1] && curve.events == [1, 1, 1])
    #expect(abs(curve.survival[0] - 0.8) < 1e-15 && abs(curve.survival[1] - 8.0 / 15) < 1e-15)
    #expect(curve.survival[2] == 0 && curve.median == 4)
    // Greenwood at 3: S²·(1/(5·4) + 1/(3·2)).
    let error = 8.0 / 15 * (1.0 / 20 + 1.0 / 6).squareRoot()
    #expect(abs(curve.standardErrors[1] - error) < 1e-15)
    #expect(abs(curve.cumulativeHazard[2] - (0.2 + 1.0 / 3 + 1)) < 1e-15)
    #expect(curve.survival(at: 0.5) == 1 && curve.survival(at: 2.9) == 0.8)
    #expect(curve.band(at: 0) == 1...1)
    // 1·1 + 2·0.8 + 0.5·8/15.
    #expect(abs(curve.restrictedMean(until: 3.5).mean - (2.6 + 4.0 / 15)) < 1e-14)
  }

  @Test("the remissions of Freireich have the curve and the test of the textbooks")
  func freireich() throws {
    let (sample, group) = try Self.remissions()
    let drug = KaplanMeier(sample, rows: Array(0..<21))
    // Kalbfleisch & Prentice (2002), table 1.1; R survfit.
    #expect(drug.times == [6, 7, 10, 13, 16, 22, 23])
    #expect(drug.atRisk == [21, 17, 15, 12, 11, 7, 6])
    let printed = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    let errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    for step in printed.indices {
      #expect(abs(drug.survival[step] - printed[step]) < 6e-4)
      #expect(abs(drug.standardErrors[step] - errors[step]) < 6e-5)
    }
    #expect(drug.median == 23)
    #expect(KaplanMeier(sample, rows: Array(21..<42)).median == 8)
    let test = LogRankTest(sample, group: group, groupCount: 2)
    #expect(test.observed == [9, 21])
    #expect(abs(test.expected[0] - 19.25) < 0.005 && abs(test.expected[1] - 10.75) < 0.005)
    #expect(abs((test.chiSquare ?? 0) - 16.79) < 0.005 && test.degreesOfFreedom == 1)
    #expect(abs((test.pValue ?? 0) - 4.17e-5) < 1e-6)
    // The test does not care for the order of groups, and an empty third one changes nothing.
    let turned = LogRankTest(sample, group: group.map { 2 - $0 }, groupCount: 3)
    #expect(abs((turned.chiSquare ?? 0) - (test.chiSquare ?? 1)) < 1e-10)
    #expect(turned.degreesOfFreedom == 1)
  }

  @Test("the arrests of Rossi have the curve and the band of lifelines")
  func rossi() throws {
    let rows = RossiArrests.rows
    #expect(rows.count == 432 && rows.allSatisfy { $0.count == 9 })
    let sample = try SurvivalSample(durations: rows.map { $0[0] }, isEvent: rows.map { $0[1] == 1 })
    let curve = KaplanMeier(sample)
    // customer_value_vectors.json, km_rossi_estimate_lower_upper_loglog95 (lifelines 0.27.8).
    let expected: [(Double, [Double])] = [
      (10, [0.965277777778, 0.94306459796, 0.978920997067]),
      (20, [0.907407407407, 0.875922143434, 0.931216884088]),
      (30, [0.861111111111, 0.82478654037, 0.890407816067]),
      (40, [0.803240740741, 0.762528331317, 0.837725090329]),
      (52, [0.736111111111, 0.691859715796, 0.775063183375]),
    ]
    for (week, figures) in expected {
      let band = curve.band(at: week)
      let got = [curve.survival(at: week), band.lowerBound, band.upperBound]
      for (figure, value) in zip(got, figures) { #expect(abs(figure - value) < 1e-10) }
    }
    #expect(curve.median == nil && curve.medianBand.low == nil)
  }

  @Test("a weight counts as that many customers, and a late entry as one not yet there")
  func weightsAndEntries() throws {
    let weighted = try SurvivalSample(
      durations: [1, 2, 3],
      isEvent: [true, false, true],
      weights: [3, 2, 1]
    )
    let plain = try SurvivalSample(
      durations: [1, 1, 1, 2, 2, 3],
      isEvent: [true, true, true, false, false, true]
    )
    #expect(KaplanMeier(weighted) == KaplanMeier(plain))
    // Split stays: everybody's first half and second half as rows of their own.
    let (sample, group) = try Self.remissions()
    let cut = sample.durations.map { $0 / 2 }
    let split = try SurvivalSample(
      durations: cut + sample.durations,
      isEvent: cut.map { _ in false } + sample.isEvent,
      entries: cut.map { _ in 0 } + cut
    )
    let (whole, parts) = (KaplanMeier(sample), KaplanMeier(split))
    #expect(whole.times == parts.times && whole.atRisk == parts.atRisk)
    #expect(whole.survival == parts.survival)
    let test = LogRankTest(sample, group: group, groupCount: 2)
    let other = LogRankTest(split, group: group + group, groupCount: 2)
    #expect(abs((test.chiSquare ?? 0) - (other.chiSquare ?? 1)) < 1e-10)
  }

  @Test("impossible times are refused, and empty samples have a flat curve")
  func refusals() throws {
    typealias Refusal = SurvivalSample.Refusal
    #expect(throws: Refusal.unequalCounts(durations: 2, other: 1)) {
      try SurvivalSample(durations: [1, 2], isEvent: [true])
    }
    #expect(throws: Refusal.badTime(row: 1, entry: 0, duration: -2)) {
      try SurvivalSample(durations: [1, -2], isEvent: [true, true])
    }
    #expect(throws: Refusal.badTime(row: 0, entry: 1, duration: 1)) {
      try SurvivalSample(durations: [1], isEvent: [true], entries: [1])
    }
    #expect(throws: Refusal.badWeight(row: 0, weight: -1)) {
      try SurvivalSample(durations: [1], isEvent: [true], weights: [-1])
    }
    let empty = try SurvivalSample(durations: [], isEvent: [])
    #expect(KaplanMeier(empty).survival(at: 9) == 1)
    #expect(LogRankTest(empty, group: [], groupCount: 2).chiSquare == nil)
    let stays = try SurvivalSample(durations: [0, 5], isEvent: [false, false])
    let curve = KaplanMeier(stays)
    #expect(curve.median == nil && curve.restrictedMean(until: 5) == (5, 0))
  }
}
