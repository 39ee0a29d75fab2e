internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// Features and labels of customers at one or more dates.
struct LabelledFeatures: Sendable {
  var features: FeatureMatrix
  var churned: [Bool]
  /// Days since the last order: the rule that a model must beat.
  var daysSinceLast: [Double]

  /// The share of churned rows.
  var baseRate: Double { Double(churned.count { $0 }) / Double(max(churned.count, 1)) }

  /// These rows, then the rows of another set.
  func appending(_ other: LabelledFeatures) -> LabelledFeatures {
    let matrix = Matrix(
      rowCount: features.matrix.rowCount + other.features.matrix.rowCount,
      columnCount: features.matrix.columnCount,
      elements: features.matrix.elements + other.features.matrix.elements
    )
    return LabelledFeatures(
      features: FeatureMatrix(
        rowNames: features.rowNames + other.features.rowNames,
        featureNames: features.featureNames,
        matrix: matrix
      ),
      churned: churned + other.churned,
      daysSinceLast: daysSinceLast + other.daysSinceLast
    )
  }
}

/// The labelled dates of a churn model: those whose label window ended before the run.
struct ChurnData: Sendable {
  /// The labelled dates with their rows, oldest first.
  let dates: [(date: CivilDate, rows: LabelledFeatures)]
  /// From a date to the day behind its label window.
  let labelDays: Int

  init(
    _ stage: ChurnStage,
    features: Table,
    histories: PurchaseHistories,
    asOf: CivilDate
  ) throws {
    labelDays = stage.gapDays + stage.horizonDays
    var dates: [(date: CivilDate, rows: LabelledFeatures)] = []
    for date in try CurrentFeatures.dates(features)
    where date.advanced(byDays: labelDays) <= asOf {
      let rows = try CurrentFeatures.customers(features, asOf: date)
      let matrix = try stage.selection.matrix(rows)
      let churned = histories.churned(
        matrix.rowNames,
        from: date.advanced(byDays: stage.gapDays),
        until: date.advanced(byDays: labelDays)
      )
      let days = try rows.requiredColumn("days_since_last").numbers()
      let labelled = LabelledFeatures(features: matrix, churned: churned, daysSinceLast: days)
      dates.append((date, labelled))
    }
    guard !dates.isEmpty else {
      throw Diagnostic(
        .failure,
        "customer_features holds no date whose \(labelDays) days of label end before \(asOf).",
        fix: "set training: { count: 6, behind_days: \(labelDays) } in the features stage, or run "
          + "as of a later date."
      )
    }
    self.dates = dates
  }

  /// All labelled rows, oldest date first.
  var all: LabelledFeatures {
    dates.dropFirst().reduce(dates[0].rows) { $0.appending($1.rows) }
  }
}

/// A logistic model over standardised features, each of which points where it points alone.
///
/// Of features that say the same thing, one can get a coefficient against its own tendency, which
/// only corrects another. Such features are left out, the worst first, until none is left: the
/// model loses next to nothing and every reason it gives can be believed.
struct ChurnModel: Sendable {
  let model: LogisticRegression.Model
  let scaling: Standardization
  let baseRate: Double
  private let names: [String]
  /// The places of the features that the model uses.
  private let used: [Int]

  init(_ data: LabelledFeatures, names: [String], penalty: Double) throws {
    let scaling = Standardization(data.features.matrix)
    let scaled = scaling.encode(data.features.matrix)
    let tendencies = Self.tendencies(scaled, data.churned)
    var used = Array(names.indices)
    while true {
      let fitted = try LogisticRegression(l2: penalty)
        .fit(
          scaled.gathering(columns: used),
          featureNames: used.map { names[$0] },
          outcomes: data.churned
        )
      let against = used.indices.filter { fitted.coefficients[$0] * tendencies[used[$0]] < 0 }
      let worst = against.max { abs(fitted.coefficients[$0]) < abs(fitted.coefficients[$1]) }
      guard let worst, used.count > 1 else {
        model = fitted
        break
      }
      used.remove(at: worst)
    }
    self.scaling = scaling
    self.names = names
    self.used = used
    baseRate = data.baseRate
  }

  func probabilities(_ features: FeatureMatrix) -> [Double] {
    model.probabilities(for: scaling.encode(features.matrix).gathering(columns: used))
  }

  /// What each feature adds to the log-odds of a row, against the mean of the training rows; 0 for
  /// features that the model leaves out.
  func contributions(_ features: FeatureMatrix, row: Int) -> [Double] {
    let scaled = scaling.encode(features.matrix.gathering(rows: [row])).row(0)
    var parts = [Double](repeating: 0, count: names.count)
    for (place, part) in zip(used, model.contributions(for: used.map { scaled[$0] })) {
      parts[place] = part
    }
    return parts
  }

  /// One row a term: coefficient per standard deviation (0 where left out), with the scaling.
  func table() -> Table {
    var coefficients = [Double](repeating: 0, count: names.count)
    for (place, coefficient) in zip(used, model.coefficients) { coefficients[place] = coefficient }
    let terms = ["(intercept)"] + names
    return Table([
      "term": Column(texts: terms),
      "coefficient": Column(doubles: [model.intercept] + coefficients),
      "mean": Column(doubles: [0] + scaling.means),
      "standard_deviation": Column(doubles: [1] + scaling.standardDeviations),
      "training_rows": Column(integers: terms.map { _ in Int64(model.rowCount) }),
      "training_churn_rate": Column(doubles: terms.map { _ in baseRate }),
    ])
  }

  /// For each feature the difference of its means between churned and other rows.
  private static func tendencies(_ features: Matrix, _ churned: [Bool]) -> [Double] {
    (0..<features.columnCount)
      .map { column in
        var sums = [0.0, 0.0]
        var counts = [0.0, 0.0]
        for (value, isChurned) in zip(features.column(column), churned) {
          sums[isChurned ? 1 : 0] += value
          counts[isChurned ? 1 : 0] += 1
        }
        return sums[1] / max(counts[1], 1) - sums[0] / max(counts[0], 1)
      }
  }
}
