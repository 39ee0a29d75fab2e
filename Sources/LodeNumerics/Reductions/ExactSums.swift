internal import LodeRuntime

/// Sums of doubles as whole numbers: the same bits for rows in any order, threads and grouping.
///
/// Values are multiplied by a power of two that puts the largest below 2⁵⁰, so that 4,096 of them
/// add up exactly in 64 bits, and any number of such sums in 128. Each value is rounded once, by
/// less than 2⁻⁵⁰ of the largest.
package enum ExactSums {
  /// How many fixed-point values add up in 64 bits.
  package static let chunkSize = 4096

  /// The power of two that lifts `largest` just below 2⁵⁰; 1 for 0.
  package static func scale(ofLargest largest: Double) -> Double {
    guard largest > 0 else { return 1 }
    let exponent = min(max(49 - Int(largest.exponent), -1000), 1000)
    return Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// `value · scale` as a whole number, rounded to nearest even, for results below 2⁵¹ in size.
  ///
  /// Adding 1.5 · 2⁵² moves the whole number into the low bits of the sum.
  @inlinable
  package static func fixedPoint(_ value: Double, _ scale: Double) -> Int64 {
    let magic = 0x1.8p52
    return Int64(bitPattern: (value * scale + magic).bitPattern)
      &- Int64(bitPattern: magic.bitPattern)
  }
}

/// The mean and the population variance of each column of a matrix, from exact sums.
package struct ColumnMoments: Sendable, Hashable {
  /// The mean of each column.
  package let means: [Double]
  /// The population variance (divisor `n`) of each column.
  package let variances: [Double]

  /// The moments of `n × d` numbers, row-major and finite; rows may stand in any order.
  ///
  /// - Complexity: O(`n·d`), rows in parallel.
  package init(_ elements: [Double], columnCount d: Int) {
    let n = d == 0 ? 0 : elements.count / d
    let zeros = [Double](repeating: 0, count: d)
    let scale = Self.largest(elements, zeros).map { ExactSums.scale(ofLargest: $0) }
    let sums = Self.sums(elements, zeros, scale, areSquared: false)
    let means = (0..<d).map { n == 0 ? 0 : Double(sums[$0]) / Double(n) / scale[$0] }
    let spread = Self.largest(elements, means)
    let squareScale = spread.map { ExactSums.scale(ofLargest: $0 * $0) }
    let squares = Self.sums(elements, means, squareScale, areSquared: true)
    // The mean is rounded; what it is off by is taken out of the squares again.
    let spreadScale = spread.map { ExactSums.scale(ofLargest: $0) }
    let rests = Self.sums(elements, means, spreadScale, areSquared: false)
    self.means = means
    variances = (0..<d)
      .map { j in
        guard n > 0 else { return 0 }
        let rest = Double(rests[j]) / spreadScale[j] / Double(n)
        return max(0, Double(squares[j]) / squareScale[j] / Double(n) - rest * rest)
      }
  }

  private static func largest(_ elements: [Double], _ origin: [Double]) -> [Double] {
    let d = origin.count
    guard d > 0 else { return [] }
    let parts = Parallel.map(rows: elements.count / d, chunkSize: ExactSums.chunkSize) { rows in
      let x = elements.span.extracting(rows.lowerBound * d..<rows.upperBound * d)
      var largest = [Double](repeating: 0, count: d)
      for start in stride(from: 0, to: x.count, by: d) {
        for j in 0..<d { largest[j] = max(largest[j], abs(x[start + j] - origin[j])) }
      }
      return largest
    }
    var largest = [Double](repeating: 0, count: d)
    for part in parts { for j in 0..<d { largest[j] = max(largest[j], part[j]) } }
    return largest
  }

  private static func sums(
    _ elements: [Double],
    _ origin: [Double],
    _ scale: [Double],
    areSquared: Bool
  ) -> [Int128] {
    let d = origin.count
    guard d > 0 else { return [] }
    let parts = Parallel.map(rows: elements.count / d, chunkSize: ExactSums.chunkSize) { rows in
      let x = elements.span.extracting(rows.lowerBound * d..<rows.upperBound * d)
      var sums = [Int64](repeating: 0, count: d)
      for start in stride(from: 0, to: x.count, by: d) {
        for j in 0..<d {
          let difference = x[start + j] - origin[j]
          let value = areSquared ? difference * difference : difference
          sums[j] &+= ExactSums.fixedPoint(value, scale[j])
        }
      }
      return sums
    }
    var sums = [Int128](repeating: 0, count: d)
    for part in parts { for j in 0..<d { sums[j] &+= Int128(part[j]) } }
    return sums
  }
}
