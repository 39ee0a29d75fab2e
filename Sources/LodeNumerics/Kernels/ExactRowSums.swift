internal import CKernels

/// Exact sums of rows by cluster, and the extents of columns: the loops beside the search of
/// k-means, in C for its vector instructions.
///
/// Swift's own loop, with a check of bounds and a call for every number, took two thirds of the
/// time of the search it stands beside (1,000,000 × 16, 8 clusters).
package struct ExactRowSums: Sendable {
  /// The sum of coordinates of each cluster in fixed point, `k × d`.
  package private(set) var sums: [Int64]
  /// The sum of weights of each cluster in fixed point.
  package private(set) var weights: [Int64]
  /// The rows of each cluster.
  package private(set) var counts: [Int64]
  /// How many rows changed their cluster.
  package private(set) var movedCount = 0

  /// No rows yet.
  package init(clusterCount: Int, dimension: Int) {
    sums = Array(repeating: 0, count: clusterCount * dimension)
    weights = Array(repeating: 0, count: clusterCount)
    counts = Array(repeating: 0, count: clusterCount)
  }

  /// How numbers become whole numbers; see `ExactSums`.
  package struct Scales: Sendable {
    /// What is subtracted from every row.
    package let origin: [Double]
    /// A power of two for each column.
    package let columns: [Double]
    /// A power of two for weights.
    package let weights: Double

    /// The given scales.
    ///
    /// - Precondition: as many columns as the origin has.
    package init(origin: [Double], columns: [Double], weights: Double = 1) {
      precondition(origin.count == columns.count, "\(columns.count) scales")
      self.origin = origin
      self.columns = columns
      self.weights = weights
    }
  }

  /// Takes every row whose label changes out of its old cluster and into its new one.
  ///
  /// - Parameters:
  ///   - rows: `n × d`, row-major, finite; at most 4,096 rows in the life of these sums.
  ///   - rowWeights: one a row; nil if all are 1.
  ///   - before: the cluster of each row until now, -1 for none.
  ///   - labels: the cluster of each row from now on.
  ///   - scales: how numbers become whole numbers.
  package mutating func move(
    _ rows: Span<Double>,
    weights rowWeights: ArraySlice<Double>?,
    from before: Span<Int32>,
    to labels: Span<Int32>,
    _ scales: Scales
  ) {
    precondition(rows.count == labels.count * scales.origin.count, "\(rows.count) numbers")
    // SAFETY: the count was checked above; the rows live during the call.
    unsafe rows.withUnsafeBytes {
      unsafe move($0, areFloats: false, rowWeights, before, labels, scales)
    }
  }

  /// The same for rows of floats; the sums are exact sums of what the floats stand for.
  ///
  /// - Parameters:
  ///   - rows: `n × d`, row-major, finite; at most 4,096 rows in the life of these sums.
  ///   - rowWeights: one a row; nil if all are 1.
  ///   - before: the cluster of each row until now, -1 for none.
  ///   - labels: the cluster of each row from now on.
  ///   - scales: how numbers become whole numbers.
  package mutating func move(
    _ rows: Span<Float>,
    weights rowWeights: ArraySlice<Double>?,
    from before: Span<Int32>,
    to labels: Span<Int32>,
    _ scales: Scales
  ) {
    precondition(rows.count == labels.count * scales.origin.count, "\(rows.count) numbers")
    // SAFETY: the count was checked above; the rows live during the call.
    unsafe rows.withUnsafeBytes {
      unsafe move($0, areFloats: true, rowWeights, before, labels, scales)
    }
  }

  private mutating func move(
    _ rows: UnsafeRawBufferPointer,
    areFloats: Bool,
    _ rowWeights: ArraySlice<Double>?,
    _ before: Span<Int32>,
    _ labels: Span<Int32>,
    _ scales: Scales
  ) {
    precondition(
      labels.count <= ExactSums.chunkSize && before.count == labels.count
        && sums.count == counts.count * scales.origin.count,
      "\(before.count) clusters before for \(labels.count) rows"
    )
    if let rowWeights { precondition(rowWeights.count == labels.count, "\(rowWeights.count)") }
    // SAFETY: the rows were checked by the callers, all else above; every pointer lives during
    // the call, which checks the clusters itself.
    unsafe before.withUnsafeBufferPointer { before in
      unsafe labels.withUnsafeBufferPointer { labels in
        var task = unsafe lode_regroup()
        unsafe task.rows = rows.baseAddress
        unsafe task.are_floats = areFloats ? 1 : 0
        unsafe task.count = labels.count
        unsafe task.cluster_count = counts.count
        unsafe task.dimension = scales.origin.count
        unsafe task.weight_scale = scales.weights
        unsafe task.before = before.baseAddress
        unsafe task.labels = labels.baseAddress
        if let rowWeights {
          unsafe rowWeights.withUnsafeBufferPointer {
            unsafe task.row_weights = $0.baseAddress
            unsafe run(&task, scales)
          }
        } else {
          unsafe run(&task, scales)
        }
      }
    }
  }

  private mutating func run(_ task: inout lode_regroup, _ scales: Scales) {
    // SAFETY: as many sums, weights, counts and scales as the task says; all live during the call.
    let moved = unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe weights.withUnsafeMutableBufferPointer { weights in
        unsafe counts.withUnsafeMutableBufferPointer { counts in
          unsafe scales.origin.withUnsafeBufferPointer { origin in
            unsafe scales.columns.withUnsafeBufferPointer { columns in
              unsafe task.origin = origin.baseAddress
              unsafe task.scale = columns.baseAddress
              unsafe task.sums = sums.baseAddress
              unsafe task.weights = weights.baseAddress
              unsafe task.counts = counts.baseAddress
              return unsafe lode_regroup(&task, Self.instructions)
            }
          }
        }
      }
    }
    let count = unsafe task.count
    precondition(moved <= count, "a cluster that is not there")
    movedCount += moved
  }

  /// The lowest and the highest number of each of `d` columns; infinities for no rows.
  package static func extents(
    _ rows: Span<Double>,
    columnCount d: Int
  ) -> (lowest: [Double], highest: [Double]) {
    // SAFETY: the rows live during the call.
    unsafe rows.withUnsafeBytes {
      unsafe extents($0, areFloats: false, count: rows.count, columnCount: d)
    }
  }

  /// The lowest and the highest number of each of `d` columns; infinities for no rows.
  package static func extents(
    _ rows: Span<Float>,
    columnCount d: Int
  ) -> (lowest: [Double], highest: [Double]) {
    // SAFETY: the rows live during the call.
    unsafe rows.withUnsafeBytes {
      unsafe extents($0, areFloats: true, count: rows.count, columnCount: d)
    }
  }

  private static func extents(
    _ rows: UnsafeRawBufferPointer,
    areFloats: Bool,
    count: Int,
    columnCount d: Int
  ) -> (lowest: [Double], highest: [Double]) {
    precondition(d > 0 && count % d == 0, "\(count) numbers in \(d) columns")
    var lowest = [Double](repeating: .infinity, count: d)
    var highest = [Double](repeating: -.infinity, count: d)
    // SAFETY: the count was checked above; every pointer lives during the call.
    unsafe lowest.withUnsafeMutableBufferPointer { lowest in
      unsafe highest.withUnsafeMutableBufferPointer { highest in
        unsafe lode_extents(
          rows.baseAddress,
          areFloats ? 1 : 0,
          count / d,
          d,
          lowest.baseAddress,
          highest.baseAddress,
          Self.instructions
        )
      }
    }
    return (lowest, highest)
  }

  private static var instructions: lode_instructions {
    lode_instructions(rawValue: NearestCentroids.Instructions.best.rawValue)
  }
}
