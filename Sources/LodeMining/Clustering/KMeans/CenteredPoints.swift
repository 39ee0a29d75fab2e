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
  /// The points in the units of the caller; shared with the caller, not copied.
  let numbers: PointNumbers
  /// The points without their mean as floats, row-major, if the search runs in floats and
  /// `numbers` are doubles.
  private let narrowed: [Float]?
  /// The weight of each row, all of them positive; nil if all are 1.
  let weights: [Double]?
  /// The mean of each column over rows, weights aside: near it nothing cancels.
  ///
  /// It is a float if the points are floats.
  let origin: [Double]
  /// The fixed-point factor of each column (times the weight), a power of two.
  let scale: [Double]
  /// The fixed-point factor of squared distances (times the weight).
  let distanceScale: Double
  /// The fixed-point factor of weights.
  let weightScale: Double
  /// Twice the largest distances, squared and added over the columns.
  private let farthest: Double

  /// Points in doubles; the search for the nearest centroid runs in the given precision.
  init(
    _ points: Matrix,
    weights: [Double]? = nil,
    precision: KMeans.Precision = .float64
  ) {
    self.init(.doubles(points.elements), points.rowCount, points.columnCount, weights, precision)
  }

  /// Points in floats, in which the search runs too.
  init(_ points: FloatMatrix, weights: [Double]? = nil) {
    self.init(.floats(points.elements), points.rowCount, points.columnCount, weights, .float32)
  }

  private init(
    _ numbers: PointNumbers,
    _ n: Int,
    _ d: Int,
    _ weights: [Double]?,
    _ precision: KMeans.Precision
  ) {
    rowCount = n
    dimension = d
    self.numbers = numbers
    self.weights = weights
    let extents = numbers.extents(columnCount: d)
    let largest = (0..<d).map { max(abs(extents.lowest[$0]), abs(extents.highest[$0])) }
    let rawScale = largest.map { ExactSums.scale(ofLargest: n == 0 ? 0 : $0) }
    let sums = numbers.sums(rawScale)
    let means = (0..<d)
      .map { j in
        let mean = n == 0 ? 0 : Double(sums[j]) / Double(n) / rawScale[j]
        return numbers.areFloats ? Double(Float(mean)) : mean
      }
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
    narrowed = precision == .float32 ? numbers.narrowed(without: means) : nil
  }

  /// The mean over the columns of their population variances: a pass over all rows.
  func meanVariance() -> Double {
    let (n, d, means) = (rowCount, dimension, origin)
    let squareScale = ExactSums.scale(ofLargest: farthest)
    let parts = Parallel.map(rows: n, chunkSize: Self.chunkSize) { rows in
      withRows(rows) { sumOfSquares($0, means.span, squareScale) }
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

  /// A coordinate without the mean.
  func coordinate(_ row: Int, _ column: Int) -> Double {
    numbers[row * dimension + column] - origin[column]
  }

  /// A coordinate times the weight of its row, as a whole number.
  func exactCoordinate(_ row: Int, _ column: Int) -> Int64 {
    let value = coordinate(row, column)
    return ExactSums.fixedPoint(weights.map { value * $0[row] } ?? value, scale[column])
  }

  /// Lends rows as doubles in the units of the caller.
  func withRows<Result>(_ rows: Range<Int>, _ body: (Span<Double>) -> Result) -> Result {
    let places = rows.lowerBound * dimension..<rows.upperBound * dimension
    switch numbers {
    case .doubles(let elements): return body(elements.span.extracting(places))
    case .floats(let elements):
      let wide = elements[places].map { Double($0) }
      return body(wide.span)
    }
  }

  /// Whether one row comes before another by its coordinates from left to right.
  func precedes(_ left: Int, _ right: Int) -> Bool {
    for j in 0..<dimension {
      let (first, second) = (numbers[left * dimension + j], numbers[right * dimension + j])
      if first != second { return first < second }
    }
    return false
  }

  /// A search among shifted centroids, for ``label(_:with:into:)``.
  func search(_ centroids: [Double]) -> NearestCentroids {
    NearestCentroids(
      centroids,
      origin: narrowed == nil ? origin : Array(repeating: 0, count: dimension)
    )
  }

  /// Writes the nearest centroid of each of some rows.
  func label(
    _ rows: Range<Int>,
    with search: NearestCentroids,
    into labels: inout MutableSpan<Int32>
  ) {
    let places = rows.lowerBound * dimension..<rows.upperBound * dimension
    if let narrowed {
      search.label(narrowed.span.extracting(places), into: &labels)
      return
    }
    switch numbers {
    case .doubles(let elements): search.label(elements.span.extracting(places), into: &labels)
    case .floats(let elements): search.label(elements.span.extracting(places), into: &labels)
    }
  }

  /// The weight of a row as a whole number.
  func exactWeight(_ row: Int) -> Int64 {
    weights.map { ExactSums.fixedPoint($0[row], weightScale) } ?? 1
  }

  /// The squared distance of a row to shifted coordinates.
  func squaredDistance(_ row: Int, to centroid: Span<Double>) -> Double {
    var total = 0.0
    for j in 0..<dimension {
      let difference = coordinate(row, j) - centroid[j]
      total += difference * difference
    }
    return total
  }

  /// The (weighted) squared distances of rows to the centroids of their labels, in fixed point.
  ///
  /// - Parameters:
  ///   - rows: at most 4,096 rows.
  ///   - labels: the cluster of each of them.
  ///   - centroids: all centroids, shifted.
  /// - Returns: the exact sum, to be divided by `distanceScale`.
  func squaredDistances(_ rows: Range<Int>, _ labels: [Int32], _ centroids: [Double]) -> Int64 {
    let places = rows.lowerBound * dimension..<rows.upperBound * dimension
    let distances =
      switch numbers {
      case .doubles(let elements):
        LodeMining.squaredDistances(
          elements.span.extracting(places),
          origin.span,
          labels.span,
          centroids.span
        )
      case .floats(let elements):
        LodeMining.squaredDistances(
          elements.span.extracting(places),
          origin.span,
          labels.span,
          centroids.span
        )
      }
    var total: Int64 = 0
    for (place, row) in rows.enumerated() {
      let distance = weights.map { distances[place] * $0[row] } ?? distances[place]
      total &+= ExactSums.fixedPoint(distance, distanceScale)
    }
    return total
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

/// The squared distance of each row without `origin` to the centroid of its label.
private func squaredDistances(
  _ x: Span<Double>,
  _ origin: Span<Double>,
  _ labels: Span<Int32>,
  _ centroids: Span<Double>
) -> [Double] {
  let d = origin.count
  return labels.indices.map { i in
    let centroid = Int(labels[i]) * d
    var total = 0.0
    for j in 0..<d {
      let difference = x[i * d + j] - origin[j] - centroids[centroid + j]
      total += difference * difference
    }
    return total
  }
}

/// The squared distance of each row without `origin` to the centroid of its label.
private func squaredDistances(
  _ x: Span<Float>,
  _ origin: Span<Double>,
  _ labels: Span<Int32>,
  _ centroids: Span<Double>
) -> [Double] {
  let d = origin.count
  return labels.indices.map { i in
    let centroid = Int(labels[i]) * d
    var total = 0.0
    for j in 0..<d {
      let difference = Double(x[i * d + j]) - origin[j] - centroids[centroid + j]
      total += difference * difference
    }
    return total
  }
}
