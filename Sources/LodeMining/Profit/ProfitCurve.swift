/// What a campaign to the best-scored customers earns, for every number of contacts.
///
/// - Input: `scores`, higher for likelier churners; `churned`, one a customer; what each is worth.
/// - Output: one point a distinct score, so that tied customers are contacted together.
/// - Complexity: O(`n` log `n`).
/// - Source: Verbeke et al. (2012), "New insights into churn prediction in the telecommunication
///   sector: a profit driven data mining approach", European Journal of Operational Research 218.
public struct ProfitCurve: Sendable, Hashable, Codable {
  /// The campaign down to one score.
  public struct Point: Sendable, Hashable, Codable {
    /// The lowest score contacted; nil where nobody is.
    public let threshold: Double?
    /// The customers contacted.
    public let contacted: Int
    /// The churners among them.
    public let churners: Int
    /// The profit of the campaign, in the currency of the values.
    public let profit: Double
  }

  /// From nobody to everybody, by descending threshold.
  public let points: [Point]
  /// The point of the highest profit; of equals the one with the fewest contacts.
  public let best: Point

  /// The customers of the curve.
  public var customerCount: Int { points.last?.contacted ?? 0 }
  /// The share of customers contacted at the best point, 0…1.
  public var bestShare: Double { Double(best.contacted) / Double(max(customerCount, 1)) }
  /// The highest profit a customer of the base, contacted or not: the maximum profit measure.
  public var maximumProfitPerCustomer: Double { best.profit / Double(max(customerCount, 1)) }
  /// The profit of contacting everybody.
  public var profitOfAll: Double { points.last?.profit ?? 0 }

  /// The profit of contacting a random share of the customers, 0…1.
  public func randomProfit(share: Double) -> Double { share * profitOfAll }

  /// The curve where each customer has a value of its own.
  ///
  /// - Parameters:
  ///   - scores: one a customer.
  ///   - churned: whether the customer left, one a customer.
  ///   - customerValues: what keeping the customer earns, one a customer; may be below 0.
  ///   - offer: what the offer costs.
  ///   - acceptRate: the share of contacted churners who stay, 0…1.
  /// - Throws: ``EvaluationError`` for no rows, numbers that are not finite, or a bad offer.
  public init(
    _ scores: [Double],
    churned: [Bool],
    customerValues: [Double],
    offer: RetentionOffer = RetentionOffer(),
    acceptRate: Double = 0.3
  ) throws(EvaluationError) {
    guard (0...1).contains(acceptRate) else {
      throw .badConfiguration(
        reason: "the accept rate is \(acceptRate)",
        fix: "give the share of contacted churners who stay, 0…1"
      )
    }
    points = try Cut.all(scores, churned: churned, customerValues: customerValues, offer)
      .map { cut in
        Point(
          threshold: cut.threshold,
          contacted: cut.contacted,
          churners: cut.churners,
          profit: acceptRate * cut.gain - cut.cost
        )
      }
    best = points.dropFirst().reduce(points[0]) { $1.profit > $0.profit ? $1 : $0 }
  }

  /// The curve where all customers are worth `customerValue`.
  ///
  /// - Parameters:
  ///   - scores: one a customer.
  ///   - churned: whether the customer left, one a customer.
  ///   - customerValue: what keeping any customer earns.
  ///   - offer: what the offer costs.
  ///   - acceptRate: the share of contacted churners who stay, 0…1.
  /// - Throws: ``EvaluationError`` as the other one.
  public init(
    _ scores: [Double],
    churned: [Bool],
    customerValue: Double = 200,
    offer: RetentionOffer = RetentionOffer(),
    acceptRate: Double = 0.3
  ) throws(EvaluationError) {
    try self.init(
      scores,
      churned: churned,
      customerValues: [Double](repeating: customerValue, count: churned.count),
      offer: offer,
      acceptRate: acceptRate
    )
  }
}

extension ProfitCurve {
  /// The campaign down to one score, for any share of churners who accept: it earns that share of
  /// ``gain`` less ``cost``.
  struct Cut {
    let threshold: Double?
    let contacted: Int
    let churners: Int
    /// Σ over the churners of value − incentive.
    let gain: Double
    /// The contacts of churners, the contacts and gifts of the loyal.
    let cost: Double

    /// From nobody to everybody; what costs more is behind.
    ///
    /// - Throws: ``EvaluationError`` for no rows, numbers that are not finite, or a bad offer.
    static func all(
      _ scores: [Double],
      churned: [Bool],
      customerValues: [Double],
      _ offer: RetentionOffer
    ) throws(EvaluationError) -> [Cut] {
      try EvaluationError.check(scores, "scores", rows: churned.count)
      try EvaluationError.check(customerValues, "customer values", rows: churned.count)
      try offer.check()
      var cuts = [Cut(threshold: nil, contacted: 0, churners: 0, gain: 0, cost: 0)]
      let order = Ranks.descending(scores)
      var churners = 0
      var keptValue = 0.0
      for (place, row) in order.enumerated() {
        if churned[row] {
          churners += 1
          keptValue += customerValues[row]
        }
        let isLast = place + 1 == order.count || scores[order[place + 1]] != scores[row]
        guard isLast else { continue }
        let loyal = place + 1 - churners
        cuts.append(
          Cut(
            threshold: scores[row],
            contacted: place + 1,
            churners: churners,
            gain: keptValue - Double(churners) * offer.incentive,
            cost: Double(churners) * offer.contactCost + Double(loyal) * offer.costOfLoyal
          )
        )
      }
      return cuts
    }
  }
}
