internal import Glibc

/// Points and weights to integrate a smooth function over −1…1.
///
/// - Source: Abramowitz & Stegun (1964), 25.4.29; the points are zeros of the Legendre polynomial,
///   found by Newton's method from Tricomi's first guess.
public struct GaussLegendre: Sendable, Hashable {
  /// The points, rising.
  public let points: [Double]
  /// The weight of each point; they add up to 2.
  public let weights: [Double]

  /// The rule of `count` points, exact for polynomials of degree 2·`count` − 1.
  ///
  /// - Precondition: there is at least one point.
  public init(count: Int) {
    precondition(count >= 1, "a rule of \(count) points")
    let n = Double(count)
    var points: [Double] = []
    var weights: [Double] = []
    for i in (1...count).reversed() {
      var x = cos(Double.pi * (Double(i) - 0.25) / (n + 0.5))
      var slope = 0.0
      for _ in 0..<20 {
        var (value, before) = (1.0, 0.0)
        for k in 1...count {
          let k = Double(k)
          (value, before) = (((2 * k - 1) * x * value - (k - 1) * before) / k, value)
        }
        slope = n * (x * value - before) / (x * x - 1)
        let step = value / slope
        x -= step
        if abs(step) < 1e-16 { break }
      }
      points.append(x)
      weights.append(2 / ((1 - x * x) * slope * slope))
    }
    self.points = points
    self.weights = weights
  }
}
