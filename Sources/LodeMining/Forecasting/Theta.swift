internal import Glibc
internal import LodeNumerics

/// The theta methods on a series without season.
enum Theta {
  /// The standard theta method: simple smoothing plus half the slope of the whole series.
  ///
  /// - Source: Assimakopoulos & Nikolopoulos (2000); in the form of Hyndman & Billah (2003),
  ///   "Unmasking the theta method".
  static func standard(_ y: [Double], horizon: Int) -> [Double] {
    let level = ExponentialSmoothing.level(y)
    let drift = Line(y).slope / 2
    let settled = (1 - pow(1 - level.alpha, Double(y.count))) / level.alpha
    return (0..<horizon).map { level.last + drift * (Double($0) + settled) }
  }

  /// The dynamic optimised theta method: level weight, first level and θ by least squares.
  ///
  /// - Source: Fiorucci et al. (2016), "Models for optimising the theta method and their
  ///   relationship to state space models", IJF, DOTM.
  static func dynamic(_ y: [Double], horizon: Int) -> [Double] {
    let (low, high) = (y.min() ?? 0, y.max() ?? 0)
    guard high > low, y.count >= 4 else { return Array(repeating: y.last ?? 0, count: horizon) }
    // The first level is searched in units of the range around zero and the series.
    let size = max(abs(low), abs(high))
    let search = NelderMead(maximumEvaluations: 500, tolerance: 1e-9)
    let minimum = search.minimize(
      from: [y[0] / 2 / size, 0.5, 2],
      in: [-2...2, 0.1...0.99, 1...50]
    ) { p in
      pass(y.span, first: p[0] * size, alpha: p[1], theta: p[2], horizon: 0).squares
    }
    let p = minimum.parameters
    return pass(y.span, first: p[0] * size, alpha: p[1], theta: p[2], horizon: horizon).forecast
  }

  /// One filter pass in O(n); the forecasts feed themselves back as observations.
  private static func pass(
    _ y: Span<Double>,
    first: Double,
    alpha: Double,
    theta: Double,
    horizon: Int
  ) -> (squares: Double, forecast: [Double]) {
    let weight = 1 - 1 / theta
    let decay = 1 - alpha
    var level = alpha * y[0] + decay * first
    var mean = y[0]
    var intercept = y[0]
    var slope = 0.0
    var power = decay
    var squares = 0.0
    var forecast: [Double] = []
    forecast.reserveCapacity(horizon)
    for i in 1..<y.count + horizon {
      let expected = level + weight * (intercept * power + slope * (1 - power * decay) / alpha)
      let value = i < y.count ? y[i] : expected
      if i >= y.count { forecast.append(expected) }
      if i >= 3, i < y.count { squares += (value - expected) * (value - expected) }
      level = alpha * value + decay * level
      let step = Double(i)
      slope = ((step - 1) * slope + 6 * (value - mean) / (step + 1)) / (step + 2)
      mean = (step * mean + value) / (step + 1)
      intercept = mean - slope * (step + 2) / 2
      power *= decay
    }
    return (squares, forecast)
  }
}
