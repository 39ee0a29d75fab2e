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

  private let report: DriftReport
  private let score: DriftReport.Feature?

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
      let features = Parallel.map(names.count) { place in
        DriftColumn(names[place], .numbers(matrix.column(place).map { $0 }))
      }
      return features + [DriftColumn("churn_p", .numbers(scores.map { $0 }))]
    }
    let weights = Dictionary(uniqueKeysWithValues: zip(names, importances))
    report = try DriftBaseline(columns(training, logOdds.training))
      .report(columns(today, logOdds.today), importances: weights)
    score = report.features.last
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

  /// One row a feature, one for the score and one for all features together.
  var table: Table {
    let features = report.features
    func number(_ cell: (DriftReport.Feature) -> Double?, _ total: Double?) -> Column {
      Column(optional: features.map(cell) + [total])
    }
    return Table([
      "feature": Column(texts: features.map(\.name) + ["(all features)"]),
      "psi": number({ $0.stability?.index }, report.weightedIndex),
      "psi_by_chance": number({ $0.stability?.expectedByChance }, nil),
      "p_value": number({ $0.stability?.pValue }, nil),
      "importance": number({ $0.name == "churn_p" ? nil : $0.importance }, nil),
      "missing_in_training": number({ $0.missingBefore }, nil),
      "missing_now": number({ $0.missingNow }, nil),
      "verdict": Column(
        texts: features.map { $0.stability?.verdict.rawValue } + [report.verdict?.rawValue]
      ),
    ])
  }
}
