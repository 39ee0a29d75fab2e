internal import LodeNumerics
internal import LodeRuntime

extension Standardization {
  /// A standardization from its parts, one of each a column.
  init(means: [Double], standardDeviations: [Double]) {
    self.means = means
    self.standardDeviations = standardDeviations
  }

  /// The standardization of the columns of a matrix in one pass on all threads.
  init(parallel matrix: Matrix) { self.init(parallel: ReadRows(matrix)) }

  /// The standardization of columns in one pass on all threads.
  ///
  /// Differences are taken from the mean of about a thousand rows, so that squares do not cancel.
  init(parallel rows: ReadRows) {
    let (n, d) = (rows.rowCount, rows.columnCount)
    guard n > 0, d > 0 else {
      self.init(Matrix(rowCount: n, columnCount: d))
      return
    }
    let step = max(1, n / 1000)
    var origin = [Double](repeating: 0, count: d)
    for row in stride(from: 0, to: n, by: step) {
      rows.lend(row..<row + 1) { span in for j in 0..<d { origin[j] += span[j] } }
    }
    let sampleSize = Double((n + step - 1) / step)
    for j in 0..<d { origin[j] /= sampleSize }
    let kernel = LogisticKernel(origin: origin)
    let chunks = Parallel.map(rows: n, chunkSize: max(512, (n + 31) / 32)) { chunk in
      var sums = [Double](repeating: 0, count: 2 * d)
      var squares = Array(sums[d...])
      var differences = Array(sums[..<d])
      rows.lendParts(chunk) { _, span in
        var sumSpan = differences.mutableSpan
        var squareSpan = squares.mutableSpan
        kernel.addMoments(span, sums: &sumSpan, squares: &squareSpan)
      }
      sums = differences + squares
      return sums
    }
    var sums = [Double](repeating: 0, count: 2 * d)
    for chunk in chunks { for i in sums.indices { sums[i] += chunk[i] } }
    let count = Double(n)
    let means = (0..<d).map { origin[$0] + sums[$0] / count }
    let deviations = (0..<d)
      .map { j in
        let variance = max(0, (sums[d + j] - sums[j] * sums[j] / count) / count)
        // Rounding of a constant column leaves about n·(ε·mean)²; that is no variation.
        let noise = 4 * Double.ulpOfOne * abs(means[j])
        return variance.squareRoot() > noise ? variance.squareRoot() : 0
      }
    self.init(means: means, standardDeviations: deviations)
  }
}

/// The correlations of columns, and what they say about collinearity.
struct ScaledGram: Sendable {
  /// The columns that vary.
  let columns: [Int]
  /// Their correlations times the number of rows, symmetric.
  let gram: Matrix

  init(_ matrix: Matrix, _ standardization: Standardization) {
    self.init(ReadRows(matrix), standardization)
  }

  init(_ rows: ReadRows, _ standardization: Standardization) {
    let d = rows.columnCount
    columns = (0..<d).filter { standardization.standardDeviations[$0] > 0 }
    let width = d + 1
    let kernel = LogisticKernel(origin: standardization.means)
    let factors = standardization.standardDeviations.map { $0 > 0 ? 1 / $0 : 0 }
    let tileSize = LogisticDesign.tileSize
    let chunkSize = tileSize * max(1, (rows.rowCount + tileSize * 32 - 1) / (tileSize * 32))
    let chunks = Parallel.map(rows: rows.rowCount, chunkSize: chunkSize) { chunk in
      var total = [Double](repeating: 0, count: width * width)
      var tile = [Double](repeating: 0, count: tileSize * width)
      let scales = [Double](repeating: 1, count: tileSize)
      rows.lendParts(chunk) { part, span in
        var filled = tile.mutableSpan
        kernel.fill(
          span,
          rows: .init(count: part.count),
          factors: factors.span,
          scales: scales.span,
          into: &filled
        )
        var sums = total.mutableSpan
        BLAS.addGram(
          tile.span.extracting(first: part.count * width),
          rows: part.count,
          columns: width,
          into: &sums
        )
      }
      return total
    }
    var sum = [Double](repeating: 0, count: width * width)
    for chunk in chunks { for i in sum.indices { sum[i] += chunk[i] } }
    let kept = columns.map { $0 + 1 }
    gram = Matrix(
      symmetric: kept.flatMap { i in kept.map { j in sum[i * width + j] } },
      size: kept.count
    )
  }

  /// The columns that are combinations of earlier ones, with those that they are made of.
  func aliases(_ names: [String]) -> [LogisticRegression.Alias] {
    let aliased = Cholesky.aliasedColumns(gram: gram)
    guard !aliased.isEmpty else { return [] }
    let dropped = Set(aliased)
    return aliased.map { column in
      let earlier = (0..<column).filter { !dropped.contains($0) }
      let system = gram.submatrix(earlier)
      let weights = Cholesky(system)?.solve(earlier.map { gram[$0, column] }) ?? []
      let parts = zip(earlier, weights).filter { abs($0.1) > 1e-5 }.map { names[columns[$0.0]] }
      return LogisticRegression.Alias(
        column: columns[column],
        name: names[columns[column]],
        combinationOf: parts
      )
    }
  }
}

extension Matrix {
  /// A symmetric matrix from its upper triangle.
  init(symmetric upper: [Double], size: Int) {
    var elements = upper
    for i in 0..<size { for j in 0..<i { elements[i * size + j] = elements[j * size + i] } }
    self.init(rowCount: size, columnCount: size, elements: elements)
  }

  /// The rows and columns of the given places.
  func submatrix(_ places: [Int]) -> Matrix {
    gathering(rows: places).gathering(columns: places)
  }
}
