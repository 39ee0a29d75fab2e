internal import Glibc
internal import LodeNumerics

/// The theta methods on a series without season.
enum Theta {
  /// The standard theta method: simple smoothing plus half the slope of the whole series.
  ///
  /// - Source: Assimakopoulos & Nikolopoulos (2000); in the form of Hyndman & Billah (2003),
  ///   "Unmasking the theta method".
  ///
  /// - Parameters:
  ///   - y: the series.
  ///   - level: its simple smoothing.
  ///   - horizon: the steps ahead.
  /// - Returns: `horizon` values.
  static func standard(
    _ y: [Double],
    level: ExponentialSmoothing.Level,
    horizon: Int
  ) -> [Double] {
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
    let lines = RunningLines(y)
    let search = NelderMead(maximumEvaluations: 500, tolerance: 1e-9)
    let minimum = search.minimize(
      from: [y[0] / 2 / size, 0.5, 2],
      in: [-2...2, 0.1...0.99, 1...50]
    ) { p in
      squares(y.span, lines.before.span, first: p[0] * size, alpha: p[1], theta: p[2]).total
    }
    let p = minimum.parameters
    return forecast(y, lines, first: p[0] * size, alpha: p[1], theta: p[2], horizon: horizon)
  }

  /// The squared one-step errors from the fourth value on, and the level behind the last value.
  private static func squares(
    _ y: Span<Double>,
    _ lines: Span<RunningLines.Line>,
    first: Double,
    alpha: Double,
    theta: Double
  ) -> (total: Double, level: Double, power: Double) {
    let weight = 1 - 1 / theta
    let decay = 1 - alpha
    var level = alpha * y[0] + decay * first
    var power = decay
    var total = 0.0
    for i in 1..<y.count {
      let line = lines[i]
      let trend = line.intercept * power + line.slope * (1 - power * decay) / alpha
      let error = y[i] - (level + weight * trend)
      if i >= 3 { total += error * error }
      level = alpha * y[i] + decay * level
      power *= decay
    }
    return (total, level, power)
  }

  /// The steps behind the last value; they feed themselves back as observations.
  private static func forecast(
    _ y: [Double],
    _ lines: RunningLines,
    first: Double,
    alpha: Double,
    theta: Double,
    horizon: Int
  ) -> [Double] {
    let weight = 1 - 1 / theta
    let decay = 1 - alpha
    let end = squares(y.span, lines.before.span, first: first, alpha: alpha, theta: theta)
    var (level, power, lines) = (end.level, end.power, lines)
    return (0..<horizon)
      .map { _ in
        let line = lines.last
        let trend = line.intercept * power + line.slope * (1 - power * decay) / alpha
        let expected = level + weight * trend
        level = alpha * expected + decay * level
        power *= decay
        lines.append(expected)
        return expected
      }
  }
}

/// The least-squares line through the values up to each of a series: no parameter changes it.
private struct RunningLines {
  struct Line {
    /// At the value before the first.
    var intercept: Double
    var slope: Double
  }

  /// The line before each value; that before the first is never read.
  private(set) var before: [Line]
  /// The line through all values so far.
  private(set) var last: Line
  private var mean: Double
  private var count = 1

  /// The lines of a series of at least one value.
  init(_ y: [Double]) {
    mean = y[0]
    last = Line(intercept: y[0], slope: 0)
    before = [last]
    before.reserveCapacity(y.count)
    for value in y.dropFirst() {
      before.append(last)
      append(value)
    }
  }

  mutating func append(_ value: Double) {
    let step = Double(count)
    last.slope = ((step - 1) * last.slope + 6 * (value - mean) / (step + 1)) / (step + 2)
    mean = (step * mean + value) / (step + 1)
    last.intercept = mean - last.slope * (step + 2) / 2
    count += 1
  }
}
