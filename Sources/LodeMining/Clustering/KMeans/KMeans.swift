public import LodeNumerics
public import LodeRuntime

/// Partitions points into `k` groups around their means (Lloyd's k-means).
///
/// Use it for standardised numeric features and compact groups of similar spread.
///
/// - Input: `points`, shape `n × d`, row-major, standardised, no missing values.
/// - Output: centroids `k × d`; `assignment`, length `n`; `inertia` in squared input units.
/// - Determinism: same seed → same model on any thread count and for rows in any order; centroid
///   sums are exact integers; ties go to the lower cluster index.
/// - Complexity: O(`n·k·d`) per iteration; memory O(`n·d`).
/// - Source: Lloyd (1982); seeding by Arthur & Vassilvitskii (2007), "k-means++", SODA, §2,
///   in its greedy form.
/// - Agrees with: scikit-learn `KMeans(algorithm="lloyd", tol=0)` in labels and iteration counts,
///   given the same initial centroids.
public struct KMeans: Sendable, Hashable, Codable {
  /// The number of clusters `k`, at least 1.
  public var clusterCount: Int
  /// How many k-means++ seedings to run; the model of least inertia wins.
  ///
  /// Of more than 32,768 rows, k-means++ seedings run on a sample of so many, and all rows from the
  /// best of them.
  public var seedingCount: Int
  /// The most passes over the points in one run.
  public var maximumIterations: Int
  /// The total squared shift of centroids, as a share of the mean column variance, that ends a run.
  ///
  /// 0 runs on until no label changes.
  public var tolerance: Double
  /// The seed of the random numbers.
  public var seed: UInt64
  /// The numbers that distances are worked out in; sums and inertia are exact in both.
  public var precision: Precision
  /// How initial centroids are found.
  public var seeding: Seeding

  /// How initial centroids are found.
  public enum Seeding: String, Sendable, Hashable, Codable, CaseIterable {
    /// Greedy k-means++ on at most 32,768 rows: the best of four starts each.
    case plusPlus
    /// k-means‖ on all rows: five rounds draw about `2·k` candidates each, from which greedy
    /// k-means++ chooses by how many rows they stand for.
    case parallel
  }

