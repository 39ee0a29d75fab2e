import Glibc
import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeMining

@Suite("Gradient boosted trees")
struct GradientBoostedTreesTests {
  private static func one(_ edit: (inout GradientBoostedTrees) -> Void = { _ in })
    -> GradientBoostedTrees
  {
    var configuration = GradientBoostedTrees(
      maximumTreeCount: 1,
      shrinkage: 1,
      maximumLeafCount: 2,
      minimumLeafCurvature: 0,
      minimumLeafRowCount: 1,
      rowShare: 1,
      columnShare: 1,
      holdoutShare: 0
    )
    edit(&configuration)
    return configuration
  }

  /// Base rate ½, so g = ±½ and h = ¼.
  ///
  /// Each side of four rows has G = ±2 and H = 1, so with λ = 1 the
  /// leaves are −G/(H + 1) = ∓1, and the gain is ½·4/2 + ½·4/2 − 0 = 2.
  @Test("one split of eight rows is the one worked out by hand")
  func workedExample() throws {
    let features = FeatureColumns([.init("x", numbers: [1, 2, 3, 4, 5, 6, 7, 8])])
    let outcomes = (1...8).map { $0 > 4 }
    let model = try Self.one().fit(features, outcomes: outcomes)
    #expect(try model.logOdds(features) == [-1, -1, -1, -1, 1, 1, 1, 1])
    #expect(model.importances == [.init(column: "x", gain: 2, splitCount: 1)])
    let between = FeatureColumns([.init("x", numbers: [4.5, 4.500001])])
    #expect(try model.logOdds(between) == [-1, 1])
    #expect(model.baseline == 0)
  }

  @Test("the packed derivatives are those of the log-loss", arguments: [-3.0, -0.4, 0, 1.7, 6])
  func derivatives(_ logOdds: Double) {
    func loss(_ z: Double) -> Double { log1p(exp(-z)) }
    let step = 1e-4
    let slope = (loss(logOdds + step) - loss(logOdds - step)) / (2 * step)
    let curvature =
      (loss(logOdds + step) - 2 * loss(logOdds) + loss(logOdds - step)) / (step * step)
    let word = PackedGradient.pack(probability: 1 / (1 + exp(-logOdds)), outcome: true)
    let histogram = GradientHistogram(
      [0],
      rows: [Int32(0)].span,
      pairs: [word].span,
      binCount: 2
    )
    // One unit is 7.6e-6; central differences are right to about 1e-8.
    #expect(abs(histogram.sums[0].gradient - slope) < 5e-6)
    #expect(abs(histogram.sums[0].curvature - curvature) < 5e-6)
    #expect(histogram.sums[0].count == 1)
  }

  @Test("a chunk of extreme derivatives does not overflow its word")
  func extremes() {
    let n = 3 * PackedGradient.chunkSize + 5
    let rows = (0..<n).map { Int32($0) }
    for (p, outcome) in [(1.0, false), (0, true), (0.5, false), (0.5, true)] {
      let word = PackedGradient.pack(probability: p, outcome: outcome)
      let pairs = [Int64](repeating: word, count: n)
      let sums = GradientHistogram(
        [UInt8](repeating: 1, count: n),
        rows: rows.span,
        pairs: pairs.span,
        binCount: 3
      )
      .sums
      #expect(sums[1].gradient == Double(n) * (p - (outcome ? 1 : 0)))
      #expect(sums[1].curvature == Double(n) * p * (1 - p))
      #expect(sums[0] == GradientSum())
    }
  }

  @Test("missing cells go to the side where they belong, and that is learned")
  func missing() throws {
    let numbers = [1, 2, 3, 4, 5, 6, 7, 8, .nan, .nan, .nan, .nan]
    let features = FeatureColumns([.init("x", numbers: numbers)])
    for missingOutcome in [true, false] {
      let outcomes = (1...8).map { $0 > 4 } + [Bool](repeating: missingOutcome, count: 4)
      let model = try Self.one().fit(features, outcomes: outcomes)
      let logOdds = try model.logOdds(features)
      #expect(logOdds[8] == (missingOutcome ? logOdds[7] : logOdds[0]))
      #expect(logOdds[0] < logOdds[7])
    }
  }

  @Test("levels are divided as sets, and a new level goes the way of most rows")
  func levels() throws {
    let cells = ["d", "a", "c", "b", "a", "c", "d", "b", "a", "a"]
    let features = FeatureColumns([.init("plan", categories: cells)])
    let outcomes = cells.map { $0 == "a" || $0 == "c" }
    let model = try Self.one().fit(features, outcomes: outcomes)
    let logOdds = try model.logOdds(features)
    for (cell, value) in zip(cells, logOdds) {
      #expect((value > model.origin) == (cell == "a" || cell == "c"))
    }
    let other = FeatureColumns([.init("plan", categories: ["a", "new", nil])])
    let predicted = try model.logOdds(other)
    #expect(predicted == [logOdds[1], logOdds[1], logOdds[1]])
  }

  @Test("a monotone column never turns round", arguments: 0..<6)
  func monotone(_ seed: Int) throws {
    var random = CounterRandom(seed: UInt64(seed))
    let n = 300
    let columns = (0..<3).map { _ in (0..<n).map { _ in random.normal() } }
    let outcomes = (0..<n)
      .map { row in
        random.uniform() < 0.5 + 0.4 * sin(2 * columns[0][row] + columns[1][row])
      }
    let features = FeatureColumns(
      columns.enumerated().map { .init("x\($0)", numbers: $1) }
    )
    let model = try GradientBoostedTrees(
      maximumTreeCount: 15,
      shrinkage: 0.3,
      minimumLeafRowCount: 3,
      holdoutShare: 0,
      directions: ["x0": .rising, "x1": .falling]
    )
    .fit(features, outcomes: outcomes)
    #expect(model.importances.allSatisfy { $0.splitCount > 0 })
    let grid = (-30...30).map { Double($0) / 10 }
    for base in 0..<10 {
      for (place, sign) in [(0, 1.0), (1, -1)] {
        let walk = FeatureColumns(
          (0..<3)
            .map { j in
              .init("x\(j)", numbers: grid.map { j == place ? $0 : columns[j][base] })
            }
        )
        let logOdds = try model.logOdds(walk)
        for (before, after) in zip(logOdds, logOdds.dropFirst()) {
          #expect(sign * (after - before) >= -1e-12)
        }
      }
    }
  }

