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

  /// Points in floats, in which the search runs too, with the ends of their columns.
  init(
    _ floats: PointNumbers,
    rowCount: Int,
    extents: PointNumbers.Extents,
    weights: [Double]? = nil
  ) {
    self.init(floats, rowCount, extents.lowest.count, weights, .float32, extents)
  }

  private init(
    _ numbers: PointNumbers,
    _ n: Int,
    _ d: Int,
    _ weights: [Double]?,
    _ precision: KMeans.Precision,
    _ knownExtents: PointNumbers.Extents? = nil
  ) {
    rowCount = n
    dimension = d
    self.numbers = numbers
    self.weights = weights
    let extents = knownExtents ?? numbers.extents(columnCount: d)
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

  /// The coordinates of a row without the mean; not for hot loops.
  func coordinates(_ row: Int) -> [Double] {
    zip(numbers.row(row, columnCount: dimension), origin).map { $0 - $1 }
  }

  /// The coordinates of a row times its weight, as whole numbers.
  func exactCoordinates(_ row: Int) -> [Int64] {
    let weight = weights?[row]
    return zip(coordinates(row), scale)
      .map { coordinate, scale in
        ExactSums.fixedPoint(weight.map { coordinate * $0 } ?? coordinate, scale)
      }
  }

  /// Lends rows as doubles in the units of the caller.
  func withRows<Result>(_ rows: Range<Int>, _ body: (Span<Double>) -> Result) -> Result {
    if case .doubles(let elements) = numbers {
      return body(
        elements.span.extracting(rows.lowerBound * dimension..<rows.upperBound * dimension)
      )
    }
    var wide: [Double] = []
    wide.reserveCapacity(rows.count * dimension)
    numbers.lend(
      rows,
      columnCount: dimension,
      doubles: { _ in },
      floats: { span in for i in span.indices { wide.append(Double(span[i])) } }
    )
    return body(wide.span)
  }

  /// Whether one row comes before another by its coordinates from left to right.
  func precedes(_ left: Int, _ right: Int) -> Bool {
    let first = numbers.row(left, columnCount: dimension)
    return first.lexicographicallyPrecedes(numbers.row(right, columnCount: dimension))
  }

  /// A search among shifted centroids, for ``label(_:with:into:)``.
  func search(_ centroids: [Double]) -> NearestCentroids {
    NearestCentroids(
      centroids,
      origin: narrowed == nil ? origin : Array(repeating: 0, count: dimension)
    )
  }

  /// What putting some rows to their nearest centroids gives.
  struct Reassignment: Sendable {
    /// The label of each row from now on.
    let labels: [Int32]
    /// What the rows with other labels than before change.
    let moves: ExactRowSums
    /// The exact sum of (weighted) squared distances, where it was asked for.
    let distances: Int64
  }

  /// Puts rows to their nearest centroids.
  ///
  /// - Parameters:
  ///   - rows: at most 4,096 rows.
  ///   - search: the centroids, shifted.
  ///   - before: the label of each row until now, -1 for none.
  ///   - addsDistances: whether squared distances are added up too.
  /// - Returns: the new labels and what they change.
  func reassigned(
    _ rows: Range<Int>,
    with search: NearestCentroids,
    from before: [Int32],
    addsDistances: Bool
  ) -> Reassignment {
    let (weights, scales) = (weights?[rows], scales)
    var moves = ExactRowSums(
      clusterCount: search.centroids.count / dimension,
      dimension: dimension
    )
    var labels: [Int32] = []
    var distances: Int64 = 0
    numbers.lend(
      rows,
      columnCount: dimension,
      doubles: { span in
        if let narrowed {
          let places = rows.lowerBound * dimension..<rows.upperBound * dimension
          labels = search.labels(of: narrowed.span.extracting(places))
        } else {
          labels = search.labels(of: span)
        }
        moves.move(span, weights: weights, from: before.span, to: labels.span, scales)
        guard addsDistances else { return }
        distances = exactSum(
          LodeMining.squaredDistances(span, origin.span, labels.span, search.centroids.span),
          weights
        )
      },
      floats: { span in
        labels = search.labels(of: span)
        moves.move(span, weights: weights, from: before.span, to: labels.span, scales)
        guard addsDistances else { return }
        distances = exactSum(
          LodeMining.squaredDistances(span, origin.span, labels.span, search.centroids.span),
          weights
        )
      }
    )
    return Reassignment(labels: labels, moves: moves, distances: distances)
  }

  /// The weight of a row as a whole number.
  func exactWeight(_ row: Int) -> Int64 {
    weights.map { ExactSums.fixedPoint($0[row], weightScale) } ?? 1
  }

  /// The squared distances of rows to the centroids of their labels, weights aside.
  ///
  /// - Parameters:
  ///   - rows: some rows.
  ///   - labels: the cluster of each of them.
  ///   - centroids: all centroids, shifted.
  /// - Returns: a distance a row.
  func distances(
    _ rows: Range<Int>,
    _ labels: Span<Int32>,
    _ centroids: Span<Double>
  ) -> [Double] {
    var distances: [Double] = []
    numbers.lend(
      rows,
      columnCount: dimension,
      doubles: { distances = LodeMining.squaredDistances($0, origin.span, labels, centroids) },
      floats: { distances = LodeMining.squaredDistances($0, origin.span, labels, centroids) }
    )
    return distances
  }

  /// The (weighted) squared distances of rows to the centroids of their labels, in fixed point.
  ///
  /// - Parameters:
  ///   - rows: at most 4,096 rows.
  ///   - labels: the cluster of each of them.
  ///   - centroids: all centroids, shifted.
  /// - Returns: the exact sum, to be divided by `distanceScale`.
  func squaredDistances(_ rows: Range<Int>, _ labels: [Int32], _ centroids: [Double]) -> Int64 {
    exactSum(distances(rows, labels.span, centroids.span), weights?[rows])
  }

  /// The exact sum of distances, each times its weight.
  private func exactSum(_ distances: [Double], _ weights: ArraySlice<Double>?) -> Int64 {
    var total: Int64 = 0
    if let weights {
      for (distance, weight) in zip(distances, weights) {
        total &+= ExactSums.fixedPoint(distance * weight, distanceScale)
      }
    } else {
      for distance in distances { total &+= ExactSums.fixedPoint(distance, distanceScale) }
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
  var distances = [Double](repeating: 0, count: labels.count)
  var output = distances.mutableSpan
  for i in labels.indices {
    let centroid = Int(labels[i]) * d
    var total = 0.0
    for j in 0..<d {
      let difference = x[i * d + j] - origin[j] - centroids[centroid + j]
      total += difference * difference
    }
    output[i] = total
  }
  return distances
}

/// The squared distance of each row without `origin` to the centroid of its label.
private func squaredDistances(
  _ x: Span<Float>,
  _ origin: Span<Double>,
  _ labels: Span<Int32>,
  _ centroids: Span<Double>
) -> [Double] {
  let d = origin.count
  var distances = [Double](repeating: 0, count: labels.count)
  var output = distances.mutableSpan
  for i in labels.indices {
    let centroid = Int(labels[i]) * d
    var total = 0.0
    for j in 0..<d {
      let difference = Double(x[i * d + j]) - origin[j] - centroids[centroid + j]
      total += difference * difference
    }
    output[i] = total
  }
  return distances
}
