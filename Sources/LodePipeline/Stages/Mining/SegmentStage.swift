internal import LodeColumns
public import LodeFormats
internal import LodeMining
internal import LodeNumerics
public import LodeRuntime

/// Customer features to segments by k-means, with a profile and a rule each.
///
/// The segments of the first run are numbered by falling mean value; from then on they keep their
/// numbers by the pairing of their centroids with those of the last run.
public struct SegmentStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.cluster
  /// The name in pipeline files.
  public static let method = "kmeans"
  /// The version of the method.
  public static let version = 5

  private let selection: FeatureSelection
  private let fixedCount: Int?
  private let range: ClosedRange<Int>
  private let seedings: Int
  /// The least and the largest share of the customers that a segment may hold.
  private let shares: (least: Double, largest: Double)

  /// Reads `features`, `k` (a number or "auto"), `k_range`, `seedings` and `share_limits`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    selection =
      try FeatureSelection(reader)
      ?? FeatureSelection([
        "days_since_last": .logOnePlus, "orders": .logOnePlus, "value_total": .signedLogOnePlus,
      ])
    if let node = reader.node("k"), node.kind != .string("auto") {
      fixedCount = try reader.integer("k", in: 1...1000)
    } else {
      fixedCount = nil
    }
    let bounds = try reader.numbers("k_range") ?? [3, 8]
    guard bounds.count == 2, bounds[0] >= 2, bounds[0] <= bounds[1], bounds[1] <= 1000,
      bounds.allSatisfy({ $0 == $0.rounded() })
    else {
      throw reader.problem(
        at: reader.node("k_range") ?? reader.node,
        "\"k_range\" of \(reader.subject) is no range.",
        fix: "write two rising whole numbers, for example [3, 8]."
      )
    }
    range = Int(bounds[0])...Int(bounds[1])
    seedings = try reader.integer("seedings", in: 1...1000) ?? 10
    let limits = try reader.object("share_limits")
    let least = try limits?.number("least", in: 0...1) ?? 0
    let largest = try limits?.number("largest", in: 0...1) ?? 1
    try limits?.finish()
    let count = Double(fixedCount ?? range.upperBound)
    guard least * count <= 1, largest * Double(fixedCount ?? range.lowerBound) >= 1 else {
      throw reader.problem(
        at: limits?.node ?? reader.node,
        "no shares of \(reader.subject) keep the limits from \(least) to \(largest).",
        fix: "let least times the number of segments be at most 1, and largest times it at least 1."
      )
    }
    shares = (least, largest)
  }

  /// The model with segments of fitting sizes.
  private func limited(_ model: KMeans.Model, _ points: Matrix) throws -> KMeans.Model {
    guard shares.least > 0 || shares.largest < 1 else { return model }
    let count = Double(points.rowCount)
    return try ClusterSizeLimits(
      minimumSize: Int((shares.least * count).rounded(.down)),
      maximumSize: Int((shares.largest * count).rounded(.up))
    )
    .model(model, points: points)
  }

  /// The features.
  public var inputs: [String] { ["customer_features"] }
  /// The centroids and the labels of the runs before.
  public var previous: [String] { [SegmentHistory.table, "customer_cluster"] }
  /// The segment of each customer, the profiles, the model, the choice of k, and what became of
  /// the segments of the last run.
  public var outputs: [String] {
    [
      "customer_cluster", "segment_profiles", "model.segments", "segment_count_choice",
      "segment_transitions", SegmentHistory.table,
    ]
  }

  /// Clusters the customers as of the date of the run.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let customers = try CurrentFeatures.customers(
      tables,
      asOf: context.asOf,
      columns: selection.names + ["value_total"].filter { !selection.names.contains($0) }
    )
    let raw = try selection.rawMatrix(customers)
    let transformed = try raw.transformed(selection.transformations)
    let scaling = Standardization(transformed.matrix)
    let points = scaling.encode(transformed.matrix)
    let kMeans = KMeans(clusterCount: range.lowerBound, seedingCount: seedings, seed: context.seed)
    let choice = ClusterCountChoice(
      minimumCount: fixedCount ?? range.lowerBound,
      maximumCount: fixedCount ?? range.upperBound,
      kMeans: kMeans
    )
    let outcome = try choice.choose(points)
    let values = try customers.requiredColumn("value_total").numbers()
    let history = try SegmentHistory(
      try tables.optionalTable(SegmentHistory.table),
      asOf: context.asOf
    )
    let labels = SegmentIdentities.labels(
      try tables.optionalTable("customer_cluster"),
      of: customers,
      before: history.lastRun(selection)?.asOf
    )
    let identities = SegmentIdentities(
      try limited(outcome.model, points),
      transformed: transformed.matrix,
      scaling: scaling,
      values: values,
      labels: labels,
      history: history,
      selection: selection
    )
    let model = identities.model
    var output = StageOutput()
    output.tables =
      described(customers, identities, raw: raw, points: points, values, scaling) + [
        OutputTable("segment_count_choice", SegmentTables.choice(outcome)),
        OutputTable("segment_transitions", identities.transitions),
        OutputTable(
          SegmentHistory.table,
          history.table(adding: model, numbers: identities.numbers, selection, scaling)
        ),
      ]
    output.finding =
      "\(model.clusterCount) segments of \(customers.rowCount) customers "
      + "(\(outcome.reason)); inertia \(model.inertia.rounded(toPlaces: 3))"
    if let change = identities.finding { output.finding += "; \(change)" }
    if history.highestNumber > 0, identities.last == nil {
      output.warnings.append(
        "the last run's segments are of other features: this run's are numbered anew"
      )
    }
    if !model.converged { output.warnings.append("k-means did not converge") }
    return output
  }

  /// The segment of each customer, the profiles and the model.
  private func described(
    _ customers: Table,
    _ identities: SegmentIdentities,
    raw: FeatureMatrix,
    points: Matrix,
    _ values: [Double],
    _ scaling: Standardization
  ) -> [OutputTable] {
    let model = identities.model
    let profiles = ClusterProfile.profiles(
      of: raw,
      assignment: model.assignment,
      clusterCount: model.clusterCount
    )
    let rules = ClusterRuleSearch()
      .rules(of: raw, assignment: model.assignment, clusterCount: model.clusterCount)
    let labels = SegmentLabels.labels(profiles)
    return [
      OutputTable(
        "customer_cluster",
        assignments(customers, identities, points: points, labels: labels),
        shardedBy: "customer_id",
        order: [SortKey("customer_id")]
      ),
      OutputTable(
        "segment_profiles",
        SegmentTables.profiles(
          profiles,
          labels: labels,
          rules: rules,
          identities: identities,
          values: values
        )
      ),
      OutputTable(
        "model.segments",
        SegmentTables.centroids(identities, names: selection.names, scaling: scaling)
      ),
    ]
  }

  private func assignments(
    _ customers: Table,
    _ identities: SegmentIdentities,
    points: Matrix,
    labels: [String]
  ) -> Table {
    let (model, numbers) = (identities.model, identities.numbers)
    let distances = model.nearest(points).map(\.distance)
    return Table(
      Schema([
        Field("customer_id", .text), Field("as_of", .date), Field("segment", .integer),
        Field("segment_label", .text), Field("distance", .double),
        Field("previous_segment", .integer),
      ]),
      [
        customers.columns[0], customers.columns[1],
        Column(integers: model.assignment.map { Int64(numbers[$0]) }),
        Column(codes: model.assignment, names: labels),
        Column(doubles: distances),
        identities.previousSegments,
      ]
    )
  }
}

extension Double {
  /// The number with at most the given digits behind the point, for messages.
  func rounded(toPlaces places: Int) -> String {
    let factor = Double(powerOfTen(places))
    return Cell.doubleText((self * factor).rounded() / factor)
  }
}
