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
  ///
  /// Every pass searches all rows. Hamerly's bounds (2010, "Making k-means even faster", SDM) were
  /// built beside it and left out, since they did not pay: 400,000 × 16 doubles, 20 iterations
  /// from the first rows, one thread of an AMD EPYC with AVX-512, labels equal to the row. CPU
  /// seconds of Lloyd's passes, of bounds from the first pass, and of bounds once fewer than a
  /// fifth of the rows move, for the bench's points, for 64 clouds far apart and for one cloud:
  ///
  /// | points | k | Lloyd | bounds | bounds later |
  /// |---|---|---|---|---|
  /// | bench | 8 | 0.20 | 0.55 | 0.26 |
  /// | bench | 64 | 0.44 | 0.49 | 0.51 |
  /// | bench | 256 | 1.23 | 1.02 | 1.17 |
  /// | apart | 8 | 0.13 | 0.39 | 0.25 |
  /// | apart | 64 | 0.29 | 0.34 | 0.32 |
  /// | apart | 256 | 1.22 | 1.18 | 1.28 |
  /// | one cloud | 8 | 0.12 | 0.40 | 0.34 |
  /// | one cloud | 64 | 0.44 | 0.71 | 0.51 |
  /// | one cloud | 256 | 1.13 | 1.27 | 1.30 |
  ///
  /// They spared 57 to 94 % of the searches, but a search of the vector kernel costs little more
  /// than loosening two bounds and gathering the rows whose bounds meet. One run each (two at 256)
  /// on a busy machine. Worth another look from k·d of about 4,096 on.
  func lloyd(_ points: CenteredPoints, from start: [Double]) -> Run {
    var centroids = start
    var clusters = ClusterSums(points, clusterCount: clusterCount)
    var iterations = 0
    var isStrict = false
    var converged = false
    // A shift is never below 0.
    let enough = tolerance > 0 ? tolerance * points.meanVariance() : -1
    while iterations < maximumIterations, !converged, points.numbers.failure == nil {
      iterations += 1
      isStrict = clusters.reassign(points, to: centroids) == 0
      let moved = clusters.means(points, from: centroids)
      var shift = 0.0
      for i in moved.indices { shift += (moved[i] - centroids[i]) * (moved[i] - centroids[i]) }
      centroids = moved
      converged = isStrict || shift <= enough
    }
    let inertia =
      isStrict
      ? clusters.inertia(points, centroids)
      : clusters.reassignMeasured(points, to: centroids)
    return Run(
      centroids: centroids,
      labels: clusters.labels,
      inertia: inertia,
      iterations: iterations,
      converged: converged
    )
  }
}

/// The labels of all rows, and the exact sums of the rows of each cluster.
///
/// A pass changes the sums only by the rows whose label changes; being exact, they are the same as
/// if all rows were added anew.
struct ClusterSums: Sendable {
  /// The labels of each chunk of rows; -1 before the first pass.
  private(set) var labels: [[Int32]]
  /// The sum of coordinates of each cluster in fixed point, `k × d`.
  private var sums: [Int128]
  /// The sum of weights of each cluster in fixed point.
  private var weights: [Int128]
  /// The rows of each cluster.
  private(set) var counts: [Int]

  private static let chunksPerWave = 64

  /// No row is in a cluster yet.
  init(_ points: CenteredPoints, clusterCount: Int) {
    // One array for all chunks of full length, until they get labels.
    let none = [Int32](repeating: -1, count: min(CenteredPoints.chunkSize, points.rowCount))
    labels = stride(from: 0, to: points.rowCount, by: CenteredPoints.chunkSize)
      .map { start in
        let count = min(CenteredPoints.chunkSize, points.rowCount - start)
        return count == none.count ? none : Array(none[..<count])
      }
    sums = Array(repeating: 0, count: clusterCount * points.dimension)
    weights = Array(repeating: 0, count: clusterCount)
    counts = Array(repeating: 0, count: clusterCount)
  }

  /// The given labels, one a row.
  init(_ points: CenteredPoints, labels: [Int], clusterCount: Int) {
    self.init(points, clusterCount: clusterCount)
    let d = points.dimension
    for (row, label) in labels.enumerated() {
      self.labels[row / CenteredPoints.chunkSize][row % CenteredPoints.chunkSize] = Int32(label)
      counts[label] += 1
      weights[label] &+= Int128(points.exactWeight(row))
      let coordinates = points.exactCoordinates(row)
      for j in 0..<d { sums[label * d + j] &+= Int128(coordinates[j]) }
    }
  }

  /// Puts every row to its nearest centroid.
  ///
  /// - Returns: the number of rows whose label changed.
  mutating func reassign(_ points: CenteredPoints, to centroids: [Double]) -> Int {
    reassign(points, to: centroids, addsDistances: false).movedCount
  }

