internal import LodeNumerics

/// A belief in a rate: a beta distribution.
public struct BetaBelief: Sendable, Hashable, Codable {
  /// The first shape, above 0.
  public let a: Double
  /// The second shape, above 0.
  public let b: Double

  /// The belief Beta(`a`, `b`).
  public init(a: Double, b: Double) {
    self.a = a
    self.b = b
  }

  /// The mean, a / (a + b).
  public var mean: Double { a / (a + b) }
  /// The variance.
  public var variance: Double { mean * (1 - mean) / (a + b + 1) }
  /// Beta(a + 1, b).
  var next: BetaBelief { BetaBelief(a: a + 1, b: b) }

  /// P(low < X ≤ high).
  func chance(of low: Double, to high: Double) -> Double {
    Distributions.betaCDF(high, a: a, b: b) - Distributions.betaCDF(low, a: a, b: b)
  }

  /// The quantile of a probability, 0…1.
  public func quantile(_ probability: Double) -> Double {
    Distributions.betaQuantile(probability, a: a, b: b)
  }

  /// Refuses shapes that are not above 0.
  func check() throws(EvaluationError) {
    guard a > 0, b > 0, a.isFinite, b.isFinite else {
      throw .badConfiguration(
        reason: "Beta(\(a), \(b)) is no distribution",
        fix: "give two shapes above 0"
      )
    }
  }
}
