internal import LodeColumns
public import LodeFormats
internal import LodeMining
public import LodeRuntime

/// Baskets to association rules: who buys this also buys that.
public struct BasketRulesStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.correlate
  /// The name in pipeline files.
  public static let method = "rules"
  /// The version of the method.
  public static let version = 1

  private let miner: FrequentItemsets
  private let rules: AssociationRules
  private let maximumFalseDiscovery: Double
  private let item: String

  /// Reads `min_support`, `min_confidence`, `min_lift`, `max_length`, `max_rules`, `fdr`, `item`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    miner = FrequentItemsets(
      minimumSupport: try reader.number("min_support", in: 1e-9...1) ?? 0.01,
      maximumLength: try reader.integer("max_length", in: 2...20) ?? 3
    )
    rules = AssociationRules(
      minimumConfidence: try reader.number("min_confidence", in: 0...1) ?? 0.2,
      minimumLift: try reader.number("min_lift", in: 0...1e9) ?? 1.2,
      maximumCount: try reader.integer("max_rules", in: 1...10_000_000) ?? 10_000
    )
    maximumFalseDiscovery = try reader.number("fdr", in: 0...1) ?? 0.05
    item = try reader.string("item") ?? "product_id"
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines", "products"] }
  /// The rules.
  public var outputs: [String] { ["product_rules"] }

  /// Mines the baskets of all orders before the as-of date.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let lines = try tables.table("order_lines")
    let kind = try lines.requiredColumn("kind")
    let items = try lines.requiredColumn(item)
    let isProduct = kind.dictionary.texts.map { $0 == "product" }
    let codes = kind.codes
    let sold = lines.filtered(
      (0..<lines.rowCount).map { isProduct[Int(codes[$0])] && !items.isMissing($0) }
    )
    let baskets = try Baskets(sold, basket: "order_id", item: item)
    let itemsets = try miner.fit(baskets)
    let outcome = rules.rules(from: itemsets)
    let kept = outcome.rules.filter { $0.qValue <= maximumFalseDiscovery }
    var output = StageOutput()
    output.tables = [
      OutputTable("product_rules", try table(kept, names: productNames(tables), baskets.count))
    ]
    output.finding =
      "\(kept.count) rules from \(itemsets.itemsets.count) itemsets in \(baskets.count) baskets"
    if outcome.isTruncated {
      output.warnings.append(
        "only \(outcome.rules.count) of \(outcome.foundCount) rules were kept: raise max_rules"
      )
    }
    return output
  }

  private func productNames(_ tables: StageInputs) throws -> [String: String] {
    let products = try tables.table("products")
    let ids = try products.requiredColumn("product_id")
    let names = try products.requiredColumn("name")
    var nameOfProduct: [String: String] = [:]
    for row in 0..<products.rowCount where !names.isMissing(row) {
      nameOfProduct[ids[row].description] = names[row].description
    }
    return item == "product_id" ? nameOfProduct : [:]
  }

  private func table(
    _ rules: [AssociationRules.Rule],
    names: [String: String],
    _ basketCount: Int
  ) throws -> Table {
    func named(_ id: String) -> String { names[id] ?? id }
    return Table([
      "if_items": Column(texts: rules.map { ItemList.text($0.left) }),
      "then_item": Column(texts: rules.map(\.right)),
      "if_names": Column(texts: rules.map { $0.left.map(named).joined(separator: " + ") }),
      "then_name": Column(texts: rules.map { named($0.right) }),
      "baskets": Column(integers: rules.map { Int64($0.count) }),
      "support": Column(doubles: rules.map(\.support)),
      "confidence": Column(doubles: rules.map(\.confidence)),
      "lift": Column(doubles: rules.map(\.lift)),
      "leverage": Column(doubles: rules.map(\.leverage)),
      "p_adjusted": Column(doubles: rules.map(\.qValue)),
    ])
  }
}