  /// Puts every row to its nearest centroid.
  ///
  /// - Returns: the exact sum of (weighted) squared distances, as of ``inertia(_:_:)``.
  mutating func reassignMeasured(_ points: CenteredPoints, to centroids: [Double]) -> Double {
    let total = reassign(points, to: centroids, addsDistances: true).distances
    return Double(total) / points.distanceScale
  }

  private mutating func reassign(
    _ points: CenteredPoints,
    to centroids: [Double],
    addsDistances: Bool
  ) -> (movedCount: Int, distances: Int128) {
    let search = points.search(centroids)
    var (movedCount, distances) = (0, Int128(0))
    // In waves, so that labels before and after are there twice for a few chunks only.
    for wave in stride(from: 0, to: labels.count, by: Self.chunksPerWave) {
      let before = labels[wave..<min(wave + Self.chunksPerWave, labels.count)]
      let changes = Parallel.map(before.count) { index in
        let start = (wave + index) * CenteredPoints.chunkSize
        return points.reassigned(
          start..<min(start + CenteredPoints.chunkSize, points.rowCount),
          with: search,
          from: before[wave + index],
          addsDistances: addsDistances
        )
      }
      for (index, change) in changes.enumerated() {
        distances &+= Int128(change.distances)
        guard change.moves.movedCount > 0 else { continue }
        movedCount += change.moves.movedCount
        labels[wave + index] = change.labels
        take(change.moves)
      }
    }
    return (movedCount, distances)
  }

  private mutating func take(_ moves: ExactRowSums) {
    for i in sums.indices { sums[i] &+= Int128(moves.sums[i]) }
    for cluster in counts.indices {
      weights[cluster] &+= Int128(moves.weights[cluster])
      counts[cluster] += Int(moves.counts[cluster])
    }
  }

  /// The means of the clusters; an empty one takes the point farthest from its centroid.
  func means(_ points: CenteredPoints, from centroids: [Double]) -> [Double] {
    guard counts.contains(0) else { return plainMeans(points, from: centroids) }
    var filled = self
    filled.fillEmptyClusters(points, centroids)
    return filled.plainMeans(points, from: centroids)
  }

  /// The means of the clusters; an empty one keeps its centroid.
  func plainMeans(_ points: CenteredPoints, from centroids: [Double]) -> [Double] {
    let d = points.dimension
    var means = centroids
    for cluster in counts.indices where counts[cluster] > 0 {
      let weight = Double(weights[cluster]) / points.weightScale
      for j in 0..<d {
        let i = cluster * d + j
        means[i] = Double(sums[i]) / points.scale[j] / weight
      }
    }
    return means
  }

  /// Moves the farthest points, one each, into the empty clusters; of equally far ones that with
  /// the lower coordinates.
  private mutating func fillEmptyClusters(_ points: CenteredPoints, _ centroids: [Double]) {
    let d = points.dimension
    let flat = labels.flatMap(\.self).map { Int($0) }
    let chunks = labels
    let distances =
      Parallel.map(rows: points.rowCount, chunkSize: CenteredPoints.chunkSize) { rows in
        let labels = chunks[rows.lowerBound / CenteredPoints.chunkSize]
        return points.distances(rows, labels.span, centroids.span)
      }
      .flatMap(\.self)
    let farthest = flat.indices.sorted { left, right in
      if distances[left] != distances[right] { return distances[left] > distances[right] }
      return points.precedes(left, right)
    }
    var next = farthest.makeIterator()
    for cluster in counts.indices where counts[cluster] == 0 {
      while let row = next.next(), distances[row] > 0 {
        // A point alone in its cluster stays, else its own cluster would become empty.
        guard counts[flat[row]] > 1 else { continue }
        let weight = Int128(points.exactWeight(row))
        counts[flat[row]] -= 1
        counts[cluster] = 1
        weights[flat[row]] &-= weight
        weights[cluster] = weight
        let coordinates = points.exactCoordinates(row)
        for j in 0..<d {
          let value = Int128(coordinates[j])
          sums[flat[row] * d + j] &-= value
          sums[cluster * d + j] = value
        }
        break
      }
    }
  }

  /// The exact sum of (weighted) squared distances to the centroids of the labels.
  func inertia(_ points: CenteredPoints, _ centroids: [Double]) -> Double {
    let all = labels
    let parts = Parallel.map(rows: points.rowCount, chunkSize: CenteredPoints.chunkSize) { rows in
      points.squaredDistances(rows, all[rows.lowerBound / CenteredPoints.chunkSize], centroids)
    }
    return Double(parts.reduce(Int128(0)) { $0 &+ Int128($1) }) / points.distanceScale
  }
}
