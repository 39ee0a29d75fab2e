internal import LodeNumerics

/// First and second derivatives of the loss, one packed pair a row, as whole numbers.
///
/// The upper half holds the gradient and the lower half the curvature, both in units of 2⁻¹⁷.
/// 8,192 such pairs add up without the halves touching: |g| ≤ 1 and h ≤ ¼ give sums of at most 2³⁰
/// and 2²⁸. Whole numbers add up to the same bits in any order, on any number of threads.
enum PackedGradient {
  /// Units of one.
  static let unit = 0x1p17
  /// The most pairs added in one word.
  static let chunkSize = 8192

  /// The pair of a row with probability `p` of the event.
  @inline(__always)
  static func pack(probability p: Double, outcome: Bool) -> Int64 {
    let gradient = ExactSums.fixedPoint(p - (outcome ? 1 : 0), unit)
    let curvature = ExactSums.fixedPoint(p * (1 - p), unit)
    return gradient << 32 &+ curvature
  }
}

/// Sums of a gradient, a curvature and a count.
struct GradientSum: Sendable, Hashable {
  /// The gradient in units of 2⁻¹⁷.
  var gradientUnits: Int64 = 0
  /// The curvature in units of 2⁻¹⁷.
  var curvatureUnits: Int64 = 0
  /// The rows.
  var count: Int64 = 0

  var gradient: Double { Double(gradientUnits) / PackedGradient.unit }
  var curvature: Double { Double(curvatureUnits) / PackedGradient.unit }

  static func + (left: Self, right: Self) -> Self {
    Self(
      gradientUnits: left.gradientUnits + right.gradientUnits,
      curvatureUnits: left.curvatureUnits + right.curvatureUnits,
      count: left.count + right.count
    )
  }

  static func - (left: Self, right: Self) -> Self {
    Self(
      gradientUnits: left.gradientUnits - right.gradientUnits,
      curvatureUnits: left.curvatureUnits - right.curvatureUnits,
      count: left.count - right.count
    )
  }
}

/// The sums of the rows of one node by bin of one column.
struct GradientHistogram: Sendable {
  var sums: [GradientSum]

  /// The histogram of a node.
  ///
  /// - Parameters:
  ///   - bins: the bin of every row of the data.
  ///   - rows: the rows of the node.
  ///   - pairs: their packed derivatives, in the same order.
  ///   - binCount: the bins of the column.
  init(_ bins: [UInt8], rows: Span<Int32>, pairs: Span<Int64>, binCount: Int) {
    sums = [GradientSum](repeating: GradientSum(), count: binCount)
    var packed = [Int64](repeating: 0, count: 256)
    var counts = [Int32](repeating: 0, count: 256)
    let binSpan = bins.span
    for start in stride(from: 0, to: rows.count, by: PackedGradient.chunkSize) {
      let end = min(start + PackedGradient.chunkSize, rows.count)
      var packedSpan = packed.mutableSpan
      var countSpan = counts.mutableSpan
      for i in start..<end {
        let bin = Int(binSpan[Int(rows[i])])
        packedSpan[bin] &+= pairs[i]
        countSpan[bin] &+= 1
      }
      for bin in 0..<binCount {
        let word = packed[bin]
        let curvature = word & 0xFFFF_FFFF
        sums[bin].curvatureUnits += curvature
        sums[bin].gradientUnits += (word - curvature) >> 32
        sums[bin].count += Int64(counts[bin])
        packed[bin] = 0
        counts[bin] = 0
      }
    }
  }

  private init(sums: [GradientSum]) { self.sums = sums }

  /// The histogram of the rows of this node that are not in `child`.
  func subtracting(_ child: Self) -> Self {
    Self(sums: zip(sums, child.sums).map { $0 - $1 })
  }
}
