internal import LodeNumerics

/// How well predicted uplift ranked the customers of a trial.
public struct UpliftEvaluation: Sendable, Hashable, Codable {
  /// What the ranking is worth.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// The interval of the Qini coefficient lies above 0: some customers respond more than others,
    /// and the ranking finds them.
    case heterogeneity
    /// The interval covers 0: no heterogeneity was found.
    case none
    /// The interval lies below 0: the ranking is worse than chance.
    case inverted
  }

  /// A difference of two rates with its interval.
  public struct Effect: Sendable, Hashable, Codable {
    /// The rate of the treated less that of the controls; nil without one of them.
    public let difference: Double?
    /// Its standard error, `√(p₁q₁/n₁ + p₀q₀/n₀)`; nil without one of them.
    public let standardError: Double?
    /// The lower end of the normal interval; nil without one of them.
    public let lowerBound: Double?
    /// The upper end of the normal interval; nil without one of them.
    public let upperBound: Double?

    init(_ counts: UpliftCurve.Point, confidenceLevel: Double) {
      guard counts.treated > 0, counts.controls > 0 else {
        (difference, standardError, lowerBound, upperBound) = (nil, nil, nil, nil)
        return
      }
      let (p, q) = (counts.treatedRate, counts.controlRate)
      let error =
        (p * (1 - p) / Double(counts.treated) + q * (1 - q) / Double(counts.controls))
        .squareRoot()
      let reach = Distributions.normalQuantile((1 + confidenceLevel) / 2) * error
      difference = p - q
      standardError = error
      lowerBound = p - q - reach
      upperBound = p - q + reach
    }
  }

  /// Customers of neighbouring predicted uplift.
  public struct Bin: Sendable, Hashable, Codable {
    /// The bin's number, 1 = highest predicted uplift; rows are cut as in ``LiftTable``.
    public let bin: Int
    /// The rows and events of both arms.
    public let counts: UpliftCurve.Point
    /// The mean predicted uplift.
    public let meanPredictedUplift: Double
    /// What the treatment did.
    public let effect: Effect
  }

  /// The Qini and gain curve.
  public let curve: UpliftCurve
  /// The lower end of the bootstrap interval of the Qini coefficient.
  public let lowerBound: Double
  /// The upper end of the bootstrap interval of the Qini coefficient.
  public let upperBound: Double
  /// How often a random order does as well, `(1 + hits)/(1 + permutations)`.
  public let pValue: Double
  /// The effect on all rows.
  public let effect: Effect
  /// The table by bin.
  public let bins: [Bin]
  /// What was asked for.
  public let configuration: UpliftEvaluator

  /// The verdict on the ranking.
  public var verdict: Verdict {
    lowerBound > 0 ? .heterogeneity : upperBound < 0 ? .inverted : .none
  }

  /// The verdict in words.
  public var sentence: String {
    switch verdict {
    case .heterogeneity:
      return "heterogeneity: contact customers by descending predicted uplift."
    case .inverted:
      return "the ranking is worse than chance: do not use this model."
    case .none:
      let start = "no heterogeneity: send to all or none; "
      guard let low = effect.lowerBound, let high = effect.upperBound else { return start }
      if low > 0 { return start + "on average the treatment works, so to all if it pays." }
      if high < 0 { return start + "on average the treatment does harm, so to none." }
      return start + "no effect was found either, so to none or to a larger trial."
    }
  }
}
