import Glibc
import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeMining

@Suite("Binned logistic regression")
struct BinnedLogisticTests {
  /// A quick configuration: one penalty, so no folds.
  private static let quick = BinnedLogistic(l2Path: [3])

  @Test("the best split is the one with the largest gain, worked out by hand")
  func outcomeSplit() {
    // 40 rows of the values 0…3, ten each, of which 1, 1, 8 and 9 are yes: the cut between 1 and 2.
    let sorted = (0..<40).map { Double($0 / 10) }
    let counts = [1, 1, 8, 9]
    let outcomes = (0..<40).map { $0 % 10 < counts[$0 / 10] }
    let edges = BinEncoding.edges(sorted, maximumBinCount: 64)
    #expect(edges == [0.5, 1.5, 2.5])
    #expect(OutcomeSplit.best(sorted, outcomes, edges: edges) == 1.5)
    #expect(OutcomeSplit.best(sorted, outcomes, edges: []) == nil)
  }

  @Test("a lone jump is followed where a line cannot")
  func jump() throws {
    var random = CounterRandom(seed: 1)
    let x = (0..<600).map { _ in Double(random.poisson(mean: 1.6)) }
    let outcomes = x.map { random.uniform() < ($0 >= 4 ? 0.7 : 0.1) }
    let features = FeatureColumns([.init("calls", numbers: x)])
    let model = try Self.quick.fit(features, outcomes: outcomes)
    let grid = FeatureColumns([.init("calls", numbers: [1, 3, 4, 6])])
    let p = try model.probabilities(grid)
    // About 45 customers stand above the jump: three standard errors of their share are 0.2. Half
    // a dozen called six times or more: they are drawn to the line and to the mean.
    #expect(p[0] < 0.18 && p[1] < 0.25)
    #expect(p[2] > 0.45 && p[3] > 0.4)
    #expect(model.terms.contains { $0.term.description == "calls > 3.5" })
  }

  @Test("with lines alone the fit is L2 logistic regression")
  func ridge() throws {
    let sample = LogisticExamples.spector
    for l2 in [0.1, 1, 10] {
      let expected = try LogisticRegression(l2: l2)
        .fit(sample.features, featureNames: sample.featureNames, outcomes: sample.outcomes)
      let terms = sample.featureNames.enumerated()
        .map { BasisTerm(.init(column: $0, name: $1, shape: .linear)) }
      var fit = RidgeFit(sample.features, terms: terms, outcomes: sample.outcomes)
      #expect(try fit.fit(l2: l2, tolerance: RidgeFit.fineTolerance))
      for (got, wanted) in zip(fit.coefficients, expected.coefficients) {
        #expect(abs(got - wanted) < 1e-8)
      }
    }
  }

  @Test("at the minimum the gradient is nothing, indicators with their own weight")
  func gradient() throws {
    let x = (0..<200).map { Double($0 % 7) }
    let z = (0..<200).map { $0 % 5 == 0 ? 1.0 : 0 }
    let outcomes = (0..<200).map { ($0 * 37 % 11) < 4 + Int(z[$0]) * 3 }
    let matrix = Matrix(columns: [x, z])
    let terms = [
      BasisTerm(.init(column: 0, name: "x", shape: .linear)),
      BasisTerm(.init(column: 1, name: "z", shape: .above(threshold: 0.5))),
    ]
    var fit = RidgeFit(matrix, terms: terms, outcomes: outcomes)
    try fit.fit(l2: 4, tolerance: RidgeFit.fineTolerance)
    let slopes = fit.coefficients
    let p = fit.logOdds(matrix).map { 1 / (1 + exp(-$0)) }
    // −Σ (y − p)·x + λ·sd²·β = 0 for the line, and λ·¼·β for the indicator (¼ = its largest sd²).
    let variance = fit.design.standardization.standardDeviations[0]
    for (j, weight) in [variance * variance, 0.25].enumerated() {
      var slope = 4 * weight * slopes[j]
      for row in 0..<200 { slope -= ((outcomes[row] ? 1 : 0) - p[row]) * matrix[row, j] }
      #expect(abs(slope) < 1e-6)
    }
  }

  /// The statistic is the score test of the product in a weighted regression on both indicators.
  @Test("the statistic of a pair is the score test given both indicators")
  func pairStatistic() throws {
    var random = CounterRandom(seed: 4)
    let n = 500
    let a = (0..<n).map { _ in random.uniform() < 0.4 ? 1.0 : 0 }
    let b = (0..<n).map { _ in random.uniform() < 0.3 ? 1.0 : 0 }
    let outcomes = (0..<n).map { random.uniform() < 0.2 + 0.4 * a[$0] * b[$0] }
    let features = FeatureColumns([.init("a", numbers: a), .init("b", numbers: b)])
    let training = try TrainingRows(features, outcomes: outcomes, groups: nil)
    let basis = AdditiveBasis(training, BinnedLogistic())
    let model = try LogisticRegression()
      .fit(Matrix(columns: [a, b]), featureNames: ["a", "b"], outcomes: outcomes)
    let p = model.probabilities(for: Matrix(columns: [a, b]))
    let screening = PairScreening(basis, try basis.cells(features), minimumCellRowCount: 5)
    let finding = try #require(screening.findings(p, outcomes, rate: 1).first)
    #expect(finding.term.description == "a > 0.5 and b > 0.5")
    // Score U = Σ z·(y − p), variance V = zᵀWz − zᵀWX(XᵀWX)⁻¹XᵀWz with X = (1, a, b).
    var gram = Matrix(rowCount: 3, columnCount: 3)
    var cross = [0.0, 0, 0]
    var (score, square) = (0.0, 0.0)
    for row in 0..<n {
      let x = [1, a[row], b[row]]
      let z = a[row] * b[row]
      let w = p[row] * (1 - p[row])
      for i in 0..<3 {
        cross[i] += w * x[i] * z
        for j in 0..<3 { gram.set(gram[i, j] + w * x[i] * x[j], row: i, column: j) }
      }
      score += z * ((outcomes[row] ? 1 : 0) - p[row])
      square += w * z * z
    }
    let solved = try #require(Cholesky(gram)).solve(cross)
    let variance = square - zip(cross, solved).reduce(0) { $0 + $1.0 * $1.1 }
    // Derivatives are rounded to 2⁻¹⁷, so four digits agree.
    #expect(abs(finding.statistic / (score * score / variance) - 1) < 1e-3)
  }

