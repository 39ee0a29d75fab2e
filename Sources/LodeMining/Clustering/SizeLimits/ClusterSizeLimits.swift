public import LodeNumerics
internal import LodeRuntime

/// Keeps the sizes of clusters between limits by moving the points that it costs least to move.
///
/// Points go to clusters by a minimum-cost flow, which is exact at any size: it starts from the
/// nearest centroids and mends one point a step along the cheapest chain of clusters. Then means
/// and flow alternate, so inertia falls from round to round, until no point moves.
///
/// - Input: a model and its points, `n × d`.
/// - Output: a model whose clusters all hold from ``minimumSize`` to ``maximumSize`` points.
/// - Determinism: no randomness; of equally cheap points the lower row moves.
/// - Complexity: O(`s·(k³ + k·log n)`) a round, `s` the points too many or too few;
///   memory O(`n·k`).
/// - Source: Bradley, Bennett & Demiriz (2000), "Constrained k-means clustering", MSR-TR-2000-65;
///   the flow by successive shortest paths, Ahuja, Magnanti & Orlin (1993), §9.7.
public struct ClusterSizeLimits: Sendable, Hashable, Codable {
  /// The fewest points of a cluster.
  public var minimumSize: Int
  /// The most points of a cluster.
  public var maximumSize: Int
  /// The most rounds of flow and means.
  public var maximumRounds: Int

  /// Limits; without arguments there are none.
  public init(minimumSize: Int = 0, maximumSize: Int = .max, maximumRounds: Int = 20) {
    self.minimumSize = minimumSize
    self.maximumSize = maximumSize
    self.maximumRounds = maximumRounds
  }

  /// The model within the limits.
  ///
  /// - Note: ``KMeans/Model/predict(_:)`` of the result knows centroids only, not limits.
  /// - Parameters:
  ///   - model: the fit without limits.
  ///   - points: its points, `n × d`.
  /// - Returns: the model itself if it keeps the limits, else a mended one.
  /// - Throws: ``KMeans/FitError/badConfiguration(reason:)`` if no sizes keep the limits.
  public func model(
    _ model: KMeans.Model,
    points: Matrix
  ) throws(KMeans.FitError) -> KMeans.Model {
    precondition(model.assignment.count == points.rowCount, "a model of other points")
    if model.sizes.allSatisfy({ $0 >= minimumSize && $0 <= maximumSize }) { return model }
    let prepared = CenteredPoints(points)
    var centroids = prepared.shifted(model.centroids.elements)
    var labels: [Int] = []
    var (rounds, converged) = (0, false)
    while rounds < max(maximumRounds, 1), !converged {
      rounds += 1
      let next = try assignment(
        of: points,
        to: prepared.unshifted(centroids, rowCount: model.clusterCount)
      )
      converged = next == labels
      labels = next
      centroids = ClusterSums(prepared, labels: labels, clusterCount: model.clusterCount)
        .plainMeans(prepared, from: centroids)
    }
    let clusters = ClusterSums(prepared, labels: labels, clusterCount: model.clusterCount)
    return KMeans.Model(
      centroids: prepared.unshifted(centroids, rowCount: model.clusterCount),
      assignment: labels,
      inertia: clusters.inertia(prepared, centroids),
      iterations: rounds,
      converged: converged
    )
  }

  /// The assignment of least inertia to given centroids that keeps the limits.
  ///
  /// - Parameters:
  ///   - points: `n × d`.
  ///   - centroids: `k × d`.
  /// - Returns: the cluster of each point.
  /// - Throws: ``KMeans/FitError/badConfiguration(reason:)`` if no sizes keep the limits.
  public func assignment(
    of points: Matrix,
    to centroids: Matrix
  ) throws(KMeans.FitError) -> [Int] {
    let (n, k) = (points.rowCount, centroids.rowCount)
    let most = min(maximumSize, n)
    guard minimumSize >= 0, minimumSize <= maximumSize, k > 0,
      minimumSize.multipliedReportingOverflow(by: k).overflow == false, minimumSize * k <= n,
      most * k >= n
    else {
      throw .badConfiguration(
        reason: "\(n) rows cannot form \(k) clusters of \(minimumSize) to \(maximumSize)"
      )
    }
    let rows = Parallel.map(rows: n, chunkSize: 4096) { rows in
      squaredDistances(rows, points.elements.span, centroids.elements.span, k)
    }
    var flow = SizeFlow(
      costs: rows.flatMap(\.self),
      clusterCount: k,
      limits: minimumSize...max(most, minimumSize)
    )
    flow.mend()
    return flow.labels
  }
}

/// The squared distances of rows to all centroids, row-major.
private func squaredDistances(
  _ rows: Range<Int>,
  _ points: Span<Double>,
  _ centroids: Span<Double>,
  _ clusterCount: Int
) -> [Double] {
  let d = centroids.count / clusterCount
  var result: [Double] = []
  result.reserveCapacity(rows.count * clusterCount)
  for row in rows {
    for cluster in 0..<clusterCount {
      var distance = 0.0
      for j in 0..<d {
        let difference = points[row * d + j] - centroids[cluster * d + j]
        distance += difference * difference
      }
      result.append(distance)
    }
  }
  return result
}
