import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The campaign response stage", .serialized)
struct CampaignResponseStageTests {
  /// Contacts and responses of five campaigns, as in the library's tests.
  private static let counts = [(400, 12), (600, 30), (100, 8), (1_500, 55), (350, 20)]

  /// Members of campaign k1, k2, … in May; who responds orders ten days later.
  private static func tables(
    _ counts: [(contacts: Int, responses: Int)] = counts,
    members more: String = "",
    orders moreOrders: String = ""
  ) throws -> [String: Table] {
    var members = "campaign_code,customer_id,cell,assigned_at\n"
    var orders = "customer_id,ordered_at,kind\n"
    for (place, count) in counts.enumerated() {
      for number in 0..<count.contacts {
        members += "k\(place + 1),c\(place)-\(number),treat,2026-05-01 10:00:00\n"
        if number < count.responses {
          orders += "c\(place)-\(number),2026-05-11 10:00:00,product\n"
        }
      }
    }
    // Too late, too early, and postage.
    orders += "c0-399,2026-05-29 10:00:01,product\nc0-398,2026-05-01 10:00:00,product\n"
    orders += "c0-397,2026-05-11 10:00:00,postage\n"
    return [
      "campaign_members": try StageLab.csv(
        members + more,
        types: ["customer_id": .text, "assigned_at": .timestamp]
      ),
      "order_lines": try StageLab.csv(
        orders + moreOrders,
        types: ["customer_id": .text, "ordered_at": .timestamp]
      ),
    ]
  }

  private static func run(
    _ more: String = "",
    _ tables: [String: Table]? = nil,
    asOf: String = "2026-07-01"
  ) throws -> StageOutput {
    try StageLab.run(
      "{op: 'forecast', method: 'campaign_response'\(more)}",
      tables ?? Self.tables(),
      asOf: asOf
    )
  }

