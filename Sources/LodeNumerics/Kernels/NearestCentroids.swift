internal import CKernels

/// The nearest centroid of each row: the kernel of k-means, in C for its vector instructions.
///
/// Rows lie in the lanes of vectors, so no sum runs across lanes; see `nearest.inc`. It is C
/// because Swift cannot choose instructions at run time: building the same Swift sources twice
/// with other flags needs a copy of the target and unsafe build flags.
///
/// Measured with 65,536 rows on one core of an AMD EPYC with AVX-512, in GFLOP/s: baseline, AVX2,
/// AVX-512 in doubles against `dgemm` of OpenBLAS 0.3.21 alone, without the search for the least:
///
/// | d | k | baseline | AVX2 | AVX-512 | dgemm |
/// |---|---|---|---|---|---|
/// | 16 | 8 | 16 | 33 | 35 | 18 |
/// | 16 | 64 | 18 | 47 | 83 | 39 |
/// | 64 | 512 | 22 | 54 | 101 | 54 |
/// | 256 | 64 | 21 | 46 | 75 | 45 |
///
/// So there is no matrix product in k-means at any size. Floats reach about twice as much.
package struct NearestCentroids: Sendable {
  /// What the kernel is built of.
  package enum Instructions: UInt32, Sendable, CaseIterable {
    /// What every machine has.
    case baseline = 0
    /// AVX2 and FMA.
    case avx2 = 1
    /// AVX-512 F, DQ and VL.
    case avx512 = 2

    /// The best that this machine has, within the limit.
    package static let best = Instructions(rawValue: lode_best_instructions().rawValue) ?? .baseline

    /// Keeps the process from better ones, to see what machines without them get.
    ///
    /// - Precondition: no kernel has run yet.
    package static func limit(to most: Instructions) {
      lode_limit_instructions(lode_instructions(rawValue: most.rawValue))
    }
  }

  /// Up to this dimension squares of differences are summed.
  ///
  /// They are never fused: the same labels on every machine. Above it comes `|c|²/2 − x·c`, which
  /// needs rows near the origin.
  package static let squaresDimension = 8

  /// The centroids, `k × d`, without the origin.
  package let centroids: [Double]
  /// What is subtracted from every row, `d` numbers.
  package let origin: [Double]
  /// What the kernel is built of.
  package let instructions: Instructions

  /// A search among centroids.
  ///
  /// - Precondition: there is at least one centroid of at least one dimension, and `instructions`
  ///   are there on this machine.
  package init(
    _ centroids: [Double],
    origin: [Double],
    instructions: Instructions = .best
  ) {
    precondition(
      !origin.isEmpty && !centroids.isEmpty && centroids.count % origin.count == 0,
      "\(centroids.count) coordinates of centroids in \(origin.count) dimensions"
    )
    precondition(instructions.rawValue <= Instructions.best.rawValue, "\(instructions)")
    self.centroids = centroids
    self.origin = origin
    self.instructions = instructions
  }

  /// Writes the index of the nearest centroid of each row; of equally near ones the lowest.
  ///
  /// - Parameters:
  ///   - rows: `n × d`, row-major, finite.
  ///   - labels: `n` results.
  /// - Complexity: O(`n·k·d`); O(`k·d`) memory.
  package func label(_ rows: Span<Double>, into labels: inout MutableSpan<Int32>) {
    precondition(
      rows.count == labels.count * origin.count,
      "\(rows.count) for \(labels.count) rows"
    )
    // SAFETY: the count was checked above; all arrays live during the call.
    unsafe labels.withUnsafeMutableBufferPointer { unsafe label(rows, $0) }
  }

  /// The index of the nearest centroid of each row; of equally near ones the lowest.
  ///
  /// - Parameter rows: `n × d`, row-major, finite.
  /// - Returns: `n` indices.
  /// - Complexity: O(`n·k·d`); O(`k·d`) memory.
  package func labels(of rows: Span<Double>) -> [Int32] {
    let rowCount = rows.count / origin.count
    precondition(rows.count == rowCount * origin.count, "\(rows.count) numbers")
    // SAFETY: the kernel writes all of the `rowCount` labels.
    return unsafe [Int32](unsafeUninitializedCapacity: rowCount) { labels, count in
      unsafe label(rows, UnsafeMutableBufferPointer(rebasing: labels[..<rowCount]))
      count = rowCount
    }
  }

  /// The index of the nearest centroid of each row, worked out in floats: at twice the speed, but
  /// labels can differ where two centroids are as near to seven digits.
  ///
  /// - Parameter rows: `n × d`, row-major, finite.
  /// - Returns: `n` indices.
  /// - Complexity: O(`n·k·d`); O(`k·d`) memory.
  package func labels(of rows: Span<Float>) -> [Int32] {
    let rowCount = rows.count / origin.count
    precondition(rows.count == rowCount * origin.count, "\(rows.count) numbers")
    // SAFETY: as above.
    return unsafe [Int32](unsafeUninitializedCapacity: rowCount) { labels, count in
      unsafe label(rows, UnsafeMutableBufferPointer(rebasing: labels[..<rowCount]))
      count = rowCount
    }
  }

  private func label(_ rows: Span<Double>, _ labels: UnsafeMutableBufferPointer<Int32>) {
    // SAFETY: the callers checked the counts; both arrays live during the call.
    unsafe rows.withUnsafeBytes { rows in
      unsafe origin.withUnsafeBytes { origin in
        unsafe label(rows, origin, labels) { unsafe lode_nearest_double($0, $1) }
      }
    }
  }

  private func label(_ rows: Span<Float>, _ labels: UnsafeMutableBufferPointer<Int32>) {
    let narrow = origin.map { Float($0) }
    // SAFETY: as above.
    unsafe rows.withUnsafeBytes { rows in
      unsafe narrow.withUnsafeBytes { origin in
        unsafe label(rows, origin, labels) { unsafe lode_nearest_float($0, $1) }
      }
    }
  }

  private func label(
    _ rows: UnsafeRawBufferPointer,
    _ origin: UnsafeRawBufferPointer,
    _ labels: UnsafeMutableBufferPointer<Int32>,
    _ kernel: (UnsafePointer<lode_nearest>, lode_instructions) -> Void
  ) {
    let dimension = self.origin.count
    let clusterCount = centroids.count / dimension
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: lode_nearest_workspace(dimension, clusterCount),
      alignment: 64
    )
    defer { unsafe workspace.deallocate() }
    // SAFETY: the callers and the initializer checked the counts; all arrays live during the
    // call, which writes to the workspace of the size it asked for and to `labels.count` labels.
    unsafe centroids.withUnsafeBufferPointer { centroids in
      var task = unsafe lode_nearest(
        rows: rows.baseAddress,
        count: labels.count,
        dimension: dimension,
        origin: origin.baseAddress,
        centroids: centroids.baseAddress,
        cluster_count: clusterCount,
        sums_squares: dimension <= Self.squaresDimension ? 1 : 0,
        workspace: workspace,
        labels: labels.baseAddress
      )
      unsafe kernel(&task, lode_instructions(rawValue: instructions.rawValue))
    }
  }
}
