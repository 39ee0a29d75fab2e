internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

extension KMeans {
  /// Rows looked at by the seeding; larger sets are represented by this many of their rows.
  static let seedingSampleSize = 32_768

  /// How many k-means++ starts a seeding tries, and the passes each gets to show what it is worth.
  private static let (trialCount, trialPasses) = (4, 3)

  /// Initial centroids in shifted coordinates, `k × d` row-major.
  ///
  /// Of four starts by greedy k-means++ the one that is best after three passes over the sample:
  /// where a start leads is seldom seen before that.
  ///
  /// - Throws: ``FitError/tooFewDistinctRows(distinctRows:clusterCount:)``.
  func seededCentroids(
    _ sample: SeedingSample,
    seeding: UInt64
  ) throws(FitError) -> [Double] {
    var random = CounterRandom(seed: seed, stream: seeding)
    var best: Run?
    for _ in 0..<Self.trialCount {
      let start = try plusPlusCentroids(sample, &random)
      var trial = self
      trial.maximumIterations = Self.trialPasses
      let run = trial.lloyd(sample.points, from: sample.points.shifted(start))
      if best.map({ run.inertia < $0.inertia }) ?? true { best = run }
    }
    guard let best else { return [] }
    return sample.points.unshifted(best.centroids, rowCount: clusterCount).elements
  }

  /// Greedy k-means++ centroids in shifted coordinates, `k × d` row-major.
  ///
  /// Each new centroid is the best of `2 + ⌊ln k⌋` candidates, as in scikit-learn; then `k` more
  /// candidates each take the place of the centroid whose loss costs least, if that pays.
  ///
  /// - Source: Arthur & Vassilvitskii (2007); Lattanzi & Sohler (2019), "A Better k-means++
  ///   Algorithm via Local Search", ICML, algorithm 2.
  /// - Throws: ``FitError/tooFewDistinctRows(distinctRows:clusterCount:)``.
  private func plusPlusCentroids(
    _ sample: SeedingSample,
    _ random: inout CounterRandom
  ) throws(FitError) -> [Double] {
    let candidateCount = 2 + Int(log(Double(clusterCount)))
    var chosen = [Self.drawn(sample.weights, random.uniform() * sample.weights.reduce(0, +))]
    var potentials = sample.potentials(of: chosen[0], below: nil)
    while chosen.count < clusterCount {
      let total = potentials.reduce(0, +)
      guard total > 0 else {
        throw .tooFewDistinctRows(distinctRows: chosen.count, clusterCount: clusterCount)
      }
      var best: (place: Int, potentials: [Double], total: Double)?
      for _ in 0..<candidateCount {
        let place = Self.drawn(potentials, random.uniform() * total)
        let closer = sample.potentials(of: place, below: potentials)
        let sum = closer.reduce(0, +)
        if best.map({ sum < $0.total }) ?? true { best = (place, closer, sum) }
      }
      guard let best else { break }
      chosen.append(best.place)
      potentials = best.potentials
    }
    let d = sample.dimension
    return chosen.flatMap { sample.elements[$0 * d..<($0 + 1) * d] }
  }

  /// The first place where the running sum of weights passes the target.
  private static func drawn(_ weights: [Double], _ target: Double) -> Int {
    var sum = 0.0
    var last = 0
    for (place, weight) in weights.enumerated() where weight > 0 {
      sum += weight
      last = place
      if sum > target { return place }
    }
    return last
  }
}

/// The rows that the seeding looks at, in an order that does not depend on that of the table.
///
/// Rows are ordered by a hash of their coordinates, and a sample holds those of the least hashes:
/// so the same rows in another order get the same seeds.
struct SeedingSample: Sendable {
  let dimension: Int
  /// The rows in shifted coordinates, row-major.
  let elements: [Double]
  /// The weight of each row.
  let weights: [Double]
  /// The same rows as k-means sees them.
  let points: CenteredPoints

  init(
    _ points: CenteredPoints,
    seed: UInt64,
    size: Int = KMeans.seedingSampleSize,
    precision: KMeans.Precision = .float64
  ) {
    let (n, d) = (points.rowCount, points.dimension)
    let hashes =
      Parallel.map(rows: n, chunkSize: CenteredPoints.chunkSize) { rows in
        points.withRows(rows) { rowHashes($0, d, seed) }
      }
      .flatMap(\.self)
    var rows = Array(0..<n)
    if n > size {
      // A quarter more than needed lies below the cutoff, unless many rows are equal.
      let share = 1.25 * Double(size) / Double(n)
      let cutoff = share >= 1 ? UInt64.max : UInt64(share * 0x1p64)
      let low = rows.filter { hashes[$0] < cutoff }
      if low.count >= size { rows = low }
    }
    rows.sort { left, right in
      if hashes[left] != hashes[right] { return hashes[left] < hashes[right] }
      return points.precedes(left, right)
    }
    rows = Array(rows.prefix(size))
    dimension = d
    var gathered: [Double] = []
    gathered.reserveCapacity(rows.count * d)
    for row in rows { gathered += points.coordinates(row) }
    elements = gathered
    weights = rows.map { row in points.weights.map { $0[row] } ?? 1 }
    self.points = CenteredPoints(
      Matrix(rowCount: rows.count, columnCount: d, elements: elements),
      weights: points.weights == nil ? nil : weights,
      precision: precision
    )
  }

  /// The weighted squared distance of each row to one of them, or what it was if that is less.
  func potentials(of center: Int, below others: [Double]?) -> [Double] {
    let chunks = Parallel.map(rows: weights.count, chunkSize: 4096) { rows in
      var result = others.map { Array($0[rows]) } ?? Array(repeating: .infinity, count: rows.count)
      var output = result.mutableSpan
      lower(
        &output,
        elements.span.extracting(rows.lowerBound * dimension..<rows.upperBound * dimension),
        weights.span.extracting(rows),
        elements.span.extracting(center * dimension..<(center + 1) * dimension)
      )
      return result
    }
    return chunks.flatMap(\.self)
  }
}

/// A hash of each row's coordinates; 0 and -0 are the same.
func rowHashes(_ x: Span<Double>, _ dimension: Int, _ seed: UInt64) -> [UInt64] {
  var hashes: [UInt64] = []
  hashes.reserveCapacity(dimension == 0 ? 0 : x.count / dimension)
  for start in stride(from: 0, to: x.count, by: max(dimension, 1)) {
    var hash = seed &* 0x9E37_79B9_7F4A_7C15
    for j in 0..<dimension {
      hash = (hash ^ (x[start + j] + 0).bitPattern) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
    }
    hash = hash &* 0x9E37_79B9_7F4A_7C15
    hashes.append(hash ^ hash >> 29)
  }
  return hashes
}

/// Lowers each potential to the weighted squared distance of its row to the center.
private func lower(
  _ potentials: inout MutableSpan<Double>,
  _ rows: Span<Double>,
  _ weights: Span<Double>,
  _ center: Span<Double>
) {
  for row in potentials.indices {
    var distance = 0.0
    for j in center.indices {
      let difference = rows[row * center.count + j] - center[j]
      distance += difference * difference
    }
    let potential = distance * weights[row]
    if potential < potentials[row] { potentials[row] = potential }
  }
}
