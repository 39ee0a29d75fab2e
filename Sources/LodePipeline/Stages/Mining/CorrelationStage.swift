internal import LodeColumns
public import LodeFormats
internal import LodeMining
public import LodeRuntime

/// Customer features to their Pearson and Spearman correlations.
public struct CorrelationStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.correlate
  /// The name in pipeline files.
  public static let method = "correlations"
  /// The version of the method.
  public static let version = 2

  private let selection: FeatureSelection

  /// Reads `features`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    selection =
      try FeatureSelection(reader)
      ?? FeatureSelection([
        "days_since_last": .identity, "age_days": .identity, "orders": .identity,
        "value_total": .identity, "value_364d": .identity, "average_order_value": .identity,
        "basket_products": .identity, "returns_share": .identity, "spend_trend": .identity,
        "category_count": .identity,
      ])
  }

  /// The features.
  public var inputs: [String] { ["customer_features"] }
  /// The correlations.
  public var outputs: [String] { ["correlations"] }

  /// Correlates the features of the customers as of the date of the run.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let customers = try CurrentFeatures.customers(
      tables,
      asOf: context.asOf,
      columns: selection.names
    )
    let matrix = try selection.matrix(customers)
    let pearson = try Correlation(.pearson).pairs(of: matrix)
    let spearman = try Correlation(.spearman).pairs(of: matrix)
    func number(_ cells: [Double?]) -> Column {
      var builder = ColumnBuilder(.double)
      for cell in cells { builder.append(double: cell) }
      return builder.build()
    }
    let table = Table([
      "first": Column(texts: pearson.map(\.first)),
      "second": Column(texts: pearson.map(\.second)),
      "pearson": number(pearson.map(\.coefficient)),
      "pearson_p_adjusted": number(pearson.map(\.qValue)),
      "spearman": number(spearman.map(\.coefficient)),
      "spearman_p_adjusted": number(spearman.map(\.qValue)),
      "customers": Column(integers: pearson.map { _ in Int64(customers.rowCount) }),
    ])
    var output = StageOutput()
    output.tables = [OutputTable("correlations", table)]
    let strongest = spearman.max { abs($0.coefficient ?? 0) < abs($1.coefficient ?? 0) }
    output.finding =
      "\(pearson.count) pairs of features; strongest by rank: "
      + (strongest.map { pair in
        "\(pair.first) and \(pair.second) "
          + "(\((pair.coefficient ?? 0).rounded(toPlaces: 2)))"
      } ?? "none")
    return output
  }
}
