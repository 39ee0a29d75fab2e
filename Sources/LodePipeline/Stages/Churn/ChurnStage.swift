internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// Features at past dates and labels behind a gap to churn scores with reasons.
///
/// The backtest rolls over past dates and trains each time on what was known then; the scores of
/// today come from the best model, trained on all labelled dates, with the level that the base-rate
/// forecast gives. Rows are read shard by shard and only in the columns that are needed. The plain
/// logistic model learns from all rows; the others, and those of the backtest, from the rows of a
/// fixed choice of customers where there are more than 200,000.
public struct ChurnStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.classify
  /// The name in pipeline files.
  public static let method = "logistic"
  /// The version of the method.
  public static let version = 7

  let selection: FeatureSelection
  let horizonDays: Int
  let gapDays: Int
  let activeDays: Int
  let model: ChurnModelChoice
  let originCount: Int
  let penalty: Double
  let reasonCount: Int
  let netsReturns: Bool
  let productsOnly: Bool
  let profit: ChurnProfitSettings
  let gates: ChurnGates

  /// Reads `label`, `gap_days`, `active_days`, `features`, `model`, `l2`, `backtest`, `reasons`,
  /// `profit` and `gates`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    selection =
      try FeatureSelection(reader)
      ?? FeatureSelection([
        "days_since_last": .logOnePlus, "gap_ratio": .logOnePlus, "gap_mean_days": .logOnePlus,
        "orders_364d": .logOnePlus, "is_single_order": .identity, "orders_91d": .logOnePlus,
        "average_order_value": .signedLogOnePlus, "value_91d": .signedLogOnePlus,
        "basket_products": .logOnePlus, "order_weeks": .logOnePlus,
        "order_value_level": .identity, "price_level": .identity, "quantity_level": .identity,
      ])
    try selection.refuseLeaks(reader)
    let label = try reader.object("label")
    horizonDays = try label?.integer("no_order_in_days", in: 1...3660) ?? 90
    try label?.finish()
    gapDays = try reader.integer("gap_days", in: 0...366) ?? 0
    activeDays = try reader.integer("active_days", in: 1...36_600) ?? 364
    model = try reader.choice("model", of: ChurnModelChoice.self) ?? .logistic
    penalty = try reader.number("l2", in: 0...1e9) ?? 30
    let backtest = try reader.object("backtest")
    originCount = try backtest?.integer("origins", in: 1...52) ?? 4
    try backtest?.finish()
    reasonCount = try reader.integer("reasons", in: 0...3) ?? 3
    netsReturns = try reader.boolean("net_returns") ?? true
    productsOnly = try reader.boolean("products_only") ?? true
    profit = try ChurnProfitSettings(reader)
    gates = try ChurnGates(reader)
  }

  /// The features and the orders that make the labels.
  public var inputs: [String] { ["customer_features", "order_lines", "return_matches"] }
  /// Scores, model and backtest.
  public var outputs: [String] {
    [
      "churn_scores", "model.churn", "churn_backtest", "churn_lift", "churn_calibration",
      "churn_outlook", "churn_drift", "churn_profit",
    ]
  }

  /// Trains, tests and scores.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    var data = try ChurnData(self, tables, context)
    let backtest = try ChurnBacktest(self, data, context)
    try gates.check(backtest, context)
    let calibration = try ChurnCalibration(
      slices: backtest.slices[backtest.champion] ?? [],
      history: data.history(data.mature(at: context.asOf)),
      pastErrors: backtest.levelErrors,
      at: context.asOf
    )
    let sample = data.rows.matrix(Array(backtest.last.rows.prefix(20_000)))
    let compared = ChurnDrift.chosen(data.rows.count)
    let before = data.rows.matrix(compared)
    let leaks = try gates.checkLeaks(data.rows, backtest.last, context)
    let groups = backtest.groupTable(data.rows, selection)
    let final = try model(backtest.champion, &data, context)
    let importances = ChurnDrift.importances(try final.contributions(sample))
    let scoring = try ChurnScoring(self, final, calibration, data.today, context)
    let now = scoring.activeSample()
    let drift = try ChurnDrift(
      names: selection.names,
      training: before,
      today: now,
      logOdds: (try final.logOdds(before), try final.logOdds(now)),
      importances: importances
    )
    try gates.check(drift, context)
    let profit = try ChurnProfit(
      backtest.latest(backtest.champion.rawValue)?.probabilities ?? [],
      churned: backtest.last.churned,
      values: Array(repeating: self.profit.value.amount, count: backtest.last.churned.count),
      self.profit
    )
    var output = StageOutput()
    let terms = final.table(importances: importances)
    output.tables = [
      try scoring.table(),
      OutputTable("model.churn", terms),
      OutputTable("churn_backtest", backtest.table(horizonDays: horizonDays, gapDays: gapDays)),
      OutputTable("churn_lift", backtest.liftTable()),
      OutputTable("churn_calibration", backtest.calibrationTable()),
      OutputTable("churn_outlook", scoring.outlook),
      OutputTable("churn_drift", drift.table),
      OutputTable("churn_profit", profit.table),
    ]
    let parts = ChurnCardParts(
      data: data,
      backtest: backtest,
      scoring: scoring,
      model: final,
      drift: drift,
      profit: profit,
      terms: terms,
      groups: groups
    )
    output.files = card(parts, context).files(in: "\(context.asOf)/\(context.stageName)")
    output.finding = backtest.finding + "; " + scoring.finding
    output.details = backtest.lines
    output.warnings = leaks + drift.warnings(see: "churn_drift")
    if !final.converged { output.warnings.append("the churn model did not converge") }
    return output
  }

  /// The model of all labelled dates; the rows are used up.
  private func model(
    _ kind: ChurnModelKind,
    _ data: inout ChurnData,
    _ context: StageContext
  ) throws -> ChurnModel {
    let names = selection.names
    if kind != .logistic || data.rows.count <= ChurnBacktest.fitLimit {
      let chosen = data.sample(Array(data.days.indices), limit: ChurnBacktest.fitLimit)
      return try ChurnModel(
        kind,
        data.rows,
        chosen: chosen,
        penalty: penalty,
        seed: context.seed
      )
    }
    let sample = data.sample(Array(data.days.indices), limit: ChurnBacktest.testLimit)
    let part = data.rows.matrix(sample)
    let used = try MonotoneLogistic.screened(
      part,
      churned: data.rows.outcomes(sample),
      names: names,
      penalty: penalty
    )
    // The rows give up their memory, in which only the columns that are used stay.
    let plain = try MonotoneLogistic(
      data.rows.takeFeatures(used),
      churned: data.rows.churned,
      customers: data.rows.customers,
      names: used.map { names[$0] },
      penalty: penalty
    )
    return ChurnModel(
      MonotoneLogistic(plain, at: used, of: names, Standardization(part)),
      baseRate: Double(data.rows.churned.count { $0 }) / Double(max(data.rows.count, 1))
    )
  }
}
