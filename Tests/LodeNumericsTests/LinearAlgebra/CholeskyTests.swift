import LodeNumerics
import LodeRuntime
import Testing

@Suite("Cholesky")
struct CholeskyTests {
  @Test("the textbook matrix has the textbook factor")
  func workedExample() throws {
    // L = [2 0 0; 6 1 0; -8 5 3], A = L·Lᵀ.
    let matrix = Matrix(rows: [[4, 12, -16], [12, 37, -43], [-16, -43, 98]])
    let factor = try #require(Cholesky(matrix))
    #expect(factor.lower == Matrix(rows: [[2, 0, 0], [6, 1, 0], [-8, 5, 3]]))
    #expect(factor.solve([-20, -43, 192]) == [1, 2, 3])
  }

  @Test("an indefinite matrix has no factor")
  func indefinite() {
    #expect(Cholesky(Matrix(rows: [[1, 2], [2, 1]])) == nil)
  }

  @Test("a matrix times its inverse is the identity", arguments: 0..<10)
  func inverse(_ seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let points = Matrix(
      rowCount: 20,
      columnCount: 5,
      elements: (0..<100).map { _ in random.normal() }
    )
    let gram = points.gram()
    let identity = gram.multiplied(by: try #require(Cholesky(gram)).inverse())
    for i in 0..<5 {
      for j in 0..<5 { #expect(abs(identity[i, j] - (i == j ? 1 : 0)) < 1e-12) }
    }
  }

  @Test("the later of two dependent columns is the aliased one")
  func aliased() {
    // Column 2 = column 0 + column 1, column 4 is zero.
    let columns = [[1.0, 2, 3, 5], [1, 1, 4, 2], [2, 3, 7, 7], [0, 1, 0, 1], [0, 0, 0, 0]]
    let gram = Matrix(columns: columns).gram()
    #expect(Cholesky.aliasedColumns(gram: gram) == [2, 4])
    #expect(Cholesky.pivoted(gram).aliased.count == 2)
  }
}
