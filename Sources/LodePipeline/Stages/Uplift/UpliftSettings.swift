internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// What the pipeline file says of a trial: who was treated, what happened, and when.
struct UpliftSettings: Sendable {
  /// How an outcome is read.
  enum OutcomeRule: Sendable, Hashable {
    /// Boolean, or 0 and 1.
    case binary
    /// Two texts.
    case texts(positive: String, negative: String)
    /// An amount; the event is an amount above this.
    case above(Double)
  }

  /// The models by their names in pipeline files.
  enum ModelName: String, CaseIterable {
    case twoModels = "two_models"
    case interaction
    case classTransformation = "class_transformation"

    var method: UpliftRegression.Method {
      switch self {
      case .twoModels: .twoModels
      case .interaction: .interaction
      case .classTransformation: .classTransformation
      }
    }
  }

  /// What happens to equal predictions, by the names in pipeline files.
  enum TiesName: String, CaseIterable {
    case grouped
    case rowOrder = "row_order"

    var ties: UpliftCurve.Ties { self == .grouped ? .grouped : .rowOrder }
  }

  let id: ColumnSetting?
  let treatment: ColumnSetting
  let treated: String
  let control: String
  let outcome: ColumnSetting
  let outcomeRule: OutcomeRule
  let time: ColumnSetting?
  /// The days behind the treatment in which the outcome counts; 0 without a time.
  let outcomeDays: Int
  let features: [String]?
  let excluded: [String]
  let categorical: Set<String>
  let logged: Set<String>
  /// Where `features` or the stage itself stands, for messages.
  let featuresPlace: String
  let model: UpliftRegression
  let foldCount: Int
  /// Every how-manieth row is for testing only; nil tests out of fold.
  let testEvery: Int?
  let plannedShare: Double?
  let leastUplift: Double
  let refusesLeaks: Bool
  let ties: UpliftCurve.Ties
  let bootstrapCount: Int
  let permutationCount: Int
  let level: Double
  let seed: UInt64?

  /// Reads everything but `from`, `into` and the limit of bad rows.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    id = try ColumnSetting("id", reader)
    let arms = try Self.required(
      "treatment",
      reader,
      fix: "say who was treated: treatment: { column: \"group\", treated: \"mail\", "
        + "control: \"none\" }."
    )
    treatment = try ColumnSetting("column", required: arms)
    treated = try arms.requiredString("treated")
    control = try arms.requiredString("control")
    guard treated != control else {
      throw arms.problem(
        at: arms.node("control") ?? arms.node,
        "\"treated\" and \"control\" of \(arms.subject) are both \"\(treated)\".",
        fix: "give the two texts of the column that tell the arms apart."
      )
    }
    plannedShare = try arms.number("planned_share", in: 0.001...0.999)
    try arms.finish()
    (outcome, outcomeRule) = try Self.outcome(reader)
    let time = try reader.object("time")
    self.time = try time.map { time throws(Diagnostic) in
      try ColumnSetting("column", required: time)
    }
    outcomeDays = try time?.integer("outcome_days", in: 1...3660) ?? 0
    if let time, outcomeDays == 0 { _ = try time.requiredNode("outcome_days") }
    try time?.finish()
    features = try reader.strings("features")
    featuresPlace = reader.place(of: reader.node("features") ?? reader.node)
    excluded = try reader.strings("exclude") ?? []
    categorical = Set(try reader.strings("categorical") ?? [])
    logged = Set(try reader.strings("log1p") ?? [])
    let name = try reader.choice("model", of: ModelName.self) ?? .twoModels
    let penalty = try reader.number("l2", in: 0...1e9) ?? 1
    model = UpliftRegression(method: name.method, l2: penalty)
    foldCount = try reader.integer("folds", in: 2...50) ?? 5
    let test = try reader.object("test")
    testEvery = try test?.integer("every", in: 2...1000)
    if let test, testEvery == nil { _ = try test.requiredNode("every") }
    try test?.finish()
    leastUplift = try reader.number("min_uplift", in: -1...1) ?? 0
    let gates = try reader.object("gates")
    refusesLeaks = try gates?.boolean("leakage") ?? true
    try gates?.finish()
    ties = (try reader.choice("ties", of: TiesName.self) ?? .grouped).ties
    bootstrapCount = try reader.integer("bootstrap", in: 100...100_000) ?? 1_000
    permutationCount = try reader.integer("permutations", in: 1...100_000) ?? 999
    level = try reader.number("interval", in: 0.5...0.999) ?? 0.95
    seed = try reader.integer("seed", in: 0...Int(Int32.max)).map { UInt64($0) }
  }

  private static func required(
    _ key: String,
    _ reader: ConfigurationReader,
    fix: String
  ) throws(Diagnostic) -> ConfigurationReader {
    if let object = try reader.object(key) { return object }
    throw reader.problem(at: reader.node, "\(reader.subject) has no \"\(key)\".", fix: fix)
  }

  private static func outcome(
    _ reader: ConfigurationReader
  ) throws(Diagnostic) -> (ColumnSetting, OutcomeRule) {
    let outcome = try required(
      "outcome",
      reader,
      fix: "say what was to happen: outcome: { column: \"visit\" } for yes and no, or with "
        + "above: 0 for an amount."
    )
    let column = try ColumnSetting("column", required: outcome)
    let positive = try outcome.string("positive")
    let negative = try outcome.string("negative")
    let above = try outcome.number("above", in: -1e15...1e15)
    try outcome.finish()
    if let above {
      guard positive == nil, negative == nil else {
        throw outcome.problem(
          at: outcome.node("above") ?? outcome.node,
          "\(outcome.subject) has both \"above\" and texts.",
          fix: "keep above for an amount, or positive and negative for texts."
        )
      }
      return (column, .above(above))
    }
    guard let positive, let negative else {
      if positive == nil, negative == nil { return (column, .binary) }
      throw outcome.problem(
        at: outcome.node,
        "\(outcome.subject) has one of \"positive\" and \"negative\" only.",
        fix: "give both, so that other texts can be told from mistakes."
      )
    }
    return (column, .texts(positive: positive, negative: negative))
  }
}