  @Test("noise has no pairs", arguments: 0..<5)
  func noPairs(_ seed: Int) throws {
    var random = CounterRandom(seed: UInt64(seed) + 50)
    let features = FeatureColumns(
      (0..<4).map { .init("x\($0)", numbers: (0..<300).map { _ in random.normal() }) }
    )
    let outcomes = (0..<300).map { _ in random.uniform() < 0.3 }
    #expect(try Self.quick.fit(features, outcomes: outcomes).pairs.isEmpty)
  }

  @Test("a gap has an effect of its own, and a level that is new has none")
  func gaps() throws {
    var random = CounterRandom(seed: 7)
    var x: [Double] = []
    var plans: [String?] = []
    var outcomes: [Bool] = []
    for _ in 0..<400 {
      let isMissing = random.uniform() < 0.3
      x.append(isMissing ? .nan : random.normal())
      plans.append(random.uniform() < 0.5 ? "a" : "b")
      outcomes.append(random.uniform() < (isMissing ? 0.8 : 0.2))
    }
    let features = FeatureColumns([.init("x", numbers: x), .init("plan", categories: plans)])
    let model = try Self.quick.fit(features, outcomes: outcomes)
    let probe = FeatureColumns([
      .init("x", numbers: [.nan, 0]), .init("plan", categories: ["new", nil]),
    ])
    let p = try model.probabilities(probe)
    #expect(p[0] > 0.65 && p[1] < 0.35)
    let parts = try model.contributions(probe)
    #expect(parts.column(1) == [0, 0])
  }

  @Test("contributions and the baseline add up; a product counts half for each column")
  func contributions() throws {
    let sample = TelephoneChurn(900, seed: 3)
    let model = try Self.quick.fit(sample.features, outcomes: sample.outcomes)
    #expect(!model.pairs.isEmpty)
    let parts = try model.contributions(sample.features)
    let logOdds = try model.logOdds(sample.features)
    var sums = [Double](repeating: 0, count: parts.columnCount)
    for row in logOdds.indices {
      #expect(abs(parts.row(row).reduce(model.baseline, +) - logOdds[row]) < 1e-9)
      for (j, part) in parts.row(row).enumerated() { sums[j] += part }
    }
    // Effects are measured from the mean row, so those of a column cancel over the training rows.
    for sum in sums { #expect(abs(sum) < 1e-6) }
  }

  @Test("a copied column changes nothing about which columns work together")
  func copies() throws {
    let sample = TelephoneChurn(900, seed: 4)
    let model = try Self.quick.fit(sample.features, outcomes: sample.outcomes)
    #expect(!model.pairs.isEmpty)
    let isCopied = model.pairs.contains {
      $0.term.first.name == "day_charge" || $0.term.second?.name == "day_charge"
    }
    #expect(!isCopied)
  }

  @Test("penalties are compared out of fold, and a bad configuration says why")
  func penalties() throws {
    var random = CounterRandom(seed: 8)
    let x = (0..<150).map { _ in random.normal() }
    let outcomes = x.map { random.uniform() < 1 / (1 + exp(-$0)) }
    let features = FeatureColumns([.init("x", numbers: x)])
    let model = try BinnedLogistic(l2Path: [1, 100, 10], foldCount: 3)
      .fit(features, outcomes: outcomes)
    #expect(model.crossValidation.map(\.l2) == [100, 10, 1])
    let least = model.crossValidation.map(\.logLoss).min()
    #expect(model.crossValidation.first { $0.l2 == model.l2 }?.logLoss == least)
    #expect(
      throws: ClassifierError.badConfiguration(reason: "the penalties [0.0] are not all above 0")
    ) {
      _ = try BinnedLogistic(l2Path: [0]).fit(features, outcomes: outcomes)
    }
    let empty = FeatureColumns([.init("gone", numbers: [.nan, .nan])])
    do {
      _ = try Self.quick.fit(empty, outcomes: [true, false])
      Issue.record("a column without values was fitted")
    } catch {
      #expect(
        error.description == "no column can tell the outcomes apart: column \"gone\" has no value "
          + "in any row; drop it from the features."
      )
    }
  }
}
