internal import LodeNumerics
internal import LodeRuntime

/// Points as k-means sees them: without their mean, and with scales for exact sums.
///
/// Coordinates and distances are added as whole numbers: each is multiplied by a power of two that
/// puts the largest below 2⁵⁰, so 4,096 of them add up exactly in 64 bits and all in 128. So sums
/// do not depend on threads, on the order of rows, or on how rows are grouped.
struct CenteredPoints: Sendable {
  static let chunkSize = 4096

  let rowCount: Int
  let dimension: Int
  /// The points in the units of the caller, row-major; shared with the caller, not copied.
  let elements: [Double]
  /// The weight of each row, all of them positive; nil if all are 1.
  let weights: [Double]?
  /// The mean of each column over rows, weights aside: near it nothing cancels.
  let origin: [Double]
  /// The fixed-point factor of each column (times the weight), a power of two.
  let scale: [Double]
  /// The fixed-point factor of squared distances (times the weight).
  let distanceScale: Double
  /// The fixed-point factor of weights.
  let weightScale: Double
  /// Twice the largest distances, squared and added over the columns.
  private let farthest: Double

  init(_ points: Matrix, weights: [Double]? = nil) {
    let (n, d) = (points.rowCount, points.columnCount)
    let raw = points.elements
    rowCount = n
    dimension = d
    elements = raw
    self.weights = weights
    let extents = Self.extents(raw, d)
    let largest = (0..<d).map { max(abs(extents.lowest[$0]), abs(extents.highest[$0])) }
    let rawScale = largest.map { ExactSums.scale(ofLargest: n == 0 ? 0 : $0) }
    let sums = Self.sums(raw, rawScale)
    let means = (0..<d).map { n == 0 ? 0 : Double(sums[$0]) / Double(n) / rawScale[$0] }
    // Subtracting keeps order, so the ends of a column are the farthest from its mean.
    let sizes = (0..<d)
      .map { j in
        n == 0 ? 0 : max(abs(extents.lowest[j] - means[j]), abs(extents.highest[j] - means[j]))
      }
    let heaviest = weights?.max() ?? 1
    origin = means
    scale = sizes.map { ExactSums.scale(ofLargest: $0 * heaviest) }
    // No point is farther from a centroid than twice the largest coordinate in every column.
    farthest = sizes.reduce(0) { $0 + 4 * $1 * $1 }
    distanceScale = ExactSums.scale(ofLargest: farthest * heaviest)
    weightScale = weights == nil ? 1 : ExactSums.scale(ofLargest: heaviest)
  }

  /// The mean over the columns of their population variances: a pass over all rows.
  func meanVariance() -> Double {
    let (n, d, raw, means) = (rowCount, dimension, elements, origin)
    let squareScale = ExactSums.scale(ofLargest: farthest)
    let parts = Parallel.map(rows: n, chunkSize: Self.chunkSize) { rows in
      sumOfSquares(
        raw.span.extracting(rows.lowerBound * d..<rows.upperBound * d),
        means.span,
        squareScale
      )
    }
    let squares = parts.reduce(Int128(0)) { $0 &+ Int128($1) }
    return n * d == 0 ? 0 : Double(squares) / squareScale / Double(n * d)
  }

  /// How coordinates and weights become whole numbers.
  var scales: ExactRowSums.Scales {
    ExactRowSums.Scales(origin: origin, columns: scale, weights: weightScale)
  }

  /// Centroids in shifted coordinates.
  func shifted(_ centroids: [Double]) -> [Double] {
    var moved = centroids
    for i in moved.indices { moved[i] -= origin[i % dimension] }
    return moved
  }

  /// Centroids in the units of the caller.
  func unshifted(_ centroids: [Double], rowCount: Int) -> Matrix {
    var moved = centroids
    for i in moved.indices { moved[i] += origin[i % dimension] }
    return Matrix(rowCount: rowCount, columnCount: dimension, elements: moved)
  }

  /// A coordinate times the weight of its row, as a whole number.
  func exactCoordinate(_ row: Int, _ column: Int) -> Int64 {
    let value = elements[row * dimension + column] - origin[column]
    return ExactSums.fixedPoint(weights.map { value * $0[row] } ?? value, scale[column])
  }

  /// The weight of a row as a whole number.
  func exactWeight(_ row: Int) -> Int64 {
    weights.map { ExactSums.fixedPoint($0[row], weightScale) } ?? 1
  }

  /// The squared distance of a row to shifted coordinates.
  func squaredDistance(_ row: Int, to centroid: Span<Double>) -> Double {
    var total = 0.0
    for j in 0..<dimension {
      let difference = elements[row * dimension + j] - origin[j] - centroid[j]
      total += difference * difference
    }
    return total
  }

  private static func extents(
    _ raw: [Double],
    _ d: Int
  ) -> (lowest: [Double], highest: [Double]) {
    var lowest = [Double](repeating: .infinity, count: d)
    var highest = [Double](repeating: -.infinity, count: d)
    guard d > 0 else { return (lowest, highest) }
    let parts = Parallel.map(rows: raw.count / d, chunkSize: chunkSize) { rows in
      ExactRowSums.extents(
        raw.span.extracting(rows.lowerBound * d..<rows.upperBound * d),
        columnCount: d
      )
    }
    for part in parts {
      for j in 0..<d {
        lowest[j] = min(lowest[j], part.lowest[j])
        highest[j] = max(highest[j], part.highest[j])
      }
    }
    return (lowest, highest)
  }

  private static func sums(_ raw: [Double], _ scale: [Double]) -> [Int128] {
    let d = scale.count
    guard d > 0 else { return [] }
    let scales = ExactRowSums.Scales(
      origin: Array(repeating: 0, count: d),
      columns: scale
    )
    let none = [Int32](repeating: -1, count: chunkSize)
    let one = [Int32](repeating: 0, count: chunkSize)
    let parts = Parallel.map(rows: raw.count / d, chunkSize: chunkSize) { rows in
      var part = ExactRowSums(clusterCount: 1, dimension: d)
      part.move(
        raw.span.extracting(rows.lowerBound * d..<rows.upperBound * d),
        weights: nil,
        from: none.span.extracting(0..<rows.count),
        to: one.span.extracting(0..<rows.count),
        scales
      )
      return part.sums
    }
    var sums = [Int128](repeating: 0, count: d)
    for part in parts { for j in 0..<d { sums[j] &+= Int128(part[j]) } }
    return sums
  }
}

/// The exact sum of squares of all elements without `origin`.
private func sumOfSquares(_ x: Span<Double>, _ origin: Span<Double>, _ scale: Double) -> Int64 {
  var total: Int64 = 0
  for start in stride(from: 0, to: x.count, by: max(origin.count, 1)) {
    var squares = 0.0
    for j in origin.indices {
      let difference = x[start + j] - origin[j]
      squares += difference * difference
    }
    total &+= ExactSums.fixedPoint(squares, scale)
  }
  return total
}
