internal import LodeColumns
internal import LodeCustomer
internal import LodeFormats
internal import LodeMining
internal import LodeRuntime

/// Which features a model takes, and on which scale.
struct FeatureSelection: Sendable {
  let names: [String]
  let transformations: [FeatureTransformation]

  init(_ features: KeyValuePairs<String, FeatureTransformation>) {
    names = features.map(\.key)
    transformations = features.map(\.value)
  }

  /// Features on their usual scale, see ``FeatureRegistry``.
  init(usual names: [String]) {
    self.names = names
    transformations = names.map { name in
      FeatureRegistry.definition(name).flatMap { FeatureTransformation(rawValue: $0.scale) }
        ?? .identity
    }
  }

  /// Refuses keys and dates, and columns that tell the label by their names.
  ///
  /// - Throws: a diagnostic at the place in the pipeline file.
  func refuseLeaks(_ reader: ConfigurationReader) throws(Diagnostic) {
    for name in names {
      let isRefused = FeatureRegistry.definition(name)?.leakage == .refused
      guard isRefused || name.contains("churn") || name.contains("label") else { continue }
      throw reader.problem(
        at: reader.node("features") ?? reader.node,
        "\"\(name)\" of \(reader.subject) is no feature: it is a key, a date or made of the label.",
        fix: "drop it from features."
      )
    }
  }

  /// Reads `features: { name: "identity" | "logOnePlus" | "signedLogOnePlus", … }`.
  init?(_ reader: ConfigurationReader) throws(Diagnostic) {
    guard let table = try reader.object("features") else { return nil }
    var names: [String] = []
    var transformations: [FeatureTransformation] = []
    for name in table.keys {
      guard let choice = try table.choice(name, of: FeatureTransformation.self) else { continue }
      names.append(name)
      transformations.append(choice)
    }
    guard !names.isEmpty else {
      throw reader.problem(
        at: table.node,
        "\"features\" of \(reader.subject) names no feature.",
        fix: "name features with their scale, for example features: { orders: \"logOnePlus\" }."
      )
    }
    self.names = names
    self.transformations = transformations
  }

  /// The transformed features of the rows of a table; missing cells count as 0.
  func matrix(_ table: Table) throws -> FeatureMatrix {
    try FeatureMatrix(
      table,
      identifiedBy: "customer_id",
      features: names,
      missing: .constant(0)
    )
    .transformed(transformations)
  }

  /// The features in their own units, missing cells as 0.
  func rawMatrix(_ table: Table) throws -> FeatureMatrix {
    try FeatureMatrix(
      table,
      identifiedBy: "customer_id",
      features: names,
      missing: .constant(0)
    )
  }
}
