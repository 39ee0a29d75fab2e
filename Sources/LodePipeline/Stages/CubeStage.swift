internal import LodeColumns
internal import LodeCustomer
public import LodeFormats
public import LodeRuntime

/// Order lines to revenue, units, lines, orders and customers by every subset of some dimensions.
public struct CubeStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.transform
  /// The name in pipeline files.
  public static let method = "cube"
  /// The version of the method.
  public static let version = 1

  private let dimensions: [SalesCube.Dimension]
  private let productsOnly: Bool
  private let into: String

  /// Reads `dimensions`, `products_only` and `into`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let names = try reader.strings("dimensions") ?? ["month", "category", "channel"]
    let columns = ["category", "channel", "country", "kind", "product_id"]
    var dimensions: [SalesCube.Dimension] = []
    for name in names {
      switch name {
      case "month": dimensions.append(.month)
      case "week": dimensions.append(.week)
      case "year": dimensions.append(.year)
      case let name where columns.contains(name): dimensions.append(.column(name))
      default:
        let choices = ["month", "week", "year"] + columns
        throw reader.problem(
          at: reader.node("dimensions") ?? reader.node,
          "\"dimensions\" of \(reader.subject) has \"\(name)\""
            + "\(Suggestion.ending(for: name, in: choices))",
          fix: "choose from \(choices.joined(separator: ", "))."
        )
      }
    }
    guard (1...4).contains(dimensions.count), Set(dimensions).count == dimensions.count else {
      throw reader.problem(
        at: reader.node("dimensions") ?? reader.node,
        "\"dimensions\" of \(reader.subject) names \(dimensions.count), or one twice.",
        fix: "name one to four different dimensions."
      )
    }
    self.dimensions = dimensions
    productsOnly = try reader.boolean("products_only") ?? true
    into = try reader.string("into") ?? "cube.sales"
  }

  /// The clean sales.
  public var inputs: [String] { ["order_lines"] }
  /// The cube.
  public var outputs: [String] { [into] }

  /// Counts shard by shard and adds the shards up.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let shards = try tables.shards(of: "order_lines")
    let empty = SalesCube(dimensions)
    let parts = try Parallel.map(shards.count) { (index: Int) throws(Diagnostic) -> SalesCube in
      var cube = empty
      try cube.add(
        try tables.table("order_lines", shard: shards[index], columns: cube.columns),
        productsOnly: productsOnly
      )
      return cube
    }
    var cube = empty
    for part in parts { cube.add(part) }
    let table = cube.table()
    var output = StageOutput()
    output.tables = [OutputTable(into, table)]
    output.finding =
      "\(table.rowCount) cells of \(dimensions.map(\.name).joined(separator: " × "))"
    return output
  }
}
