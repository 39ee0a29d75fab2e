internal import LodeColumns
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// A customer table with a column that says who left to scores, reasons and an honest test.
///
/// For contracts: each row is a customer, or a customer at one time, and the label is known. The
/// test is out of fold, all rows of one customer in one fold. Rows without a label are scored too.
public struct ContractualChurnStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.classify
  /// The name in pipeline files.
  public static let method = "contractual"
  /// The version of the method.
  public static let version = 2

  let from: String
  let into: String
  let idColumn: String?
  private let groupColumn: String?
  let foldColumn: String?
  let labelColumn: String
  let positive: String
  private let features: [String]?
  private let excluded: [String]
  private let categorical: [String]
  let foldCount: Int
  private let penalty: Double
  let reasonCount: Int
  private let model: ChurnModelChoice
  private let leastAUC: Double?
  private let mostCalibrationError: Double?
  private let mostDrift: Double?
  private let refusesLeaks: Bool
  /// The money of a campaign; nil where the pipeline file tells none.
  let profit: ChurnProfitSettings?

  /// Reads `from`, `into`, `id`, `group`, `label`, `features`, `exclude`, `categorical`, `model`,
  /// `folds`, `fold_column`, `l2`, `reasons`, `profit` and `gates`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    from = try reader.requiredString("from")
    into = try reader.string("into") ?? "contract_churn"
    idColumn = try reader.string("id")
    groupColumn = try reader.string("group")
    foldColumn = try reader.string("fold_column")
    guard let label = try reader.object("label") else {
      throw reader.problem(
        at: reader.node,
        "\(reader.subject) has no \"label\".",
        fix: "say who left: label: { column: \"Churn\", positive: \"Yes\" }."
      )
    }
    labelColumn = try label.requiredString("column")
    positive = try label.string("positive") ?? "Yes"
    try label.finish()
    features = try reader.strings("features")
    excluded = try reader.strings("exclude") ?? []
    categorical = try reader.strings("categorical") ?? []
    model = try reader.choice("model", of: ChurnModelChoice.self) ?? .auto
    foldCount = try reader.integer("folds", in: 2...50) ?? 5
    penalty = try reader.number("l2", in: 0...1e9) ?? 1
    reasonCount = try reader.integer("reasons", in: 0...3) ?? 3
    let gates = try reader.object("gates")
    leastAUC = try gates?.number("auc_min", in: 0...1)
    mostCalibrationError = try gates?.number("calibration_error_max", in: 0...1)
    mostDrift = try gates?.number("psi_max", in: 0...100)
    refusesLeaks = try gates?.boolean("leakage") ?? true
    try gates?.finish()
    profit =
      reader.node("profit") == nil ? nil : try ChurnProfitSettings(reader, readsColumn: true)
  }

  /// The customer table.
  public var inputs: [String] { [from] }
  /// Scores, model, test, drift, and the campaign where its money is told.
  public var outputs: [String] {
    [
      "\(into)_scores", "model.\(into)", "\(into)_test", "\(into)_lift", "\(into)_calibration",
      "\(into)_drift", referenceTable,
    ] + (profit == nil ? [] : ["\(into)_profit"])
  }
  /// What the labelled rows of each run were like.
  public var previous: [String] { [referenceTable] }

  private var referenceTable: String { "\(into)_reference" }

  /// Tests the models out of fold, takes the best and scores every row.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let table = try tables.table(from)
    let labels = try self.labels(table, context)
    let labelled = labels.indices.filter { labels[$0] != nil }
    let outcomes = labelled.map { labels[$0] ?? false }
    let columns = try self.columns(table, context)
    let known = columns.features.gathering(rows: labelled)
    let leaks = ContractualColumns.leaks(known, outcomes: outcomes)
    try checkLeaks(leaks, context)
    let members = try groups(table, labelled)
    let test = try ContractualTest(
      model.kinds,
      known,
      outcomes: outcomes,
      folds: try folds(table, labelled, members, context),
      groups: members,
      penalty: penalty,
      seed: context.seed
    )
    try checkGates(test, context)
    let final = try TableClassifier(
      test.champion.kind,
      known,
      outcomes: outcomes,
      groups: members,
      penalty: penalty,
      seed: context.seed
    )
    let contributions = try final.contributions(columns.features)
    let logOdds = try final.logOdds(columns.features)
    let probabilities = logOdds.map { LogOdds.probability($0) }
    let importances = ChurnDrift.importances(contributions)
    let old = try tables.optionalTable(referenceTable)
    let history = ContractualReference(old, asOf: context.asOf)
    let moved = try ContractualDrift(
      columns.features,
      labelled: labelled,
      outOfFold: test.champion.logOdds,
      logOdds: logOdds,
      importances: importances,
      history
    )
    try moved.drift?.check(most: mostDrift, remedy: "add newer rows with a label", context)
    let values = try profit?.values(table, stageName: context.stageName)
    let campaign = try self.campaign(test, values, labelled, context)
    var output = StageOutput()
    let tested = test.champion.probabilities
    let scored = try scores(table, columns.features, test, labelled, probabilities, contributions)
    output.tables = [
      OutputTable("\(into)_scores", try Self.adding(values, to: scored)),
      OutputTable("model.\(into)", ContractualTables.model(final, importances)),
      OutputTable("\(into)_test", test.table()),
      OutputTable("\(into)_lift", ChurnTables.lift(tested, outcomes)),
      OutputTable("\(into)_calibration", ChurnTables.calibration(tested, outcomes)),
      OutputTable("\(into)_drift", moved.table),
      OutputTable(referenceTable, try history.adding(moved.baseline)),
    ]
    if let campaign { output.tables.append(OutputTable("\(into)_profit", campaign.table)) }
    output.files = card(test, final, columns, moved, campaign, output.tables, context)
      .files(in: context.stageName)
    output.finding = finding(test)
    output.warnings =
      warnings(columns, final, leaks) + (moved.drift?.warnings(see: "\(into)_drift") ?? [])
    return output
  }

  /// The result in words.
  func finding(_ test: ContractualTest) -> String {
    let card = test.champion.pooled
    let error = card.scores?.expectedCalibrationError ?? 0
    return "AUC \((card.auc?.auc ?? 0.5).rounded(toPlaces: 4)) out of fold, calibration error "
      + "\(error.rounded(toPlaces: 4)), \(card.churned) of \(card.rows) customers left; "
      + test.decision
  }

  private func warnings(
    _ columns: ContractualColumns,
    _ model: TableClassifier,
    _ leaks: [(name: String, auc: Double)]
  ) -> [String] {
    columns.leftOut.map { "column \"\($0.name)\" was left out: it \($0.reason)" }
      + leaks.map {
        "feature \"\($0.name)\" alone has an AUC of \($0.auc.rounded(toPlaces: 4)): it is probably "
          + "known only after a customer left"
      }
      + model.unusedColumns.map { "left out of the model: \($0)" }
      + Self.aliasWarning(columns.features)
      + (model.converged ? [] : ["the churn model did not converge"])
  }

  /// The columns that others already say, in one sentence; empty without any.
  static func aliasWarning(_ features: FeatureColumns) -> [String] {
    let names = PlainLogistic.aliases(features)
    guard !names.isEmpty else { return [] }
    return [
      "other columns already say all of \(names.map { "\"\($0)\"" }.joined(separator: ", ")): the "
        + "weights of such columns share one effect"
    ]
  }

  /// Whether each customer left; nil where the label is missing.
  private func labels(_ table: Table, _ context: StageContext) throws -> [Bool?] {
    let column = try table.requiredColumn(labelColumn)
    let labels: [Bool?] = (0..<table.rowCount)
      .map { row in
        if column.isMissing(row) { return nil }
        let text = column[row].description
        return text.allSatisfy(\.isWhitespace) ? nil : text == positive
      }
    let (yes, no) = (labels.count { $0 == true }, labels.count { $0 == false })
    guard yes > 1, no > 1 else {
      let texts = Set((0..<min(table.rowCount, 10_000)).map { column[$0].description }).sorted()
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "\(yes) rows of \"\(labelColumn)\" are \"\(positive)\" and \(no) are not: nothing to "
          + "learn.",
        fix: "set label.positive to the text of customers who left, one of "
          + texts.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ") + "."
      )
    }
    return labels
  }

  /// The columns to learn from.
  private func columns(_ table: Table, _ context: StageContext) throws -> ContractualColumns {
    try ContractualColumns(
      table,
      listed: features,
      excluded: Set(
        [idColumn, groupColumn, foldColumn, labelColumn].compactMap(\.self) + excluded
      ),
      categorical: Set(categorical),
      label: labelColumn,
      stageName: context.stageName
    )
  }

  /// The group of each of some rows: the customer, or the row itself without an id.
  private func groups(_ table: Table, _ rows: [Int]) throws(Diagnostic) -> [Int] {
    guard let name = groupColumn ?? idColumn else { return rows }
    let column = try table.requiredColumn(name)
    return
      rows
      .map { row in
        if column.isMissing(row) { return row }
        return Int(truncatingIfNeeded: XXHash64.hash(column[row].description))
      }
  }

  /// The fold of each labelled row: of a column, or of the hash of its group.
  private func folds(
    _ table: Table,
    _ rows: [Int],
    _ groups: [Int],
    _ context: StageContext
  ) throws(Diagnostic) -> [Int] {
    guard let foldColumn else {
      return groups.map { group in
        var random = CounterRandom(seed: context.seed, stream: UInt64(bitPattern: Int64(group)))
        return random.integer(below: foldCount)
      }
    }
    let column = try table.requiredColumn(foldColumn)
    let names = rows.map { column[$0].description }
    let order = Set(names).sorted()
    guard (2...50).contains(order.count) else {
      throw Diagnostic(
        .usage,
        at: "stage \(context.stageName)",
        "\"\(foldColumn)\" has \(order.count) different values; folds need 2 to 50.",
        fix: "name a column of folds, or drop fold_column."
      )
    }
    return names.map { name in order.firstIndex(of: name) ?? 0 }
  }

  private func checkLeaks(
    _ leaks: [(name: String, auc: Double)],
    _ context: StageContext
  ) throws(Diagnostic) {
    guard refusesLeaks, let leak = leaks.first else { return }
    throw Diagnostic(
      .contract,
      at: "stage \(context.stageName)",
      "the feature \"\(leak.name)\" alone tells who left with an AUC of "
        + "\(leak.auc.rounded(toPlaces: 4)): it is probably known only afterwards. Nothing was "
        + "published.",
      fix: "leave it out with exclude: [\"\(leak.name)\"], or, if it really is known before, set "
        + "gates: { leakage: false }."
    )
  }

  private func checkGates(_ test: ContractualTest, _ context: StageContext) throws(Diagnostic) {
    let card = test.champion.pooled
    let auc = card.auc?.auc ?? 0.5
    if let leastAUC, auc < leastAUC {
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the AUC out of fold is \(auc.rounded(toPlaces: 4)), the gate asks for \(leastAUC): "
          + "nothing was published.",
        fix: "add columns that tell who leaves, or lower gates.auc_min."
      )
    }
    let error = card.scores?.expectedCalibrationError ?? 0
    if let mostCalibrationError, error > mostCalibrationError {
      throw Diagnostic(
        .contract,
        at: "stage \(context.stageName)",
        "the calibration error out of fold is \(error.rounded(toPlaces: 4)), the gate allows "
          + "\(mostCalibrationError): nothing was published.",
        fix: "add rows, or raise gates.calibration_error_max."
      )
    }
  }
}

