/// The Cholesky factorization `A = L·Lᵀ` of a symmetric positive definite matrix.
///
/// - Complexity: O(`d³ / 3`).
/// - Source: Golub & Van Loan (2013), "Matrix Computations", 4th ed., §4.2.
public struct Cholesky: Sendable, Hashable {
  /// The lower triangle `L`, `d × d`; zeros above the diagonal.
  public let lower: Matrix

  /// Factors `matrix`, of which only the upper triangle is read; nil if it is not positive
  /// definite.
  public init?(_ matrix: Matrix) {
    let d = matrix.rowCount
    precondition(d == matrix.columnCount, "a \(d) × \(matrix.columnCount) matrix has no Cholesky")
    var l = [Double](repeating: 0, count: d * d)
    for j in 0..<d {
      var diagonal = matrix[j, j]
      for k in 0..<j { diagonal -= l[j * d + k] * l[j * d + k] }
      guard diagonal > 0, diagonal.isFinite else { return nil }
      let root = diagonal.squareRoot()
      l[j * d + j] = root
      for i in j + 1..<max(d, j + 1) {
        var sum = matrix[j, i]
        for k in 0..<j { sum -= l[i * d + k] * l[j * d + k] }
        l[i * d + j] = sum / root
      }
    }
    lower = Matrix(rowCount: d, columnCount: d, elements: l)
  }

  /// The solution `x` of `A·x = b`.
  public func solve(_ right: [Double]) -> [Double] {
    let d = lower.rowCount
    precondition(right.count == d, "a right side of \(right.count) for \(d) unknowns")
    var x = right
    let l = lower.elements
    for i in 0..<d {
      for k in 0..<i { x[i] -= l[i * d + k] * x[k] }
      x[i] /= l[i * d + i]
    }
    for i in stride(from: d - 1, through: 0, by: -1) {
      for k in i + 1..<max(d, i + 1) { x[i] -= l[k * d + i] * x[k] }
      x[i] /= l[i * d + i]
    }
    return x
  }

  /// The inverse of `A`.
  public func inverse() -> Matrix {
    let d = lower.rowCount
    var columns: [[Double]] = []
    for j in 0..<d {
      var unit = [Double](repeating: 0, count: d)
      unit[j] = 1
      columns.append(solve(unit))
    }
    return Matrix(columns: columns)
  }

  /// The logarithm of the determinant of `A`.
  public var logDeterminant: Double {
    let d = lower.rowCount
    var roots = [Double](repeating: 0, count: d)
    for i in 0..<d { roots[i] = logarithm(lower[i, i]) }
    return 2 * roots.reduce(0, +)
  }

  /// The columns that are linear combinations of earlier ones, judged by a Gram matrix.
  ///
  /// A column is aliased when less than `tolerance` of its squared length is left after
  /// the projection on the earlier, kept columns: the later of two equal columns is the one named,
  /// as in R's `lm` and `glm`.
  ///
  /// - Parameters:
  ///   - gram: `XᵀX`, `d × d`, symmetric; only the upper triangle is read.
  ///   - tolerance: the share of the squared length that counts as nothing.
  /// - Returns: the places of the aliased columns, ascending.
  public static func aliasedColumns(gram: Matrix, tolerance: Double = 1e-9) -> [Int] {
    let d = gram.rowCount
    var aliased: [Int] = []
    var rows: [(column: Int, factor: [Double])] = []
    for j in 0..<d {
      var residual = (0..<d).map { $0 >= j ? gram[j, $0] : gram[$0, j] }
      let length = residual[j]
      for (_, factor) in rows {
        let weight = factor[j]
        for i in j..<d { residual[i] -= weight * factor[i] }
      }
      guard residual[j] > tolerance * length, residual[j] > 0 else {
        aliased.append(j)
        continue
      }
      let root = residual[j].squareRoot()
      rows.append((j, residual.map { $0 / root }))
    }
    return aliased
  }

  /// The Cholesky factorization with complete diagonal pivoting: always the largest one left.
  ///
  /// - Parameters:
  ///   - matrix: symmetric and positive semidefinite, `d × d`; only the upper triangle is read.
  ///   - tolerance: the share of the largest diagonal below which the rest counts as nothing.
  /// - Returns: the order in which columns were taken and those left over (aliased), ascending.
  /// - Source: Higham (2002), "Accuracy and Stability of Numerical Algorithms", §10.3.
  public static func pivoted(
    _ matrix: Matrix,
    tolerance: Double = 1e-12
  ) -> (order: [Int], aliased: [Int]) {
    let d = matrix.rowCount
    var diagonal = (0..<d).map { matrix[$0, $0] }
    let limit = tolerance * (diagonal.max() ?? 0)
    var order: [Int] = []
    var factors: [[Double]] = []
    var remaining = Array(0..<d)
    while let pivot = remaining.max(by: { (diagonal[$0], -$0) < (diagonal[$1], -$1) }),
      diagonal[pivot] > limit
    {
      let root = diagonal[pivot].squareRoot()
      var factor = [Double](repeating: 0, count: d)
      factor[pivot] = root
      remaining.removeAll { $0 == pivot }
      for i in remaining {
        var sum = i >= pivot ? matrix[pivot, i] : matrix[i, pivot]
        for earlier in factors { sum -= earlier[pivot] * earlier[i] }
        factor[i] = sum / root
        diagonal[i] -= factor[i] * factor[i]
      }
      order.append(pivot)
      factors.append(factor)
    }
    return (order, remaining)
  }
}
