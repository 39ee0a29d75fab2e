public import LodeNumerics
internal import LodeRuntime

/// How well a clustering separates its points, by three measures that need no `n × n` distances.
public struct ClusterScores: Sendable, Hashable, Codable {
  /// The number of clusters.
  public let clusterCount: Int
  /// The sum of squared distances to the centroids.
  public let inertia: Double
  /// Between- over within-cluster dispersion per degree of freedom; more is better.
  ///
  /// - Source: Caliński & Harabasz (1974); as scikit-learn's `calinski_harabasz_score`.
  public let calinskiHarabasz: Double
  /// The mean over clusters of the worst ratio of spread to distance; less is better.
  ///
  /// - Source: Davies & Bouldin (1979); as scikit-learn's `davies_bouldin_score`.
  public let daviesBouldin: Double
  /// The mean of (b − a) / max(a, b) with distances to the own and the nearest other centroid.
  ///
  /// This is the *simplified* silhouette, by centroids: it differs from the full silhouette by
  /// pairs.
  /// - Source: Hruschka, de Castro & Campello (2004).
  public let simplifiedSilhouette: Double
  /// The share of points in the smallest cluster, 0…1.
  public let smallestShare: Double

  /// The scores of a model on the points it was fitted to, `n × d`.
  public init(_ model: KMeans.Model, points: Matrix) {
    self.init(model, points: points, center: Standardization(points).means)
  }

  /// The scores of a model on points whose mean is known.
  init(_ model: KMeans.Model, points: Matrix, center: [Double]) {
    let (n, d, k) = (points.rowCount, points.columnCount, model.clusterCount)
    precondition(model.assignment.count == n, "a model of other points")
    let centroids = model.centroids.elements
    let parts = Parallel.map(rows: n, chunkSize: 4096) { rows in
      spreads(
        rows,
        points.elements.span,
        d,
        centroids.span,
        model.assignment.span
      )
    }
    var distanceSums = [Double](repeating: 0, count: k)
    var silhouette = 0.0
    for part in parts {
      silhouette += part.silhouette
      for cluster in 0..<k { distanceSums[cluster] += part.distanceSums[cluster] }
    }
    let sizes = model.sizes
    var between = 0.0
    for cluster in 0..<k {
      let distance = model.centroids.withRow(cluster) {
        Reductions.squaredDistance($0, center.span)
      }
      between += Double(sizes[cluster]) * distance
    }
    clusterCount = k
    inertia = model.inertia
    calinskiHarabasz =
      k < 2 || n <= k ? .nan : between / Double(k - 1) / (model.inertia / Double(n - k))
    daviesBouldin = Self.daviesBouldin(model.centroids, distanceSums, sizes)
    simplifiedSilhouette = k < 2 ? .nan : silhouette / Double(n)
    smallestShare = Double(sizes.min() ?? 0) / Double(max(n, 1))
  }

  private static func daviesBouldin(
    _ centroids: Matrix,
    _ distanceSums: [Double],
    _ sizes: [Int]
  ) -> Double {
    let k = sizes.count
    guard k > 1 else { return .nan }
    let spread = zip(distanceSums, sizes).map { $1 == 0 ? 0 : $0 / Double($1) }
    var total = 0.0
    for i in 0..<k {
      var worst = 0.0
      for j in 0..<k where j != i {
        let distance = Reductions.squaredDistance(
          centroids.elements.span.extracting(
            i * centroids.columnCount..<(i + 1) * centroids.columnCount
          ),
          centroids.elements.span.extracting(
            j * centroids.columnCount..<(j + 1) * centroids.columnCount
          )
        )
        guard distance > 0 else { continue }
        worst = max(worst, (spread[i] + spread[j]) / distance.squareRoot())
      }
      total += worst
    }
    return total / Double(k)
  }
}

/// Distances to the own and the nearest other centroid, summed over a range of rows.
private func spreads(
  _ rows: Range<Int>,
  _ points: Span<Double>,
  _ dimension: Int,
  _ centroids: Span<Double>,
  _ assignment: Span<Int>
) -> (distanceSums: [Double], silhouette: Double) {
  let clusterCount = dimension == 0 ? 0 : centroids.count / dimension
  var distanceSums = [Double](repeating: 0, count: clusterCount)
  var silhouette = 0.0
  for row in rows {
    var own = 0.0
    var other = Double.infinity
    for cluster in 0..<clusterCount {
      var distance = 0.0
      for j in 0..<dimension {
        let difference = points[row * dimension + j] - centroids[cluster * dimension + j]
        distance += difference * difference
      }
      if cluster == assignment[row] { own = distance } else if distance < other { other = distance }
    }
    let (a, b) = (own.squareRoot(), other.squareRoot())
    distanceSums[assignment[row]] += a
    if max(a, b) > 0, b.isFinite { silhouette += (b - a) / max(a, b) }
  }
  return (distanceSums, silhouette)
}
