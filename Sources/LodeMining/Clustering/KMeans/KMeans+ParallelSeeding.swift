internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

extension KMeans {
  /// Rounds of k-means‖ and how many candidates each draws, in multiples of `k`.
  private static let (parallelRounds, oversampling) = (5, 2.0)

  /// Initial centroids in shifted coordinates, `k × d` row-major, by k-means‖.
  ///
  /// Whether a row is drawn depends on a hash of its coordinates, the round and the seed, so rows
  /// in another order give the same candidates; equal rows are one candidate.
  ///
  /// - Complexity: O(`n·k·d`) a round.
  /// - Source: Bahmani, Moseley, Vattani, Kumar & Vassilvitskii (2012), "Scalable k-means++",
  ///   PVLDB 5(7), algorithm 2 with ℓ = 2k and five rounds.
  /// - Throws: ``FitError/tooFewDistinctRows(distinctRows:clusterCount:)``.
  func parallelCentroids(
    _ points: CenteredPoints,
    seeding: UInt64
  ) throws(FitError) -> [Double] {
    var draw = ParallelDraw(points, seed: seed, stream: seeding)
    var round = 1
    while draw.total > 0,
      round <= Self.parallelRounds || (draw.candidateCount < clusterCount && round <= 100)
    {
      draw.run(round, expected: Self.oversampling * Double(clusterCount))
      round += 1
    }
    guard draw.candidateCount >= clusterCount else {
      throw .tooFewDistinctRows(distinctRows: draw.candidateCount, clusterCount: clusterCount)
    }
    let candidates = CenteredPoints(
      Matrix(
        rowCount: draw.candidateCount,
        columnCount: points.dimension,
        elements: draw.candidates
      ),
      weights: draw.weights()
    )
    let sample = SeedingSample(
      candidates,
      seed: seed,
      size: draw.candidateCount,
      precision: precision
    )
    let chosen = try seededCentroids(sample, seeding: seeding)
    return candidates.unshifted(chosen, rowCount: clusterCount).elements
  }
}

/// The rounds of k-means‖: candidates so far, and how far every row is from them.
private struct ParallelDraw: Sendable {
  let points: CenteredPoints
  let hashes: [UInt64]
  /// Candidates in shifted coordinates, row-major.
  private(set) var candidates: [Double] = []
  /// The weighted squared distance of each row to its nearest candidate.
  private var potentials: [Double]
  /// The sum of all potentials, the same in any order.
  private(set) var total = 0.0

  var candidateCount: Int { candidates.count / max(points.dimension, 1) }

  /// Draws the first candidate in proportion to the weights.
  init(_ points: CenteredPoints, seed: UInt64, stream: UInt64) {
    self.points = points
    let d = points.dimension
    let key = seed ^ stream &* 0xD1B5_4A32_D192_ED03
    hashes =
      Parallel.map(rows: points.rowCount, chunkSize: CenteredPoints.chunkSize) { rows in
        points.withRows(rows) { rowHashes($0, d, key) }
      }
      .flatMap(\.self)
    potentials = Array(repeating: .infinity, count: points.rowCount)
    // The first of exponential clocks that run as fast as the weights.
    let clocks = hashes.indices.map { row in
      -log(1 - uniform(hashes[row], 0)) / (points.weights?[row] ?? 1)
    }
    let first = clocks.indices.min { (clocks[$0], hashes[$0]) < (clocks[$1], hashes[$1]) }
    if let first { add([first]) }
  }

  /// Draws each row with probability `expected · potential / total`.
  mutating func run(_ round: Int, expected: Double) {
    let rate = expected / total
    add(
      potentials.indices.filter { row in
        potentials[row] > 0 && uniform(hashes[row], UInt64(round)) < rate * potentials[row]
      }
    )
  }

  /// How many rows, by weight, are nearest to each candidate; a candidate stands for itself.
  func weights() -> [Double] {
    let labels = labels(of: candidates)
    var weights = [Int128](repeating: 0, count: candidateCount)
    for (row, label) in labels.enumerated() {
      weights[Int(label)] &+= Int128(points.exactWeight(row))
    }
    return weights.map { max(Double($0), 1) / points.weightScale }
  }

  private mutating func add(_ rows: [Int]) {
    guard !rows.isEmpty else { return }
    let coordinates = rows.map { self.points.coordinates($0) }
    var new: [[Double]] = []
    for candidate in coordinates.sorted(by: { $0.lexicographicallyPrecedes($1) })
    where new.last != candidate {
      new.append(candidate)
    }
    let added = new.flatMap(\.self)
    candidates += added
    let nearest = labels(of: added)
    let (before, points) = (potentials, self.points)
    let parts = Parallel.map(rows: points.rowCount, chunkSize: CenteredPoints.chunkSize) { rows in
      var total: Int64 = 0
      var lowered = Array(before[rows])
      let distances = points.distances(rows, nearest.span.extracting(rows), added.span)
      for row in rows {
        let place = row - rows.lowerBound
        lowered[place] = min(lowered[place], distances[place] * (points.weights?[row] ?? 1))
        total &+= ExactSums.fixedPoint(lowered[place], points.distanceScale)
      }
      return (total, lowered)
    }
    potentials = parts.flatMap(\.1)
    total = Double(parts.reduce(Int128(0)) { $0 &+ Int128($1.0) }) / points.distanceScale
  }

  private func labels(of centroids: [Double]) -> [Int32] {
    let search = NearestCentroids(centroids, origin: points.origin)
    let points = self.points
    return
      Parallel.map(rows: points.rowCount, chunkSize: CenteredPoints.chunkSize) { rows in
        var labels = [Int32](repeating: 0, count: rows.count)
        var output = labels.mutableSpan
        points.withRows(rows) { search.label($0, into: &output) }
        return labels
      }
      .flatMap(\.self)
  }
}

/// A number in [0, 1) for a row in a round.
private func uniform(_ hash: UInt64, _ round: UInt64) -> Double {
  var random = CounterRandom(seed: hash, stream: round)
  return random.uniform()
}
