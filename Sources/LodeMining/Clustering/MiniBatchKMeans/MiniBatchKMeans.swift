public import LodeNumerics
internal import LodeRuntime

/// k-means over batches that come one after the other, for points that do not fit into memory.
///
/// Use it where ``KMeans`` cannot hold the points; its inertia comes near that of k-means on all
/// of them. The first batch is clustered as a whole; every later one moves each centroid toward its
/// new points by the share that they are of all points it has had.
///
/// - Input: batches, each `m × d`, standardised by one scaling, no missing values.
/// - Output: centroids `k × d`, then a ``KMeans/Model`` by one more pass over the batches.
/// - Determinism: same batches in the same order → same bits, on any thread count and for rows in
///   any order inside each batch; another order of batches may give other centroids.
/// - Complexity: O(`m·k·d`) a batch; memory O(`m·d + k·d`).
/// - Source: Sculley (2010), "Web-scale k-means clustering", WWW, algorithm 1: with labels cached
///   for a batch its steps with rate 1 / count are a running mean, which is taken at once here.
public struct MiniBatchKMeans: Sendable, Hashable, Codable {
  /// How the first batch is clustered, and how many clusters there are.
  public var kMeans: KMeans
  /// The centroids so far, `k × d`; nil before the first batch.
  public private(set) var centroids: Matrix?
  /// How many points each centroid has had.
  public private(set) var counts: [Int] = []

  /// A learner before its first batch.
  public init(_ kMeans: KMeans) {
    self.kMeans = kMeans
  }

  /// Learns from the next batch.
  ///
  /// - Parameter batch: `m × d`; the first must have at least `k` different rows.
  /// - Throws: ``KMeans/FitError``; rows count from the start of the batch.
  public mutating func learn(_ batch: Matrix) throws(KMeans.FitError) {
    guard let centroids else {
      let model = try kMeans.fit(batch)
      (self.centroids, counts) = (model.centroids, model.sizes)
      return
    }
    try check(batch, centroids)
    guard batch.rowCount > 0 else { return }
    let points = CenteredPoints(batch, precision: kMeans.precision)
    let start = points.shifted(centroids.elements)
    var clusters = ClusterSums(points, clusterCount: kMeans.clusterCount)
    _ = clusters.reassign(points, to: start)
    var moved =
      points.unshifted(
        clusters.plainMeans(points, from: start),
        rowCount: kMeans.clusterCount
      )
      .elements
    for cluster in counts.indices {
      counts[cluster] += clusters.counts[cluster]
      let rate = Double(clusters.counts[cluster]) / Double(max(counts[cluster], 1))
      for j in 0..<batch.columnCount {
        let i = cluster * batch.columnCount + j
        moved[i] = centroids.elements[i] + rate * (moved[i] - centroids.elements[i])
      }
    }
    self.centroids = Matrix(
      rowCount: kMeans.clusterCount,
      columnCount: batch.columnCount,
      elements: moved
    )
  }

  /// The model of the centroids so far, by one pass over batches.
  ///
  /// - Parameter batches: all points once more, in the order in which the model lists them.
  /// - Returns: assignment and inertia of all points; one iteration, not counted as converged.
  /// - Throws: ``KMeans/FitError`` for a batch that cannot be assigned, or without any learning.
  public func model(of batches: some Sequence<Matrix>) throws(KMeans.FitError) -> KMeans.Model {
    guard let centroids else {
      throw .badConfiguration(reason: "no batch has been learnt from")
    }
    var assignment: [Int] = []
    var inertia = 0.0
    for batch in batches {
      try check(batch, centroids)
      guard batch.rowCount > 0 else { continue }
      let points = CenteredPoints(batch, precision: kMeans.precision)
      let start = points.shifted(centroids.elements)
      var clusters = ClusterSums(points, clusterCount: kMeans.clusterCount)
      _ = clusters.reassign(points, to: start)
      inertia += clusters.inertia(points, start)
      assignment += clusters.labels.flatMap { $0.map { Int($0) } }
    }
    return KMeans.Model(
      centroids: centroids,
      assignment: assignment,
      inertia: inertia,
      iterations: 1,
      converged: false
    )
  }

  private func check(_ batch: Matrix, _ centroids: Matrix) throws(KMeans.FitError) {
    guard batch.columnCount == centroids.columnCount else {
      throw .badConfiguration(
        reason: "a batch has \(batch.columnCount) columns, the first had \(centroids.columnCount)"
      )
    }
    if let place = batch.firstNonFinite() {
      throw .notFinite(row: place.row, column: place.column)
    }
  }
}
