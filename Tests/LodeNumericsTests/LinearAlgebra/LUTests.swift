import LodeNumerics
import LodeRuntime
import Testing

@Suite("LU factorization")
struct LUTests {
  @Test("a system whose first pivot is zero is solved by an exchange of rows")
  func byHand() throws {
    // 2y = 4 and x + y = 5.
    let factor = try #require(LU(Matrix(rowCount: 2, columnCount: 2, elements: [0, 2, 1, 1])))
    #expect(factor.solve([4, 5]) == [3, 2])
  }

  @Test("the solution gives the right side back", arguments: 0..<20)
  func law(_ seed: Int) throws {
    var random = CounterRandom(seed: UInt64(seed), stream: 7)
    let d = 1 + seed
    let elements = (0..<d * d).map { _ in random.uniform() - 0.5 }
    let right = (0..<d).map { _ in random.uniform() }
    let factor = try #require(LU(Matrix(rowCount: d, columnCount: d, elements: elements)))
    let x = factor.solve(right)
    for i in 0..<d {
      var sum = 0.0
      for j in 0..<d { sum += elements[i * d + j] * x[j] }
      #expect(abs(sum - right[i]) < 1e-9)
    }
  }

  @Test("singular and infinite matrices have none")
  func refusals() {
    #expect(LU(Matrix(rowCount: 2, columnCount: 2, elements: [1, 2, 2, 4])) == nil)
    #expect(LU(Matrix(rowCount: 1, columnCount: 1, elements: [.nan])) == nil)
    #expect(LU(Matrix(rowCount: 0, columnCount: 0, elements: []))?.solve([]) == [])
  }
}
