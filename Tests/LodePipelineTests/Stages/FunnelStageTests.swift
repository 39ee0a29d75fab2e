import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The funnel stage", .serialized)
struct FunnelStageTests {
  private static let visits = """
    v1,,2026-05-01 09:00:00,search
    v1,a,2026-05-03 09:00:00,direct
    v2,,2026-05-02 09:00:00,search
    v3,b,2026-05-04 09:00:00,mail
    v4,c,2026-05-30 09:00:00,search
    v9,,2026-06-10 09:00:00,mail
    """
  private static let registrations = """
    a,2026-05-03,web
    b,2026-05-06,mail
    b,2026-05-09,store
    c,2026-05-05,store
    """
  private static let orders = """
    a,2026-05-10 10:00:00,product,30.00
    a,2026-05-20 10:00:00,product,20.00
    a,2026-05-20 10:00:00,postage,5.00
    c,2026-05-08 10:00:00,product,10.00
    d,2026-05-09 10:00:00,product,8.00
    """
  private static let costs = """
    search,2026-05-01,30.00
    search,2026-05-15,10.00
    search,2026-06-20,99.00
    mail,2026-05-01,10.00
    tv,2026-05-01,5.00
    """

  /// The tables with more rows.
  private static func tables(
    visits more: String = "",
    registrations moreRegistrations: String = "",
    orders moreOrders: String = "",
    costs moreCosts: String = ""
  ) throws -> [String: Table] {
    [
      "web": try StageLab.csv(
        "visitor,customer_id,at,source\n\(visits)\n\(more)",
        types: ["at": .timestamp]
      ),
      "people": try StageLab.csv(
        "customer_id,registered_on,source\n\(registrations)\n\(moreRegistrations)",
        types: ["registered_on": .date]
      ),
      "order_lines": try StageLab.csv(
        "customer_id,ordered_at,kind,amount\n\(orders)\n\(moreOrders)",
        types: ["ordered_at": .timestamp, "amount": .money(scale: 2)]
      ),
      "return_matches": try StageLab.csv(
        "customer_id,order_id,returned_at,sale_line,amount\n",
        types: ["returned_at": .timestamp, "sale_line": .integer, "amount": .money(scale: 2)]
      ),
      "spending": try StageLab.csv(
        "source,spent_on,cost\n\(costs)\n\(moreCosts)",
        types: ["spent_on": .date, "cost": .money(scale: 2)]
      ),
      "customer_clv": try StageLab.csv("customer_id,clv_value\na,100\nzz,7\nc,0\n"),
    ]
  }

  private static let settings =
    "op: 'transform', method: 'funnel', visits: {from: 'web', person: 'visitor', "
    + "customer: 'customer_id', at: 'at', source: 'source'}, "
    + "registrations: {from: 'people', at: 'registered_on', source: 'source'}, "
    + "costs: {from: 'spending', amount: 'cost', at: 'spent_on'}"

  private static func run(
    _ more: String = "",
    _ tables: [String: Table]? = nil
  ) throws -> StageOutput {
    try StageLab.run("{\(settings)\(more)}", tables ?? Self.tables())
  }

  private static let shown = [
    "source", "step", "people", "conversion", "median_days", "cost_per_person",
    "value_per_person", "equity_per_person",
  ]

