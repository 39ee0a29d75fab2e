import FoundationEssentials
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Matrix")
struct MatrixTests {
  @Test("a product equals the product by hand")
  func product() {
    let left = Matrix(rows: [[1, 2, 3], [4, 5, 6]])
    let right = Matrix(rows: [[7, 8], [9, 10], [11, 12]])
    #expect(left.multiplied(by: right) == Matrix(rows: [[58, 64], [139, 154]]))
    #expect(left.gram() == left.transposed().multiplied(by: left))
  }

  @Test("rows and columns come back as they were given")
  func access() {
    let matrix = Matrix(columns: [[1, 3, 5], [2, 4, 6]])
    #expect(matrix == Matrix(rows: [[1, 2], [3, 4], [5, 6]]))
    #expect(matrix.row(1) == [3, 4])
    #expect(matrix.column(1) == [2, 4, 6])
    #expect(matrix.withRow(2) { $0[0] + $0[1] } == 11)
    #expect(matrix.gathering(rows: [2, 0]) == Matrix(rows: [[5, 6], [1, 2]]))
    #expect(matrix.gathering(columns: [1]) == Matrix(columns: [[2, 4, 6]]))
  }

  @Test("the first element that is not a number is named by its place")
  func nonFinite() throws {
    let matrix = Matrix(rows: [[1, 2], [3, .nan], [.infinity, 0]])
    let place = try #require(matrix.firstNonFinite())
    #expect(place == (1, 1))
  }

  @Test("a matrix survives JSON, and a wrong shape is refused")
  func coding() throws {
    let matrix = Matrix(rows: [[0.1, 2], [3, 1e-300]])
    let bytes = try JSONEncoder().encode(matrix)
    #expect(try JSONDecoder().decode(Matrix.self, from: bytes) == matrix)
    let wrong = Data(#"{"rowCount":2,"columnCount":2,"elements":[1,2,3]}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Matrix.self, from: wrong) }
  }
}
