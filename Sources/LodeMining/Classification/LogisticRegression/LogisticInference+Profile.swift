internal import Glibc
internal import LodeNumerics

extension LogisticInference {
  /// All values of a coefficient that a likelihood ratio test does not reject.
  public struct ProfileInterval: Sendable, Hashable, Codable {
    /// The lower end, −∞ where the likelihood does not fall enough.
    public let lowerBound: Double
    /// The upper end, ∞ where the likelihood does not fall enough.
    public let upperBound: Double
    /// Whether both ends were found to the tolerance, or found not to be there.
    public let converged: Bool
    /// Newton steps taken for both ends.
    public let iterations: Int
  }

  /// The profile-likelihood intervals of the model's terms, in their order; nil for aliased ones.
  ///
  /// - Source: Venables & Ripley (2002), "Modern Applied Statistics with S", 4th ed., §8.4; with
  ///   Firth's likelihood Heinze & Schemper (2002), §2.2.
  public func profileIntervals(confidenceLevel: Double = 0.95) -> [ProfileInterval?] {
    model.terms.indices.map { profileInterval(term: $0, confidenceLevel: confidenceLevel) }
  }

  /// The profile-likelihood interval of one term, 0 being the intercept; nil if it is aliased.
  ///
  /// The other coefficients are fitted anew for each trial value, from where they stood at the
  /// last. The signed root of the likelihood ratio is nearly a straight line in the value, and its
  /// slope comes with the fit, so Newton's method finds an end in a few trials.
  ///
  /// - Parameters:
  ///   - term: the place among the model's terms.
  ///   - confidenceLevel: the level of the interval, 0…1.
  /// - Returns: the interval in the feature's own unit.
  public func profileInterval(
    term: Int,
    confidenceLevel: Double = 0.95
  ) -> ProfileInterval? {
    guard !model.terms[term].isAliased else { return nil }
    let weights = weights(ofTerm: term)
    let target = Distributions.normalQuantile(0.5 + confidenceLevel / 2)
    var profile = LogisticProfile(objective: objective, best: best, weights: weights)
    let lower = profile.end(-target)
    let upper = profile.end(target)
    return ProfileInterval(
      lowerBound: lower ?? -.infinity,
      upperBound: upper ?? .infinity,
      converged: !profile.ranOut,
      iterations: profile.iterations
    )
  }

  /// A term in its own unit as a sum of standardised parameters.
  private func weights(ofTerm term: Int) -> [Double] {
    let design = objective.design
    guard term > 0 else { return design.interceptWeights }
    return [0]
      + design.active.map { column in
        column == term - 1 ? 1 / design.standardization.standardDeviations[column] : 0
      }
  }
}

/// The likelihood along one linear combination `θ = a·γ` of the parameters.
private struct LogisticProfile {
  let objective: LogisticObjective
  let best: LogisticObjective.Point
  /// `a`.
  let weights: [Double]
  private(set) var iterations = 0
  private(set) var ranOut = false

  init(objective: LogisticObjective, best: LogisticObjective.Point, weights: [Double]) {
    self.objective = objective
    self.best = best
    self.weights = weights
  }

  private func value(_ parameters: [Double]) -> Double {
    Reductions.dot(weights.span, parameters.span)
  }

  /// The value of θ at which the signed root of the likelihood ratio is `target`.
  ///
  /// Nil where the likelihood stays too high however far θ goes.
  mutating func end(_ target: Double) -> Double? {
    let center = value(best.parameters)
    guard let factor = best.factor else { return nil }
    let direction = factor.solve(weights)
    let error = Reductions.dot(weights.span, direction.span).squareRoot()
    var theta = center + target * error
    var point = best
    // The nearest trials on both sides of the end, as far as there are any.
    var inside = center
    var outside: Double?
    for _ in 0..<60 {
      guard let fitted = constrained(point, theta) else {
        outside = theta
        theta = (inside + theta) / 2
        continue
      }
      point = fitted.point
      let root = (2 * max(0, point.value - best.value)).squareRoot()
      let gap = root - abs(target)
      if gap > 0 { outside = theta } else { inside = theta }
      // dℓ/dθ is the multiplier of the constraint, so d root/dθ = |multiplier| / root.
      let slope = abs(fitted.multiplier) / max(root, 1e-300)
      var next = theta - (target < 0 ? -1 : 1) * gap / slope
      if abs(gap) < 1e-11 || abs(next - theta) <= 1e-12 * abs(theta) { return next }
      let sign = target < 0 ? -1.0 : 1
      if let outside {
        if (next - inside) * sign <= 0 || (outside - next) * sign <= 0 {
          next = (inside + outside) / 2
        }
      } else {
        // Never more than three times as far out as before.
        let limit = center + 3 * (theta - center)
        if !next.isFinite || (limit - next) * sign < 0 { next = limit }
        if abs(next - center) > 1e4 * error, gap < 0 { return nil }
      }
      theta = next
    }
    ranOut = true
    return theta
  }

  /// The best parameters with θ held at a value; nil if they cannot be found.
  private mutating func constrained(
    _ start: LogisticObjective.Point,
    _ theta: Double
  ) -> (point: LogisticObjective.Point, multiplier: Double)? {
    var point = start
    // First onto the constraint, along the valley, in one go.
    guard let valley = point.factor?.solve(weights) else { return nil }
    let move = (theta - value(point.parameters)) / Reductions.dot(weights.span, valley.span)
    point = objective.point(at: zip(point.parameters, valley).map { $0 + move * $1 })
    for _ in 0..<80 {
      iterations += 1
      guard let factor = point.factor, point.value.isFinite else { return nil }
      let free = factor.solve(point.gradient)
      let along = factor.solve(weights)
      let multiplier =
        Reductions.dot(weights.span, free.span) / Reductions.dot(weights.span, along.span)
      let step = zip(free, along).map { $0 - multiplier * $1 }
      let decrement = Reductions.dot(point.gradient.span, step.span)
      if decrement <= 1e-20 * max(1, point.value) { return (point, multiplier) }
      var length = 1.0
      var next = point
      repeat {
        next = objective.point(at: zip(point.parameters, step).map { $0 + length * $1 })
        length /= 2
      } while !(next.value <= point.value + 1e-13 * max(1, abs(point.value))) && length > 1e-8
      let isStuck = !(next.value < point.value) && decrement <= 1e-12 * max(1, abs(point.value))
      point = next
      if isStuck {
        return point.factor == nil ? nil : (point, multiplier)
      }
    }
    return nil
  }
}
