import Glibc
import LodeMining
import LodeNumerics
import Testing

@Suite("Separation in logistic regression")
struct LogisticSeparationTests {
  private let spector = LogisticExamples.spector
  private let endometrial = LogisticExamples.endometrial

  private func separation(_ matrix: Matrix, _ names: [String], _ outcomes: [Bool]) throws
    -> LogisticRegression.Separation
  {
    let error = #expect(throws: LogisticRegression.FitError.self) {
      try LogisticRegression().fit(matrix, featureNames: names, outcomes: outcomes)
    }
    guard case .separated(let separation)? = error else {
      throw error ?? LogisticRegression.FitError.singular
    }
    return separation
  }

  @Test("a feature that gives every outcome away is named with its values")
  func complete() throws {
    let leak = spector.outcomes.map { $0 ? 1.0 : 0 }
    let found = try separation(Matrix(columns: [leak]), ["leak"], spector.outcomes)
    #expect(found.extent == .complete)
    #expect(found.rowCount == 32)
    #expect(
      found.description
        == "\"leak\" predicts all outcomes without error: where leak = 1 (11 rows) the outcome is "
        + "always yes. Such a coefficient has no finite best value: drop the feature if it leaks "
        + "the outcome, set l2 above 0, or use Firth's likelihood."
    )
  }

  @Test("a value that only ever goes with one outcome is named")
  func partial() throws {
    // Never a better grade where the mark is set.
    let mark = spector.outcomes.enumerated().map { !$1 && $0 % 2 == 0 ? 1.0 : 0 }
    let matrix = Matrix(columns: [spector.features.column(1), mark])
    let found = try separation(matrix, ["tuce", "mark"], spector.outcomes)
    #expect(found.extent == .partial)
    #expect(found.columns.map(\.feature) == ["mark"])
    let rule = try #require(found.columns[0].rule)
    #expect(rule.side == .equal && rule.value == 1 && !rule.outcome)
    #expect(rule.rowCount == mark.count { $0 == 1 })
  }

  @Test("a threshold of a measured feature is named")
  func threshold() throws {
    let matrix = Matrix(columns: [[1, 2, 3, 4, 5.5, 6, 7], [3, 1, 4, 1, 5, 9, 2]])
    let outcomes = [false, false, false, false, true, true, true]
    let found = try separation(matrix, ["tenure", "noise"], outcomes)
    let column = try #require(found.columns.first { $0.feature == "tenure" })
    let rule = try #require(column.rule)
    #expect(rule.side == .atLeast && rule.value == 5.5 && rule.outcome && rule.rowCount == 3)
    #expect(found.extent == .complete)
  }

  @Test("the endometrial data are separated by neovasculization")
  func neovasculization() throws {
    let found = try separation(
      endometrial.features,
      endometrial.featureNames,
      endometrial.outcomes
    )
    #expect(found.extent == .partial)
    #expect(found.columns.map(\.feature) == ["NV"])
    #expect(found.columns[0].rule?.rowCount == 13)
  }

  @Test("Firth's fit of the endometrial data is that of R's logistf")
  func firth() throws {
    // R's logistf prints 3.77455951, 2.92927330, -0.03475175, -2.60416387: it stops when steps are
    // below 1e-5. These are the zeros of the modified score to 1e-14 (numpy 2.4.6); the errors are
    // those that brglm2 prints.
    let model = try LogisticRegression(likelihood: .firth)
      .fit(
        endometrial.features,
        featureNames: endometrial.featureNames,
        outcomes: endometrial.outcomes
      )
    #expect(model.converged)
    let published = [3.77455951, 2.92927330, -0.03475175, -2.60416387]
    let exact = [
      3.7745597136471156, 2.9292733531971207, -0.034751759870436744, -2.6041639252936823,
    ]
    let errors = [1.48869, 1.55076, 0.03958, 0.77602]
    for (place, term) in model.terms.enumerated() {
      #expect(abs(term.coefficient - published[place]) < 3e-7)
      #expect(abs(term.coefficient / exact[place] - 1) < 1e-9)
      let error = try #require(term.inference).standardError
      #expect(abs(error - errors[place]) < 5.1e-6)
    }
    let inference = try LogisticInference(
      model,
      features: endometrial.features,
      outcomes: endometrial.outcomes
    )
    // Profile penalised likelihood intervals of logistf; its ends are good to about 1e-5.
    let intervals = [
      (1.0825371, 7.20928050), (0.6097244, 7.85463171), (-0.1244587, 0.04045547),
      (-4.3651832, -1.23272106),
    ]
    for (bounds, got) in zip(intervals, inference.profileIntervals()) {
      let interval = try #require(got)
      #expect(interval.converged)
      #expect(abs(interval.lowerBound - bounds.0) < 2e-5 * max(1, abs(bounds.0)))
      #expect(abs(interval.upperBound - bounds.1) < 2e-5 * max(1, abs(bounds.1)))
    }
  }

  @Test("Firth's fit of a two by two table adds one half to each cell")
  func firthTable() throws {
    // Saturated model: the penalised fit has the closed form log((a + ½)(d + ½) / (b + ½)(c + ½)).
    let matrix = Matrix(columns: [[0, 0, 0, 0, 0, 1, 1, 1]])
    let outcomes = [true, false, false, false, false, true, true, true]
    let model = try LogisticRegression(likelihood: .firth)
      .fit(matrix, featureNames: ["x"], outcomes: outcomes)
    #expect(abs(model.intercept - log(1.5 / 4.5)) < 1e-7)
    #expect(abs(model.coefficients[0] - log(3.5 / 0.5 / (1.5 / 4.5))) < 1e-7)
    #expect(throws: LogisticRegression.FitError.self) {
      try LogisticRegression(l2: 1, likelihood: .firth)
        .fit(matrix, featureNames: ["x"], outcomes: outcomes)
    }
  }
}