  @Test("contributions and the baseline add up to the log-odds, the mean of rows to nothing")
  func contributions() throws {
    let sample = TelephoneChurn(400, seed: 5)
    let model = try GradientBoostedTrees(maximumTreeCount: 10, holdoutShare: 0)
      .fit(sample.features, outcomes: sample.outcomes)
    let logOdds = try model.logOdds(sample.features)
    let parts = try model.contributions(sample.features)
    #expect(parts.columnCount == model.columnNames.count)
    for row in logOdds.indices {
      let sum = parts.row(row).reduce(model.baseline, +)
      #expect(abs(sum - logOdds[row]) < 1e-12)
    }
  }

  @Test("the rows may stand in any order when groups are given, and bits do not change")
  func rowOrder() throws {
    let sample = TelephoneChurn(300, seed: 6)
    let groups = (0..<300).map { $0 / 2 }
    let order = (0..<300).map { ($0 * 77 + 5) % 300 }
    let trees = GradientBoostedTrees(maximumTreeCount: 8)
    let model = try trees.fit(sample.features, outcomes: sample.outcomes, groups: groups)
    let other = try trees.fit(
      sample.features.gathering(rows: order),
      outcomes: order.map { sample.outcomes[$0] },
      groups: order.map { groups[$0] }
    )
    #expect(model == other)
  }

  @Test("a tree of many rows has the same bits on one thread and on four")
  func threads() throws {
    var random = CounterRandom(seed: 12)
    let n = 6000
    let columns = (0..<4).map { _ in (0..<n).map { _ in random.normal() } }
    let outcomes = (0..<n).map { random.uniform() < (columns[0][$0] > 0.3 ? 0.6 : 0.2) }
    let features = FeatureColumns(columns.enumerated().map { .init("x\($0)", numbers: $1) })
    let trees = GradientBoostedTrees(maximumTreeCount: 2, holdoutShare: 0)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try trees.fit(features, outcomes: outcomes)
    Parallel.threadCount = 4
    #expect(try trees.fit(features, outcomes: outcomes) == one)
  }

  @Test("noise is left alone: the held out rows stop it early")
  func noise() throws {
    var random = CounterRandom(seed: 9)
    let n = 400
    let features = FeatureColumns([.init("x", numbers: (0..<n).map { _ in random.normal() })])
    let outcomes = (0..<n).map { _ in random.uniform() < 0.3 }
    let model = try GradientBoostedTrees(maximumTreeCount: 100, patience: 5)
      .fit(features, outcomes: outcomes)
    // No split, or a few, can help on held out rows by chance; a hundred cannot.
    #expect(model.trees.count < 20)
    #expect(model.holdoutLogLosses.count < 30)
  }

  @Test("columns that say nothing are named, and nothing but such columns is refused")
  func unused() throws {
    let outcomes = (0..<40).map { $0 % 3 == 0 }
    let x = FeatureColumns.Column("x", numbers: (0..<40).map { Double($0) })
    let gone = FeatureColumns.Column("gone", numbers: Array(repeating: .nan, count: 40))
    let same = FeatureColumns.Column("same", categories: Array(repeating: "a", count: 40))
    let trees = GradientBoostedTrees(maximumTreeCount: 2, holdoutShare: 0)
    let model = try trees.fit(FeatureColumns([gone, x, same]), outcomes: outcomes)
    #expect(model.columnNames == ["x"])
    #expect(
      model.unusedColumns.map(\.description) == [
        "column \"gone\" has no value in any row; drop it from the features.",
        "column \"same\" has the same value in every row; drop it from the features.",
      ]
    )
    #expect(throws: ClassifierError.noUsableColumn(model.unusedColumns)) {
      _ = try trees.fit(FeatureColumns([gone, same]), outcomes: outcomes)
    }
    #expect(throws: ClassifierError.missingColumn(name: "x", known: ["same"])) {
      _ = try model.logOdds(FeatureColumns([same]))
    }
    let text = FeatureColumns([.init("x", categories: ["a"])])
    #expect(throws: ClassifierError.wrongKind(column: "x", isCategorical: true)) {
      _ = try model.logOdds(text)
    }
  }

  @Test("a direction needs a numeric column, and limits have to make sense")
  func badConfigurations() {
    let features = FeatureColumns([.init("plan", categories: ["a", "b"])])
    func message(_ trees: GradientBoostedTrees) -> String {
      do {
        _ = try trees.fit(features, outcomes: [true, false])
        return "no refusal"
      } catch { return error.description }
    }
    #expect(
      message(GradientBoostedTrees(directions: ["plan": .rising]))
        == "the classifier cannot run: column \"plan\" is categorical, so it has no direction."
    )
    #expect(
      message(GradientBoostedTrees(directions: ["x": .rising]))
        == "the model needs column \"x\", which is not there. The columns are plan."
    )
    #expect(
      message(GradientBoostedTrees(maximumBinCount: 300))
        == "the classifier cannot run: 300 bins are not between 2 and 255."
    )
  }
}
