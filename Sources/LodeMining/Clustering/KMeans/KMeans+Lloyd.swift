internal import LodeNumerics
internal import LodeRuntime

extension KMeans {
  /// One run from one start, in shifted coordinates.
  struct Run: Sendable {
    var centroids: [Double]
    /// The labels of each chunk of rows.
    var labels: [[Int32]]
    var inertia: Double
    var iterations: Int
    var converged: Bool
  }

  /// Assigns and averages until no label changes.
  func lloyd(_ points: PreparedPoints, from start: [Double]) -> Run {
    var centroids = start
    var labels: [[Int32]] = []
    var iterations = 0
    var isStrict = false
    var converged = false
    while iterations < maximumIterations, !converged {
      iterations += 1
      let parts = assign(points, to: centroids)
      let newLabels = parts.map(\.labels)
      isStrict = newLabels == labels
      labels = newLabels
      let moved = means(of: parts, points, from: centroids)
      var shift = 0.0
      for i in moved.indices { shift += (moved[i] - centroids[i]) * (moved[i] - centroids[i]) }
      centroids = moved
      converged = isStrict || (tolerance > 0 && shift <= tolerance * points.meanVariance)
    }
    if !isStrict { labels = assign(points, to: centroids).map(\.labels) }
    return Run(
      centroids: centroids,
      labels: labels,
      inertia: inertia(points, centroids, labels),
      iterations: iterations,
      converged: converged
    )
  }

  /// The labels, counts and exact coordinate sums of each chunk.
  private func assign(_ points: PreparedPoints, to centroids: [Double]) -> [AssignmentPart] {
    let k = clusterCount
    return Parallel.map(rows: points.rowCount, chunkSize: PreparedPoints.chunkSize) { rows in
      var labels = [Int32](repeating: 0, count: rows.count)
      var output = labels.mutableSpan
      if points.dimension <= PreparedPoints.handKernelDimension {
        let first = rows.lowerBound / 8 * points.dimension
        let last = (rows.upperBound + 7) / 8 * points.dimension
        let groups = points.groups.span.extracting(first..<last)
        assignGroups(groups, points.dimension, centroids.span, k, &output)
      } else {
        let range = rows.lowerBound * points.dimension..<rows.upperBound * points.dimension
        let tile = points.elements.span.extracting(range)
        assignByProduct(tile, points.dimension, centroids.span, k, &output)
      }
      return sumByCluster(points, rows, labels)
    }
  }

  private func sumByCluster(
    _ points: PreparedPoints,
    _ rows: Range<Int>,
    _ labels: [Int32]
  ) -> AssignmentPart {
    let d = points.dimension
    var counts = [Int](repeating: 0, count: clusterCount)
    var sums = [Int64](repeating: 0, count: clusterCount * d)
    let range = rows.lowerBound * d..<rows.upperBound * d
    var total = sums.mutableSpan
    addFixedPoint(points.elements.span.extracting(range), points.scale.span, labels.span, &total)
    for label in labels { counts[Int(label)] += 1 }
    return AssignmentPart(labels: labels, counts: counts, sums: sums)
  }

  /// The exact means of the clusters; an empty one takes the point farthest from its centroid.
  private func means(
    of parts: [AssignmentPart],
    _ points: PreparedPoints,
    from centroids: [Double]
  ) -> [Double] {
    let d = points.dimension
    var counts = [Int](repeating: 0, count: clusterCount)
    var sums = [Int128](repeating: 0, count: clusterCount * d)
    for part in parts {
      for cluster in counts.indices { counts[cluster] += part.counts[cluster] }
      for i in sums.indices { sums[i] &+= Int128(part.sums[i]) }
    }
    if counts.contains(0) {
      fillEmptyClusters(points, parts.map(\.labels), centroids, &counts, &sums)
    }
    var means = centroids
    for cluster in counts.indices where counts[cluster] > 0 {
      for j in 0..<d {
        let i = cluster * d + j
        means[i] = Double(sums[i]) / Double(counts[cluster]) / points.scale[j]
      }
    }
    return means
  }

  /// Moves the farthest points, one each, into the empty clusters; ties go to the lower row.
  private func fillEmptyClusters(
    _ points: PreparedPoints,
    _ labels: [[Int32]],
    _ centroids: [Double],
    _ counts: inout [Int],
    _ sums: inout [Int128]
  ) {
    let d = points.dimension
    let flat = labels.flatMap(\.self).map { Int($0) }
    let distances = flat.indices.map { row in
      Reductions.squaredDistance(
        points.elements.span.extracting(row * d..<(row + 1) * d),
        centroids.span.extracting(flat[row] * d..<(flat[row] + 1) * d)
      )
    }
    let empty = counts.indices.filter { counts[$0] == 0 }
    let farthest = flat.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }
    var next = farthest.makeIterator()
    for cluster in empty {
      while let row = next.next(), distances[row] > 0 {
        // A point alone in its cluster stays, else its own cluster would become empty.
        guard counts[flat[row]] > 1 else { continue }
        counts[flat[row]] -= 1
        counts[cluster] = 1
        for j in 0..<d {
          let value = Int128(fixedPoint(points.elements[row * d + j], points.scale[j]))
          sums[flat[row] * d + j] &-= value
          sums[cluster * d + j] = value
        }
        break
      }
    }
  }

  private func inertia(
    _ points: PreparedPoints,
    _ centroids: [Double],
    _ labels: [[Int32]]
  ) -> Double {
    let chunks = Parallel.map(labels.count) { chunk in
      let start = chunk * PreparedPoints.chunkSize * points.dimension
      let end = start + labels[chunk].count * points.dimension
      let part = labels[chunk]
      return sumOfSquares(
        points.elements.span.extracting(start..<end),
        points.dimension,
        centroids.span,
        part.span
      )
    }
    return chunks.reduce(0, +)
  }
}

