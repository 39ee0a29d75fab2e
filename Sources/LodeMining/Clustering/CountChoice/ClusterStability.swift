public import LodeNumerics
internal import LodeRuntime

/// How far a clustering comes back when the points are drawn anew.
///
/// Each resample draws as many points as there are, with replacement, fits k-means to them and
/// assigns all points to its centroids; the adjusted Rand index compares that with the full fit.
///
/// - Output: the mean index over the resamples, 1 where every resample finds the same clusters.
/// - Determinism: points are drawn from an order of their own, by seed: the same bits on any thread
///   count and for rows in any order.
/// - Complexity: ``resampleCount`` fits of at most ``rowLimit`` points.
/// - Source: Hennig (2007), "Cluster-wise assessment of cluster stability", the bootstrap scheme of
///   §3; with the index of Hubert & Arabie (1985) in place of Jaccard's.
public struct ClusterStability: Sendable, Hashable, Codable {
  /// How many resamples are drawn.
  public var resampleCount: Int
  /// Above it a sample of so many rows takes the place of all.
  public var rowLimit: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// A measure; the mean of ten indices tells clusters that hold from those that do not.
  public init(resampleCount: Int = 10, rowLimit: Int = 5000, seed: UInt64 = 0) {
    self.resampleCount = resampleCount
    self.rowLimit = rowLimit
    self.seed = seed
  }

  /// The mean adjusted Rand index between a model and fits to resamples.
  ///
  /// - Parameters:
  ///   - model: the full fit.
  ///   - points: the points of the fit, `n × d`.
  ///   - kMeans: how each resample is fitted, with one seeding; its cluster count is not used.
  /// - Returns: the mean index; NaN without resamples, or if none had enough distinct rows.
  /// - Throws: ``KMeans/FitError`` of a fit, but for too few distinct rows.
  public func value(
    _ model: KMeans.Model,
    points: Matrix,
    kMeans: KMeans
  ) throws(KMeans.FitError) -> Double {
    guard resampleCount > 0, points.rowCount > 0 else { return .nan }
    return try resamples(of: CenteredPoints(points), kMeans: kMeans).stability(of: model)
  }

  /// The resamples of points, which do not depend on the number of clusters.
  func resamples(of points: CenteredPoints, kMeans: KMeans) -> ClusterResamples {
    // The sample holds its rows in an order that does not depend on that of the points.
    let sample = SeedingSample(points, seed: seed, size: max(rowLimit, 1))
    let n = points.rowCount == 0 ? 0 : sample.weights.count
    let rows = Matrix(rowCount: n, columnCount: sample.dimension, elements: sample.elements)
    let fits = (0..<max(resampleCount, 0))
      .map { resample in
        let drawn = draws(n, resample)
        let kept = drawn.indices.filter { drawn[$0] > 0 }
        var configuration = kMeans
        configuration.seedingCount = 1
        configuration.seed = seed &+ UInt64(resample)
        let points = KMeans.SharedPoints(
          rows.gathering(rows: kept),
          weights: kept.map { Double(drawn[$0]) },
          for: configuration
        )
        return (configuration, points)
      }
    return ClusterResamples(rows: rows, points: points, fits: n == 0 ? [] : fits)
  }

  /// How often each of `n` rows is drawn in `n` draws.
  private func draws(_ n: Int, _ resample: Int) -> [Int] {
    var random = CounterRandom(seed: seed, stream: UInt64(resample) &+ 1)
    var counts = [Int](repeating: 0, count: n)
    for _ in 0..<n { counts[random.integer(below: n)] += 1 }
    return counts
  }
}

/// Points drawn anew several times, for models of any number of clusters.
struct ClusterResamples: Sendable {
  /// The rows that resamples are drawn from, without the mean of the points.
  fileprivate let rows: Matrix
  fileprivate let points: CenteredPoints
  /// How each resample is fitted, but for the number of clusters, and its points.
  fileprivate let fits: [(kMeans: KMeans, points: KMeans.SharedPoints)]

  /// The mean adjusted Rand index between a model and fits to the resamples.
  ///
  /// - Returns: the mean index; NaN without resamples, or if none had enough distinct rows.
  /// - Throws: ``KMeans/FitError`` of a fit, but for too few distinct rows.
  func stability(of model: KMeans.Model) throws(KMeans.FitError) -> Double {
    let full = labels(points.shifted(model.centroids.elements))
    var indices: [Double] = []
    for fit in fits {
      var configuration = fit.kMeans
      configuration.clusterCount = model.clusterCount
      do throws(KMeans.FitError) {
        let centroids = try configuration.fit(fit.points).centroids
        indices.append(AdjustedRandIndex.value(full, labels(centroids.elements)))
      } catch {
        switch error {
        case .tooFewRows, .tooFewDistinctRows: continue
        default: throw error
        }
      }
    }
    return indices.isEmpty ? .nan : indices.reduce(0, +) / Double(indices.count)
  }

  private func labels(_ centroids: [Double]) -> [Int] {
    Parallel.map(rows: rows.rowCount, chunkSize: 4096) { part in
      nearestRows(part, of: rows.elements.span, to: centroids.span, rows.columnCount)
        .map(\.cluster)
    }
    .flatMap(\.self)
  }
}
