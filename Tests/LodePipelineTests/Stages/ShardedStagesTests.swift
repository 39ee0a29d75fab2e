import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Stages shard by shard")
struct ShardedStagesTests {
  /// Sales of 40 customers and of guests, with returns, repeated and bad rows, in three parts.
  private static func parts() throws -> [Table] {
    try (0..<3)
      .map { part in
        var text = "order_id,customer_id,ordered_at,product_id,description,quantity,unit_price\n"
        for row in 0..<200 {
          let number = part * 200 + row
          let customer = number % 41 == 40 ? "" : "c\(number * 7 % 40)"
          let day = CivilDate(daysSinceEpoch: 20_000 + number * 13 % 300)
          let name = number % 3 == 0 ? "Cup" : "Mug"
          let price = number % 50 == 49 ? "0" : "\(number % 9 + 1).50"
          let order = "\(customer.isEmpty ? "g\(number)" : customer)@\(number / 120)"
          let line = "\(customer),\(day),P\(number % 5),\(name)"
          text += "\(order),\(line),\(number % 4 + 1),\(price)\n"
          if number % 60 == 5 { text += "\(order),\(line),\(number % 4 + 1),\(price)\n" }
          if number % 17 == 0 { text += "C\(number),\(line),-1,\(price)\n" }
        }
        return try StageLab.csv(text, types: ["order_id": .text, "ordered_at": .date])
      }
  }

  private static let stage = """
    {op: 'clean', from: 'raw', max_bad_share: 0.5, cancellation_prefix: 'C', columns: {
     order: 'order_id', customer: 'customer_id', at: 'ordered_at', product: 'product_id',
     description: 'description', quantity: 'quantity', price: 'unit_price'}}
    """

  @Test("cleaning gives the same rows in one shard and in five, from one part and from three")
  func cleaning() throws {
    let parts = try Self.parts()
    func clean(_ parts: [Table], shards: Int) throws -> StageOutput {
      var context = try StageLab.context("2026-07-01")
      context.shardCount = shards
      return try StageLab.stage(Self.stage).run(StageInputs(["raw": parts]), in: context)
    }
    let whole = try clean([Table.concatenating(parts)], shards: 1)
    let apart = try clean(parts, shards: 5)
    #expect(apart.finding == whole.finding)
    #expect(apart.rowsRead == whole.rowsRead && apart.rowsPublished == whole.rowsPublished)
    #expect(apart.quarantine?.table() == whole.quarantine?.table())
    #expect((whole.quarantine?.count ?? 0) > 20)
    for (one, other) in zip(whole.tables, apart.tables) {
      #expect(one.name == other.name)
      #expect(try StageLab.cells(one.rows).sorted() == StageLab.cells(other.rows).sorted())
      #expect(one.rows.rowCount > 0, "\(one.name)")
    }
  }

  @Test("an input gives the columns asked for, in their order, and nothing of the as-of date")
  func projection() throws {
    let table = Table([
      "a": Column(integers: [1, 2]), "b": Column(texts: ["x", "y"]), "c": Column(doubles: [1, 2]),
    ])
    let inputs = StageInputs(["t": [table, table]])
    let picked = try inputs.table("t", columns: ["c", "a"])
    #expect(picked.schema.names == ["c", "a"] && picked.rowCount == 4)
    #expect(try inputs.shards(of: "t") == [nil])
    #expect(try inputs.optionalTable("u") == nil)
    #expect(throws: Diagnostic.self) { try inputs.table("u") }
    #expect(throws: Diagnostic.self) { try inputs.table("t", columns: ["d"]) }
  }

  @Test("a compacted column has the same cells and no text that no cell has")
  func compacted() {
    let column = Column(texts: ["a", "b", nil, "c", "b"]).gathering([4, 2, 1, 3])
    let compact = column.compacted()
    #expect(compact.dictionary.texts == ["b", "c"])
    #expect((0..<4).map { compact[$0] } == (0..<4).map { column[$0] })
    let none = Column(texts: ["a", nil]).gathering([1]).compacted()
    #expect(none.isMissing(0) && none.dictionary.count == 1)
  }

