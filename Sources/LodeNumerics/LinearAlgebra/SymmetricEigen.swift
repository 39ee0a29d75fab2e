/// The eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
///
/// For small matrices (hundreds of rows): the error of an eigenvalue is about `ε` of the largest.
///
/// - Determinism: rotations go through the upper triangle row by row.
/// - Complexity: O(`d³`) a sweep, fewer than ten sweeps.
/// - Source: Golub & Van Loan (2013), "Matrix Computations", 4th ed., §8.5.
public struct SymmetricEigen: Sendable, Hashable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// The eigenvectors as columns, `d × d`, in the order of the values; the largest entry of each
  /// is positive.
  public let vectors: Matrix

  /// The decomposition of `matrix`, of which only the upper triangle is read.
  public init(_ matrix: Matrix) {
    let d = matrix.rowCount
    precondition(d == matrix.columnCount, "a \(d) × \(matrix.columnCount) matrix is not symmetric")
    var a = matrix.elements
    for i in 0..<d { for j in 0..<i { a[i * d + j] = a[j * d + i] } }
    // Rows are rotated, so row i of `v` ends as the i-th vector.
    var v = [Double](repeating: 0, count: d * d)
    for i in 0..<d { v[i * d + i] = 1 }
    let size = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for _ in 0..<60 {
      var off = 0.0
      for i in 0..<d { for j in i + 1..<max(d, i + 1) { off += a[i * d + j] * a[i * d + j] } }
      guard off.squareRoot() > 1e-17 * size else { break }
      for i in 0..<d {
        for j in i + 1..<max(d, i + 1) { Self.rotate(&a, &v, d, i, j) }
      }
    }
    let order = (0..<d).sorted { (a[$0 * d + $0], $0) < (a[$1 * d + $1], $1) }
    values = order.map { a[$0 * d + $0] }
    let columns = order.map { row -> [Double] in
      let vector = Array(v[row * d..<(row + 1) * d])
      let largest = vector.max { abs($0) < abs($1) } ?? 1
      return largest < 0 ? vector.map { -$0 } : vector
    }
    vectors = d == 0 ? matrix : Matrix(columns: columns)
  }

  /// Makes element `(i, j)` vanish.
  private static func rotate(_ a: inout [Double], _ v: inout [Double], _ d: Int, _ i: Int, _ j: Int)
  {
    let off = a[i * d + j]
    guard off != 0 else { return }
    let half = (a[j * d + j] - a[i * d + i]) / (2 * off)
    let tangent = (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for k in 0..<d {
      let (left, right) = (a[k * d + i], a[k * d + j])
      a[k * d + i] = cosine * left - sine * right
      a[k * d + j] = sine * left + cosine * right
    }
    for k in 0..<d {
      let (upper, lower) = (a[i * d + k], a[j * d + k])
      a[i * d + k] = cosine * upper - sine * lower
      a[j * d + k] = sine * upper + cosine * lower
      let (first, second) = (v[i * d + k], v[j * d + k])
      v[i * d + k] = cosine * first - sine * second
      v[j * d + k] = sine * first + cosine * second
    }
  }
}
