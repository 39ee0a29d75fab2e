public import LodeNumerics
internal import LodeRuntime

extension KMeans {
  /// Fitted clusters.
  public struct Model: Sendable, Hashable, Codable {
    /// The mean of each cluster, `k × d`, in the units of the points.
    public let centroids: Matrix
    /// The cluster of each point, 0..<k.
    public let assignment: [Int]
    /// The sum of squared distances of all points to their centroids.
    public let inertia: Double
    /// Passes over the points, the one that found no change included.
    public let iterations: Int
    /// Whether the run ended by itself and not by the limit on iterations.
    public let converged: Bool

    /// The number of clusters.
    public var clusterCount: Int { centroids.rowCount }

    /// How many points each cluster holds.
    public var sizes: [Int] {
      var sizes = [Int](repeating: 0, count: clusterCount)
      for cluster in assignment { sizes[cluster] += 1 }
      return sizes
    }

    /// The nearest cluster of each row of `points`, `m × d`; ties go to the lower index.
    public func predict(_ points: Matrix) -> [Int] {
      nearest(points).map(\.cluster)
    }

    /// The nearest cluster of each row and the Euclidean distance to its centroid.
    public func nearest(_ points: Matrix) -> [(cluster: Int, distance: Double)] {
      precondition(
        points.columnCount == centroids.columnCount,
        "\(points.columnCount) columns for centroids of \(centroids.columnCount)"
      )
      let chunks = Parallel.map(rows: points.rowCount, chunkSize: 4096) { rows in
        nearestRows(rows, of: points.elements.span, to: centroids.elements.span, points.columnCount)
      }
      return chunks.flatMap { $0.map { ($0.cluster, $0.squaredDistance.squareRoot()) } }
    }

    /// The same clusters with other numbers: cluster `c` becomes `order.firstIndex(of: c)`.
    ///
    /// - Parameter order: a permutation of 0..<k; its first entry becomes cluster 0.
    /// - Returns: the renumbered model.
    public func reordered(_ order: [Int]) -> Model {
      precondition(order.sorted() == Array(0..<clusterCount), "\(order) is no permutation")
      var places = order
      for (new, old) in order.enumerated() { places[old] = new }
      return Model(
        centroids: centroids.gathering(rows: order),
        assignment: assignment.map { places[$0] },
        inertia: inertia,
        iterations: iterations,
        converged: converged
      )
    }
  }
}

/// The nearest centroid of each row in a range, by exact squared distances.
func nearestRows(
  _ rows: Range<Int>,
  of points: Span<Double>,
  to centroids: Span<Double>,
  _ dimension: Int
) -> [(cluster: Int, squaredDistance: Double, second: Double)] {
  let clusterCount = dimension == 0 ? 1 : centroids.count / dimension
  var result: [(cluster: Int, squaredDistance: Double, second: Double)] = []
  result.reserveCapacity(rows.count)
  for row in rows {
    var best = (cluster: 0, squaredDistance: Double.infinity, second: Double.infinity)
    for cluster in 0..<clusterCount {
      var distance = 0.0
      for j in 0..<dimension {
        let difference = points[row * dimension + j] - centroids[cluster * dimension + j]
        distance += difference * difference
      }
      if distance < best.squaredDistance {
        best = (cluster, distance, best.squaredDistance)
      } else if distance < best.second {
        best.second = distance
      }
    }
    result.append(best)
  }
  return result
}
