/// 2,000 scored customers by a recipe that any language can repeat, for values of peers.
///
/// `u = frac(i·0.6180339887498949)`, `v = frac(i·0.7548776662466927 + ½)`; the score is `u³`
/// rounded to thousandths (so there are ties), the event happens if `v < 0.05 + 0.6·u²`.
///
/// Figures "of peers" come from scikit-learn 1.x, scipy 1.17, statsmodels and empulse 0.13.1 on
/// these rows, in float64.
enum ScoredCustomers {
  static let scores: [Double] = (0..<2_000)
    .map { i in
      let u = fraction(Double(i) * 0.6180339887498949)
      return (1_000 * u * u * u).rounded() / 1_000
    }

  /// A second score: `u²·(½ + ½·frac(i·0.324717957244746))` in thousandths.
  static let otherScores: [Double] = (0..<2_000)
    .map { i in
      let u = fraction(Double(i) * 0.6180339887498949)
      let w = fraction(Double(i) * 0.3247179572447460)
      return (1_000 * u * u * (0.5 + 0.5 * w)).rounded() / 1_000
    }

  static let outcomes: [Bool] = (0..<2_000)
    .map { i in
      let u = fraction(Double(i) * 0.6180339887498949)
      return fraction(Double(i) * 0.7548776662466927 + 0.5) < 0.05 + 0.6 * u * u
    }

  /// The scores kept 0.001 away from 0 and 1.
  static let probabilities = scores.map { min(max($0, 0.001), 0.999) }

  private static func fraction(_ x: Double) -> Double { x.truncatingRemainder(dividingBy: 1) }
}
