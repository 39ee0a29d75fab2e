internal import Glibc
internal import LodeNumerics

/// Taking a season out of a series and putting it back.
enum Seasonality {
  /// A season that multiplies or adds.
  struct Adjustment: Sendable, Hashable {
    /// Whether the indices are factors; else they are added.
    let isMultiplicative: Bool
    /// One index a season position; the first belongs to the first observation.
    let indices: [Double]

    /// The series without the season.
    func removed(from y: [Double]) -> [Double] {
      y.enumerated()
        .map { i, value in
          let index = indices[i % indices.count]
          return isMultiplicative ? value / index : value - index
        }
    }

    /// Values from position `start` on with the season.
    func applied(to values: [Double], startingAt start: Int) -> [Double] {
      values.enumerated()
        .map { i, value in
          let index = indices[(start + i) % indices.count]
          return isMultiplicative ? value * index : value + index
        }
    }
  }

  /// The classical adjustment where the series is long enough and the season is significant.
  ///
  /// Seasons of up to 12 positions need two cycles, longer ones three: a weekly index from two
  /// values is mostly noise.
  static func adjustment(_ y: [Double], seasonLength: Int) -> Adjustment? {
    let cycles = seasonLength <= 12 ? 2 : 3
    guard seasonLength > 1, y.count >= cycles * seasonLength, isSeasonal(y, seasonLength) else {
      return nil
    }
    if let low = y.min(), low > 0 {
      let factors = classical(y, seasonLength, isMultiplicative: true)
      if factors.allSatisfy({ $0 >= 0.01 }) {
        return Adjustment(isMultiplicative: true, indices: factors)
      }
    }
    let offsets = classical(y, seasonLength, isMultiplicative: false)
    return Adjustment(isMultiplicative: false, indices: offsets)
  }

  /// Whether the autocorrelation at the season's lag is significant at 90 %.
  ///
  /// - Source: the test of the M4 benchmark "Naive2", after Bartlett.
  static func isSeasonal(_ y: [Double], _ seasonLength: Int) -> Bool {
    let mean = y.reduce(0, +) / Double(y.count)
    let centered = y.map { $0 - mean }
    let variance = Reductions.dot(centered.span, centered.span)
    guard variance > 0 else { return false }
    func autocorrelation(_ lag: Int) -> Double {
      Reductions.dot(
        centered.span.extracting(0..<(y.count - lag)),
        centered.span.extracting(lag..<y.count)
      ) / variance
    }
    var squares = 0.0
    for lag in 1..<seasonLength { squares += autocorrelation(lag) * autocorrelation(lag) }
    let limit = 1.645 * ((1 + 2 * squares) / Double(y.count)).squareRoot()
    return abs(autocorrelation(seasonLength)) > limit
  }

  /// Seasonal indices by ratios to (or differences from) a centred moving average.
  ///
  /// - Returns: one index a position, with mean 1 (or sum 0).
  /// - Agrees with: R `decompose`.
  static func classical(_ y: [Double], _ m: Int, isMultiplicative: Bool) -> [Double] {
    let half = m / 2
    var sums = [Double](repeating: 0, count: m)
    var counts = [Double](repeating: 0, count: m)
    for t in half..<max(half, y.count - half) {
      var trend = 0.0
      if m % 2 == 0 {
        guard t + half < y.count else { continue }
        trend = (y[t - half] + y[t + half]) / 2
        for i in t - half + 1..<t + half { trend += y[i] }
      } else {
        for i in t - half...t + half { trend += y[i] }
      }
      trend /= Double(m)
      sums[t % m] += isMultiplicative ? y[t] / trend : y[t] - trend
      counts[t % m] += 1
    }
    let raw = zip(sums, counts).map { $1 > 0 ? $0 / $1 : (isMultiplicative ? 1 : 0) }
    let mean = raw.reduce(0, +) / Double(m)
    return raw.map { isMultiplicative ? $0 / mean : $0 - mean }
  }

  /// A smooth additive season of up to `pairCount` harmonics beside a line, by least squares.
  ///
  /// Needs two cycles; nil for shorter series or a singular fit.
  static func harmonic(_ y: [Double], seasonLength m: Int, pairCount: Int) -> Adjustment? {
    guard m >= 4, y.count >= 2 * m else { return nil }
    let pairs = min(pairCount, (m - 1) / 2)
    func waves(_ t: Int) -> [Double] {
      (1...pairs)
        .flatMap { k in
          let angle = 2 * Double.pi * Double(k) * Double(t % m) / Double(m)
          return [sin(angle), cos(angle)]
        }
    }
    let n = Double(y.count)
    let design = Matrix(rows: y.indices.map { [1, Double($0) / n - 0.5] + waves($0) })
    let right = Matrix(columns: [y])
    let moments = design.transposed().multiplied(by: right).elements
    guard let factor = Cholesky(design.gram()) else { return nil }
    let coefficients = factor.solve(moments)
    let indices = (0..<m)
      .map { t in
        zip(waves(t), coefficients.dropFirst(2)).reduce(0) { $0 + $1.0 * $1.1 }
      }
    return Adjustment(isMultiplicative: false, indices: indices)
  }
}
