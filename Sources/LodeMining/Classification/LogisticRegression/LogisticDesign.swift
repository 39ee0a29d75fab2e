internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// The rows of a logistic fit, standardised block by block with a constant in front.
struct LogisticDesign: Sendable {
  static let blockSize = 2048

  let matrix: Matrix
  let outcomes: [Double]
  let standardization: Standardization
  /// The columns that take part; the others are constant or sums of earlier ones.
  let active: [Int]
  /// The columns left out.
  let aliased: [Int]

  /// The number of unknowns: the constant and the active columns.
  var parameterCount: Int { active.count + 1 }

  init(_ matrix: Matrix, outcomes: [Bool], keepsCollinear: Bool) {
    self.matrix = matrix
    self.outcomes = outcomes.map { $0 ? 1 : 0 }
    let standardization = Standardization(matrix)
    self.standardization = standardization
    let varying = (0..<matrix.columnCount).filter { standardization.standardDeviations[$0] > 0 }
    if keepsCollinear {
      active = varying
    } else {
      let gram = Self.correlationGram(matrix, standardization, varying)
      let dependent = Set(Cholesky.aliasedColumns(gram: gram).map { varying[$0] })
      active = varying.filter { !dependent.contains($0) }
    }
    let kept = Set(active)
    aliased = (0..<matrix.columnCount).filter { !kept.contains($0) }
  }

  /// The loss, its gradient and the information matrix at one parameter vector.
  struct Evaluation: Sendable {
    /// −log L, without the penalty.
    var loss: Double
    /// The derivative of log L, `parameterCount` long.
    var gradient: [Double]
    /// XᵀWX, upper triangle, `parameterCount²` elements.
    var information: [Double]

    mutating func add(_ other: Evaluation) {
      loss += other.loss
      for i in gradient.indices { gradient[i] += other.gradient[i] }
      for i in information.indices { information[i] += other.information[i] }
    }
  }

  /// One pass over all rows; chunks and blocks are fixed by the number of rows alone.
  func evaluate(_ parameters: [Double]) -> Evaluation {
    let p = parameterCount
    // At most 64 partial sums, however many rows there are.
    let blocksPerChunk = (matrix.rowCount + Self.blockSize * 64 - 1) / (Self.blockSize * 64)
    let chunks = Parallel.map(
      rows: matrix.rowCount,
      chunkSize: Self.blockSize * max(1, blocksPerChunk)
    ) { rows in
      var total = Evaluation(
        loss: 0,
        gradient: Array(repeating: 0, count: p),
        information: Array(repeating: 0, count: p * p)
      )
      var buffer = [Double](repeating: 0, count: min(Self.blockSize, rows.count) * p)
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockSize) {
        let block = start..<min(start + Self.blockSize, rows.upperBound)
        if block.count * p != buffer.count {
          buffer = Array(repeating: 0, count: block.count * p)
        }
        addBlock(block, parameters, &buffer, &total)
      }
      return total
    }
    var sum = chunks[0]
    for chunk in chunks.dropFirst() { sum.add(chunk) }
    return sum
  }

  private func addBlock(
    _ rows: Range<Int>,
    _ parameters: [Double],
    _ buffer: inout [Double],
    _ total: inout Evaluation
  ) {
    let p = parameterCount
    let d = matrix.columnCount
    let means = active.map { standardization.means[$0] }
    let factors = active.map { 1 / standardization.standardDeviations[$0] }
    var block = buffer.mutableSpan
    let source = matrix.elements.span.extracting(rows.lowerBound * d..<rows.upperBound * d)
    fillBlock(source, d, active.span, means.span, factors.span, &block)
    var predictors = [Double](repeating: 0, count: rows.count)
    var residuals = [Double](repeating: 0, count: rows.count)
    var eta = predictors.mutableSpan
    BLAS.multiply(block.span, rows: rows.count, columns: p, vector: parameters.span, into: &eta)
    var difference = residuals.mutableSpan
    total.loss += logisticRows(outcomes.span.extracting(rows), &eta, &difference)
    var gradient = total.gradient.mutableSpan
    BLAS.multiply(
      block.span,
      rows: rows.count,
      columns: p,
      isTransposed: true,
      vector: difference.span,
      keep: 1,
      into: &gradient
    )
    for row in 0..<rows.count {
      let root = eta[row]
      for j in row * p..<(row + 1) * p { block[j] *= root }
    }
    var information = total.information.mutableSpan
    BLAS.addGram(block.span, rows: rows.count, columns: p, into: &information)
  }

  private static func correlationGram(
    _ matrix: Matrix,
    _ standardization: Standardization,
    _ columns: [Int]
  ) -> Matrix {
    let encoded = standardization.encode(matrix).gathering(columns: columns)
    return encoded.gram()
  }
}

/// Writes a constant and the standardised active columns of each row.
private func fillBlock(
  _ source: Span<Double>,
  _ columnCount: Int,
  _ active: Span<Int>,
  _ means: Span<Double>,
  _ factors: Span<Double>,
  _ block: inout MutableSpan<Double>
) {
  let p = active.count + 1
  for row in 0..<block.count / p {
    block[row * p] = 1
    for j in active.indices {
      let value = source[row * columnCount + active[j]]
      block[row * p + 1 + j] = (value - means[j]) * factors[j]
    }
  }
}

/// Turns linear predictors into √weights and fills in `y − p`; gives −log L of the rows.
private func logisticRows(
  _ outcomes: Span<Double>,
  _ predictors: inout MutableSpan<Double>,
  _ residuals: inout MutableSpan<Double>
) -> Double {
  var loss = 0.0
  for row in outcomes.indices {
    let eta = predictors[row]
    let tail = exp(-abs(eta))
    let small = tail / (1 + tail)
    let probability = eta >= 0 ? 1 - small : small
    loss += log1p(tail) + max(eta, 0) - outcomes[row] * eta
    // y − p without cancellation where p is near 1.
    residuals[row] = outcomes[row] == 1 && eta >= 0 ? small : outcomes[row] - probability
    predictors[row] = (small / (1 + tail)).squareRoot()
  }
  return loss
}
