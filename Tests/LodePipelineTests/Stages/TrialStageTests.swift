import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The trial stage", .serialized)
struct TrialStageTests {
  private static let orders = """
    a,o1,2026-03-01 10:00:00,10.00
    a,o2,2026-05-01 08:00:00,99.00
    a,o3,2026-05-11 10:00:00,20.00
    a,o3,2026-05-11 10:00:00,5.00
    b,o4,2026-04-01 10:00:00,30.00
    b,o5,2026-05-29 10:00:01,40.00
    c,o6,2026-04-20 10:00:00,8.00
    """
  private static let members = """
    k1,a,treat,2026-05-01 10:00:00
    k1,b,control,2026-05-01 10:00:00
    k1,nobody,treat,2026-05-01 10:00:00
    k2,c,treat,2026-06-20 10:00:00
    k2,a,control,2026-04-20 10:00:00
    """

  private static func tables(
    orders moreOrders: String = "",
    members moreMembers: String = ""
  ) throws -> [String: Table] {
    let lines = "\(orders)\n\(moreOrders)".split(separator: "\n")
      .map { line in
        let cells = line.split(separator: ",")
        return "\(cells[0]),\(cells[1]),\(cells[2]),p,toys,web,product,1,\(cells[3])"
      }
    let types: [String: ColumnType] = [
      "ordered_at": .timestamp, "returned_at": .timestamp, "amount": .money(scale: 2),
      "assigned_at": .timestamp, "quantity": .integer, "customer_id": .text, "order_id": .text,
    ]
    func csv(_ text: String) throws -> Table {
      let names = text.prefix { $0 != "\n" }.split(separator: ",").map(String.init)
      return try StageLab.csv(text, types: types.filter { names.contains($0.key) })
    }
    return [
      "order_lines": try csv(
        "customer_id,order_id,ordered_at,product_id,category,channel,kind,quantity,amount\n"
          + lines.joined(separator: "\n") + "\n"
      ),
      "return_matches": try csv("customer_id,order_id,returned_at,quantity,amount,kind\n"),
      "campaign_members": try csv(
        "campaign_code,customer_id,cell,assigned_at\n\(members)\n\(moreMembers)"
      ),
    ]
  }

  private static func run(
    _ more: String = "",
    _ tables: [String: Table]? = nil
  ) throws -> StageOutput {
    try StageLab.run(
      "{op: 'transform', method: 'trial', columns: {cell: 'cell'}\(more)}",
      tables ?? Self.tables()
    )
  }

  private static let shown = [
    "campaign", "customer_id", "arm", "responded", "response_revenue", "orders", "value_total",
    "days_since_last",
  ]

  @Test("what was known on the day before, and what was ordered behind the contact")
  func byHand() throws {
    let output = try Self.run()
    #expect(
      try StageLab.cells(StageLab.table("campaign_trials", output), Self.shown) == [
        // The order of the morning of the contact is neither known before nor ordered behind.
        "k1 a treated 1 25.00 1 10.00 61",
        // One second late.
        "k1 b control 0 0.00 1 30.00 30", "k1 nobody treated 0 0.00 - - -",
        "k2 a control 1 124.00 1 10.00 50",
        // Contacted less than 28 days ago.
        "k2 c treated - - 1 8.00 61",
      ]
    )
    #expect(
      output.finding
        == "5 members of 2 campaigns, 3 of them contacted, 32 features of the day before; 1 "
        + "members whose time is not over"
    )
    let one = try Self.run(", campaigns: ['k1'], into: 't'")
    #expect(try StageLab.table("t", one).rowCount == 3)
  }

  @Test("orders behind the contact change no feature, rows after the as-of date change nothing")
  func leakage() throws {
    let before = try StageLab.table("campaign_trials", Self.run())
    let later = try Self.run(
      "",
      Self.tables(
        orders: "b,o7,2026-07-01 00:00:00,500.00\nc,o8,2026-07-02 00:00:00,5.00\n",
        members: "k1,z,treat,2026-07-01 00:00:00\nk1,,what,2026-07-01 00:00:00\n"
      )
    )
    #expect(try StageLab.table("campaign_trials", later) == before)
    #expect(later.quarantine?.count == 0)
    let behind = try StageLab.table(
      "campaign_trials",
      Self.run("", Self.tables(orders: "b,o9,2026-05-01 00:00:00,77.00\n"))
    )
    let outcomes = ["responded", "response_revenue"]
    let features = before.schema.names.filter { !outcomes.contains($0) }
    #expect(try behind.selecting(features) == before.selecting(features))
  }

  @Test("campaigns with different shares of contacted members are not thrown together unsaid")
  func shares() throws {
    let more = (0..<60)
      .map { "k1,x\($0),treat,2026-05-01 10:00:00\nk2,y\($0),control,2026-05-01 10:00:00\n" }
    let output = try Self.run("", Self.tables(members: more.joined()))
    #expect(
      output.warnings.first?.hasPrefix("the share of contacted members differs between campaigns")
        == true
    )
    #expect(try Self.run().warnings.isEmpty)
  }

  @Test("one thread and three give the same tables, rows in any order")
  func threads() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try Self.run().tables.map(\.rows)
    Parallel.threadCount = 3
    let turned = try Self.tables()
      .mapValues { $0.gathering(Array((0..<$0.rowCount).reversed())) }
    #expect(try Self.run("", turned).tables.map(\.rows) == one)
  }

  @Test("wrong settings are refused with place and fix, bad rows go to quarantine")
  func refusals() throws {
    let none = StageLab.message {
      _ = try StageLab.run("{op: 'transform', method: 'trial'}", Self.tables())
    }
    #expect(
      none
        == "p.json5:1:1: \"columns\" of stage \"s\" has no \"cell\".\n  fix: name the column that "
        + "says who was contacted and who was held back."
    )
    let unknown = StageLab.message { _ = try Self.run(", campaigns: ['k3']") }
    #expect(
      unknown
        == "p.json5:1:72: no campaign \"k3\" has members whose 28 days are over – did you mean "
        + "\"k1\"?\n  fix: correct campaigns, or drop it for all."
    )
    let bad = try Self.tables(members: "k1,a,treat,2026-05-02 10:00:00\nk1,q,mail,\n")
    let output = try Self.run(", max_bad_rows: 2", bad)
    #expect(
      output.quarantine?.reasonsOfRows == [["duplicate_member"], ["missing_time", "unknown_cell"]]
    )
    #expect(output.rowsRead == 7 && output.rowsPublished == 5)
  }
}
