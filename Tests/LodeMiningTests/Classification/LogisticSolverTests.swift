import Glibc
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Solvers of logistic regression")
struct LogisticSolverTests {
  /// Correlated columns in odd units, and outcomes that depend on some of them.
  private func sample(_ n: Int, _ d: Int, seed: UInt64) -> (Matrix, [String], [Bool]) {
    var random = CounterRandom(seed: seed)
    var elements = [Double](repeating: 0, count: n * d)
    var outcomes: [Bool] = []
    for row in 0..<n {
      let common = random.normal()
      var odds = -0.5
      for j in 0..<d {
        let value = random.normal() + 0.5 * common
        elements[row * d + j] = 100 * Double(j) + value * Double(j + 1)
        odds += j % 3 == 0 ? 0.3 * value : 0
      }
      outcomes.append(random.uniform() < 1 / (1 + exp(-odds)))
    }
    let matrix = Matrix(rowCount: n, columnCount: d, elements: elements)
    return (matrix, (0..<d).map { "x\($0)" }, outcomes)
  }

  private func expectEqual(
    _ one: LogisticRegression.Model,
    _ other: LogisticRegression.Model,
    tolerance: Double
  ) {
    for (left, right) in zip(one.terms, other.terms) {
      let scale = max(abs(left.coefficient), 1e-3)
      #expect(abs(left.coefficient - right.coefficient) < tolerance * scale)
      if let error = left.inference?.standardError, let same = right.inference?.standardError {
        #expect(abs(same / error - 1) < 1e-7)
      }
    }
    #expect(abs(one.logLikelihood / other.logLikelihood - 1) < 1e-12)
  }

  @Test("limited memory and Newton end at the same place", arguments: [0, 2.5])
  func limitedMemory(_ l2: Double) throws {
    let (matrix, names, outcomes) = sample(2000, 12, seed: 3)
    let newton = try LogisticRegression(l2: l2, solver: .newton)
      .fit(matrix, featureNames: names, outcomes: outcomes)
    let limited = try LogisticRegression(l2: l2, solver: .limitedMemory)
      .fit(matrix, featureNames: names, outcomes: outcomes)
    #expect(limited.converged)
    expectEqual(newton, limited, tolerance: 1e-8)
  }

  @Test("a start from every twentieth row ends at the same place")
  func sampledStart() throws {
    let (matrix, names, outcomes) = sample(100_001, 3, seed: 4)
    let newton = try LogisticRegression(solver: .newton)
      .fit(matrix, featureNames: names, outcomes: outcomes)
    let sampled = try LogisticRegression()
      .fit(matrix, featureNames: names, outcomes: outcomes)
    #expect(sampled.converged)
    #expect(sampled.iterations != newton.iterations)
    expectEqual(newton, sampled, tolerance: 1e-10)
  }

  @Test("a column that is constant in the sample does no harm")
  func rareColumn() throws {
    let (matrix, names, outcomes) = sample(100_001, 2, seed: 5)
    // Set in rows 7 to 13 of each 4000: never in a row whose number divides by 20.
    let rare = (0..<100_001).map { (7..<14).contains($0 % 4000) ? 1.0 : 0 }
    let wide = Matrix(columns: [matrix.column(0), matrix.column(1), rare])
    let newton = try LogisticRegression(solver: .newton)
      .fit(wide, featureNames: names + ["rare"], outcomes: outcomes)
    let sampled = try LogisticRegression()
      .fit(wide, featureNames: names + ["rare"], outcomes: outcomes)
    expectEqual(newton, sampled, tolerance: 1e-10)
  }
}
