/// The profit of a campaign with the best threshold for each accept rate, over a belief in rates.
///
/// Contacting the customers above a threshold earns, a customer of the base,
///
///     P(γ) = CLV·(γ(1 − δ) − φ)·π₀F₀ − CLV·(δ + φ)·π₁F₁,   δ = incentive/CLV, φ = contact/CLV,
///
/// with the share `π₀` of churners, `π₁` of loyal customers, and the shares `F₀`, `F₁` of them
/// above the threshold. Only corners of the ROC convex hull can be best; the corner behind segment
/// `i` is so for `γ` between `γᵢ` and `γᵢ₊₁`,
///
///     γᵢ = ((δ + φ)·π₁ΔF₁/(π₀ΔF₀) + φ)/(1 − δ) = Δcost/Δgain,
///
/// and `γ ~ Beta(a, b)` is integrated by its distribution functions, as `∫γ` over an interval is
/// `a/(a + b)` times that of Beta(a + 1, b).
///
/// - Complexity: O(`n` log `n`).
/// - Source: Verbraken, Verbeke & Baesens (2013), "A novel profit maximizing metric for measuring
///   classification performance of customer churn prediction models", IEEE TKDE 25; a = 6, b = 14,
///   CLV 200, incentive 10 and contact 1 are theirs.
/// - Agrees with: empulse `empc_score`, R `EMP::empChurn`.
public struct ExpectedMaximumProfit: Sendable, Hashable, Codable {
  /// EMPC: the expected profit a customer of the base, in money.
  public let profit: Double
  /// The expected share of customers to contact, 0…1.
  public let share: Double
  /// MPC: the profit a customer with the best threshold for the mean accept rate, in money.
  public let profitAtMeanRate: Double
  /// The share of customers to contact for that, 0…1.
  public let shareAtMeanRate: Double

  /// The expected maximum profit of `scores` against `churned`, one of each a customer.
  ///
  /// - Parameters:
  ///   - scores: higher for likelier churners.
  ///   - churned: whether the customer left.
  ///   - customerValue: what keeping a customer earns.
  ///   - offer: what the offer costs.
  ///   - acceptRate: the belief in the share of contacted churners who stay.
  /// - Throws: ``EvaluationError`` for no rows, one class, or money that makes no sense.
  public init(
    _ scores: [Double],
    churned: [Bool],
    customerValue: Double = 200,
    offer: RetentionOffer = RetentionOffer(),
    acceptRate: BetaBelief = BetaBelief(a: 6, b: 14)
  ) throws(EvaluationError) {
    try offer.check(customerValue: customerValue)
    try self.init(
      scores,
      churned: churned,
      customerValues: [Double](repeating: customerValue, count: churned.count),
      offer: offer,
      acceptRate: acceptRate
    )
  }

  /// The expected maximum profit where each customer has a value of its own.
  ///
  /// Contacting the first `k` by score earns `γ·gainₖ − costₖ`, with the gain over their churners;
  /// only corners of the upper hull of (cost, gain) can be best.
  ///
  /// - Parameters:
  ///   - scores: higher for likelier churners.
  ///   - churned: whether the customer left.
  ///   - customerValues: what keeping the customer earns, one a customer; may be below 0.
  ///   - offer: what the offer costs.
  ///   - acceptRate: the belief in the share of contacted churners who stay.
  /// - Throws: ``EvaluationError`` for no rows, one class, or money that makes no sense.
  public init(
    _ scores: [Double],
    churned: [Bool],
    customerValues: [Double],
    offer: RetentionOffer = RetentionOffer(),
    acceptRate: BetaBelief = BetaBelief(a: 6, b: 14)
  ) throws(EvaluationError) {
    try acceptRate.check()
    _ = try ROCCurve(scores, outcomes: churned)
    let hull = Self.hull(
      try ProfitCurve.Cut.all(scores, churned: churned, customerValues: customerValues, offer)
    )
    let n = Double(churned.count)
    var (profit, share) = (0.0, 0.0)
    var best = (profit: 0.0, rows: 0)
    var low = 0.0
    for (place, corner) in hull.enumerated() {
      // The accept rate from which on the next corner is better.
      let next = place + 1 < hull.count ? Self.rate(corner, hull[place + 1]) : 1
      let high = min(max(next, low), 1)
      let chance = acceptRate.chance(of: low, to: high)
      let rateSum = acceptRate.mean * acceptRate.next.chance(of: low, to: high)
      profit += (corner.gain * rateSum - corner.cost * chance) / n
      share += Double(corner.contacted) / n * chance
      let atMean = corner.gain * acceptRate.mean - corner.cost
      if atMean > best.profit { best = (atMean, corner.contacted) }
      low = high
    }
    self.profit = profit
    self.share = share
    profitAtMeanRate = best.profit / n
    shareAtMeanRate = Double(best.rows) / n
  }

  /// The accept rate at which two cuts earn the same.
  private static func rate(_ one: ProfitCurve.Cut, _ other: ProfitCurve.Cut) -> Double {
    (other.cost - one.cost) / (other.gain - one.gain)
  }

  /// The cuts that are best for some accept rate, with rising gain.
  private static func hull(_ cuts: [ProfitCurve.Cut]) -> [ProfitCurve.Cut] {
    var hull = [cuts[0]]
    for cut in cuts where cut.gain > hull[hull.count - 1].gain {
      while let last = hull.last, hull.count > 1,
        rate(hull[hull.count - 2], last) >= rate(last, cut)
      {
        hull.removeLast()
      }
      hull.append(cut)
    }
    return hull
  }
}
