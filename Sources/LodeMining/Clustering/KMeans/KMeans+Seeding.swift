internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

extension KMeans {
  /// Rows looked at by the seeding; larger sets are represented by this many random rows.
  private static let seedingSampleSize = 65_536

  /// Greedy k-means++ centroids in shifted coordinates, `k × d` row-major.
  ///
  /// Each new centroid is the best of `2 + ⌊ln k⌋` candidates, as in scikit-learn. Above 65,536
  /// rows
  /// the candidates come from a random sample of that size; Lloyd's passes always use all rows.
  ///
  /// - Throws: ``FitError/tooFewDistinctRows(distinctRows:clusterCount:)``.
  func plusPlusCentroids(
    _ points: PreparedPoints,
    seeding: UInt64
  ) throws(FitError) -> [Double] {
    var random = CounterRandom(seed: seed, stream: seeding)
    let rows = sampleRows(points.rowCount, &random)
    let d = points.dimension
    let candidateCount = 2 + Int(log(Double(clusterCount)))
    var chosen = [rows[random.integer(below: rows.count)]]
    var distances = squaredDistances(points, rows, to: chosen[0])
    while chosen.count < clusterCount {
      let total = distances.reduce(0, +)
      guard total > 0 else {
        throw .tooFewDistinctRows(distinctRows: chosen.count, clusterCount: clusterCount)
      }
      var best: (row: Int, distances: [Double], potential: Double)?
      for _ in 0..<candidateCount {
        let place = drawn(distances, target: random.uniform() * total)
        var closer = squaredDistances(points, rows, to: rows[place])
        var potential = 0.0
        for i in closer.indices {
          closer[i] = min(closer[i], distances[i])
          potential += closer[i]
        }
        if best.map({ potential < $0.potential }) ?? true {
          best = (rows[place], closer, potential)
        }
      }
      guard let best else { break }
      chosen.append(best.row)
      distances = best.distances
    }
    return chosen.flatMap { points.elements[$0 * d..<($0 + 1) * d] }
  }

  private func sampleRows(_ rowCount: Int, _ random: inout CounterRandom) -> [Int] {
    guard rowCount > Self.seedingSampleSize else { return Array(0..<rowCount) }
    // One row from each of equal slices: spread over the file, each row equally likely.
    let width = Double(rowCount) / Double(Self.seedingSampleSize)
    return (0..<Self.seedingSampleSize)
      .map { slice in
        min(Int((Double(slice) + random.uniform()) * width), rowCount - 1)
      }
  }

  /// The first place where the running sum of weights passes the target.
  private func drawn(_ weights: [Double], target: Double) -> Int {
    var sum = 0.0
    var last = 0
    for (place, weight) in weights.enumerated() where weight > 0 {
      sum += weight
      last = place
      if sum > target { return place }
    }
    return last
  }

  private func squaredDistances(
    _ points: PreparedPoints,
    _ rows: [Int],
    to center: Int
  ) -> [Double] {
    let d = points.dimension
    let chunks = Parallel.map(rows: rows.count, chunkSize: PreparedPoints.chunkSize) { range in
      distancesToRow(points.elements.span, d, rows.span.extracting(range), center)
    }
    return chunks.flatMap(\.self)
  }
}

/// The squared distances of the listed rows to one row.
private func distancesToRow(
  _ points: Span<Double>,
  _ dimension: Int,
  _ rows: Span<Int>,
  _ center: Int
) -> [Double] {
  var distances = [Double](repeating: 0, count: rows.count)
  for i in rows.indices {
    var distance = 0.0
    for j in 0..<dimension {
      let difference = points[rows[i] * dimension + j] - points[center * dimension + j]
      distance += difference * difference
    }
    distances[i] = distance
  }
  return distances
}
