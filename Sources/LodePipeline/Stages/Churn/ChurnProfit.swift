internal import LodeColumns
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// The money in a retention campaign, as the pipeline file tells it.
struct ChurnProfitSettings: Sendable {
  /// What keeping a customer earns, in the currency of the pipeline.
  let value: Double
  let offer: RetentionOffer
  /// The share of contacted churners who stay, and how sure that is.
  let acceptRate: BetaBelief

  /// Reads `profit: { value, offer, contact_cost, accept_rate }`.
  ///
  /// - Source of the defaults: Verbraken, Verbeke & Baesens (2013): value 200, offer 10, contact
  ///   1, accept rate Beta(6, 14) with the mean 0.3.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let settings = try reader.object("profit")
    value = try settings?.number("value", in: 0...1e12) ?? 200
    offer = RetentionOffer(
      incentive: try settings?.number("offer", in: 0...1e12) ?? 10,
      contactCost: try settings?.number("contact_cost", in: 0...1e12) ?? 1
    )
    let rate = try settings?.number("accept_rate", in: 0.001...0.999) ?? 0.3
    // As sure as 20 customers asked before.
    acceptRate = BetaBelief(a: 20 * rate, b: 20 * (1 - rate))
    try settings?.finish()
    guard value > offer.incentive else {
      throw reader.problem(
        at: reader.node("profit") ?? reader.node,
        "\"profit\" of \(reader.subject) has a value of \(JSONText.number(value)) and an offer of "
          + "\(JSONText.number(offer.incentive)).",
        fix: "give a customer value above the cost of the offer."
      )
    }
  }
}

/// What contacting the customers of highest score would have earned on the test date.
struct ChurnProfit: Sendable {
  private static let steps = 20

  /// The curve for the mean accept rate.
  let curve: ProfitCurve
  /// The best profit on average over accept rates; nil where it cannot be told.
  let expected: ExpectedMaximumProfit?

  init(
    _ probabilities: [Double],
    churned: [Bool],
    _ settings: ChurnProfitSettings
  ) throws {
    curve = try ProfitCurve(
      probabilities,
      churned: churned,
      customerValue: settings.value,
      offer: settings.offer,
      acceptRate: settings.acceptRate.mean
    )
    expected = try? ExpectedMaximumProfit(
      probabilities,
      churned: churned,
      customerValue: settings.value,
      offer: settings.offer,
      acceptRate: settings.acceptRate
    )
  }

  /// The curve by share contacted, then the best points.
  ///
  /// These are `maximum` (MPC, mean accept rate) and `expected_maximum` (EMPC, over accept rates).
  /// Profit is a customer of the base.
  var table: Table {
    let n = Double(max(curve.customerCount, 1))
    var rows: [(kind: String, share: Double, profit: Double, random: Double?)] = []
    for step in 0...Self.steps {
      let share = Double(step) / Double(Self.steps)
      let wanted = Int((share * n).rounded())
      // Tied customers are contacted together: the last point that is not beyond the share.
      var (low, high) = (0, curve.points.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if curve.points[middle].contacted <= wanted { low = middle } else { high = middle - 1 }
      }
      let profit = curve.points[low].profit / n
      rows.append(("curve", share, profit, curve.randomProfit(share: share) / n))
    }
    rows.append(("maximum", curve.bestShare, curve.maximumProfitPerCustomer, nil))
    if let expected {
      rows.append(("expected_maximum", expected.share, expected.profit, nil))
    }
    return Table([
      "kind": Column(texts: rows.map(\.kind)),
      "share_contacted": Column(doubles: rows.map(\.share)),
      "profit_per_customer": Column(doubles: rows.map(\.profit)),
      "profit_at_random": Column(optional: rows.map(\.random)),
    ])
  }
}
