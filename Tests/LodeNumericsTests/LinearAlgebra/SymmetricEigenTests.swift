import LodeNumerics
import LodeRuntime
import Testing

@Suite("SymmetricEigen")
struct SymmetricEigenTests {
  @Test("two by two: the values are 1 and 3, the vectors the diagonals")
  func workedExample() {
    let eigen = SymmetricEigen(Matrix(rows: [[2, 1], [1, 2]]))
    #expect(abs(eigen.values[0] - 1) < 1e-15 && abs(eigen.values[1] - 3) < 1e-15)
    #expect(abs(abs(eigen.vectors[0, 0]) - 0.5.squareRoot()) < 1e-15)
    #expect(abs(eigen.vectors[0, 1] - eigen.vectors[1, 1]) < 1e-15)
  }

  @Test("vectors and values put the matrix together again", arguments: [1, 2, 7, 30])
  func laws(_ d: Int) {
    var random = CounterRandom(seed: UInt64(d))
    let half = Matrix(
      rowCount: d,
      columnCount: d,
      elements: (0..<d * d).map { _ in random.normal() }
    )
    let matrix = half.gram()
    let eigen = SymmetricEigen(matrix)
    for i in 0..<d {
      for j in 0..<d {
        var sum = 0.0
        var product = 0.0
        for k in 0..<d {
          sum += eigen.vectors[i, k] * eigen.values[k] * eigen.vectors[j, k]
          product += eigen.vectors[k, i] * eigen.vectors[k, j]
        }
        #expect(abs(sum - matrix[i, j]) < 1e-12 * Double(d * d))
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-13)
      }
    }
    #expect(eigen.values == eigen.values.sorted())
  }
}
