internal import LodeColumns
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// The money in a retention campaign, as the pipeline file tells it.
struct ChurnProfitSettings: Sendable {
  /// What keeping a customer earns: an amount in the currency of the pipeline, or that amount
  /// times a column of the customer.
  struct Value: Sendable {
    let amount: Double
    let column: String?
  }

  let value: Value
  let offer: RetentionOffer
  /// The share of contacted churners who stay, and how sure that is.
  let acceptRate: BetaBelief

  /// Reads `profit: { value, offer, contact_cost, accept_rate }`; where customers have columns of
  /// their own, `value` may be `{ column, times }`.
  ///
  /// - Source of the defaults: Verbraken, Verbeke & Baesens (2013): value 200, offer 10, contact
  ///   1, accept rate Beta(6, 14) with the mean 0.3.
  init(_ reader: ConfigurationReader, readsColumn: Bool = false) throws(Diagnostic) {
    let settings = try reader.object("profit")
    if readsColumn, case .object? = settings?.node("value")?.kind,
      let own = try settings?.object("value")
    {
      value = Value(
        amount: try own.number("times", in: 1e-9...1e9) ?? 1,
        column: try own.requiredString("column")
      )
      try own.finish()
    } else {
      value = Value(amount: try settings?.number("value", in: 0...1e12) ?? 200, column: nil)
    }
    offer = RetentionOffer(
      incentive: try settings?.number("offer", in: 0...1e12) ?? 10,
      contactCost: try settings?.number("contact_cost", in: 0...1e12) ?? 1
    )
    let rate = try settings?.number("accept_rate", in: 0.001...0.999) ?? 0.3
    // As sure as 20 customers asked before.
    acceptRate = BetaBelief(a: 20 * rate, b: 20 * (1 - rate))
    try settings?.finish()
    guard value.column != nil || value.amount > offer.incentive else {
      throw reader.problem(
        at: reader.node("profit") ?? reader.node,
        "\"profit\" of \(reader.subject) has a value of \(JSONText.number(value.amount)) and an "
          + "offer of \(JSONText.number(offer.incentive)).",
        fix: "give a customer value above the cost of the offer."
      )
    }
  }

  /// The value of each customer of a table, whole minor units; missing where the column is.
  ///
  /// - Throws: a diagnostic for a column that is not there or holds no numbers.
  func values(_ table: Table, stageName: String) throws(Diagnostic) -> Column {
    guard let name = value.column else {
      return Column(money: Array(repeating: value.amount, count: table.rowCount), scale: 2)
    }
    let column = try table.requiredColumn(name)
    let feature = ContractualColumns.feature(column, name: name, isCategory: false)
    guard case .numeric(let numbers) = feature.values else {
      throw Diagnostic(
        .usage,
        at: "stage \(stageName)",
        "the column \"\(name)\" of profit.value holds text.",
        fix: "name a column of amounts."
      )
    }
    return Column(money: numbers.map { $0 * value.amount }, scale: max(column.type.scale, 2))
  }

  /// The settings in words.
  func words(_ currency: String) -> String {
    let times = value.column.map { " × \"\($0)\"" } ?? ""
    return "keeping a customer earns \(JSONText.number(value.amount))\(times) \(currency), an "
      + "offer costs \(JSONText.number(offer.incentive)), a contact "
      + "\(JSONText.number(offer.contactCost)); "
      + "\((acceptRate.mean * 100).rounded(toPlaces: 1)) % of the churners contacted stay"
  }
}

/// What contacting the customers of highest score would have earned in the test.
struct ChurnProfit: Sendable {
  private static let steps = 20

  /// The curve for the mean accept rate.
  let curve: ProfitCurve
  /// The best profit on average over accept rates; nil where it cannot be told.
  let expected: ExpectedMaximumProfit?

  init(
    _ probabilities: [Double],
    churned: [Bool],
    values: [Double],
    _ settings: ChurnProfitSettings
  ) throws {
    curve = try ProfitCurve(
      probabilities,
      churned: churned,
      customerValues: values,
      offer: settings.offer,
      acceptRate: settings.acceptRate.mean
    )
    expected = try? ExpectedMaximumProfit(
      probabilities,
      churned: churned,
      customerValues: values,
      offer: settings.offer,
      acceptRate: settings.acceptRate
    )
  }

  /// The best campaigns in words.
  func words(_ currency: String) -> String {
    func percent(_ share: Double) -> String { "\((share * 100).rounded(toPlaces: 1)) %" }
    let cut = curve.best.threshold
      .map { "churn_p of \($0.rounded(toPlaces: 4)) and above, \(percent(curve.bestShare))" }
    let least =
      "at the mean accept rate contact \(cut ?? "nobody"): "
      + "\(curve.maximumProfitPerCustomer.rounded(toPlaces: 2)) \(currency) a customer (MPC)"
    guard let expected else { return least }
    return "best share to contact \(percent(expected.share)), expected maximum profit "
      + "\(expected.profit.rounded(toPlaces: 2)) \(currency) a customer (EMPC); \(least)"
  }

  /// The curve by share contacted, then the best points.
  ///
  /// These are `maximum` (MPC, mean accept rate) and `expected_maximum` (EMPC, over accept rates).
  /// Profit is a customer of the base; `churn_p_least` is the lowest score contacted.
  var table: Table {
    let n = Double(max(curve.customerCount, 1))
    var rows: [(kind: String, share: Double, profit: Double, random: Double?, cut: Double?)] =
      []
    for step in 0...Self.steps {
      let share = Double(step) / Double(Self.steps)
      let wanted = Int((share * n).rounded())
      // Tied customers are contacted together: the last point that is not beyond the share.
      var (low, high) = (0, curve.points.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if curve.points[middle].contacted <= wanted { low = middle } else { high = middle - 1 }
      }
      let point = curve.points[low]
      let random = curve.randomProfit(share: share) / n
      rows.append(("curve", share, point.profit / n, random, point.threshold))
    }
    let best = curve.best.threshold
    rows.append(("maximum", curve.bestShare, curve.maximumProfitPerCustomer, nil, best))
    if let expected {
      rows.append(("expected_maximum", expected.share, expected.profit, nil, nil))
    }
    return Table([
      "kind": Column(texts: rows.map(\.kind)),
      "share_contacted": Column(doubles: rows.map(\.share)),
      "profit_per_customer": Column(doubles: rows.map(\.profit)),
      "profit_at_random": Column(optional: rows.map(\.random)),
      "churn_p_least": Column(optional: rows.map(\.cut)),
    ])
  }
}
