import LodeColumns
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Cube of sales")
struct SalesCubeTests {
  /// Lines of 30 customers and of guests; an order's lines are of several categories.
  private static func lines(_ customers: Range<Int>, shuffled: Bool = false) -> Table {
    var rows: [[String?]] = []
    for customer in customers {
      for order in 0..<(customer % 4 + 1) {
        for line in 0..<(order + 2) {
          let day = CivilDate(daysSinceEpoch: 20_000 + (customer * 37 + order * 41) % 400)
          rows.append([
            customer % 7 == 6 ? nil : "c\(customer)", "o\(customer)-\(order)", day.description,
            line % 5 == 4 ? nil : "cat\((customer + line) % 3)", order % 2 == 0 ? "web" : "shop",
            line == 3 ? "postage" : "product", "\(line + 1)", "\(customer * 10 + line)",
          ])
        }
      }
    }
    if shuffled { rows = rows.indices.map { rows[($0 * 7 + 3) % rows.count] } }
    func integers(_ place: Int) -> [Int64] { rows.map { Int64($0[place] ?? "0") ?? 0 } }
    let times = rows.map { CivilDate($0[2] ?? "").map { Timestamp($0).microseconds } ?? 0 }
    return Table([
      "customer_id": Column(texts: rows.map { $0[0] }),
      "order_id": Column(texts: rows.map { $0[1] }),
      "ordered_at": Column(.timestamp, integers: times),
      "category": Column(texts: rows.map { $0[3] }), "channel": Column(texts: rows.map { $0[4] }),
      "kind": Column(texts: rows.map { $0[5] }), "quantity": Column(integers: integers(6)),
      "amount": Column(.money(scale: 2), integers: integers(7)),
    ])
  }

  private static func cube(_ tables: [Table]) throws -> Table {
    var cube = SalesCube([.month, .column("category"), .column("channel")])
    for table in tables {
      var part = SalesCube([.month, .column("category"), .column("channel")])
      try part.add(table, productsOnly: true)
      cube.add(part)
    }
    return cube.table()
  }

  private func integers(_ table: Table, _ name: String) throws -> [Int64] {
    try table.requiredColumn(name).integers
  }

  @Test("every cell is what counting its lines one by one gives")
  func naive() throws {
    let lines = Self.lines(0..<30, shuffled: true)
    let cube = try Self.cube([lines])
    let count = lines.rowCount
    let kinds = try lines.requiredColumn("kind")
    let sides = try (0..<count)
      .map { row in
        let day = Timestamp(microseconds: try integers(lines, "ordered_at")[row]).date.components
        let month = try #require(CivilDate(year: day.year, month: day.month, day: 1))
        func text(_ name: String) throws -> String {
          let column = try lines.requiredColumn(name)
          return column.isMissing(row) ? "(none)" : column[row].description
        }
        return [month.description, try text("category"), try text("channel")]
      }
    #expect(cube.rowCount > 80)
    for cell in 0..<cube.rowCount {
      let wanted = cube.columns.prefix(3).map { $0.isMissing(cell) ? nil : $0[cell].description }
      let rows = (0..<count)
        .filter { row in
          kinds[row].description == "product"
            && zip(wanted, sides[row]).allSatisfy { $0 == nil || $0 == $1 }
        }
      func distinct(_ name: String) throws -> Int64 {
        let column = try lines.requiredColumn(name)
        return Int64(
          Set(rows.filter { !column.isMissing($0) }.map { column[$0].description }).count
        )
      }
      #expect(try integers(cube, "lines")[cell] == Int64(rows.count))
      let amounts = try integers(lines, "amount")
      #expect(try integers(cube, "revenue")[cell] == rows.reduce(0) { $0 + amounts[$1] })
      #expect(try integers(cube, "orders")[cell] == distinct("order_id"))
      #expect(try integers(cube, "customers")[cell] == distinct("customer_id"))
      #expect(try integers(cube, "level")[cell] == Int64(wanted.count { $0 != nil }))
    }
  }

  @Test("cubes of shards add up to the cube of all, and children to their parent to the cent")
  func shards() throws {
    let whole = try Self.cube([Self.lines(0..<30)])
    #expect(try Self.cube([Self.lines(13..<30), Self.lines(0..<13)]) == whole)
    let (levels, revenue) = (try integers(whole, "level"), try integers(whole, "revenue"))
    for column in whole.columns.prefix(3) {
      let children = (0..<whole.rowCount).filter { levels[$0] == 1 && !column.isMissing($0) }
      #expect(children.reduce(0) { $0 + revenue[$1] } == revenue[0])
    }
  }

  @Test("dimensions of too many values and of numbers are refused in words")
  func refused() throws {
    let lines = Self.lines(0..<3)
    var cube = SalesCube([.column("quantity")])
    #expect(throws: Diagnostic.self) { try cube.add(lines, productsOnly: false) }
    let ids = Column(texts: (0..<5_000).map { "p\($0)" })
    let wide = Table([
      "customer_id": ids, "order_id": ids, "category": ids, "channel": ids,
      "ordered_at": Column(.timestamp, integers: Array(repeating: 0, count: 5_000)),
      "kind": Column(texts: Array(repeating: "product", count: 5_000)),
      "quantity": Column(integers: Array(repeating: 1, count: 5_000)),
      "amount": Column(.money(scale: 2), integers: Array(repeating: 1, count: 5_000)),
    ])
    var large = SalesCube([.column("category"), .column("channel")])
    #expect(throws: Diagnostic.self) { try large.add(wide, productsOnly: true) }
  }
}
