public import LodeNumerics
internal import LodeRuntime

/// The mean silhouette by pairs: how much nearer points are to their own cluster than to the next.
///
/// Up to ``rowLimit`` points all pairs are looked at; above it those of a sample, and the result
/// says so in its name.
///
/// - Input: `points`, `n × d`, standardised; assignments of all points.
/// - Output: the mean over points of (b − a) / max(a, b), with a the mean distance to the others of
///   the own cluster and b the least mean distance to another cluster; 0 for a point alone.
/// - Determinism: sums of distances are exact, the sample is drawn by a hash of coordinates: the
///   same bits on any thread count and for rows in any order.
/// - Complexity: O(`m²·(d + number of assignments)`), `m` the points looked at; O(`m`) memory.
/// - Source: Rousseeuw (1987), "Silhouettes", §2.
/// - Agrees with: scikit-learn `silhouette_score`, Euclidean, where no sample is drawn.
public struct Silhouette: Sendable, Hashable, Codable {
  /// The most points of which all pairs are looked at.
  public var rowLimit: Int
  /// The seed of the sample.
  public var seed: UInt64

  /// A measure; 5,000 points are 25 million distances, a fifth of a second.
  public init(rowLimit: Int = 5000, seed: UInt64 = 0) {
    self.rowLimit = rowLimit
    self.seed = seed
  }

  /// What a silhouette was worked out from.
  public enum Variant: String, Sendable, Hashable, Codable, CaseIterable {
    /// All pairs of all points.
    case exact = "silhouette"
    /// All pairs of a sample, stratified by cluster.
    case sampled = "sampled silhouette"
  }

  /// The mean silhouette of one clustering.
  public struct Score: Sendable, Hashable, Codable {
    /// All points or a sample of them.
    public let variant: Variant
    /// The mean silhouette, −1…1; NaN for fewer than two clusters.
    public let value: Double
    /// How many points were looked at.
    public let pointCount: Int
  }

  /// The silhouette of each of several clusterings of the same points.
  ///
  /// A sample is the same for all of them, so that they compare; it takes from each cluster of the
  /// finest clustering its share, two points at least.
  ///
  /// - Parameters:
  ///   - points: `n × d`.
  ///   - assignments: for each clustering the cluster of each point, from 0.
  /// - Returns: one score a clustering.
  public func scores(_ points: Matrix, assignments: [[Int]]) -> [Score] {
    precondition(assignments.allSatisfy { $0.count == points.rowCount }, "other points")
    var (looked, labels) = (points, assignments)
    if points.rowCount > rowLimit {
      let finest = assignments.max { ($0.max() ?? 0) < ($1.max() ?? 0) } ?? []
      let rows = sample(points, strata: finest)
      looked = points.gathering(rows: rows)
      labels = assignments.map { assignment in rows.map { assignment[$0] } }
    }
    let means = Self.means(looked, labels)
    return means.map {
      Score(
        variant: points.rowCount > rowLimit ? .sampled : .exact,
        value: $0,
        pointCount: looked.rowCount
      )
    }
  }

  /// The rows of least hash of each stratum, in proportion to its size.
  private func sample(_ points: Matrix, strata: [Int]) -> [Int] {
    let hashes = rowHashes(points.elements.span, points.columnCount, seed)
    var members = [[Int]](repeating: [], count: (strata.max() ?? -1) + 1)
    for (row, stratum) in strata.enumerated() { members[stratum].append(row) }
    let d = points.columnCount
    return members.flatMap { rows in
      let share = Double(rowLimit) * Double(rows.count) / Double(points.rowCount)
      let count = min(rows.count, max(2, Int(share.rounded())))
      let sorted = Self.low(rows, hashes, count)
        .sorted { left, right in
          if hashes[left] != hashes[right] { return hashes[left] < hashes[right] }
          let other = points.elements[right * d..<(right + 1) * d]
          return points.elements[left * d..<(left + 1) * d].lexicographicallyPrecedes(other)
        }
      return sorted.prefix(count)
    }
  }

  /// Some of the rows with those of the least hashes among them, so that few need to be sorted.
  private static func low(_ rows: [Int], _ hashes: [UInt64], _ count: Int) -> [Int] {
    let share = 1.5 * Double(count) / Double(max(rows.count, 1))
    guard share < 1 else { return rows }
    let cutoff = UInt64(share * 0x1p64)
    let low = rows.filter { hashes[$0] < cutoff }
    return low.count >= count ? low : rows
  }

