/// Steps and changes of the gradient that a quasi-Newton method has seen.
///
/// - Source: Nocedal & Wright (2006), "Numerical Optimization", 2nd ed., algorithm 7.4.
public struct CurvatureMemory: Sendable, Hashable {
  private let size: Int
  private var pairs: [Pair] = []

  private struct Pair: Sendable, Hashable {
    let step: [Double]
    let change: [Double]
    let inverse: Double
  }

  /// A memory of at most `size` steps.
  public init(size: Int) {
    precondition(size >= 1, "a memory of \(size) steps")
    self.size = size
  }

  /// Remembers a step and the change of the gradient of the minimised function over it.
  ///
  /// A pair without positive curvature is left out.
  public mutating func add(step: [Double], change: [Double]) {
    let product = Reductions.dot(step.span, change.span)
    let scale = Reductions.dot(change.span, change.span)
    guard product > 1e-16 * scale, product.isFinite else { return }
    if pairs.count == size { pairs.removeFirst() }
    pairs.append(Pair(step: step, change: change, inverse: 1 / product))
  }

  /// Forgets everything.
  public mutating func clear() { pairs = [] }

  /// The inverse curvature times `vector`.
  ///
  /// - Parameters:
  ///   - vector: the gradient, or minus it.
  ///   - initial: what is known of the inverse curvature beforehand, times a vector.
  /// - Returns: the quasi-Newton direction.
  public func direction(_ vector: [Double], _ initial: ([Double]) -> [Double]) -> [Double] {
    var q = vector
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = pair.inverse * Reductions.dot(pair.step.span, q.span)
      for i in q.indices { q[i] -= weight * pair.change[i] }
      weights.append(weight)
    }
    var result = initial(q)
    for (pair, weight) in zip(pairs, weights.reversed()) {
      let back = pair.inverse * Reductions.dot(pair.change.span, result.span)
      for i in result.indices { result[i] += (weight - back) * pair.step[i] }
    }
    return result
  }
}

/// Minimises a smooth function of many parameters by its gradient (limited-memory BFGS).
///
/// - Determinism: no random numbers; the same start gives the same answer.
/// - Complexity: one or a few calls and O(`memory · d`) an iteration.
/// - Source: Nocedal & Wright (2006), "Numerical Optimization", 2nd ed., §7.2; steps are halved
///   until the function falls enough (Armijo), pairs without positive curvature are left out.
public struct LBFGS: Sendable, Hashable, Codable {
  /// The most iterations.
  public var maximumIterations: Int
  /// The search ends when half the squared length of the gradient in the metric found, about
  /// the fall still to come, is below this share of the function's value (or of 1).
  public var tolerance: Double
  /// The number of steps remembered.
  public var memorySize: Int

  /// A search with the given limits.
  public init(maximumIterations: Int = 1000, tolerance: Double = 1e-14, memorySize: Int = 10) {
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.memorySize = memorySize
  }

  /// Where a search ended.
  public struct Minimum: Sendable, Hashable, Codable {
    /// The parameters.
    public let parameters: [Double]
    /// The function there.
    public let value: Double
    /// The iterations taken.
    public let iterations: Int
    /// Whether the fall still to come is below the tolerance.
    public let converged: Bool
  }

  /// The lowest point found from `start`.
  ///
  /// - Parameters:
  ///   - start: the first guess.
  ///   - scale: the inverse of a typical second derivative: the length of the first step.
  ///   - function: the function to minimise and its gradient.
  /// - Returns: the best point and what the search did.
  public func minimize(
    from start: [Double],
    scale: Double = 1,
    _ function: ([Double]) -> (value: Double, gradient: [Double])
  ) -> Minimum {
    var memory = CurvatureMemory(size: memorySize)
    var parameters = start
    var (value, gradient) = function(parameters)
    var factor = scale
    var iterations = 0
    var converged = false
    while iterations < maximumIterations {
      let step = memory.direction(gradient) { $0.map { $0 * factor } }
      let fall = Reductions.dot(gradient.span, step.span)
      if fall / 2 <= tolerance * max(1, abs(value)) {
        converged = true
        break
      }
      iterations += 1
      var length = 1.0
      var isLower = false
      var next = parameters
      var reached = (value: value, gradient: gradient)
      while !isLower, length > 1e-12 {
        for i in next.indices { next[i] = parameters[i] - length * step[i] }
        reached = function(next)
        isLower = reached.value <= value - 1e-4 * length * fall
        length /= 2
      }
      // Where rounding hides any fall the search has come as far as it can.
      guard isLower else { break }
      let change = zip(reached.gradient, gradient).map { $0 - $1 }
      let moved = zip(next, parameters).map { $0 - $1 }
      memory.add(step: moved, change: change)
      let square = Reductions.dot(change.span, change.span)
      let product = Reductions.dot(moved.span, change.span)
      if square > 0, product > 0 { factor = product / square }
      parameters = next
      (value, gradient) = reached
    }
    return Minimum(
      parameters: parameters,
      value: value,
      iterations: iterations,
      converged: converged
    )
  }
}
