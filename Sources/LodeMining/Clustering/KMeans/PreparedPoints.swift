internal import LodeNumerics
internal import LodeRuntime

/// Points laid out for the kernels: shifted to their mean, and with a fixed-point scale a column.
///
/// The shift keeps `|c|² − 2·x·c` from cancelling. The scale is a power of two that puts every
/// coordinate below 2⁵⁰ in size, so 4,096 of them add up exactly in 64 bits.
struct PreparedPoints: Sendable {
  static let chunkSize = 4096
  /// Up to this dimension the hand-written kernel beats a matrix product.
  static let handKernelDimension = 8

  let rowCount: Int
  let dimension: Int
  /// The mean of each column.
  let shift: [Double]
  /// The fixed-point factor of each column, a power of two.
  let scale: [Double]
  /// The shifted points, row-major.
  let elements: [Double]
  /// For small dimensions: groups of eight points, `dimension` vectors a group.
  let groups: [SIMD8<Double>]
  /// The mean over the columns of their population variances.
  let meanVariance: Double

  init(_ points: Matrix, clusterCount: Int) {
    let (n, d) = (points.rowCount, points.columnCount)
    let raw = points.elements
    let rawScale = Self.scales(raw.span, d)
    let means = Self.exactMeans(raw.span, d, rawScale, rowCount: n)
    var shifted = raw
    var moved = shifted.mutableSpan
    subtract(means.span, from: &moved)
    rowCount = n
    dimension = d
    shift = means
    scale = Self.scales(shifted.span, d)
    groups = d <= Self.handKernelDimension ? Self.grouped(shifted.span, rowCount: n, d) : []
    var squares = 0.0
    for chunk in stride(from: 0, to: shifted.count, by: 4096) {
      let part = shifted.span.extracting(chunk..<min(chunk + 4096, shifted.count))
      squares += Reductions.dot(part, part)
    }
    meanVariance = n * d == 0 ? 0 : squares / Double(n * d)
    elements = shifted
  }

  /// Centroids in shifted coordinates.
  func shifted(_ centroids: Matrix) -> [Double] {
    var moved = centroids.elements
    for i in moved.indices { moved[i] -= shift[i % dimension] }
    return moved
  }

  /// Centroids in the units of the caller.
  func unshifted(_ centroids: [Double], rowCount: Int) -> Matrix {
    var moved = centroids
    for i in moved.indices { moved[i] += shift[i % dimension] }
    return Matrix(rowCount: rowCount, columnCount: dimension, elements: moved)
  }

  /// The power of two that lifts the largest coordinate of each column just below 2⁵⁰.
  private static func scales(_ x: Span<Double>, _ d: Int) -> [Double] {
    var largest = [Double](repeating: 0, count: d)
    var sizes = largest.mutableSpan
    raise(&sizes, toSizesOf: x)
    return largest.map { size in
      guard size > 0 else { return 1 }
      let exponent = min(max(49 - Int(size.exponent), -1000), 1000)
      return Double(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  /// The mean of each column from an exact integer sum, so row order does not matter.
  private static func exactMeans(
    _ x: Span<Double>,
    _ d: Int,
    _ scale: [Double],
    rowCount: Int
  ) -> [Double] {
    var sums = [Int128](repeating: 0, count: d)
    for first in stride(from: 0, to: rowCount, by: chunkSize) {
      var part = [Int64](repeating: 0, count: d)
      var total = part.mutableSpan
      let rows = first..<min(first + chunkSize, rowCount)
      addRows(x.extracting(rows.lowerBound * d..<rows.upperBound * d), scale.span, &total)
      for j in 0..<d { sums[j] &+= Int128(part[j]) }
    }
    return (0..<d).map { rowCount == 0 ? 0 : Double(sums[$0]) / Double(rowCount) / scale[$0] }
  }

  private static func grouped(_ x: Span<Double>, rowCount: Int, _ d: Int) -> [SIMD8<Double>] {
    let groupCount = (rowCount + 7) / 8
    var groups = [SIMD8<Double>](repeating: .zero, count: groupCount * d)
    for row in 0..<rowCount {
      for j in 0..<d { groups[row / 8 * d + j][row % 8] = x[row * d + j] }
    }
    return groups
  }
}

/// `value · scale` as a whole number, rounded to nearest even, for results below 2⁵¹ in size.
///
/// Adding 1.5 · 2⁵² moves the whole number into the low bits of the sum.
@inline(__always)
func fixedPoint(_ value: Double, _ scale: Double) -> Int64 {
  let magic = 0x1.8p52
  return Int64(bitPattern: (value * scale + magic).bitPattern)
    &- Int64(bitPattern: magic.bitPattern)
}

/// Raises each entry to the largest size in its column of `x`.
private func raise(_ largest: inout MutableSpan<Double>, toSizesOf x: Span<Double>) {
  let dimension = largest.count
  for start in stride(from: 0, to: x.count, by: max(dimension, 1)) {
    for j in 0..<dimension {
      let size = abs(x[start + j])
      largest[j] = size > largest[j] ? size : largest[j]
    }
  }
}

/// Subtracts `shift` from every row.
private func subtract(_ shift: Span<Double>, from x: inout MutableSpan<Double>) {
  for start in stride(from: 0, to: x.count, by: max(shift.count, 1)) {
    for j in shift.indices { x[start + j] -= shift[j] }
  }
}

/// Adds the fixed-point coordinates of all rows to one sum a column.
private func addRows(
  _ x: Span<Double>,
  _ scale: Span<Double>,
  _ sums: inout MutableSpan<Int64>
) {
  for start in stride(from: 0, to: x.count, by: max(scale.count, 1)) {
    for j in scale.indices { sums[j] &+= fixedPoint(x[start + j], scale[j]) }
  }
}