  @Test("rates pool as scipy's maximum says")
  func pooling() throws {
    let output = try Self.run()
    let table = try StageLab.table("campaign_response", output)
    #expect(
      try StageLab.cells(table, ["campaign", "contacts", "responses", "planned_contacts"]) == [
        "k1 400 12 1000", "k2 600 30 1000", "k3 100 8 1000", "k4 1500 55 1000", "k5 350 20 1000",
        "(new) - - 1000",
      ]
    )
    // scipy.stats.betabinom with Nelder–Mead: α 56.83, β 1233.8.
    let model = try StageLab.table("model.campaign_response", output)
    let values = try model.requiredColumn("value").doubles
    #expect(abs(values[0] / 56.827834805405516 - 1) < 1e-3)
    #expect(abs(values[3] + 15.959397994213987) < 1e-8)
    let rates = try table.requiredColumn("rate").doubles
    let (a, b) = (values[0], values[1])
    for (rate, count) in zip(rates, Self.counts) {
      #expect(abs(rate - (a + Double(count.1)) / (a + b + Double(count.0))) < 1e-12)
    }
    #expect(abs(rates[5] - a / (a + b)) < 1e-12)
    let expected = try table.requiredColumn("expected_responses").doubles
    #expect(abs(expected[5] - 1_000 * rates[5]) < 1e-9)
    #expect(
      output.finding
        == "5 campaigns, 125 responses to 2950 contacts; of a new one 4.4 % (3.5 to 5.4), that is "
        + "44 (31 to 59) of 1000 contacts; 0 members whose time is not over"
    )
  }

  @Test("where customers were held back, what the contact added stands beside")
  func controls() throws {
    // 100 held back, 2 of whom order: 8/100 − 2/100 ± 1.6449 √(0.08·0.92/100 + 0.02·0.98/100).
    let held = (0..<100).map { "k3,h\($0),control,2026-05-01 10:00:00\n" }.joined()
    let output = try Self.run(
      ", columns: {cell: 'cell'}",
      Self.tables(
        members: held,
        orders: "h0,2026-05-02 10:00:00,product\nh1,2026-05-20 10:00:00,product\n"
      )
    )
    let table = try StageLab.table("campaign_response", output)
    #expect(
      try
        StageLab.cells(table, ["campaign", "contacts", "control_contacts", "control_responses"])[2]
        == "k3 100 100 2"
    )
    #expect(abs(try table.requiredColumn("effect").doubles[2] - 0.06) < 1e-12)
    let reach = 1.6448536269514722 * (0.0736 / 100 + 0.0196 / 100).squareRoot()
    #expect(abs(try table.requiredColumn("effect_lower").doubles[2] - (0.06 - reach)) < 1e-12)
    #expect(try table.requiredColumn("effect").isMissing(0))
  }

  @Test("members and orders after the as-of date, and campaigns that are not over, change nothing")
  func leakage() throws {
    let before = try Self.run(asOf: "2026-06-01")
    let after = try Self.run(
      "",
      Self.tables(
        members: "k1,late,treat,2026-06-01 00:00:00\nk9,,what,2026-06-02 00:00:00\n"
          + "k9,open,treat,2026-05-10 00:00:00\n",
        orders: "open,2026-05-11 00:00:00,product\nc0-100,2026-06-01 00:00:00,product\n"
      ),
      asOf: "2026-06-01"
    )
    #expect(after.tables.map(\.rows) == before.tables.map(\.rows))
    #expect(after.quarantine?.count == 0)
    #expect(after.finding.hasSuffix("1 members whose time is not over"))
    // The 28 days of all campaigns end on 29 May at ten.
    let none = StageLab.message { _ = try Self.run(asOf: "2026-05-29") }
    #expect(
      none
        == "stage s: the campaigns whose 28 days are over say nothing of the next: the number of "
        + "campaigns or segments is 0, but at least 2 are needed; use more rows.\n"
        + "  fix: take more campaigns, or change response_days."
    )
  }

  @Test(
    "rows without campaign, customer, time or a known cell go to quarantine, and the second one"
  )
  func quarantine() throws {
    let bad = """
      ,x1,treat,2026-05-01 10:00:00
      k1,,treat,2026-05-01 10:00:00
      k1,x3,treat,
      k1,x4,,2026-05-01 10:00:00
      k1,x5,mail,2026-05-01 10:00:00
      k1,c0-1,control,2026-05-02 10:00:00

      """
    let output = try Self.run(", columns: {cell: 'cell'}", Self.tables(members: bad))
    let refused = try #require(output.quarantine)
    #expect(
      try StageLab.cells(refused.table(), ["reasons", "message"]) == [
        "missing_campaign the campaign is missing", "missing_customer the customer is missing",
        "missing_time the time is missing", "missing_cell the cell is missing",
        "unknown_cell the cell is neither that of the treated nor that of the controls",
        "duplicate_member the customer is in the campaign already",
      ]
    )
    #expect(output.rowsRead == 2956 && output.rowsPublished == 2950)
    #expect(output.tables.map(\.rows) == (try Self.run()).tables.map(\.rows))
  }

  @Test("rows in another order and another thread count give the same tables")
  func order() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let small = [(contacts: 40, responses: 4), (60, 20), (30, 3)]
    let tables = try Self.tables(small)
    let one = try Self.run("", tables)
    Parallel.threadCount = 3
    let turned = tables.mapValues { $0.gathering(Array((0..<$0.rowCount).reversed())) }
    let three = try Self.run("", turned)
    #expect(three.tables.map(\.rows) == one.tables.map(\.rows))
    #expect(three.finding == one.finding)
  }

  @Test(
    "wrong settings are refused with place and fix",
    arguments: [
      (
        ", treated: 'control'",
        "p.json5:1:1: \"treated\" and \"control\" of stage \"s\" are both \"control\".\n"
          + "  fix: give the two texts of the cell column that tell the groups apart."
      ),
      (
        ", columns: {cell: 'cells'}",
        "p.json5:1:63: the table campaign_members has no column \"cells\" – did you mean "
          + "\"cell\"?\n  fix: set cell to one of campaign_code, customer_id, cell, assigned_at."
      ),
      (
        ", columns: {cells: 'cell'}",
        "p.json5:1:57: unknown key \"cells\" in \"columns\" of stage \"s\" – did you mean "
          + "\"cell\"?\n  fix: remove it, or use one of: campaign, customer, at, cell."
      ),
      (
        ", planned_contacts: 0",
        "p.json5:1:65: \"planned_contacts\" of stage \"s\" is 0.\n"
          + "  fix: write a number from 1 to 10000000."
      ),
    ]
  )
  func refusals(more: String, message: String) {
    #expect(StageLab.message { _ = try Self.run(more, Self.tables([(3, 1), (4, 2)])) } == message)
  }
}