  private static func means(_ points: Matrix, _ labels: [[Int]]) -> [Double] {
    let n = points.rowCount
    let counts = labels.map { ($0.max() ?? -1) + 1 }
    let sizes = zip(labels, counts)
      .map { labels, count in
        var sizes = [Int](repeating: 0, count: count)
        for label in labels { sizes[label] += 1 }
        return sizes
      }
    let scale = distanceScale(points)
    let cells = SilhouetteCells(n, labels)
    let ordered = points.gathering(rows: cells.rows)
    let parts = Parallel.map(rows: cells.count, chunkSize: 1) { part in
      var totals = [Int64](repeating: 0, count: labels.count)
      for cell in part {
        for row in cells.starts[cell]..<cells.starts[cell + 1] {
          let distances = cellDistances(ordered.elements.span, row, cells.starts.span, scale)
          for i in labels.indices {
            let value = silhouette(distances, cells.clusters[i], cell, sizes[i])
            totals[i] &+= ExactSums.fixedPoint(value, 0x1p40)
          }
        }
      }
      return totals
    }
    return labels.indices.map { i in
      guard counts[i] > 1, n > 0 else { return .nan }
      return Double(parts.reduce(Int64(0)) { $0 &+ $1[i] }) / 0x1p40 / Double(n)
    }
  }

  /// The power of two by which distances become whole numbers of which `n` add up in 64 bits.
  private static func distanceScale(_ points: Matrix) -> Double {
    let d = points.columnCount
    var spread = 0.0
    for j in 0..<d {
      let column = points.column(j)
      let width = (column.max() ?? 0) - (column.min() ?? 0)
      spread += width * width
    }
    var scale = ExactSums.scale(ofLargest: spread.squareRoot())
    var room = 4096
    while room < points.rowCount {
      room *= 2
      scale /= 2
    }
    return scale
  }
}

/// Points put together that lie in the same cluster of every clustering.
///
/// Distances to the points of a cell are added once for all clusterings; whole numbers add up to
/// the same in any order.
private struct SilhouetteCells: Sendable {
  /// The rows, cell by cell.
  let rows: [Int]
  /// The place of the first row of each cell in `rows`, and one more.
  let starts: [Int]
  /// For each clustering the cluster of each cell.
  let clusters: [[Int]]

  var count: Int { starts.count - 1 }

  init(_ rowCount: Int, _ labels: [[Int]]) {
    var cellOfLabels: [[Int]: Int] = [:]
    var members: [[Int]] = []
    for row in 0..<rowCount {
      let key = labels.map { $0[row] }
      let cell = cellOfLabels[key] ?? members.count
      if cell == members.count {
        cellOfLabels[key] = cell
        members.append([])
      }
      members[cell].append(row)
    }
    rows = members.flatMap(\.self)
    starts = members.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    clusters = labels.map { labels in members.map { labels[$0[0]] } }
  }
}

/// The silhouette of one row from the sums of its distances to the rows of each cell.
private func silhouette(
  _ distances: [Int64],
  _ clusters: [Int],
  _ cell: Int,
  _ sizes: [Int]
) -> Double {
  var totals = [Int64](repeating: 0, count: sizes.count)
  var sums = totals.mutableSpan
  for other in distances.indices { sums[clusters[other]] &+= distances[other] }
  let own = clusters[cell]
  guard sizes[own] > 1 else { return 0 }
  let a = Double(sums[own]) / Double(sizes[own] - 1)
  var b = Double.infinity
  for cluster in sizes.indices where cluster != own && sizes[cluster] > 0 {
    b = min(b, Double(sums[cluster]) / Double(sizes[cluster]))
  }
  return b.isFinite && max(a, b) > 0 ? (b - a) / max(a, b) : 0
}

/// The sums of the distances of a row to the rows of each cell, as whole numbers.
private func cellDistances(
  _ points: Span<Double>,
  _ row: Int,
  _ starts: Span<Int>,
  _ scale: Double
) -> [Int64] {
  let cellCount = starts.count - 1
  var result = [Int64](repeating: 0, count: cellCount)
  var sums = result.mutableSpan
  let dimension = points.count / max(starts[cellCount], 1)
  let own = points.extracting(row * dimension..<(row + 1) * dimension)
  for cell in 0..<cellCount {
    var sum: Int64 = 0
    for other in starts[cell]..<starts[cell + 1] {
      var square = 0.0
      for j in 0..<dimension {
        let difference = points[other * dimension + j] - own[j]
        square += difference * difference
      }
      sum &+= ExactSums.fixedPoint(square.squareRoot(), scale)
    }
    sums[cell] = sum
  }
  return result
}
