internal import LodeNumerics
internal import LodeRuntime

/// The points by which bin of each feature their value lies in.
///
/// Points with the same bins of all features are one combination, of which there are far fewer.
struct FeatureBins: Sendable {
  /// The thresholds of each feature, rising; bin `b` holds values above cut `b − 1` up to cut `b`.
  let cuts: [[Double]]
  /// The bins of each combination, `m × d` row-major.
  let bins: [Int16]
  /// The points of each combination by cluster, `m × k` row-major.
  let counts: [Int]
  /// The points of each cluster.
  let sizes: [Int]

  /// Quantiles of all points and of each cluster as thresholds.
  init(_ features: FeatureMatrix, assignment: [Int], clusterCount: Int) {
    let d = features.matrix.columnCount
    let own = min(16, max(2, 1024 / max(clusterCount, 1)))
    var members = [[Int]](repeating: [], count: clusterCount)
    for (row, cluster) in assignment.enumerated() { members[cluster].append(row) }
    let rowsOf = members
    let binned = Parallel.map(d) { j -> (cuts: [Double], bins: [Int16]) in
      let column = features.matrix.column(j)
      var values = Self.quantiles(RadixSort.sorted(column), 64)
      for rows in rowsOf {
        values += Self.quantiles(RadixSort.sorted(rows.map { column[$0] }), own)
      }
      let highest = column.max() ?? 0
      let cuts = Set(values.map { $0 + 0 }).subtracting([highest + 0]).sorted()
      return (cuts, column.map { Int16(Self.bin($0, cuts)) })
    }
    cuts = binned.map(\.cuts)
    sizes = members.map(\.count)
    let columns = binned.map(\.bins)
    var places = assignment.indices.map { UInt32(truncatingIfNeeded: $0) }
    RadixSort.sort(&places, by: Self.keys(columns, widths: cuts.map { $0.count + 1 }))
    var (bins, counts): ([Int16], [Int]) = ([], [])
    var last = -1
    for place in places {
      let row = Int(place)
      if last < 0 || columns.contains(where: { $0[row] != $0[last] }) {
        for column in columns { bins.append(column[row]) }
        counts += repeatElement(0, count: clusterCount)
      }
      counts[counts.count - clusterCount + assignment[row]] += 1
      last = row
    }
    self.bins = bins
    self.counts = counts
  }

  /// Whole numbers that are equal for points of the same bins: as few columns of them as can be.
  private static func keys(_ columns: [[Int16]], widths: [Int]) -> [[Int64]] {
    var keys: [[Int64]] = []
    var room = 0
    for (column, width) in zip(columns, widths) {
      if room < width {
        keys.append(column.map { Int64($0) })
        room = Int(Int64.max) / width
      } else {
        var key = keys.removeLast()
        for row in key.indices { key[row] = key[row] * Int64(width) + Int64(column[row]) }
        keys.append(key)
        room /= width
      }
    }
    return keys
  }

  /// Values at evenly spaced ranks, the least and the greatest with them.
  private static func quantiles(_ sorted: [Double], _ count: Int) -> [Double] {
    guard !sorted.isEmpty else { return [] }
    return (0...count).map { sorted[(sorted.count - 1) * $0 / count] }
  }

  /// The number of cuts below the value.
  private static func bin(_ value: Double, _ cuts: [Double]) -> Int {
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
