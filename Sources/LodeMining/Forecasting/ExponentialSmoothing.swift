internal import Glibc
internal import LodeNumerics

/// Simple and damped-trend exponential smoothing, fitted by least squares of one-step errors.
///
/// - Source: Hyndman, Koehler, Ord & Snyder (2008), "Forecasting with exponential smoothing",
///   models (A,N,N) and (A,Ad,N).
enum ExponentialSmoothing {
  /// A level that follows the series.
  struct Level: Sendable, Hashable {
    /// The weight of the newest observation, 0…1.
    let alpha: Double
    /// The level after the last observation, the forecast for every step.
    let last: Double
  }

  /// The level model of least squared one-step error; α and the first level are both fitted.
  static func level(_ y: [Double]) -> Level {
    let (low, high) = (y.min() ?? 0, y.max() ?? 0)
    guard high > low else { return Level(alpha: 0.5, last: low) }
    let search = NelderMead(maximumEvaluations: 300, tolerance: 1e-10)
    let start = [0.3, y.prefix(5).reduce(0, +) / Double(min(5, y.count))]
    let minimum = search.minimize(from: start, in: [1e-4...0.9999, low...high]) { p in
      levelPass(y.span, alpha: p[0], first: p[1]).squares
    }
    let (alpha, first) = (minimum.parameters[0], minimum.parameters[1])
    return Level(alpha: alpha, last: levelPass(y.span, alpha: alpha, first: first).level)
  }

  /// The damped-trend forecast of `horizon` steps.
  static func dampedTrend(_ y: [Double], horizon: Int) -> [Double] {
    let (low, high) = (y.min() ?? 0, y.max() ?? 0)
    guard high > low, y.count >= 4 else { return Array(repeating: y.last ?? 0, count: horizon) }
    let line = Line(Array(y.prefix(10)))
    let range = high - low
    // In units of the range, so that the search takes steps of like size in all directions.
    let start = [0.3, 0.1, 0.95, (line.intercept - low) / range, line.slope / range]
    let bounds = [1e-4...0.9999, 1e-4...0.9999, 0.8...0.98, -1...2, -1...1]
    let search = NelderMead(maximumEvaluations: 600, tolerance: 1e-9)
    let minimum = search.minimize(from: start, in: bounds) { p in
      trendPass(y.span, p.span, low, range).squares
    }
    let p = minimum.parameters
    let state = trendPass(y.span, p.span, low, range)
    var damping = 0.0
    var power = 1.0
    return (0..<horizon)
      .map { _ in
        power *= p[2]
        damping += power
        return state.level + damping * state.trend
      }
  }

  private static func levelPass(
    _ y: Span<Double>,
    alpha: Double,
    first: Double
  ) -> (squares: Double, level: Double) {
    var level = first
    var squares = 0.0
    for i in y.indices {
      let error = y[i] - level
      squares += error * error
      level += alpha * error
    }
    return (squares, level)
  }

  private static func trendPass(
    _ y: Span<Double>,
    _ p: Span<Double>,
    _ low: Double,
    _ range: Double
  ) -> (squares: Double, level: Double, trend: Double) {
    let (alpha, phi) = (p[0], p[2])
    let beta = alpha * p[1]
    var level = low + range * p[3]
    var trend = range * p[4]
    var squares = 0.0
    for i in y.indices {
      let expected = level + phi * trend
      let error = y[i] - expected
      squares += error * error
      level = expected + alpha * error
      trend = phi * trend + beta * error
    }
    return (squares, level, trend)
  }
}

/// The least-squares line through equally spaced values: intercept at the first of them.
struct Line: Sendable, Hashable {
  let intercept: Double
  let slope: Double

  init(_ y: [Double]) {
    let n = Double(y.count)
    let middle = (n - 1) / 2
    let mean = y.reduce(0, +) / max(n, 1)
    var covariance = 0.0
    for (i, value) in y.enumerated() { covariance += (Double(i) - middle) * (value - mean) }
    let variance = n * (n * n - 1) / 12
    slope = variance > 0 ? covariance / variance : 0
    intercept = mean - slope * middle
  }
}