/// Tables of the contractual churn stage.
enum ContractualTables {
  /// One row a term: its coefficient, and how much the column moves scores.
  static func model(_ model: TableClassifier, _ importances: [Double]) -> Table {
    let count = model.names.count
    let terms = model.terms
    let blank = [Double?](repeating: nil, count: terms.count)
    return Table([
      "term": Column(texts: ["(intercept)"] + model.names + terms.map(\.name)),
      "kind": Column(
        texts: ["intercept"] + model.names.map { _ in "column" } + terms.map { _ in "term" }
      ),
      "coefficient": Column(
        optional: [model.baseline] + [Double?](repeating: nil, count: count)
          + terms.map(\.coefficient)
      ),
      "mean": Column(
        optional: [nil] + [Double?](repeating: nil, count: count) + terms.map(\.mean)
      ),
      "importance": Column(optional: [nil] + importances + blank),
      "model": Column(
        texts: (0..<(1 + count + terms.count)).map { _ in model.kind.rawValue }
      ),
    ])
  }

  /// 90 % intervals of probabilities by what the data at hand leave open (jackknife over folds).
  ///
  /// - Source: Busing, Meijer & van der Leeden (1999), "Delete-m jackknife for unequal m",
  ///   Statistics and Computing 9, for about equal folds.
  static func bounds(
    _ models: [TableClassifier],
    _ features: FeatureColumns,
    _ probabilities: [Double]
  ) throws -> (lower: [Double], upper: [Double]) {
    let scores = try models.map { try $0.logOdds(features) }
    let k = Double(models.count)
    var (lower, upper): ([Double], [Double]) = ([], [])
    for row in probabilities.indices {
      let mean = scores.reduce(0) { $0 + $1[row] } / k
      let square = scores.reduce(0) { $0 + ($1[row] - mean) * ($1[row] - mean) }
      let reach = 1.6449 * (square * (k - 1) / k).squareRoot()
      let center = LogOdds.of(probabilities[row])
      lower.append(LogOdds.probability(center - reach))
      upper.append(LogOdds.probability(center + reach))
    }
    return (lower, upper)
  }
}
