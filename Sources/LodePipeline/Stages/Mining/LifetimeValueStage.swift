internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to what every customer will buy and be worth, with intervals and a holdout.
///
/// One purchase a day and customer, products net of their returns. The model of purchases is the
/// one named, or (`auto`) that of highest likelihood of BG/NBD, MBG/NBD and Pareto/NBD, all of four
/// parameters; the model of values is Gamma-Gamma. Customers are ranked by value, never by the
/// chance to be alive.
///
/// Where the data do not say what the parameters are, figures of customers come from the highest
/// point found, totals have no interval, and a warning says so; without a single customer before
/// the as-of date the stage fails.
public struct LifetimeValueStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.forecast
  /// The name in pipeline files.
  public static let method = "bgnbd+gamma_gamma"
  /// The version of the method.
  public static let version = 5

  /// Which model of purchases.
  enum ModelChoice: String, CaseIterable {
    case auto
    case bgnbd
    case mbgnbd
    case paretonbd

    /// The kinds of models to fit.
    var kinds: [LifetimeModel.Kind] {
      switch self {
      case .auto: [.mbgnbd, .bgnbd, .paretonbd]
      case .bgnbd: [.bgnbd]
      case .mbgnbd: [.mbgnbd]
      case .paretonbd: [.paretonbd]
      }
    }
  }

  /// The units that the models may have.
  enum UnitChoice: String, CaseIterable {
    case day
    case week
  }

  private let settings: LifetimeStudy.Settings
  private let discount: DiscountRate
  private let netsReturns: Bool
  private let covariates: [String]

  /// Reads `model`, `unit`, `horizon_days`, `interval`, `discount_rate`, `holdout_days`,
  /// `bootstrap`, `net_returns` and `covariates`.
  ///
  /// `covariates`, for example `["channel"]`, names columns of the order lines: the parameters of
  /// the model of purchases then depend on what a customer's first order had there (the first ever,
  /// so nothing is known too early). The largest level of a column is the base, levels of fewer
  /// than 20 customers or 1 % and those beyond the eighth are `other`; coefficients are rows
  /// `alpha:channel=web` of `model.clv` with error and interval, beside a likelihood ratio test.
  ///
  /// `bootstrap`, 10 or more resamples, takes the place of the delta method: better with a few
  /// hundred customers, and an interval even where the parameters are not identified.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let choice = try reader.choice("model", of: ModelChoice.self) ?? .auto
    let unit = try reader.choice("unit", of: UnitChoice.self) ?? .week
    settings = LifetimeStudy.Settings(
      kinds: choice.kinds,
      unit: unit == .day ? .day : .week,
      horizonDays: try reader.integer("horizon_days", in: 1...3660) ?? 365,
      level: try reader.number("interval", in: 0.5...0.999) ?? 0.9,
      holdoutDays: try reader.integer("holdout_days", in: 0...3660),
      bootstrap: try reader.integer("bootstrap", in: 10...10_000) ?? 0
    )
    discount = DiscountRate(yearly: try reader.number("discount_rate", in: 0.001...10) ?? 0.1)
    netsReturns = try reader.boolean("net_returns") ?? true
    covariates = try Self.covariates(reader)
  }

  private static func covariates(_ reader: ConfigurationReader) throws(Diagnostic) -> [String] {
    let choices = ["category", "channel", "country"]
    let names = try reader.strings("covariates") ?? []
    for name in names where !choices.contains(name) {
      throw reader.problem(
        at: reader.node("covariates") ?? reader.node,
        "\"covariates\" of \(reader.subject) has \"\(name)\""
          + "\(Suggestion.ending(for: name, in: choices))",
        fix: "choose from \(choices.joined(separator: ", "))."
      )
    }
    guard Set(names).count == names.count else {
      throw reader.problem(
        at: reader.node("covariates") ?? reader.node,
        "\"covariates\" of \(reader.subject) names a column twice.",
        fix: "name each column once."
      )
    }
    return names
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines", "return_matches"] }
  /// Customers, the models, the test on the holdout and the totals.
  public var outputs: [String] { ["customer_clv", "model.clv", "clv_holdout", "clv_totals"] }

  /// Fits, tests on the time held out, and forecasts.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let purchases = try purchaseDays(tables, shards)
    let today = context.asOf.daysSinceEpoch
    guard let first = purchases.firstDay, first < today else {
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "no order of a known customer lies before the as-of date \(context.asOf).",
        fix: "choose a later --as-of, or check the dates of the source."
      )
    }
    var settings = settings
    settings.seed = context.seed
    let study = LifetimeStudy(purchases, settings, asOf: today)
    let made = LifetimeTables(
      study: study,
      purchases: purchases,
      discount: discount,
      currency: context.currency
    )
    let order = [SortKey("customer_id")]
    let residuals = made.residualPurchases()
    let customers = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) in
      try context.handOver(
        made.customers(purchases.parts[index], residuals, asOf: context.asOf),
        to: "customer_clv",
        shard: shards[index],
        order: order
      )
    }
    var output = StageOutput()
    output.tables = [
      OutputTable("customer_clv", customers, shardedBy: "customer_id", order: order),
      OutputTable("model.clv", made.models()),
      OutputTable("clv_holdout", made.holdout()),
      OutputTable("clv_totals", made.totals()),
    ]
    output.finding = made.finding()
    output.warnings = study.fits.warnings
    return output
  }

  /// The purchases of all shards, one shard a part.
  private func purchaseDays(
    _ tables: StageInputs,
    _ shards: [Int?]
  ) throws(Diagnostic) -> PurchaseDays {
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) in
      var part = PurchaseDays()
      let returns = netsReturns ? try tables.table("return_matches", shard: shards[index]) : nil
      try part.append(
        orderLines: try tables.table(
          "order_lines",
          shard: shards[index],
          columns: PurchaseDays.lineColumns(with: returns) + covariates
        ),
        returnMatches: returns,
        firstOrderColumns: covariates
      )
      return part
    }
    return PurchaseDays(parts)
  }
}
