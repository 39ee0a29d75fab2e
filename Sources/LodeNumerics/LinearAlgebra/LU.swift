/// The factorization `P·A = L·U` of a square matrix, with row exchanges.
///
/// - Complexity: O(`2 d³ / 3`).
/// - Source: Golub & Van Loan (2013), "Matrix Computations", 4th ed., §3.4.
public struct LU: Sendable, Hashable {
  /// `U` on and above the diagonal, `L` without its ones below, `d × d`.
  private let factors: Matrix
  /// The row of `A` that each row of the factors comes from.
  private let order: [Int]

  /// Factors `matrix`; nil if it is singular to rounding or not finite.
  public init?(_ matrix: Matrix) {
    let d = matrix.rowCount
    precondition(d == matrix.columnCount, "a \(d) × \(matrix.columnCount) matrix has no LU")
    var a = matrix.elements
    let largest = a.reduce(0) { max($0, abs($1)) }
    guard a.allSatisfy(\.isFinite) else { return nil }
    var order = Array(0..<d)
    for k in 0..<d {
      var pivot = k
      for i in k..<d where abs(a[i * d + k]) > abs(a[pivot * d + k]) { pivot = i }
      guard abs(a[pivot * d + k]) > largest * Double(d) * 1e-16 else { return nil }
      if pivot != k {
        order.swapAt(pivot, k)
        for j in 0..<d { a.swapAt(pivot * d + j, k * d + j) }
      }
      for i in k + 1..<max(d, k + 1) {
        let factor = a[i * d + k] / a[k * d + k]
        a[i * d + k] = factor
        for j in k + 1..<max(d, k + 1) { a[i * d + j] -= factor * a[k * d + j] }
      }
    }
    factors = Matrix(rowCount: d, columnCount: d, elements: a)
    self.order = order
  }

  /// The solution `x` of `A·x = b`.
  public func solve(_ right: [Double]) -> [Double] {
    let d = factors.rowCount
    precondition(right.count == d, "a right side of \(right.count) for \(d) unknowns")
    var x = order.map { right[$0] }
    let a = factors.elements
    for i in 0..<d { for k in 0..<i { x[i] -= a[i * d + k] * x[k] } }
    for i in stride(from: d - 1, through: 0, by: -1) {
      for k in i + 1..<max(d, i + 1) { x[i] -= a[i * d + k] * x[k] }
      x[i] /= a[i * d + i]
    }
    return x
  }
}
