internal import Glibc

/// Maximises a smooth function of a few parameters with its gradient and its Hessian.
///
/// Where the Hessian is not negative definite it is damped until a step climbs; a step that does
/// not climb is halved. A run never fails: what it reached is in the report.
///
/// - Determinism: no random numbers.
/// - Source: Nocedal & Wright (2006), "Numerical Optimization", 2nd ed., §3.4 (modified Newton).
public struct NewtonMaximizer: Sendable, Hashable {
  /// The most steps.
  public var maximumSteps: Int
  /// The Newton decrement ½·gᵀ·H⁻¹·g at which the maximum is reached, in units of the function.
  public var tolerance: Double
  /// The decrement from which on the next step is the last, without another look; 0 for never.
  ///
  /// The distance left is that of the step squared, and the value grows by the decrement; gradient
  /// and Hessian of the result are those before the step.
  public var lastStep: Double

  /// A search with the given limits.
  public init(maximumSteps: Int = 100, tolerance: Double = 1e-12, lastStep: Double = 0) {
    self.maximumSteps = maximumSteps
    self.tolerance = tolerance
    self.lastStep = lastStep
  }

  /// A function with its derivatives at one point.
  public struct Value: Sendable {
    /// The function.
    public var value: Double
    /// The derivative by each parameter.
    public var gradient: [Double]
    /// The second derivatives, `p × p`.
    public var hessian: Matrix

    /// A function value with derivatives.
    public init(value: Double, gradient: [Double], hessian: Matrix) {
      self.value = value
      self.gradient = gradient
      self.hessian = hessian
    }

    var isFinite: Bool {
      value.isFinite && gradient.allSatisfy(\.isFinite) && hessian.elements.allSatisfy(\.isFinite)
    }
  }

  /// Where a search ended.
  public struct Maximum: Sendable {
    /// The parameters.
    public let parameters: [Double]
    /// The function there, with its derivatives.
    public let value: Value
    /// The number of steps.
    public let steps: Int
    /// Whether the decrement fell below the tolerance at a point with a negative definite Hessian.
    public let converged: Bool

    /// The end of a search.
    public init(parameters: [Double], value: Value, steps: Int, converged: Bool) {
      self.parameters = parameters
      self.value = value
      self.steps = steps
      self.converged = converged
    }
  }

  /// The highest point reached from `start`.
  ///
  /// - Parameters:
  ///   - start: the first guess.
  ///   - largestStep: no parameter moves by more in one step.
  ///   - border: the search ends where a parameter is beyond it, as the maximum lies at infinity.
  ///   - function: the function with its derivatives.
  /// - Returns: the best point and what the search did; the start where the function is not finite.
  public func maximize(
    from start: [Double],
    largestStep: Double = 2,
    border: Double = .infinity,
    _ function: ([Double]) -> Value
  ) -> Maximum {
    var point = start
    var value = function(point)
    guard value.isFinite else {
      return Maximum(parameters: point, value: value, steps: 0, converged: false)
    }
    for step in 0..<maximumSteps {
      if point.contains(where: { abs($0) > border }) {
        return Maximum(parameters: point, value: value, steps: step, converged: false)
      }
      guard let (direction, isPlain) = ascent(value) else {
        return Maximum(parameters: point, value: value, steps: step, converged: false)
      }
      let decrement = zip(direction, value.gradient).reduce(0) { $0 + $1.0 * $1.1 } / 2
      if isPlain, decrement <= tolerance {
        return Maximum(parameters: point, value: value, steps: step, converged: true)
      }
      if isPlain, decrement <= lastStep {
        value.value += decrement
        let end = zip(point, direction).map(+)
        return Maximum(parameters: end, value: value, steps: step + 1, converged: true)
      }
      let longest = direction.map(abs).max() ?? 0
      var factor = min(1, largestStep / max(longest, 1e-300))
      // Near the top, sums over many rows tell two points apart no better than this.
      let noise = 1e-13 * abs(value.value)
      var isHigher = false
      for _ in 0..<40 {
        let candidate = zip(point, direction).map { $0 + factor * $1 }
        let other = function(candidate)
        if other.isFinite, other.value >= value.value - noise {
          isHigher = true
          point = candidate
          value = other
          break
        }
        factor /= 2
      }
      if !isHigher {
        // No point along a climbing direction is higher: rounding hides what is left to gain.
        let scale = max(1, abs(value.value))
        return Maximum(
          parameters: point,
          value: value,
          steps: step + 1,
          converged: isPlain && decrement <= 1e-9 * scale
        )
      }
    }
    return Maximum(parameters: point, value: value, steps: maximumSteps, converged: false)
  }

  /// The Newton direction, and whether the Hessian needed no damping.
  private func ascent(_ value: Value) -> (direction: [Double], isPlain: Bool)? {
    let p = value.gradient.count
    var damping = 0.0
    let size = (0..<p).map { abs(value.hessian[$0, $0]) }.max() ?? 1
    for attempt in 0..<40 {
      var negated = value.hessian.elements.map { -$0 }
      for i in 0..<p { negated[i * p + i] += damping }
      if let factor = Cholesky(Matrix(rowCount: p, columnCount: p, elements: negated)) {
        return (factor.solve(value.gradient), attempt == 0)
      }
      damping = damping == 0 ? 1e-6 * max(size, 1e-300) : damping * 4
    }
    return nil
  }
}
