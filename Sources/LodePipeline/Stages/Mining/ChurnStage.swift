internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// Features at past dates and labels behind a gap to churn scores with reasons.
///
/// The backtest trains on the dates whose labels were complete before the last labelled date and
/// scores that date; the scores of today come from a model trained on all labelled dates.
public struct ChurnStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.classify
  /// The name in pipeline files.
  public static let method = "logistic"
  /// The version of the method.
  public static let version = 4

  let selection: FeatureSelection
  let horizonDays: Int
  let gapDays: Int
  let penalty: Double
  let reasonCount: Int
  private let leastAUC: Double?
  private let beatsRecency: Bool
  private let netsReturns: Bool
  private let productsOnly: Bool

  /// Reads `label`, `gap_days`, `features`, `l2`, `reasons` and `gates`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    selection =
      try FeatureSelection(reader)
      ?? FeatureSelection([
        "days_since_last": .logOnePlus, "gap_ratio": .logOnePlus, "gap_mean_days": .logOnePlus,
        "orders": .logOnePlus, "is_single_order": .identity, "orders_91d": .logOnePlus,
        "average_order_value": .signedLogOnePlus, "value_91d": .signedLogOnePlus,
        "basket_products": .logOnePlus, "age_days": .logOnePlus,
      ])
    let label = try reader.object("label")
    horizonDays = try label?.integer("no_order_in_days", in: 1...3660) ?? 90
    try label?.finish()
    gapDays = try reader.integer("gap_days", in: 0...366) ?? 0
    penalty = try reader.number("l2", in: 0...1e9) ?? 1
    reasonCount = try reader.integer("reasons", in: 0...3) ?? 3
    netsReturns = try reader.boolean("net_returns") ?? true
    productsOnly = try reader.boolean("products_only") ?? true
    let gates = try reader.object("gates")
    leastAUC = try gates?.number("auc_min", in: 0...1)
    beatsRecency = try gates?.boolean("beats_recency") ?? false
    try gates?.finish()
  }

  /// The features and the orders that make the labels.
  public var inputs: [String] { ["customer_features", "order_lines", "return_matches"] }
  /// Scores, model and backtest.
  public var outputs: [String] {
    ["churn_scores", "model.churn", "churn_backtest", "churn_lift", "churn_calibration"]
  }

  /// Trains, tests and scores.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let features = try tables.table("customer_features")
    let histories = try PurchaseHistories(
      orderLines: try tables.table("order_lines"),
      returnMatches: netsReturns ? try tables.table("return_matches") : nil,
      productsOnly: productsOnly
    )
    let data = try ChurnData(self, features: features, histories: histories, asOf: context.asOf)
    let backtest = try ChurnBacktest(data, penalty: penalty, stageName: context.stageName)
    try checkGates(backtest, context)
    let final = try ChurnModel(data.all, names: selection.names, penalty: penalty)
    let scored = try scores(final, features: features, context)
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "churn_scores",
        scored,
        shardedBy: "customer_id",
        order: [SortKey("customer_id")]
      ),
      OutputTable("model.churn", final.table()),
      OutputTable("churn_backtest", backtest.table(horizonDays: horizonDays, gapDays: gapDays)),
      OutputTable("churn_lift", backtest.liftTable()),
      OutputTable("churn_calibration", backtest.calibrationTable()),
    ]
    output.finding = backtest.finding
    if !final.model.converged { output.warnings.append("the logistic model did not converge") }
    return output
  }

  private func checkGates(_ backtest: ChurnBacktest, _ context: StageContext) throws(Diagnostic) {
    let auc = backtest.scores.auc ?? 0.5
    if let leastAUC, auc < leastAUC {
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the AUC on \(backtest.testDate) is \(auc.rounded(toPlaces: 4)), the gate asks for "
          + "\(leastAUC): nothing was published.",
        fix:
          "look at churn_backtest of the last good run; add training dates or lower gates.auc_min."
      )
    }
    if beatsRecency, auc <= backtest.recencyAUC {
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the model (AUC \(auc.rounded(toPlaces: 4))) does not beat the recency rule "
          + "(\(backtest.recencyAUC.rounded(toPlaces: 4))): nothing was published.",
        fix: "use the recency rule, add features, or drop gates.beats_recency."
      )
    }
  }

  private func scores(
    _ final: ChurnModel,
    features: Table,
    _ context: StageContext
  ) throws -> Table {
    let today = try CurrentFeatures.customers(features, asOf: context.asOf)
    let transformed = try selection.matrix(today)
    let probabilities = final.probabilities(transformed)
    let reasons = ChurnReasons(today, count: reasonCount, currency: context.currency)
      .columns(final, transformed, probabilities)
    let bands = probabilities.map { $0 < 0.33 ? "low" : $0 < 0.66 ? "medium" : "high" }
    return Table(
      Schema([
        Field("customer_id", .text), Field("as_of", .date), Field("churn_p", .double),
        Field("churn_band", .text), Field("reason_1", .text), Field("reason_2", .text),
        Field("reason_3", .text),
      ]),
      [
        today.columns[0], today.columns[1], Column(doubles: probabilities),
        Column(texts: bands),
      ] + reasons
    )
  }
}
