public import LodeNumerics

/// Chooses the number of clusters by fitting a range and comparing three separation measures.
///
/// Each count gets its rank by the Caliński–Harabasz index, the Davies–Bouldin index and the
/// simplified silhouette; the least mean rank wins, and a tie goes to fewer clusters. Counts that
/// leave a cluster below ``minimumShare`` of the points lose to those that do not. The
/// silhouette by pairs and the stability under resampling are reported beside them.
public struct ClusterCountChoice: Sendable, Hashable, Codable {
  /// The fewest clusters to try; three, since two segments are seldom of use to a marketer.
  public var minimumCount: Int
  /// The most clusters to try.
  public var maximumCount: Int
  /// The least share of points that a cluster should hold, 0…1.
  public var minimumShare: Double
  /// How each count is fitted; its own `clusterCount` is not used.
  public var kMeans: KMeans
  /// How the silhouette by pairs is worked out.
  public var silhouette: Silhouette
  /// How the stability of each count is worked out.
  public var stability: ClusterStability

  /// A choice between the given counts.
  public init(
    minimumCount: Int = 3,
    maximumCount: Int = 8,
    minimumShare: Double = 0.01,
    kMeans: KMeans = KMeans(clusterCount: 3),
    silhouette: Silhouette = Silhouette(),
    stability: ClusterStability = ClusterStability()
  ) {
    self.minimumCount = minimumCount
    self.maximumCount = maximumCount
    self.minimumShare = minimumShare
    self.kMeans = kMeans
    self.silhouette = silhouette
    self.stability = stability
  }

  /// What was chosen and why.
  public struct Outcome: Sendable, Hashable, Codable {
    /// The scores, one entry a count, ascending.
    public let scores: [ClusterScores]
    /// The silhouettes by pairs, in the order of ``scores``.
    public let silhouettes: [Silhouette.Score]
    /// The mean adjusted Rand index over resamples, in the order of ``scores``.
    public let stabilities: [Double]
    /// The mean rank of each count, 1 = best, in the order of ``scores``.
    public let meanRanks: [Double]
    /// The chosen number of clusters.
    public let clusterCount: Int
    /// The reason in one sentence.
    public let reason: String
    /// The model with the chosen number of clusters.
    public private(set) var model: KMeans.Model

    /// The same choice with another model of the chosen count.
    fileprivate func with(_ model: KMeans.Model) -> Outcome {
      var outcome = self
      outcome.model = model
      return outcome
    }
  }

  /// Fits every count to `points`, `n × d` standardised, and chooses one.
  ///
  /// Of more than 32,768 rows, counts are compared by fits that end at a tolerance of 1e-4, and the
  /// chosen one goes on to the tolerance asked for.
  ///
  /// - Parameter points: the points, `n × d`.
  /// - Returns: all scores, the chosen count with its model, and the reason.
  /// - Throws: ``KMeans/FitError``; also when even the smallest count cannot be fitted. Larger
  ///   counts that meet too few distinct rows are left out.
  public func choose(_ points: Matrix) throws(KMeans.FitError) -> Outcome {
    guard minimumCount >= 2, maximumCount >= minimumCount else {
      throw .badConfiguration(reason: "the counts to try are \(minimumCount)…\(maximumCount)")
    }
    var models: [KMeans.Model] = []
    let isLarge = points.rowCount > KMeans.seedingSampleSize
    var least = kMeans
    least.clusterCount = minimumCount
    let shared = try least.shared(points)
    for count in minimumCount...maximumCount {
      var configuration = kMeans
      configuration.clusterCount = count
      if isLarge { configuration.tolerance = max(kMeans.tolerance, 1e-4) }
      do throws(KMeans.FitError) {
        models.append(try configuration.fit(shared))
      } catch {
        if models.isEmpty { throw error }
        break
      }
    }
    let resamples = stability.resamples(of: shared.points, kMeans: kMeans)
    var stabilities: [Double] = []
    for model in models { stabilities.append(try resamples.stability(of: model)) }
    let outcome = decide(models, points, stabilities)
    guard isLarge, kMeans.tolerance < 1e-4 else { return outcome }
    var configuration = kMeans
    configuration.clusterCount = outcome.clusterCount
    return outcome.with(
      try configuration.fit(shared, initialCentroids: outcome.model.centroids)
    )
  }

  private func decide(
    _ models: [KMeans.Model],
    _ points: Matrix,
    _ stabilities: [Double]
  ) -> Outcome {
    let center = Standardization(points).means
    let scores = models.map { ClusterScores($0, points: points, center: center) }
    let ranks = [
      Self.ranks(scores.map { -$0.calinskiHarabasz }),
      Self.ranks(scores.map(\.daviesBouldin)),
      Self.ranks(scores.map { -$0.simplifiedSilhouette }),
    ]
    let meanRanks = scores.indices.map { i in (ranks[0][i] + ranks[1][i] + ranks[2][i]) / 3 }
    let isLarge = scores.map { $0.smallestShare >= minimumShare }
    var chosen = 0
    for i in scores.indices.dropFirst() {
      let isBetter = meanRanks[i] < meanRanks[chosen] - 1e-12
      if isLarge[i] == isLarge[chosen] ? isBetter : isLarge[i] { chosen = i }
    }
    let silhouettes = silhouette.scores(points, assignments: models.map(\.assignment))
    let evidence = Self.evidence(silhouettes[chosen], stabilities[chosen])
    return Outcome(
      scores: scores,
      silhouettes: silhouettes,
      stabilities: stabilities,
      meanRanks: meanRanks,
      clusterCount: scores[chosen].clusterCount,
      reason: reason(scores, meanRanks, isLarge, chosen) + evidence + ".",
      model: models[chosen]
    )
  }

  private func reason(
    _ scores: [ClusterScores],
    _ meanRanks: [Double],
    _ isLarge: [Bool],
    _ chosen: Int
  ) -> String {
    func two(_ x: Double) -> String { "\((x * 100).rounded() / 100)" }
    let range = "\(scores[0].clusterCount) to \(scores[scores.count - 1].clusterCount)"
    let score = scores[chosen]
    var text =
      "\(score.clusterCount) clusters: mean rank \(two(meanRanks[chosen])) of 3 measures among "
      + "\(range) (Calinski-Harabasz \(two(score.calinskiHarabasz)), Davies-Bouldin "
      + "\(two(score.daviesBouldin)), simplified silhouette \(two(score.simplifiedSilhouette)))"
    let excluded = scores.indices.filter { !isLarge[$0] && isLarge[chosen] }
    if !excluded.isEmpty {
      let counts = excluded.map { String(scores[$0].clusterCount) }.joined(separator: ", ")
      text += "; left out for a cluster below \(two(minimumShare * 100)) % of the rows: \(counts)"
    }
    return text
  }

  /// What the silhouette by pairs and the resamples say of the chosen count.
  private static func evidence(_ silhouette: Silhouette.Score, _ stability: Double) -> String {
    func two(_ x: Double) -> String { "\((x * 100).rounded() / 100)" }
    var text = "; \(silhouette.variant.rawValue) \(two(silhouette.value))"
    guard stability.isFinite else { return text }
    text += ", mean adjusted Rand index of resamples \(two(stability))"
    return stability < 0.7 ? text + ": other draws of the rows give other clusters" : text
  }

  /// Ranks from 1 for the least value; equal values share their mean rank.
  private static func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      let less = values.count { $0 < value }
      let equal = values.count { $0 == value }
      return Double(less) + Double(equal + 1) / 2
    }
  }
}
