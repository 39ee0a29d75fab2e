import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

private let names = LogisticExamples.spector.featureNames
private let spector = LogisticExamples.spector.features
private let betterGrade = LogisticExamples.spector.outcomes
private let gradePoints = spector.column(0)
private let testScores = spector.column(1)
private let method = spector.column(2)

@Suite("LogisticRegression")
struct LogisticRegressionTests {
  @Test("one yes/no feature gives the log-odds of its two groups")
  func workedExample() throws {
    // 1 of 4 in the first group, 3 of 4 in the second: intercept ln(1/3), slope ln 9,
    // variance of the slope 1/1 + 1/3 + 1/3 + 1/1.
    let matrix = Matrix(columns: [[0, 0, 0, 0, 1, 1, 1, 1]])
    let outcomes = [true, false, false, false, true, true, true, false]
    let model = try LogisticRegression().fit(matrix, featureNames: ["x"], outcomes: outcomes)
    #expect(abs(model.intercept - -1.0986122886681098) < 1e-12)
    #expect(abs(model.coefficients[0] - 2.1972245773362196) < 1e-12)
    let error = try #require(model.terms[1].inference?.standardError)
    #expect(abs(error - (8.0 / 3).squareRoot()) < 1e-12)
    #expect(model.converged)
  }

  @Test("the grades of Spector and Mazzeo give the published coefficients and errors")
  func published() throws {
    // Greene, Table 14.1 (logit), as statsmodels prints them; tolerance: half a printed digit.
    let model = try LogisticRegression().fit(spector, featureNames: names, outcomes: betterGrade)
    let expected = [(-13.0213, 4.931), (2.8261, 1.263), (0.0952, 0.142), (2.3787, 1.065)]
    for (term, (coefficient, error)) in zip(model.terms, expected) {
      #expect(abs(term.coefficient - coefficient) < 5e-5)
      #expect(abs((term.inference?.standardError ?? 0) - error) < 5e-4)
    }
    #expect(abs(model.logLikelihood - -12.890) < 5e-4)
    #expect(abs(model.nullLogLikelihood - -20.592) < 5e-4)
    #expect(model.terms[0].name == "(intercept)")
  }

  @Test("the gradient of a penalised fit vanishes", arguments: [0.1, 1, 10])
  func penalizedGradient(_ l2: Double) throws {
    let standardized = Standardization(spector).encode(spector)
    let model = try LogisticRegression(l2: l2)
      .fit(
        standardized,
        featureNames: names,
        outcomes: betterGrade
      )
    let probabilities = model.probabilities(for: standardized)
    for j in 0..<3 {
      var gradient = -l2 * model.coefficients[j]
      for i in betterGrade.indices {
        gradient += ((betterGrade[i] ? 1 : 0) - probabilities[i]) * standardized[i, j]
      }
      #expect(abs(gradient) < 1e-9)
    }
    #expect(model.terms.allSatisfy { $0.inference == nil })
  }

  @Test("units do not matter: a penalised fit in cents predicts as one in euros")
  func units() throws {
    let cents = Matrix(columns: [gradePoints.map { $0 * 100 }, testScores, method])
    let one = try LogisticRegression(l2: 1)
      .fit(
        spector,
        featureNames: names,
        outcomes: betterGrade
      )
    let other = try LogisticRegression(l2: 1)
      .fit(
        cents,
        featureNames: names,
        outcomes: betterGrade
      )
    for (p, q) in zip(one.probabilities(for: spector), other.probabilities(for: cents)) {
      #expect(abs(p - q) < 1e-12)
    }
  }

  @Test("a sum of columns and a constant are left out and named")
  func aliased() throws {
    let sum = zip(gradePoints, testScores).map { $0 + $1 }
    let constant = [Double](repeating: 3, count: 32)
    let matrix = Matrix(columns: [gradePoints, constant, testScores, sum, method])
    let model = try LogisticRegression()
      .fit(
        matrix,
        featureNames: ["gpa", "three", "tuce", "sum", "psi"],
        outcomes: betterGrade
      )
    #expect(model.aliasedFeatures == ["three", "sum"])
    let aliases = model.aliases.map(\.description)
    #expect(aliases == ["three is constant", "sum is a combination of gpa, tuce"])
    #expect(model.terms[4].estimate == nil && model.terms[4].oddsRatio == nil)
    #expect(model.parameterCount == 4)
    #expect(abs(model.logLikelihood - -12.890) < 5e-4)
  }

  @Test("contributions add up to the distance from the average row")
  func contributions() throws {
    let model = try LogisticRegression().fit(spector, featureNames: names, outcomes: betterGrade)
    let average =
      model.intercept + zip(model.coefficients, model.means).reduce(0) { $0 + $1.0 * $1.1 }
    let odds = model.logOdds(for: spector)
    for row in 0..<32 {
      let sum = model.contributions(for: spector.row(row)).reduce(0, +)
      #expect(abs(average + sum - odds[row]) < 1e-12)
    }
  }

  @Test("outcomes that are all equal, and gaps in the features, are refused")
  func refusals() {
    #expect(throws: LogisticRegression.FitError.oneClass(rows: 2, outcome: false)) {
      try LogisticRegression()
        .fit(
          Matrix(rows: [[1], [2]]),
          featureNames: ["x"],
          outcomes: [false, false]
        )
    }
    #expect(throws: LogisticRegression.FitError.notFinite(row: 1, feature: "x")) {
      try LogisticRegression()
        .fit(
          Matrix(rows: [[1], [.nan]]),
          featureNames: ["x"],
          outcomes: [false, true]
        )
    }
    #expect(
      LogisticRegression.FitError.oneClass(rows: 2, outcome: false).description
        == "all 2 outcomes are no, so there is nothing to tell apart; widen the window or change "
        + "the definition of the outcome."
    )
  }
}
