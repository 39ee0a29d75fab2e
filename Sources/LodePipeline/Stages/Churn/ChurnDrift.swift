internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// How far the active customers of today have moved from those that the model learned from.
///
/// Bins are the tenths of the training rows. The total weighs each feature by how much it moves
/// scores; the row `churn_p` compares the scores themselves before calibration.
struct ChurnDrift: Sendable {
  /// More rows than this, of each side, tell nothing new.
  private static let rowLimit = 50_000

  /// What the rows of now are compared with, in words.
  let reference: String
  private let report: DriftReport
  private let score: DriftReport.Feature?

  /// - Parameters:
  ///   - baseline: what the model learned from, the score `churn_p` with it.
  ///   - now: the same features of the rows of now.
  ///   - importances: the weight of each feature.
  ///   - reference: what the baseline was made of, in words.
  /// - Throws: ``EvaluationError``.
  init(
    _ baseline: DriftBaseline,
    _ now: [DriftColumn],
    importances: [String: Double],
    reference: String
  ) throws {
    self.reference = reference
    report = try baseline.report(now, importances: importances)
    score = report.features.last { $0.name == "churn_p" }
  }

  /// - Parameters:
  ///   - names: the features.
  ///   - training: rows of the model's training dates, on its scale.
  ///   - today: rows of active customers, on the same scale.
  ///   - logOdds: the raw scores of both.
  ///   - importances: the weight of each feature.
  /// - Throws: ``EvaluationError``.
  init(
    names: [String],
    training: Matrix,
    today: Matrix,
    logOdds: (training: [Double], today: [Double]),
    importances: [Double]
  ) throws {
    func columns(_ matrix: Matrix, _ scores: [Double]) -> [DriftColumn] {
      Self.columns(FeatureColumns(matrix, names: names), scores)
    }
    try self.init(
      DriftBaseline(columns(training, logOdds.training)),
      columns(today, logOdds.today),
      importances: Dictionary(uniqueKeysWithValues: zip(names, importances)),
      reference: "the training dates"
    )
  }

  /// Features and the score of the same rows.
  static func columns(_ features: FeatureColumns, _ logOdds: [Double]) -> [DriftColumn] {
    DriftColumn.columns(of: features) + [DriftColumn("churn_p", .numbers(logOdds.map { $0 }))]
  }

  /// How much each feature moves scores: its mean absolute contribution.
  static func importances(_ contributions: Matrix) -> [Double] {
    (0..<contributions.columnCount)
      .map { column in
        contributions.column(column).reduce(0) { $0 + abs($1) }
          / Double(max(contributions.rowCount, 1))
      }
  }

  /// Rows for a comparison: evenly chosen, at most ``rowLimit``.
  static func chosen(_ count: Int) -> [Int] {
    Array(stride(from: 0, to: count, by: max(1, (count + rowLimit - 1) / rowLimit)))
  }

  /// The index of the score.
  var scoreIndex: Double { score?.stability?.index ?? 0 }
  /// The weighted index of the features.
  var featureIndex: Double { report.weightedIndex ?? 0 }
  /// The verdict on the worse of both.
  var verdict: PopulationStability.Verdict {
    PopulationStability.Verdict(index: max(scoreIndex, featureIndex))
  }

  /// Both indices in words.
  var words: String {
    "\(verdict.rawValue): PSI of scores \(scoreIndex.rounded(toPlaces: 3)), of features by "
      + "importance \(featureIndex.rounded(toPlaces: 3))"
  }

  /// What to tell where customers have shifted, else nothing.
  ///
  /// - Parameter table: the name of the table with the indices.
  /// - Returns: one sentence, or none.
  func warnings(see table: String) -> [String] {
    guard verdict == .shifted else { return [] }
    return [
      "customers differ much from those of \(reference) (PSI of scores "
        + "\(scoreIndex.rounded(toPlaces: 2)), of features "
        + "\(featureIndex.rounded(toPlaces: 2))): see \(table)"
    ]
  }

  /// Refuses customers who have moved further than a gate allows.
  ///
  /// - Throws: a diagnostic of category `contract` that names the gate.
  func check(
    most: Double?,
    remedy: String,
    _ context: StageContext
  ) throws(Diagnostic) {
    let index = max(scoreIndex, featureIndex)
    guard let most, index > most else { return }
    throw Diagnostic(
      .contract,
      at: "stage \(context.stageName)",
      "customers have moved by a PSI of \(index.rounded(toPlaces: 3)) since \(reference), "
        + "the gate allows \(most): nothing was published.",
      fix: "look for a changed source; if the change is real, \(remedy) or raise gates.psi_max."
    )
  }

  /// One row a feature, one for the score and one for all features together.
  var table: Table { Self.table(report) }

  /// The rows of a report; no rows without one.
  static func table(_ report: DriftReport?) -> Table {
    let features = report?.features ?? []
    func column<Value>(
      _ cell: (DriftReport.Feature) -> Value?,
      _ total: Value?
    ) -> [Value?] { features.map(cell) + (report == nil ? [] : [total]) }
    return Table([
      "feature": Column(texts: column(\.name, "(all features)")),
      "psi": Column(optional: column({ $0.stability?.index }, report?.weightedIndex)),
      "psi_by_chance": Column(optional: column({ $0.stability?.expectedByChance }, nil)),
      "p_value": Column(optional: column({ $0.stability?.pValue }, nil)),
      "importance": Column(
        optional: column({ $0.name == "churn_p" ? nil : $0.importance }, nil)
      ),
      "missing_in_training": Column(optional: column(\.missingBefore, nil)),
      "missing_now": Column(optional: column(\.missingNow, nil)),
      "verdict": Column(
        texts: column({ $0.stability?.verdict.rawValue }, report?.verdict?.rawValue)
      ),
    ])
  }
}
