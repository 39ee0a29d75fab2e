public import LodeNumerics
internal import LodeRuntime

/// Centres each column at its mean and divides it by its population standard deviation.
///
/// A constant column is only centred (its divisor is 1) and listed in ``constantColumns``. Means
/// and deviations come from exact sums: rows in another order give the same bits.
public struct Standardization: Sendable, Hashable, Codable {
  /// The mean of each column, in its own unit.
  public let means: [Double]
  /// The population standard deviation (divisor `n`) of each column, in its own unit.
  public let standardDeviations: [Double]

  /// The places of columns that do not vary.
  public var constantColumns: [Int] {
    standardDeviations.indices.filter { standardDeviations[$0] == 0 }
  }

  /// The standardization of the columns of `matrix`, `n × d` without missing values.
  public init(_ matrix: Matrix) {
    let moments = ColumnMoments(matrix.elements, columnCount: matrix.columnCount)
    means = moments.means
    standardDeviations = zip(moments.means, moments.variances)
      .map { mean, variance in
        // Rounding of a constant column leaves about n·(ε·mean)²; that is no variation.
        let noise = 4 * Double.ulpOfOne * abs(mean)
        return variance.squareRoot() > noise ? variance.squareRoot() : 0
      }
  }

  /// The standardised matrix, `n × d`: (x − mean) / sd.
  public func encode(_ matrix: Matrix) -> Matrix {
    let d = checkedColumnCount(matrix)
    var elements = matrix.elements
    let divisors = (0..<d).map { divisor($0) }
    var output = elements.mutableSpan
    for start in stride(from: 0, to: output.count, by: max(d, 1)) {
      for j in 0..<d { output[start + j] = (output[start + j] - means[j]) / divisors[j] }
    }
    return Matrix(rowCount: matrix.rowCount, columnCount: d, elements: elements)
  }

  /// The product of the transpose of the standardised matrix with itself, `d × d`, symmetric.
  ///
  /// Blocks of rows are standardised one by one, so that no second matrix of all rows is held.
  func gram(of matrix: Matrix) -> Matrix {
    let d = checkedColumnCount(matrix)
    let parts = Parallel.map(rows: matrix.rowCount, chunkSize: Self.blockRows) { rows in
      let elements = Array(matrix.elements[(rows.lowerBound * d)..<(rows.upperBound * d)])
      let block = Matrix(rowCount: rows.count, columnCount: d, elements: elements)
      return encode(block).gram().elements
    }
    var sums = [Double](repeating: 0, count: d * d)
    for part in parts { for place in sums.indices { sums[place] += part[place] } }
    return Matrix(rowCount: d, columnCount: d, elements: sums)
  }

  /// Rows that are standardised at a time for the product; their size decides the last bits.
  private static let blockRows = 4096

  /// The matrix in its own units again: x · sd + mean.
  public func decode(_ matrix: Matrix) -> Matrix {
    let d = checkedColumnCount(matrix)
    var elements = matrix.elements
    for start in stride(from: 0, to: elements.count, by: max(d, 1)) {
      for j in 0..<d { elements[start + j] = elements[start + j] * divisor(j) + means[j] }
    }
    return Matrix(rowCount: matrix.rowCount, columnCount: d, elements: elements)
  }

  private func divisor(_ column: Int) -> Double {
    standardDeviations[column] == 0 ? 1 : standardDeviations[column]
  }

  private func checkedColumnCount(_ matrix: Matrix) -> Int {
    precondition(
      matrix.columnCount == means.count,
      "\(matrix.columnCount) columns for a standardization of \(means.count)"
    )
    return means.count
  }
}
