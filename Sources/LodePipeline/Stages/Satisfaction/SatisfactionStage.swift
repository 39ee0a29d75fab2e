internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
internal import LodeMining
public import LodeRuntime

/// Answers to surveys and order lines to zones of satisfaction and the four kinds of customers.
///
/// Whether somebody bought again counts only where all of `repurchase_days` behind the answer lie
/// before the as-of date; of each respondent the last such answer counts. Later answers have a zone
/// and the chance of the curve, and no kind yet.
public struct SatisfactionStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "satisfaction"
  /// The version of the method.
  public static let version = 2

  private let from: String
  private let survey: SurveySettings
  private let repurchaseDays: Int
  private let repurchasePlace: String
  private let cuts: Cuts
  private let productsOnly: Bool
  private let rejectLimit: RejectLimit

  /// The scores, 1…5, above which indifference begins and from which on affection does.
  private struct Cuts: Sendable {
    var indifference = 3.0
    var affection = 4.5
  }

  /// Reads `from`, `columns`, `scale`, `repurchase_days`, `cuts`, `products_only` and the limit of
  /// bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.string("from") ?? "surveys"
    survey = try SurveySettings(reader)
    repurchaseDays = try reader.integer("repurchase_days", in: 1...3660) ?? 90
    repurchasePlace = reader.place(of: reader.node("repurchase_days") ?? reader.node)
    var cuts = Cuts()
    if let object = try reader.object("cuts") {
      cuts.indifference = try object.number("indifference", in: 1...5) ?? cuts.indifference
      cuts.affection = try object.number("affection", in: 1...5) ?? cuts.affection
      try object.finish()
      guard cuts.indifference < cuts.affection else {
        throw reader.problem(
          at: object.node,
          "\(object.subject) crosses: affection at \(cuts.affection) begins below indifference at "
            + "\(cuts.indifference).",
          fix: "keep indifference < affection, both on a scale of 1 to 5."
        )
      }
    }
    self.cuts = cuts
    productsOnly = try reader.boolean("products_only") ?? true
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The surveys and the clean sales.
  public var inputs: [String] { [from, "order_lines"] }
  /// A row a respondent, the sizes of zones and kinds, and the curve.
  public var outputs: [String] {
    ["satisfaction_zones", "satisfaction_summary", "satisfaction_curve"]
  }

  /// Sorts the answers, looks who bought again, and measures how far the two go together.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let answers = try SurveyAnswers(try tables.table(from), from, survey, asOf: context.asOf)
    try answers.checked.check(rejectLimit, context)
    let respondents = Respondent.all(
      answers.answers,
      orders: try tables.orderTimes(
        of: Set(answers.answers.map(\.customer)),
        productsOnly: productsOnly
      ),
      window: Int64(repurchaseDays) * Timestamp.microsecondsPerDay,
      asOf: context.asOf
    )
    let mature = respondents.compactMap(\.mature)
    try checkOutcomes(mature)
    let scores = mature.map(\.score)
    let boughtAgain = mature.map(\.boughtAgain)
    let zones = try SatisfactionZones(
      scores: scores,
      scale: 1...5,
      boughtAgain: boughtAgain,
      cuts: (cuts.indifference, cuts.affection)
    )
    let auc = try? AUCInterval(scores, outcomes: boughtAgain, confidenceLevel: 0.9)
    var output = StageOutput()
    output.tables = [
      OutputTable(
        "satisfaction_zones",
        SatisfactionTables.zones(
          respondents,
          zones,
          cuts: (cuts.indifference, cuts.affection),
          asOf: context.asOf
        ),
        shardedBy: "customer_id",
        order: [SortKey("customer_id")]
      ),
      OutputTable(
        "satisfaction_summary",
        SatisfactionTables.summary(
          zones,
          boughtAgain: boughtAgain,
          auc: auc,
          repurchaseDays: repurchaseDays
        )
      ),
      OutputTable(
        "satisfaction_curve",
        SatisfactionTables.curve(zones, scores: scores, boughtAgain: boughtAgain)
      ),
    ]
    answers.checked.note(in: &output)
    output.finding = finding(answers, respondents.count, zones, auc)
    return output
  }

  private func checkOutcomes(_ mature: [Respondent.MatureAnswer]) throws(Diagnostic) {
    let loyal = mature.count { $0.boughtAgain }
    guard loyal == 0 || loyal == mature.count else { return }
    throw Diagnostic(
      .failure,
      at: repurchasePlace,
      "\(loyal) of \(mature.count) respondents, whose \(repurchaseDays) days behind the answer are "
        + "over, bought again: there is nothing to tell apart.",
      fix: "change repurchase_days, or take surveys that lie further back."
    )
  }

  private func finding(
    _ answers: SurveyAnswers,
    _ respondentCount: Int,
    _ zones: SatisfactionZones,
    _ auc: AUCInterval?
  ) -> String {
    let parts = zones.rows.map { row in
      "\(row.zone.rawValue) \(row.people)"
        + (row.repurchase.map { " (\(($0.mean * 100).rounded(toPlaces: 0)) % bought again)" } ?? "")
    }
    let words = auc.map { auc in
      "; AUC of the score \(auc.auc.rounded(toPlaces: 3)) (\(auc.lowerBound.rounded(toPlaces: 3)) "
        + "to \(auc.upperBound.rounded(toPlaces: 3)))"
    }
    return "\(answers.answers.count) answers of \(respondentCount) respondents, "
      + "\(zones.zones.count) of them with \(repurchaseDays) days behind: "
      + parts.joined(separator: ", ") + (words ?? "")
  }
}
