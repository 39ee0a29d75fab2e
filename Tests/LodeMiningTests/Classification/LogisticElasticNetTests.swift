import Glibc
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("LogisticElasticNet")
struct LogisticElasticNetTests {
  private let spector = LogisticExamples.spector

  private func fitted(_ configuration: LogisticElasticNet) throws -> LogisticElasticNet.Model {
    try configuration
      .fit(spector.features, featureNames: spector.featureNames, outcomes: spector.outcomes)
  }

  @Test("the grades give the coefficients of scikit-learn's saga run to its end")
  func peer() throws {
    // scikit-learn 1.9.1 LogisticRegression(solver="saga", penalty="elasticnet", tol=1e-15),
    // C = 1/(32·λ), standardised columns; printed to eight places.
    let expected: [(penalty: Double, mixing: Double, coefficients: [Double], intercept: Double)] = [
      (0.1, 1, [0.62016202, 0, 0.4441542], -0.7285480093180843),
      (0.05, 0.5, [0.87775767, 0.20934014, 0.765656], -0.8554483431674532),
      (0.02, 1, [1.10257064, 0.22609336, 0.96202047], -0.95097506595588),
      (0.2, 0.3, [0.4573197, 0.10761175, 0.37568868], -0.7068163641730859),
    ]
    for one in expected {
      let model = try fitted(LogisticElasticNet(mixing: one.mixing, penalties: [one.penalty]))
      let step = try #require(model.steps.first)
      var center = step.intercept
      for j in 0..<3 {
        let standardized = step.coefficients[j] * model.standardDeviations[j]
        #expect(abs(standardized - one.coefficients[j]) < 1e-8)
        center += step.coefficients[j] * model.means[j]
      }
      #expect(abs(center - one.intercept) < 1e-8)
    }
  }

  @Test("every step of a path meets the optimality conditions", arguments: [0, 0.5, 1])
  func conditions(_ mixing: Double) throws {
    let model = try fitted(LogisticElasticNet(mixing: mixing, penaltyCount: 12))
    let standardized = Standardization(spector.features).encode(spector.features)
    let n = Double(spector.outcomes.count)
    for (place, step) in model.steps.enumerated() {
      #expect(step.converged)
      let probabilities = model.probabilities(for: spector.features, step: place)
      var sums = [Double](repeating: 0, count: 4)
      for row in spector.outcomes.indices {
        let residual = (spector.outcomes[row] ? 1 : 0) - probabilities[row]
        sums[3] += residual / n
        for j in 0..<3 { sums[j] += residual * standardized[row, j] / n }
      }
      #expect(abs(sums[3]) < 1e-8)
      for j in 0..<3 {
        let coefficient = step.coefficients[j] * model.standardDeviations[j]
        let slope = sums[j] - step.penalty * (1 - mixing) * coefficient
        if coefficient == 0 {
          #expect(abs(slope) < step.penalty * mixing + 1e-8)
        } else {
          let sign = coefficient > 0 ? 1.0 : -1
          #expect(abs(slope - sign * step.penalty * mixing) < 1e-8)
        }
      }
    }
  }

  @Test("a path starts with no feature and explains ever more")
  func path() throws {
    let model = try fitted(LogisticElasticNet(penaltyCount: 20))
    #expect(model.steps[0].nonzeroCount == 0)
    #expect(model.steps[1].nonzeroCount >= 1)
    for (one, next) in zip(model.steps, model.steps.dropFirst()) {
      #expect(next.penalty < one.penalty)
      #expect(next.devianceRatio >= one.devianceRatio - 1e-12)
    }
  }

  @Test("without a penalty the path ends at maximum likelihood, without L1 at the L2 fit")
  func ends() throws {
    let free = try fitted(LogisticElasticNet(penalties: [0.1, 0]))
    let plain = try LogisticRegression()
      .fit(spector.features, featureNames: spector.featureNames, outcomes: spector.outcomes)
    let ridge = try fitted(LogisticElasticNet(mixing: 0, penalties: [1.0 / 32]))
    let squares = try LogisticRegression(l2: 1)
      .fit(spector.features, featureNames: spector.featureNames, outcomes: spector.outcomes)
    for j in 0..<3 {
      #expect(abs(free.steps[1].coefficients[j] - plain.coefficients[j]) < 1e-7)
      #expect(abs(ridge.steps[0].coefficients[j] - squares.coefficients[j]) < 1e-7)
    }
  }

  @Test("of many columns only those that matter are kept, whatever is collinear")
  func sparse() throws {
    var random = CounterRandom(seed: 12)
    var rows: [[Double]] = []
    var outcomes: [Bool] = []
    for _ in 0..<400 {
      var row = (0..<30).map { _ in random.normal() }
      // Columns 20 to 29 are all but equal to columns 0 to 9.
      for j in 0..<10 { row[20 + j] = row[j] + 1e-3 * row[20 + j] }
      outcomes.append(random.uniform() < 1 / (1 + exp(-2 * row[12] + 1.5 * row[15])))
      rows.append(row)
    }
    let names = (0..<30).map { "x\($0)" }
    let model = try LogisticElasticNet(penaltyCount: 15, smallestShare: 0.02)
      .fit(Matrix(rows: rows), featureNames: names, outcomes: outcomes)
    #expect(model.steps.allSatisfy { $0.converged && $0.violation <= 1e-10 })
    let early = try #require(model.steps.first { $0.nonzeroCount >= 2 })
    #expect(early.coefficients[12] > 0 && early.coefficients[15] < 0)
    #expect(early.nonzeroCount == 2)
  }

  @Test("a bad share is refused")
  func refusals() {
    let error = #expect(throws: LogisticRegression.FitError.self) {
      try fitted(LogisticElasticNet(mixing: 2))
    }
    #expect(
      error?.description
        == "the logistic regression cannot run: mixing 2.0, 100 penalties or tolerance 1e-10 is "
        + "out of range."
    )
  }
}
