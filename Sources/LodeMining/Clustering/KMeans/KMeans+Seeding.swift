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
    let weights = RunningSums(sample.weights)
    var chosen = [weights.place(passing: random.uniform() * weights.total)]
    var potentials = [Double](repeating: .infinity, count: sample.weights.count)
    sample.lower(&potentials, to: chosen[0])
    while chosen.count < clusterCount {
      let sums = RunningSums(potentials)
      guard sums.total > 0 else {
        throw .tooFewDistinctRows(distinctRows: chosen.count, clusterCount: clusterCount)
      }
      let candidates = (0..<candidateCount)
        .map { _ in sums.place(passing: random.uniform() * sums.total) }
      let totals = sample.totals(of: candidates, below: potentials)
      var best = 0
      for place in totals.indices where totals[place] < totals[best] { best = place }
      chosen.append(candidates[best])
      sample.lower(&potentials, to: candidates[best])
    }
    let d = sample.dimension
    return chosen.flatMap { sample.elements[$0 * d..<($0 + 1) * d] }
  }
}

/// The sums of weights up to each place, for draws in proportion to the weights.
private struct RunningSums {
  private var sums: [Double]
  /// The last place with a weight.
  private var last = 0

  init(_ weights: [Double]) {
    sums = weights
    var sum = 0.0
    for place in weights.indices {
      sum += weights[place]
      sums[place] = sum
      if weights[place] > 0 { last = place }
    }
  }

  /// The sum of all weights.
  var total: Double { sums.last ?? 0 }

  /// The first place where the running sum passes the target.
  func place(passing target: Double) -> Int {
    var (low, high) = (0, sums.count)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low < sums.count ? low : last
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

  /// Lowers the potential of each row to its weighted squared distance to one of them.
  func lower(_ potentials: inout [Double], to center: Int) {
    var output = potentials.mutableSpan
    LodeMining.lower(
      &output,
      elements.span,
      weights.span,
      elements.span.extracting(center * dimension..<(center + 1) * dimension)
    )
  }

  /// For each of some rows the sum of all potentials, had they been lowered to it.
  func totals(of centers: [Int], below potentials: [Double]) -> [Double] {
    var totals: [Double] = []
    for start in stride(from: 0, to: centers.count, by: 4) {
      let four = (0..<4).map { centers[min(start + $0, centers.count - 1)] }
      let columns = (0..<dimension)
        .map { j in
          SIMD4(
            elements[four[0] * dimension + j],
            elements[four[1] * dimension + j],
            elements[four[2] * dimension + j],
            elements[four[3] * dimension + j]
          )
        }
      let sums = loweredTotals(elements.span, weights.span, potentials.span, columns.span)
      for place in 0..<min(4, centers.count - start) { totals.append(sums[place]) }
    }
    return totals
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

/// The sums of potentials that are lowered to the distances to four centers, one lane a center.
///
/// Each lane adds row after row, as one center alone would.
private func loweredTotals(
  _ rows: Span<Double>,
  _ weights: Span<Double>,
  _ potentials: Span<Double>,
  _ centers: Span<SIMD4<Double>>
) -> SIMD4<Double> {
  var totals = SIMD4<Double>.zero
  for row in potentials.indices {
    var distances = SIMD4<Double>.zero
    for j in centers.indices {
      let differences = rows[row * centers.count + j] - centers[j]
      distances += differences * differences
    }
    let lowered = distances * weights[row]
    let before = SIMD4(repeating: potentials[row])
    totals += before.replacing(with: lowered, where: lowered .< before)
  }
  return totals
}
