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

/// A logistic model over standardised features.
struct ChurnModel: Sendable {
  let model: LogisticRegression.Model
  let scaling: Standardization
  let baseRate: Double
  init(_ data: LabelledFeatures, names: [String], penalty: Double) throws {
    scaling = Standardization(data.features.matrix)
    let scaled = FeatureMatrix(
      rowNames: data.features.rowNames,
      featureNames: names,
      matrix: scaling.encode(data.features.matrix)
    )
    model = try LogisticRegression(l2: penalty).fit(scaled, outcomes: data.churned)
    baseRate = data.baseRate
  }

  func probabilities(_ features: FeatureMatrix) -> [Double] {
    model.probabilities(for: scaling.encode(features.matrix))
  }

  /// What each feature adds to the log-odds of a row, against the mean of the training rows.
  func contributions(_ features: FeatureMatrix, row: Int) -> [Double] {
    let scaled = scaling.encode(features.matrix.gathering(rows: [row]))
    return model.contributions(for: scaled.row(0))
  }

  /// One row a term: coefficient per standard deviation, with the scaling.
  func table() -> Table {
    let names = ["(intercept)"] + model.featureNames
    return Table([
      "term": Column(texts: names),
      "coefficient": Column(doubles: [model.intercept] + model.coefficients),
      "mean": Column(doubles: [0] + scaling.means),
      "standard_deviation": Column(doubles: [1] + scaling.standardDeviations),
      "training_rows": Column(integers: names.map { _ in Int64(model.rowCount) }),
      "training_churn_rate": Column(doubles: names.map { _ in baseRate }),
    ])
  }
}