/// What one chunk of rows says about the clusters.
struct AssignmentPart: Sendable {
  let labels: [Int32]
  let counts: [Int]
  let sums: [Int64]
}

/// The nearest centroid of each point, eight points a vector; ties go to the lower index.
private func assignGroups(
  _ groups: Span<SIMD8<Double>>,
  _ dimension: Int,
  _ centroids: Span<Double>,
  _ clusterCount: Int,
  _ labels: inout MutableSpan<Int32>
) {
  for first in stride(from: 0, to: labels.count, by: 8) {
    let base = first / 8 * dimension
    var best = SIMD8<Double>(repeating: .infinity)
    var index = SIMD8<Int64>.zero
    for cluster in 0..<clusterCount {
      var distance = SIMD8<Double>.zero
      for j in 0..<dimension {
        let difference = groups[base + j] - centroids[cluster * dimension + j]
        distance += difference * difference
      }
      let isNearer = distance .< best
      best.replace(with: distance, where: isNearer)
      index.replace(with: SIMD8(repeating: Int64(cluster)), where: isNearer)
    }
    for lane in 0..<min(8, labels.count - first) {
      labels[first + lane] = Int32(truncatingIfNeeded: index[lane])
    }
  }
}

/// The nearest centroid of each point by a matrix product of tiles and a vertical minimum.
private func assignByProduct(
  _ points: Span<Double>,
  _ dimension: Int,
  _ centroids: Span<Double>,
  _ clusterCount: Int,
  _ labels: inout MutableSpan<Int32>
) {
  let tileSize = 512
  var scores = [Double](repeating: 0, count: clusterCount * tileSize)
  let norms = (0..<clusterCount)
    .map { cluster in
      let centroid = centroids.extracting(cluster * dimension..<(cluster + 1) * dimension)
      return Reductions.dot(centroid, centroid)
    }
  for first in stride(from: 0, to: labels.count, by: tileSize) {
    let count = min(tileSize, labels.count - first)
    if count < tileSize { scores = Array(repeating: 0, count: clusterCount * count) }
    for cluster in 0..<clusterCount {
      for i in 0..<count { scores[cluster * count + i] = norms[cluster] }
    }
    var output = scores.mutableSpan
    BLAS.multiply(
      centroids,
      points.extracting(first * dimension..<(first + count) * dimension),
      shape: .init(rows: clusterCount, inner: dimension, columns: count),
      rightIsTransposed: true,
      scale: -2,
      keep: 1,
      into: &output
    )
    labelColumns(scores.span, count, clusterCount, first, &labels)
  }
}

/// The row of the least score in each column of `clusterCount × count` scores; ties go up.
private func labelColumns(
  _ scores: Span<Double>,
  _ count: Int,
  _ clusterCount: Int,
  _ first: Int,
  _ labels: inout MutableSpan<Int32>
) {
  let wholeCount = count & ~7
  for i in stride(from: 0, to: wholeCount, by: 8) {
    var best = lanes(scores, at: i)
    var index = SIMD8<Int64>.zero
    for cluster in stride(from: 1, to: clusterCount, by: 1) {
      let score = lanes(scores, at: cluster * count + i)
      let isLess = score .< best
      best.replace(with: score, where: isLess)
      index.replace(with: SIMD8(repeating: Int64(cluster)), where: isLess)
    }
    for lane in 0..<8 { labels[first + i + lane] = Int32(truncatingIfNeeded: index[lane]) }
  }
  for i in wholeCount..<count {
    var best = 0
    for cluster in stride(from: 1, to: clusterCount, by: 1)
    where scores[cluster * count + i] < scores[best * count + i] { best = cluster }
    labels[first + i] = Int32(truncatingIfNeeded: best)
  }
}

/// Eight neighbours as one vector.
@inline(__always)
private func lanes(_ x: Span<Double>, at start: Int) -> SIMD8<Double> {
  SIMD8(
    x[start],
    x[start + 1],
    x[start + 2],
    x[start + 3],
    x[start + 4],
    x[start + 5],
    x[start + 6],
    x[start + 7]
  )
}

/// Adds each point's fixed-point coordinates to the sums of its cluster.
private func addFixedPoint(
  _ points: Span<Double>,
  _ scale: Span<Double>,
  _ labels: Span<Int32>,
  _ sums: inout MutableSpan<Int64>
) {
  let dimension = scale.count
  for row in labels.indices {
    let target = Int(labels[row]) * dimension
    for j in 0..<dimension {
      sums[target + j] &+= fixedPoint(points[row * dimension + j], scale[j])
    }
  }
}

/// The sum of squared distances of points to the centroids of their labels.
private func sumOfSquares(
  _ points: Span<Double>,
  _ dimension: Int,
  _ centroids: Span<Double>,
  _ labels: Span<Int32>
) -> Double {
  var total = 0.0
  for row in labels.indices {
    let target = Int(labels[row]) * dimension
    for j in 0..<dimension {
      let difference = points[row * dimension + j] - centroids[target + j]
      total += difference * difference
    }
  }
  return total
}
