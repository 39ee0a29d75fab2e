public import LodeColumns
public import LodeRuntime

/// Sales by every combination of some dimensions, and by every roll-up of them.
///
/// - Input: order lines, shard by shard; no customer and no order lies in two shards.
/// - Output: a cell for each combination that occurs, rolled-up dimensions missing, with revenue,
///   units, lines, distinct orders and distinct customers. Children add up to their parent to the
///   cent in all but orders and customers, who may be in several children.
/// - Determinism: whole numbers only; the same cells from any shards in any order.
/// - Complexity: O(`n·2ᵏ`) for `n` lines and `k` dimensions; memory of all cells that can be.
/// - Source: Gray et al. (1997), "Data Cube", Data Mining and Knowledge Discovery 1, §3.
public struct SalesCube: Sendable {
  /// What lines are grouped by.
  public enum Dimension: Hashable, Sendable {
    /// The month of the order, as its first day.
    case month
    /// The week of the order, as its Monday.
    case week
    /// The year of the order, as its first day.
    case year
    /// The text of a column of `order_lines`.
    case column(String)

    /// The name of the dimension's column.
    public var name: String {
      switch self {
      case .month: "month"
      case .week: "week"
      case .year: "year"
      case .column(let name): name
      }
    }
  }

  /// What is known of one cell.
  struct Measures: Sendable {
    var revenue: Int64 = 0
    var units: Int64 = 0
    var lines: Int64 = 0
    var orders: Int64 = 0
    var customers: Int64 = 0

    static func += (left: inout Measures, right: Measures) {
      left.revenue += right.revenue
      left.units += right.units
      left.lines += right.lines
      left.orders += right.orders
      left.customers += right.customers
    }
  }

  /// The most cells that may be, those that do not occur counted in.
  public static let cellLimit = 1 << 24

  let dimensions: [Dimension]
  /// The cells, the code plus 1 of each dimension packed into one number, 0 where rolled up.
  private var cells: [UInt64: Measures] = [:]
  /// The texts of each dimension; days as numbers for dates.
  private var names: [TextDictionaryBuilder]
  private var scale = 2

  /// A cube without lines.
  ///
  /// - Precondition: one to four different dimensions.
  public init(_ dimensions: [Dimension]) {
    precondition((1...4).contains(dimensions.count), "\(dimensions.count) dimensions")
    self.dimensions = dimensions
    names = dimensions.map { _ in TextDictionaryBuilder() }
  }

  private var bits: UInt64 { UInt64(64 / dimensions.count) }

  /// The columns of `order_lines` that the cube reads.
  public var columns: [String] {
    let own = dimensions.compactMap { dimension in
      if case .column(let name) = dimension { return name }
      return nil
    }
    let needed = ["customer_id", "order_id", "ordered_at", "kind", "quantity", "amount"]
    return needed + own.filter { !needed.contains($0) }
  }

  /// Adds the lines of a shard.
  ///
  /// - Throws: a diagnostic for a column that is missing or no text, or for too many cells.
  public mutating func add(_ lines: Table, productsOnly: Bool) throws(Diagnostic) {
    guard lines.rowCount > 0 else { return }
    var values: [CubeValues] = []
    for dimension in dimensions { values.append(try CubeValues(dimension, lines)) }
    var counter = try CubeCounter(lines, values, productsOnly: productsOnly)
    counter.count()
    scale = counter.scale
    let codes = values.indices.map { place in
      [0] + values[place].texts.map { UInt64(names[place].code(for: $0)) + 1 }
    }
    for (places, measures) in counter.cells() {
      var key: UInt64 = 0
      for (place, code) in places.enumerated() { key = key << bits | codes[place][code] }
      cells[key, default: Measures()] += measures
    }
  }

  /// Adds the lines that another cube of the same dimensions holds.
  public mutating func add(_ other: SalesCube) {
    guard !other.cells.isEmpty else { return }
    precondition(other.dimensions == dimensions, "cubes of different dimensions")
    scale = other.scale
    let codes = names.indices.map { place in
      [0] + other.names[place].build().texts.map { UInt64(names[place].code(for: $0)) + 1 }
    }
    let mask = bits == 64 ? UInt64.max : (1 << bits) - 1
    for (key, measures) in other.cells {
      var moved: UInt64 = 0
      for place in codes.indices {
        let shift = bits * UInt64(codes.count - 1 - place)
        moved = (bits == 64 ? 0 : moved << bits) | codes[place][Int(key >> shift & mask)]
      }
      cells[moved, default: Measures()] += measures
    }
  }

  /// One row a cell: the dimensions (missing where rolled up), how many are not rolled up, and the
  /// measures; sorted, with totals before what they are the totals of.
  public func table() -> Table {
    let texts = names.map { $0.build() }
    let ranks = texts.map { $0.ranks() }
    let mask = bits == 64 ? UInt64.max : (1 << bits) - 1
    let rows =
      cells.map { key, measures in
        let codes = dimensions.indices.map { place in
          Int(key >> (bits * UInt64(dimensions.count - 1 - place)) & mask)
        }
        let order = codes.enumerated().map { $1 == 0 ? -1 : ranks[$0][$1 - 1] }
        return (codes: codes, order: order, measures: measures)
      }
      .sorted { $0.order.lexicographicallyPrecedes($1.order) }
    var table = Table(
      "level",
      Column(integers: rows.map { row in Int64(row.codes.count { $0 > 0 }) })
    )
    for (place, dimension) in dimensions.enumerated().reversed() {
      let column = Self.column(dimension, rows.map { $0.codes[place] }, texts[place])
      table = Table(
        Schema([Field(dimension.name, column.type)] + table.schema.fields),
        [column] + table.columns
      )
    }
    func whole(_ name: String, _ measure: (Measures) -> Int64) {
      table = table.setting(
        Field(name, .integer),
        Column(integers: rows.map { measure($0.measures) })
      )
    }
    let money = ColumnType.money(scale: scale)
    table = table.setting(
      Field("revenue", money),
      Column(money, integers: rows.map(\.measures.revenue))
    )
    whole("units") { $0.units }
    whole("lines") { $0.lines }
    whole("orders") { $0.orders }
    whole("customers") { $0.customers }
    return table
  }

  private static func column(
    _ dimension: Dimension,
    _ codes: [Int],
    _ texts: TextDictionary
  ) -> Column {
    if case .column = dimension {
      return Column(texts: codes.map { $0 == 0 ? nil : texts[$0 - 1] })
    }
    var builder = ColumnBuilder(.date)
    for code in codes {
      let date = code == 0 ? nil : CivilDate(texts[code - 1])
      builder.append(integer: date.map { Int64($0.daysSinceEpoch) })
    }
    return builder.build()
  }
}

extension Table {
  fileprivate init(_ name: String, _ column: Column) {
    self.init(Schema([Field(name, column.type)]), [column])
  }
}
