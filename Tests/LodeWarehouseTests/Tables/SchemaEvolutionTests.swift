import LodeColumns
import LodeRuntime
import LodeWarehouse
import Testing

@Suite("Columns that change")
struct SchemaEvolutionTests {
  let folder: TemporaryFolder
  let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(opening: folder.path, shardCount: 4)
    try append([
      (Field("id", .integer), 1), (Field("price", .decimal(precision: 9, scale: 2)), 250),
    ])
  }

  /// A write of one row that appends.
  func write(_ cells: [(field: Field, number: Int64)], run: String = "r") -> TableWrite {
    let schema = Schema(cells.map(\.field))
    let columns = cells.map { cell in
      cell.field.type == .double
        ? Column(doubles: [Double(cell.number)])
        : Column(cell.field.type, integers: [cell.number])
    }
    return TableWrite(
      name: "prices",
      schema: schema,
      parts: [.init(rows: Table(schema, columns))],
      replaces: .nothing,
      operation: "test",
      runID: run
    )
  }

  func append(_ cells: [(field: Field, number: Int64)]) throws(Diagnostic) {
    try warehouse.publish(write(cells, run: "r\(cells.count)"))
  }

  func message(_ cells: [(field: Field, number: Int64)]) -> String {
    do throws(Diagnostic) {
      try append(cells)
      return "no refusal"
    } catch {
      return error.description
    }
  }

  @Test("a column is added and a decimal gets more digits; earlier rows stay as they were")
  func allowed() throws {
    try append([
      (Field("price", .decimal(precision: 18, scale: 2)), 999), (Field("id", .integer), 2),
      (Field("weight", .double), 3),
    ])
    let snapshot = try #require(try warehouse.snapshot(of: "prices"))
    #expect(
      snapshot.schema
        == Schema([
          Field("id", .integer), Field("price", .decimal(precision: 18, scale: 2)),
          Field("weight", .double),
        ])
    )
    let rows = Samples.rows(of: try snapshot.table()).sorted { "\($0[0])" < "\($1[0])" }
    #expect(rows[0] == [.integer(1), .decimal(250, scale: 2), .missing])
    #expect(rows[1] == [.integer(2), .decimal(999, scale: 2), .double(3)])
    let before = try #require(try warehouse.snapshot(of: "prices", version: 0))
    #expect(before.schema.names == ["id", "price"])
  }

  @Test("other changes are refused with both types, and a column that is left out with its name")
  func refused() {
    let price = Field("price", .decimal(precision: 9, scale: 2))
    #expect(
      message([(Field("id", .double), 1), (price, 1)]) == """
        table prices: the column "id" is of type integer, the new rows have double.
          fix: convert the new rows to integer, or write the whole table again.
        """
    )
    #expect(
      message([(Field("id", .integer), 1), (Field("price", .decimal(precision: 9, scale: 3)), 1)])
        == """
        table prices: the column "price" is of type decimal(9,2), the new rows have decimal(9,3).
          fix: convert the new rows to decimal(9,2), or write the whole table again.
        """
    )
    #expect(
      message([(price, 1)]) == """
        table prices: the new rows lack the column "id" of type integer, which the table has.
          fix: write the column too, or write the whole table again.
        """
    )
  }

  @Test("a change of columns conflicts with any rows that were added since it started")
  func conflict() throws {
    let price = Field("price", .decimal(precision: 9, scale: 2))
    let wide = try warehouse.stage(
      write([(Field("id", .integer), 5), (price, 5), (Field("weight", .double), 5)], run: "wide")
    )
    try warehouse.publish(write([(Field("id", .integer), 6), (price, 6)], run: "other"))
    do throws(Diagnostic) {
      _ = try warehouse.commit(wide)
      Issue.record("no refusal")
    } catch {
      #expect(error.message.hasPrefix("run wide cannot publish: run other has changed"))
    }
  }

  @Test("appends of many threads are all there, and the log has no gap")
  func threads() throws {
    let price = Field("price", .decimal(precision: 9, scale: 2))
    let warehouse = warehouse
    let writes = (0..<24)
      .map { write([(Field("id", .integer), Int64($0) + 100), (price, 1)], run: "t\($0)") }
    let published = Parallel.map(24) { (try? warehouse.publish(writes[$0])) != nil }
    #expect(!published.contains(false))
    let snapshot = try #require(try warehouse.snapshot(of: "prices"))
    #expect(snapshot.version == 24 && snapshot.rowCount == 25)
    #expect(try Set(snapshot.table(columns: ["id"]).columns[0].integers) == Set([1] + (100..<124)))
    #expect(try warehouse.check().problems.isEmpty)
  }
}
