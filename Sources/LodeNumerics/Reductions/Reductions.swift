internal import LodeRuntime

/// Sums over spans in eight lanes: three to five times the speed of a plain loop, in fixed order.
///
/// The order of additions depends only on the length, so equal input gives equal bits.
public enum Reductions {
  /// The sum of all elements.
  public static func sum(_ x: Span<Double>) -> Double {
    var partial = SIMD8<Double>.zero
    let wholeCount = x.count & ~7
    for start in stride(from: 0, to: wholeCount, by: 8) { partial += lanes(x, at: start) }
    var total = partial.sum()
    for i in wholeCount..<x.count { total += x[i] }
    return total
  }

  /// The sum of products of two vectors of one length.
  public static func dot(_ x: Span<Double>, _ y: Span<Double>) -> Double {
    precondition(x.count == y.count, "vectors of \(x.count) and \(y.count) elements")
    var partial = SIMD8<Double>.zero
    let wholeCount = x.count & ~7
    for start in stride(from: 0, to: wholeCount, by: 8) {
      partial += lanes(x, at: start) * lanes(y, at: start)
    }
    var total = partial.sum()
    for i in wholeCount..<x.count { total += x[i] * y[i] }
    return total
  }

  /// The squared Euclidean distance of two points of one dimension.
  public static func squaredDistance(_ x: Span<Double>, _ y: Span<Double>) -> Double {
    precondition(x.count == y.count, "points of \(x.count) and \(y.count) dimensions")
    var partial = SIMD8<Double>.zero
    let wholeCount = x.count & ~7
    for start in stride(from: 0, to: wholeCount, by: 8) {
      let difference = lanes(x, at: start) - lanes(y, at: start)
      partial += difference * difference
    }
    var total = partial.sum()
    for i in wholeCount..<x.count {
      let difference = x[i] - y[i]
      total += difference * difference
    }
    return total
  }

  /// The mean, 0 for no elements.
  public static func mean(_ x: Span<Double>) -> Double {
    x.isEmpty ? 0 : sum(x) / Double(x.count)
  }

  /// The sum of squared differences from `center`.
  public static func squaredDeviation(_ x: Span<Double>, from center: Double) -> Double {
    var partial = SIMD8<Double>.zero
    let wholeCount = x.count & ~7
    for start in stride(from: 0, to: wholeCount, by: 8) {
      let difference = lanes(x, at: start) - center
      partial += difference * difference
    }
    var total = partial.sum()
    for i in wholeCount..<x.count {
      let difference = x[i] - center
      total += difference * difference
    }
    return total
  }

  /// The median (mean of the two middle ones for an even count), NaN for no elements.
  ///
  /// - Complexity: O(`n`).
  public static func median(_ x: [Double]) -> Double {
    guard !x.isEmpty else { return .nan }
    let low = RadixSort.element((x.count - 1) / 2, of: x)
    guard x.count.isMultiple(of: 2) else { return low }
    return low + 0.5 * (RadixSort.element(x.count / 2, of: x) - low)
  }

  /// The quantile of sorted values by linear interpolation (type 7 of Hyndman & Fan, as numpy).
  ///
  /// - Parameters:
  ///   - sorted: ascending values.
  ///   - probability: the quantile, 0…1.
  /// - Returns: the quantile, NaN for no values.
  public static func quantile(_ sorted: [Double], _ probability: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let position = Double(sorted.count - 1) * probability
    let low = Int(position)
    let high = min(low + 1, sorted.count - 1)
    let weight = position - Double(low)
    return sorted[low] + weight * (sorted[high] - sorted[low])
  }
}

/// Eight neighbours as one vector.
@inline(__always)
private func lanes(_ x: Span<Double>, at start: Int) -> SIMD8<Double> {
  SIMD8(
    x[start],
    x[start + 1],
    x[start + 2],
    x[start + 3],
    x[start + 4],
    x[start + 5],
    x[start + 6],
    x[start + 7]
  )
}
