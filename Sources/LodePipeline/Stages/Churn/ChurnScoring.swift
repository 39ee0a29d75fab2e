internal import Glibc
internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// The scores of today, with intervals and reasons, and how many customers will leave.
struct ChurnScoring: Sendable {
  /// The level of the intervals of `churn_p` and of the number who leave.
  static let intervalLevel = 0.9
  /// That share of a normal distribution lies within this many deviations.
  private static let reach = 1.6449

  private let stage: ChurnStage
  private let model: ChurnModel
  private let calibration: ChurnCalibration
  private let today: [ChurnData.Today]
  private let context: StageContext
  /// The features on the scale of the model, a shard.
  private let features: [Matrix]
  /// Raw log-odds, a shard.
  private let logOdds: [[Double]]
  /// Whether customers ordered within the look-back window, a shard.
  private let isActive: [[Bool]]
  private let shift: Double
  /// The number of active customers who will leave.
  let count: EventCountForecast

  init(
    _ stage: ChurnStage,
    _ model: ChurnModel,
    _ calibration: ChurnCalibration,
    _ today: [ChurnData.Today],
    _ context: StageContext
  ) throws {
    self.stage = stage
    self.model = model
    self.calibration = calibration
    self.today = today
    self.context = context
    let raw = try Parallel.map(today.count) {
      (index: Int) throws -> (features: Matrix, logOdds: [Double], isActive: [Bool]) in
      let table = today[index].table
      let silences = try table.requiredColumn("days_since_last").integers
      let features = try stage.matrix(table)
      return (
        features, try model.logOdds(features), silences.map { $0 <= Int64(stage.activeDays) }
      )
    }
    features = raw.map(\.features)
    logOdds = raw.map(\.logOdds)
    isActive = raw.map(\.isActive)
    var active: [Double] = []
    for (_, values, flags) in raw {
      for row in values.indices where flags[row] { active.append(values[row]) }
    }
    guard !active.isEmpty else {
      throw Diagnostic(
        .failure,
        at: "stage \(context.stageName)",
        "no customer ordered within \(stage.activeDays) days before \(context.asOf).",
        fix: "raise active_days, or run as of an earlier date."
      )
    }
    let shift = try calibration.shift(active)
    self.shift = shift
    let slope = calibration.slope
    count = try EventCountForecast(
      active.map { LogOdds.probability(slope * $0 + shift) },
      calibrationError: .init(logOddsDeviation: calibration.levelError),
      confidenceLevel: Self.intervalLevel
    )
  }

  /// Some active customers on the scale of the model, evenly chosen.
  func activeSample() -> Matrix {
    var places: [(shard: Int, row: Int)] = []
    for shard in isActive.indices {
      for row in isActive[shard].indices where isActive[shard][row] { places.append((shard, row)) }
    }
    let chosen = ChurnDrift.chosen(places.count).map { places[$0] }
    var cells: [Double] = []
    for shard in today.indices {
      let rows = chosen.filter { $0.shard == shard }.map(\.row)
      cells += features[shard].gathering(rows: rows).elements
    }
    return Matrix(
      rowCount: chosen.count,
      columnCount: stage.selection.names.count,
      elements: cells
    )
  }

  /// The scores in words.
  var finding: String {
    "\(Int(count.mean.rounded())) of \(count.rowCount) active customers expected to "
      + "leave (90 % interval \(count.lowerBound) to \(count.upperBound))"
  }