  /// Orders, returns, surveys, registrations and campaign members of 60 customers.
  private static func customerTables() throws -> [String: Table] {
    var (orders, surveys) = ("customer_id,ordered_at,category,amount\n", "")
    var (people, members, returns, lineCount) = ("", "", "", 0)
    for number in 0..<60 {
      for order in 0..<(1 + number % 4) {
        let day = CivilDate(daysSinceEpoch: 20_400 + number % 30 + 25 * order)
        if order == number % 3 {
          returns += "c\(number),c\(number),\(day) 21:00:00,\(lineCount),4.25\n"
        }
        orders += "c\(number),\(day),\(order % 2 == 0 ? "toys" : "care"),\(10 + number).5\n"
        lineCount += 1
      }
      let day = CivilDate(daysSinceEpoch: 20_400 + number % 30)
      surveys += "c\(number),\(day) 20:00:00,\(1 + number * 7 % 5)\n"
      people += "c\(number),\(day),\(number % 3 == 0 ? "web" : "shop")\n"
      members +=
        "m\(number % 3),c\(number),\(day) 20:00:00,\(number % 2 == 0 ? "treat" : "control")\n"
    }
    let lines = try StageLab.csv(
      orders,
      types: ["ordered_at": .timestamp, "amount": .money(scale: 2)]
    )
    let ones = Column(integers: (0..<lines.rowCount).map { _ in 1 })
    let same = Column(texts: (0..<lines.rowCount).map { _ in "product" })
    return [
      "order_lines": try lines.setting(Field("kind", .text), same)
        .setting(Field("product_id", .text), same).setting(Field("channel", .text), same)
        .setting(Field("order_id", .text), lines.requiredColumn("customer_id"))
        .setting(Field("quantity", .integer), ones)
        .setting(Field("_line", .integer), Column(integers: (0..<lines.rowCount).map(Int64.init))),
      "return_matches": try StageLab.csv(
        "customer_id,order_id,returned_at,sale_line,amount\n" + returns,
        types: ["returned_at": .timestamp, "sale_line": .integer, "amount": .money(scale: 2)]
      ),
      "surveys": try StageLab.csv(
        "customer_id,answered_at,score\n" + surveys,
        types: ["answered_at": .timestamp]
      ),
      "people": try StageLab.csv("customer_id,at,source\n" + people, types: ["at": .date]),
      // Twelve of them never ordered, and one visitor is nobody.
      "web": try StageLab.csv(
        "visitor,customer_id,at\nx,,2025-11-20\n"
          + (55..<72).map { "v\($0),,2025-11-10\nv\($0),c\($0),2025-12-\($0 - 44)\n" }.joined(),
        types: ["at": .date]
      ),
      "campaign_members": try StageLab.csv(
        "campaign_code,customer_id,assigned_at,cell\n" + members,
        types: ["assigned_at": .timestamp]
      ),
    ]
  }

  @Test(
    "order lines in one shard and in three give the same tables",
    arguments: [
      "op: 'transform', method: 'satisfaction', repurchase_days: 30",
      "op: 'transform', method: 'funnel', registrations: {from: 'people', at: 'at', source: "
        + "'source'}",
      "op: 'forecast', method: 'equity', period_days: 30, add_on_categories: ['care'], bootstrap: "
        + "20, segments: {from: 'people', column: 'source'}",
      "op: 'transform', method: 'life_cycle', registrations: {from: 'people', at: 'at'}, visits: "
        + "{from: 'web', person: 'visitor', customer: 'customer_id', at: 'at'}",
      "op: 'forecast', method: 'campaign_response', planned_contacts: 50",
      "op: 'transform', method: 'trial', columns: {cell: 'cell'}, net_returns: false",
    ]
  )
  func customerStages(settings: String) throws {
    let tables = try Self.customerTables()
    let asOf = CivilDate(daysSinceEpoch: 20_520).description
    let whole = try StageLab.run("{\(settings)}", tables, asOf: asOf)
    var sources: [String: StageInputs.Source] = [:]
    for (name, table) in tables {
      let parts =
        ["order_lines", "return_matches"].contains(name)
        ? try table.laidApart(byCustomer: "customer_id", into: 3) : [table]
      sources[name] = StageInputs.Source(
        schema: table.schema,
        shards: parts.count == 1 ? [nil] : [0, 1, 2]
      ) { (part: Int, columns: [String]?) throws(Diagnostic) -> Table in
        guard let columns else { return parts[part] }
        return try parts[part].selecting(columns)
      }
    }
    var context = try StageLab.context(asOf)
    context.shardCount = 3
    let apart = try StageLab.stage("{\(settings)}").run(StageInputs(sources: sources), in: context)
    for (one, other) in zip(apart.tables, whole.tables) {
      let (rows, wanted) = (
        try one.rows.sorted(by: one.order), try other.rows.sorted(by: other.order)
      )
      #expect(try StageLab.cells(rows) == StageLab.cells(wanted) && rows.schema == wanted.schema)
    }
    #expect(apart.tables.map(\.name) == whole.tables.map(\.name))
    #expect(apart.finding == whole.finding && apart.warnings == whole.warnings)
  }
}