  @Test("people, conversions, days, costs and equity as counted by hand")
  func byHand() throws {
    let output = try Self.run()
    let funnel = try StageLab.table("acquisition_funnel", output)
    #expect(
      try StageLab.cells(funnel, Self.shown) == [
        // d ordered, and no table says where from.
        "(unknown) visit 1 - - - 8.00 -", "(unknown) registration 1 1 - - 8.00 -",
        "(unknown) first_order 1 1 - - 8.00 -", "(unknown) repeat_order 0 0 - - - -",
        "mail visit 1 - - 10.00 0.00 -10.00", "mail registration 1 1 2 10.00 0.00 -10.00",
        "mail first_order 0 0 - - - -", "mail repeat_order 0 - - - - -",
        // a came by the search of a day when nobody knew who it was; v2 never came back. The 99 of
        // June were spent on people who are not counted yet.
        "search visit 2 - - 20.00 25.00 5.00", "search registration 1 0.5 2 40.00 50.00 10.00",
        "search first_order 1 1 7 40.00 50.00 10.00",
        "search repeat_order 1 1 10 40.00 50.00 10.00",
        // c visited after the registration, so no visit brought c.
        "store visit 1 - - - 10.00 -", "store registration 1 1 - - 10.00 -",
        "store first_order 1 1 3 - 10.00 -", "store repeat_order 0 0 - - - -",
        "(all) visit 5 - - 11.00 13.60 2.60",
        "(all) registration 4 0.8 2 13.75 17.00 3.25",
        "(all) first_order 3 0.75 5 18.33 22.67 4.33",
        "(all) repeat_order 1 0.3333333333333333 10 55.00 50.00 -5.00",
      ]
    )
    #expect(
      output.finding
        == "4 sources: 5 visit, 4 registration, 3 first order, 1 repeat order; most equity a "
        + "customer won: search, 10 EUR behind a cost of 40; 1 people first seen too lately to "
        + "count"
    )
    #expect(output.warnings == ["costs of the source \"tv\" were given, and nobody came from it"])
    #expect(output.rowsRead == 15)
  }

  @Test("value to come and a margin count, and the registration may say the source")
  func valueAndSource() throws {
    let output = try Self.run(
      ", value: {from: 'customer_clv', amount: 'clv_value'}, margin: 0.5, source_of: 'registration'"
    )
    let funnel = try StageLab.table("acquisition_funnel", output)
    let rows = try StageLab.cells(funnel, ["source", "step", "people", "value_per_person"])
    // Half of 30 + 20 + 100.
    #expect(rows.contains("web first_order 1 75.00"))
    #expect(rows.contains("mail registration 1 0.00"))
    #expect(rows.contains("search visit 1 0.00"))
  }

  @Test("what was taken back before the as-of date is off the value, unless it is to stay")
  func returns() throws {
    var tables = try Self.tables()
    tables["order_lines"] = try StageLab.csv(
      """
      customer_id,order_id,ordered_at,kind,amount,_line
      a,1,2026-05-10 10:00:00,product,30.00,2
      a,2,2026-05-20 10:00:00,product,20.00,3
      c,2,2026-05-08 10:00:00,product,10.00,3
      """,
      types: [
        "order_id": .text, "ordered_at": .timestamp, "amount": .money(scale: 2), "_line": .integer,
      ]
    )
    tables["return_matches"] = try StageLab.csv(
      """
      customer_id,order_id,returned_at,sale_line,amount
      a,2,2026-05-21 10:00:00,3,12.50
      a,2,2026-05-22 10:00:00,3,2.50
      a,1,2026-07-05 10:00:00,2,30.00
      """,
      types: [
        "order_id": .text, "returned_at": .timestamp, "sale_line": .integer,
        "amount": .money(scale: 2),
      ]
    )
    func values(_ more: String) throws -> [String] {
      let funnel = try StageLab.table("acquisition_funnel", try Self.run(more, tables))
      return try StageLab.cells(funnel, ["source", "step", "people", "value_per_person"])
    }
    // 30 of the first order, whose return is not known yet, and 20 − 15 of the second.
    let net = try values("")
    #expect(net.contains("search repeat_order 1 35.00"))
    #expect(net.contains("store first_order 1 10.00"))
    #expect(try values(", net_returns: false").contains("search repeat_order 1 50.00"))
  }

  @Test("rows after the as-of date change nothing")
  func leakage() throws {
    let before = try Self.run()
    let later = try Self.run(
      "",
      Self.tables(
        visits: "v2,b,2026-07-01 00:00:00,tv\n",
        registrations: "d,2026-07-01,tv\n",
        orders: "b,2026-07-01 00:00:00,product,500.00\n",
        costs: "search,2026-07-01,500.00\n,2026-07-02,1.00\n"
      )
    )
    #expect(later.tables.map(\.rows) == before.tables.map(\.rows))
    #expect(later.finding == before.finding && later.rowsRead == before.rowsRead)
    #expect(later.quarantine?.count == 0)
  }

  @Test("rows without person, time, source or a cost from 0 on go to quarantine")
  func quarantine() throws {
    let output = try Self.run(
      ", max_bad_rows: 9",
      Self.tables(
        visits: ",,2026-05-01 09:00:00,mail\nv7,,,mail\n",
        registrations: ",2026-05-01,web\n",
        costs: ",2026-05-01,1.00\nmail,2026-05-01,-1.00\nmail,2026-05-01,\nmail,,1.00\n"
      )
    )
    let refused = try #require(output.quarantine)
    #expect(
      try StageLab.cells(refused.table(), ["source", "line", "reasons", "message"]) == [
        "web 8 missing_person the person is missing", "web 9 missing_time the time is missing",
        "people 6 missing_customer the customer is missing",
        "spending 7 missing_source the source is missing",
        "spending 8 cost_negative the cost is below 0",
        "spending 9 missing_cost the cost is missing",
        "spending 10 missing_time the time is missing",
      ]
    )
    #expect(output.rowsRead == 22 && output.rowsPublished == 15)
    #expect(output.tables.map(\.rows) == (try Self.run()).tables.map(\.rows))
  }

  @Test("rows in another order and another thread count give the same table")
  func order() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try Self.run()
    Parallel.threadCount = 3
    let turned = try Self.tables()
      .mapValues { $0.gathering(Array((0..<$0.rowCount).reversed())) }
    let three = try Self.run("", turned)
    #expect(three.tables.map(\.rows) == one.tables.map(\.rows))
    #expect(three.finding == one.finding)
  }

  @Test("only people first seen in the days that count are counted")
  func cohort() throws {
    let output = try Self.run(", days_back: 59, settle_days: 0")
    let rows = try StageLab.cells(
      StageLab.table("acquisition_funnel", output),
      ["source", "step", "people"]
    )
    // From 3 May on: neither a nor v2; v9 of 10 June.
    #expect(rows.contains("mail visit 2") && !rows.contains { $0.hasPrefix("search") })
    let nobody = StageLab.message { _ = try Self.run(", settle_days: 90") }
    #expect(
      nobody
        == "stage s: nobody was first seen in the days that count, and 6 people later.\n"
        + "  fix: raise days_back or lower settle_days."
    )
  }

  @Test(
    "wrong settings are refused with place and fix",
    arguments: [
      (
        "",
        "p.json5:1:1: stage \"s\" has neither \"visits\" nor \"registrations\".\n"
          + "  fix: name the table of the first step, for example registrations: { from: "
          + "\"customers\", at: \"registered_on\", source: \"acquisition_source\" }."
      ),
      (
        ", registrations: {from: 'people', at: 'registered_on'}",
        "p.json5:1:1: no table of stage \"s\" has a \"source\".\n  fix: name the column of visits "
          + "or registrations that says where people come from."
      ),
      (
        ", registrations: {from: 'people', at: 'registered', source: 'source'}",
        "p.json5:1:73: the table people has no column \"registered\" – did you mean "
          + "\"registered_on\"?\n  fix: set at to one of customer_id, registered_on, source."
      ),
      (
        ", registrations: {from: 'people', at: 'source', source: 'source'}",
        "p.json5:1:73: the column \"source\" of the table people is of type text, where timestamp "
          + "is needed.\n  fix: declare it in the extract stage, types: { \"source\": "
          + "\"timestamp\" }, or set at to another column."
      ),
      (
        ", registrations: {from: 'people', at: 'registered_on', sources: 'source'}",
        "p.json5:1:90: unknown key \"sources\" in \"registrations\" of stage \"s\" – did you mean "
          + "\"source\"?\n  fix: remove it, or use one of: from, customer, at, source."
      ),
      (
        ", registrations: {from: 'people', at: 'registered_on', source: 'source'}, days_back: 7",
        "p.json5:1:120: \"days_back\" of stage \"s\" is 7, and people need 28 days to settle: "
          + "nobody is left.\n  fix: keep days_back above settle_days."
      ),
    ]
  )
  func refusals(more: String, message: String) {
    let found = StageLab.message {
      _ = try StageLab.run("{op: 'transform', method: 'funnel'\(more)}", Self.tables())
    }
    #expect(found == message)
  }
}