  /// One row: the expected number of churners among active customers, and the base rate.
  var outlook: Table {
    let forecast = calibration.forecast
    let values: [(String, Double)] = [
      ("expected_churners", count.mean), ("expected_low", Double(count.lowerBound)),
      ("expected_high", Double(count.upperBound)), ("base_rate", forecast.rate),
      ("base_rate_low", calibration.interval.lowerBound),
      ("base_rate_high", calibration.interval.upperBound), ("base_rate_level", forecast.level),
      ("training_rate", model.baseRate), ("seasonal_shift", forecast.seasonalShift),
      ("calibration_slope", calibration.slope),
    ]
    var table = Table([
      "as_of": Column(.date, integers: [Int64(context.asOf.daysSinceEpoch)]),
      "model": Column(texts: [model.kind.rawValue]),
      "active_customers": Column(integers: [Int64(count.rowCount)]),
      "base_rate_dates": Column(integers: [Int64(forecast.observationCount)]),
      "seasons": Column(integers: [Int64(forecast.seasonCount)]),
      "base_rate_in_words": Column(texts: [baseRateWords]),
    ])
    for (name, value) in values {
      table = table.setting(Field(name, .double), Column(doubles: [value]))
    }
    return table
  }

  /// Where the level of the scores comes from.
  var baseRateWords: String {
    func percent(_ share: Double) -> String { "\((share * 100).rounded(toPlaces: 1)) %" }
    let forecast = calibration.forecast
    var words =
      "\(percent(model.baseRate)) churned in training; \(percent(forecast.rate)) are expected now"
    if forecast.seasonCount > 0 {
      words +=
        ", since the level of late was \(percent(forecast.level)) and the same season of "
        + "\(forecast.seasonCount) earlier year\(forecast.seasonCount == 1 ? "" : "s") was "
        + (forecast.seasonalShift > 0 ? "worse" : "better")
    } else {
      words += ", the level of late; the history is too short for a season"
    }
    return words + " (90 % interval \(percent(calibration.interval.lowerBound)) to "
      + "\(percent(calibration.interval.upperBound)))"
  }

  /// The scores of all customers, shard by shard.
  func table() throws -> OutputTable {
    let order = [SortKey("customer_id")]
    let reasons = try ChurnReasons(
      today.map(\.table),
      features: stage.selection.names,
      count: stage.reasonCount,
      currency: context.currency
    )
    let shards = try Parallel.map(today.count) { (index: Int) throws -> ShardedRows in
      try context.handOver(
        try scores(index, reasons),
        to: "churn_scores",
        shard: today[index].shard,
        order: order
      )
    }
    return OutputTable("churn_scores", shards, shardedBy: "customer_id", order: order)
  }

  private func scores(_ index: Int, _ reasons: ChurnReasons) throws -> Table {
    let customers = today[index].table
    let features = features[index]
    let slope = calibration.slope
    let centers = logOdds[index].map { slope * $0 + shift }
    let probabilities = centers.map { LogOdds.probability($0) }
    let errors = model.standardErrors(features)
    let halves = centers.indices.map { row in
      let error = slope * (errors?[row] ?? 0)
      return Self.reach
        * (error * error + calibration.levelError * calibration.levelError).squareRoot()
    }
    let phrases = try reasons.columns(
      customers,
      contributions: try model.contributions(features),
      probabilities: probabilities
    )
    let active = isActive[index]
    return Table(
      Schema([
        Field("customer_id", .text), Field("as_of", .date), Field("churn_p", .double),
        Field("churn_band", .text), Field("reason_1", .text), Field("reason_2", .text),
        Field("reason_3", .text), Field("churn_p_lower", .double),
        Field("churn_p_upper", .double), Field("is_active", .boolean),
      ]),
      [
        try customers.requiredColumn("customer_id"), try customers.requiredColumn("as_of"),
        Column(doubles: probabilities), Self.bands(probabilities),
      ] + phrases + [
        Column(doubles: zip(centers, halves).map { LogOdds.probability($0 - $1) }),
        Column(doubles: zip(centers, halves).map { LogOdds.probability($0 + $1) }),
        Column(type: .boolean, storage: .booleans(active)),
      ]
    )
  }

  private static func bands(_ probabilities: [Double]) -> Column {
    var names = TextDictionaryBuilder()
    let codes = ["low", "medium", "high"].map { names.code(for: $0) }
    return Column(
      type: .text,
      storage: .texts(
        codes: probabilities.map { codes[$0 < 0.33 ? 0 : $0 < 0.66 ? 1 : 2] },
        dictionary: names.build()
      )
    )
  }
}