  /// The numbers that distances are worked out in.
  public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 64 bits.
    case float64
    /// 32 bits: about twice the speed above eight dimensions; a point that two centroids are as
    /// near to in seven digits may go to either.
    case float32
  }

  /// A configuration.
  public init(
    clusterCount: Int,
    seedingCount: Int = 10,
    maximumIterations: Int = 300,
    tolerance: Double = 0,
    seed: UInt64 = 0,
    precision: Precision = .float64,
    seeding: Seeding = .plusPlus
  ) {
    self.clusterCount = clusterCount
    self.seedingCount = seedingCount
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.seed = seed
    self.precision = precision
    self.seeding = seeding
  }

  /// Why a fit was refused.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration makes no sense.
    case badConfiguration(reason: String)
    /// Fewer rows than clusters.
    case tooFewRows(rows: Int, clusterCount: Int)
    /// Fewer distinct rows than clusters.
    case tooFewDistinctRows(distinctRows: Int, clusterCount: Int)
    /// A missing or infinite coordinate; rows and columns count from 0.
    case notFinite(row: Int, column: Int)
    /// Weights that are not one positive number a row; the row counts from 0.
    case wrongWeights(row: Int)
    /// The initial centroids have the wrong shape.
    case wrongInitialCentroids(rows: Int, columns: Int)
    /// Rows that could not be read; see `FloatRowBlocks`.
    case unreadable(reason: String)

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .badConfiguration(let reason): "k-means cannot run: \(reason)."
      case .tooFewRows(let rows, let clusterCount):
        "\(rows) rows cannot form \(clusterCount) clusters; ask for at most \(rows)."
      case .tooFewDistinctRows(let distinctRows, let clusterCount):
        "there are only \(distinctRows) different rows for \(clusterCount) clusters; "
          + "ask for at most \(distinctRows) or add a feature that tells the rows apart."
      case .notFinite(let row, let column):
        "row \(row + 1), column \(column + 1) is missing or infinite; fill or drop it first."
      case .wrongWeights(let row):
        "row \(row + 1) has no positive, finite weight; drop it or give it one."
      case .wrongInitialCentroids(let rows, let columns):
        "the initial centroids are \(rows) × \(columns), which fits neither the number of "
          + "clusters nor the points; give one row a cluster and one column a feature."
      case .unreadable(let reason): "the rows of k-means cannot be read: \(reason)"
      }
    }
  }

  /// The clusters of `points`.
  ///
  /// - Parameters:
  ///   - points: `n × d`, standardised.
  ///   - weights: how many points each row stands for, `n` positive numbers; nil for 1 each.
  ///   - initialCentroids: `k × d`; when given, one run starts from them and nothing is random.
  /// - Returns: the model of least inertia.
  /// - Throws: ``FitError``.
  public func fit(
    _ points: Matrix,
    weights: [Double]? = nil,
    initialCentroids: Matrix? = nil
  ) throws(FitError) -> Model {
    try validate(points.rowCount, points.columnCount, weights, initialCentroids)
    if let place = points.firstNonFinite() {
      throw .notFinite(row: place.row, column: place.column)
    }
    return try fit(
      CenteredPoints(points, weights: weights, precision: precision),
      initialCentroids
    )
  }

  /// The clusters of points in floats: no copy of them in doubles is made.
  ///
  /// Distances are worked out in floats, whatever ``precision`` says; sums, centroids and inertia
  /// are those of the floats, exact.
  ///
  /// - Parameters:
  ///   - points: `n × d`, standardised.
  ///   - weights: how many points each row stands for, `n` positive numbers; nil for 1 each.
  ///   - initialCentroids: `k × d`; when given, one run starts from them and nothing is random.
  /// - Returns: the model of least inertia.
  /// - Throws: ``FitError``.
  public func fit(
    _ points: FloatMatrix,
    weights: [Double]? = nil,
    initialCentroids: Matrix? = nil
  ) throws(FitError) -> Model {
    try fit(
      .floats(points.elements),
      points.rowCount,
      points.columnCount,
      weights,
      initialCentroids
    )
  }

  /// The clusters of points in floats that are read anew in every pass, as from a file.
  ///
  /// The same model as that of a matrix of these floats, to the bit. What is held in memory are the
  /// labels and some thousand rows a thread, and where seeds are looked for, a few numbers a row.
  ///
  /// - Parameters:
  ///   - rows: `n × d`, standardised; some thousand rows are asked for at a time, by several
  ///     threads at once.
  ///   - weights: how many points each row stands for, `n` positive numbers; nil for 1 each.
  ///   - initialCentroids: `k × d`; when given, one run starts from them and nothing is random.
  /// - Returns: the model of least inertia.
  /// - Throws: ``FitError``, ``FitError/unreadable(reason:)`` for rows that cannot be read.
  /// - Complexity: two passes over the rows beside those of the iterations.
  public func fit(
    rows: any FloatRowBlocks,
    weights: [Double]? = nil,
    initialCentroids: Matrix? = nil
  ) throws(FitError) -> Model {
    let read = ReadFloatRows(rows)
    let outcome: Result<Model, FitError>
    do throws(FitError) {
      outcome = .success(
        try fit(.rows(read), rows.rowCount, rows.columnCount, weights, initialCentroids)
      )
    } catch {
      outcome = .failure(error)
    }
    if let reason = read.failure { throw .unreadable(reason: reason) }
    return try outcome.get()
  }

  /// Points as fits of several numbers of clusters share them.
  struct SharedPoints: Sendable {
    let points: CenteredPoints
    /// The rows that seedings look at; nil if they look at all.
    let sample: SeedingSample?

    /// Finite points, with a positive weight a row or none; seed and precision as those of the fit.
    init(_ points: Matrix, weights: [Double]? = nil, for kMeans: KMeans) {
      self.points = CenteredPoints(points, weights: weights, precision: kMeans.precision)
      sample =
        kMeans.seeding == .plusPlus
        ? SeedingSample(self.points, seed: kMeans.seed, precision: kMeans.precision) : nil
    }
  }

  /// Points to share between fits that differ in the number of clusters and in the tolerance only.
  ///
  /// - Throws: ``FitError``, as a fit of this number of clusters would.
  func shared(_ points: Matrix) throws(FitError) -> SharedPoints {
    try validate(points.rowCount, points.columnCount, nil, nil)
    if let place = points.firstNonFinite() {
      throw .notFinite(row: place.row, column: place.column)
    }
    return SharedPoints(points, for: self)
  }

  /// The clusters of shared points, the same as those of the points themselves.
  func fit(
    _ shared: SharedPoints,
    initialCentroids: Matrix? = nil
  ) throws(FitError) -> Model {
    try validate(shared.points.rowCount, shared.points.dimension, nil, initialCentroids)
    return try fit(shared.points, initialCentroids, sample: shared.sample)
  }

  private func fit(
    _ floats: PointNumbers,
    _ rowCount: Int,
    _ columnCount: Int,
    _ weights: [Double]?,
    _ initialCentroids: Matrix?
  ) throws(FitError) -> Model {
    try validate(rowCount, columnCount, weights, initialCentroids)
    let extents = floats.extents(columnCount: columnCount)
    if extents.hasNonFinite, let place = floats.firstNonFinite(columnCount: columnCount) {
      throw .notFinite(row: place.row, column: place.column)
    }
    return try fit(
      CenteredPoints(floats, rowCount: rowCount, extents: extents, weights: weights),
      initialCentroids
    )
  }

  /// The clusters of points that were made ready; `known` is their sample where there is one.
  private func fit(
    _ prepared: CenteredPoints,
    _ initialCentroids: Matrix?,
    sample known: SeedingSample? = nil
  ) throws(FitError) -> Model {
    if let initialCentroids {
      return finish(lloyd(prepared, from: prepared.shifted(initialCentroids.elements)), prepared)
    }
    switch seeding {
    case .parallel:
      return finish(
        try best { stream throws(FitError) in
          lloyd(prepared, from: try parallelCentroids(prepared, seeding: stream))
        },
        prepared
      )
    case .plusPlus:
      let sample = known ?? SeedingSample(prepared, seed: seed, precision: precision)
      guard sample.points.rowCount < prepared.rowCount else {
        return finish(
          try best { stream throws(FitError) in
            lloyd(prepared, from: try seededCentroids(sample, seeding: stream))
          },
          prepared
        )
      }
      // All rows from every seeding would take as many times longer and end where they do.
      let run = try best { stream throws(FitError) in
        let start = try seededCentroids(sample, seeding: stream)
        return lloyd(sample.points, from: sample.points.shifted(start))
      }
      let start = sample.points.unshifted(run.centroids, rowCount: clusterCount).elements
      return finish(lloyd(prepared, from: start), prepared)
    }
  }

  /// The run of least inertia.
  private func best(_ run: (_ seeding: UInt64) throws(FitError) -> Run) throws(FitError) -> Run {
    var best: Run?
    for stream in 0..<UInt64(seedingCount) {
      let next = try run(stream)
      if best.map({ next.inertia < $0.inertia }) ?? true { best = next }
    }
    guard let best else { throw .badConfiguration(reason: "there is no seeding to run") }
    return best
  }

  private func validate(
    _ rowCount: Int,
    _ columnCount: Int,
    _ weights: [Double]?,
    _ initial: Matrix?
  ) throws(FitError) {
    guard clusterCount >= 1 else {
      throw .badConfiguration(reason: "the number of clusters is \(clusterCount)")
    }
    guard maximumIterations >= 1, seedingCount >= 1, tolerance >= 0 else {
      throw .badConfiguration(
        reason: "iterations \(maximumIterations), seedings \(seedingCount) or tolerance "
          + "\(tolerance) is too small"
      )
    }
    guard rowCount >= clusterCount else {
      throw .tooFewRows(rows: rowCount, clusterCount: clusterCount)
    }
    if let weights {
      let wrong = weights.firstIndex { !($0 > 0 && $0.isFinite) }
      if let row = wrong { throw .wrongWeights(row: row) }
      guard weights.count == rowCount else {
        throw .wrongWeights(row: min(weights.count, rowCount))
      }
    }
    guard let initial else { return }
    guard initial.rowCount == clusterCount, initial.columnCount == columnCount,
      initial.firstNonFinite() == nil
    else { throw .wrongInitialCentroids(rows: initial.rowCount, columns: initial.columnCount) }
  }

  private func finish(_ run: Run, _ points: CenteredPoints) -> Model {
    var assignment: [Int] = []
    assignment.reserveCapacity(points.rowCount)
    for chunk in run.labels { for label in chunk { assignment.append(Int(label)) } }
    return Model(
      centroids: points.unshifted(run.centroids, rowCount: clusterCount),
      assignment: assignment,
      inertia: run.inertia,
      iterations: run.iterations,
      converged: run.converged
    )
  }
}
