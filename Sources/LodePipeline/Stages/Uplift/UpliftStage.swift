internal import LodeColumns
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// A trial with a control group to predicted uplift, and whether targeting by it is worth anything.
///
/// Each row is a customer in a trial. The verdict comes from rows that the model did not see; the
/// scores come from a model of all rows whose outcome is known. Rows of other values of the
/// treatment column are scored and never learned from.
public struct UpliftStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.classify
  /// The name in pipeline files.
  public static let method = "uplift"
  /// The version of the method.
  public static let version = 2

  private let from: String
  private let into: String
  private let settings: UpliftSettings
  private let rejectLimit: RejectLimit

  /// Reads `from`, `into`, `id`, `treatment`, `outcome`, `time`, `features`, `exclude`,
  /// `categorical`, `log1p`, `model`, `l2`, `folds`, `test`, `min_uplift`, `gates`, `ties`,
  /// `bootstrap`, `permutations`, `interval`, `seed` and the limit of bad rows.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.requiredString("from")
    into = try reader.string("into") ?? "uplift"
    settings = try UpliftSettings(reader)
    rejectLimit = try RejectLimit.read(reader) ?? .share(0.01)
  }

  /// The trial.
  public var inputs: [String] { [from] }
  /// Scores, numbers with the verdict, tenths and the balance of the arms.
  public var outputs: [String] {
    ["\(into)_scores", "\(into)_summary", "\(into)_bins", "\(into)_balance"]
  }
  /// The as-of date matters where rows have a time.
  public var usesAsOf: Bool {
    settings.time != nil || TableCatalog.eventTimeColumns[from] != nil
  }

  /// Tests the model on rows that it did not see, then scores every row.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let trial = try UpliftTrial(try tables.table(from), from, settings, asOf: context.asOf)
    try trial.checked.check(rejectLimit, context)
    try checkArms(trial)
    let design = try UpliftDesign(trial, settings)
    let leaks = UpliftDesign.leaks(
      design.columns.gathering(rows: trial.known),
      events: trial.events
    )
    try checkLeaks(leaks)
    let matrix = design.matrix()
    let known = matrix.gathering(rows: trial.known)
    let check = try RandomizationCheck(
      known,
      featureNames: design.names,
      treated: trial.treated,
      plannedShare: settings.plannedShare ?? share(trial.treated)
    )
    let groups = try groups(trial)
    let test = try UpliftTest(
      known,
      design.names,
      treated: trial.treated,
      events: trial.events,
      groups: trial.known.map { groups[$0] },
      settings,
      seed: settings.seed ?? context.seed
    )
    let model = try settings.model.fit(
      known,
      featureNames: design.names,
      treated: trial.treated,
      outcomes: trial.events
    )
    let amounts = trial.amounts.map { amounts in
      UpliftTables.amountEffect(
        trial.known.map { amounts[$0] },
        treated: trial.treated,
        level: settings.level
      )
    }
    var output = StageOutput()
    output.tables = [
      OutputTable("\(into)_scores", try scores(trial, matrix, model, test, check)),
      OutputTable(
        "\(into)_summary",
        UpliftTables.summary(
          test,
          check,
          hasPlan: settings.plannedShare != nil,
          amounts: amounts,
          level: settings.level
        )
      ),
      OutputTable("\(into)_bins", UpliftTables.bins(test.evaluation)),
      OutputTable("\(into)_balance", UpliftTables.balance(check)),
    ]
    trial.checked.note(in: &output)
    output.finding = finding(test.evaluation)
    output.warnings =
      warnings(trial, design, check, leaks, model)
      + repeatWarning(trial.known.map { groups[$0] })
    return output
  }

  private func finding(_ evaluation: UpliftEvaluation) -> String {
    let effect = evaluation.effect
    func words(_ value: Double?, _ low: Double?, _ high: Double?) -> String {
      "\((value ?? 0).rounded(toPlaces: 4)) (\((low ?? 0).rounded(toPlaces: 4)) to "
        + "\((high ?? 0).rounded(toPlaces: 4)))"
    }
    let qini = words(
      evaluation.curve.qiniCoefficient,
      evaluation.lowerBound,
      evaluation.upperBound
    )
    return "effect \(words(effect.difference, effect.lowerBound, effect.upperBound)), "
      + "Qini coefficient \(qini), p \(evaluation.pValue.rounded(toPlaces: 4)); "
      + evaluation.sentence
  }

  private func warnings(
    _ trial: UpliftTrial,
    _ design: UpliftDesign,
    _ check: RandomizationCheck,
    _ leaks: [String],
    _ model: UpliftRegression.Model
  ) -> [String] {
    var warnings = design.leftOut.map { "column \"\($0.name)\" was left out: it \($0.reason)" }
    warnings += leaks.map {
      "feature \"\($0)\" is the same in all rows with or without the outcome: it is probably known "
        + "only afterwards"
    }
    if check.hasSampleRatioMismatch {
      warnings.append(
        "\(check.treatedCount) rows were treated and \(check.controlCount) not, which a planned "
          + "share of \(check.plannedShare) does not explain: rows of one arm are missing or "
          + "doubled, and no result of this trial is to be trusted"
      )
    }
    let differing = Self.differing(check)
    if !differing.isEmpty {
      warnings.append(
        "the arms differ in \(differing.joined(separator: ", ")) by more than luck: customers were "
          + "perhaps not assigned at random"
      )
    }
    if trial.immatureCount > 0 {
      warnings.append(
        "\(trial.immatureCount) rows were scored but not learned from: their outcome is not known "
          + "before the as-of date"
      )
    }
    if !model.converged { warnings.append("the uplift model did not converge") }
    return warnings
  }

  /// Rows of one customer are no independent cases, which the intervals take them for.
  private func repeatWarning(_ groups: [Int]) -> [String] {
    let repeats = groups.count - Set(groups).count
    guard repeats > 0 else { return [] }
    return [
      "\(repeats) of \(groups.count) rows are of customers with another row: they are in one fold, "
        + "but intervals and p-values take rows as independent and are too sure of themselves"
    ]
  }

  /// The features that differ by more than 0.1 deviations and three standard errors.
  private static func differing(_ check: RandomizationCheck) -> [String] {
    let error = (1 / Double(check.treatedCount) + 1 / Double(check.controlCount)).squareRoot()
    return check.balances
      .filter { $0.isImbalanced && abs($0.standardizedDifference ?? .infinity) > 3 * error }
      .map(\.name)
  }

  private func checkArms(_ trial: UpliftTrial) throws(Diagnostic) {
    let treated = trial.treated
    let count = treated.count { $0 }
    guard count == 0 || count == treated.count else { return }
    let (key, text) =
      count == 0 ? ("treated", settings.treated) : ("control", settings.control)
    throw settings.treatment.problem(
      "no row with a known outcome has \"\(text)\" in \"\(settings.treatment.name)\": there is "
        + "nothing to compare.",
      fix: "set treatment.\(key) to the text of that arm as the table writes it."
    )
  }

  private func checkLeaks(_ leaks: [String]) throws(Diagnostic) {
    guard settings.refusesLeaks, let name = leaks.first else { return }
    throw Diagnostic(
      .contract,
      at: settings.featuresPlace,
      "the feature \"\(name)\" is the same in all rows with or without the outcome: it is probably "
        + "known only afterwards. Nothing was published.",
      fix: "leave it out with exclude: [\"\(name)\"], or, if it really is known before, set "
        + "gates: { leakage: false }."
    )
  }

  private func share(_ treated: [Bool]) -> Double {
    Double(treated.count { $0 }) / Double(treated.count)
  }

  /// The group of each row: the customer, or the row itself without an id.
  private func groups(_ trial: UpliftTrial) throws(Diagnostic) -> [Int] {
    guard let id = settings.id else { return Array(0..<trial.table.rowCount) }
    let column = try id.ids(of: trial.table, from)
    return (0..<trial.table.rowCount)
      .map { row in
        if column.isMissing(row) { return row }
        return Int(truncatingIfNeeded: XXHash64.hash(column[row].description))
      }
  }

  private func scores(
    _ trial: UpliftTrial,
    _ matrix: Matrix,
    _ model: UpliftRegression.Model,
    _ test: UpliftTest,
    _ check: RandomizationCheck
  ) throws -> Table {
    let n = trial.table.rowCount
    let uplift = model.uplift(for: matrix)
    let treatedP = model.treatedProbabilities(for: matrix)
    var ranks = [Int](repeating: 0, count: n)
    let order = uplift.indices.sorted {
      uplift[$0] != uplift[$1] ? uplift[$0] > uplift[$1] : $0 < $1
    }
    for (place, row) in order.enumerated() { ranks[row] = place }
    var unseen = [Double?](repeating: nil, count: n)
    for (place, value) in zip(test.rows, test.uplift) { unseen[trial.known[place]] = value }
    let id = try settings.id.map { id throws(Diagnostic) in
      try id.column(of: trial.table, from)
    }
    let field = settings.id.flatMap { id in trial.table.schema.fields.first { $0.name == id.name } }
    let missing = [Double?](repeating: nil, count: n)
    return Table(
      Schema([
        field ?? Field("row", .integer), Field("arm", .text), Field("uplift", .double),
        Field("uplift_out_of_fold", .double), Field("treated_p", .double),
        Field("control_p", .double), Field("uplift_rank", .integer),
        Field("uplift_decile", .integer), Field("recommendation", .text),
      ]),
      [
        id ?? Column(integers: (0..<n).map { Int64($0 + 1) }),
        Column(texts: trial.arms.map(\.rawValue)), Column(doubles: uplift),
        Column(optional: unseen), Column(optional: treatedP ?? missing),
        Column(optional: treatedP.map { zip($0, uplift).map { $0 - $1 } } ?? missing),
        Column(integers: ranks.map { Int64($0 + 1) }),
        Column(integers: ranks.map { Int64(1 + $0 * 10 / n) }),
        Column(texts: uplift.map { recommendation($0, test.evaluation, check) }),
      ]
    )
  }

  /// What to do with a customer, as far as the verdict lets one say.
  private func recommendation(
    _ uplift: Double,
    _ evaluation: UpliftEvaluation,
    _ check: RandomizationCheck
  ) -> String {
    if check.hasSampleRatioMismatch { return "trial_not_sound" }
    switch evaluation.verdict {
    case .heterogeneity: return uplift > settings.leastUplift ? "treat" : "do_not_treat"
    case .inverted: return "do_not_use_model"
    case .none:
      if let low = evaluation.effect.lowerBound, low > settings.leastUplift { return "treat_all" }
      if let high = evaluation.effect.upperBound, high < settings.leastUplift {
        return "treat_none"
      }
      return "no_effect_found"
    }
  }
}
