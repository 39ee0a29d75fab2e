import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The life-cycle stage", .serialized)
struct LifeCycleStageTests {
  private static let visits = """
    v1,,2026-03-01 09:00:00
    v1,a,2026-04-20 09:00:00
    v2,,2026-06-01 09:00:00
    v3,,2026-04-10 09:00:00
    v3,b,2026-06-10 09:00:00
    v4,c,2026-06-05 09:00:00
    ,e,2026-06-20 09:00:00
    """
  private static let registrations = """
    a,2026-04-01
    c,2026-06-08
    c,2026-06-03
    d,2026-06-30
    f,2026-05-05
    """
  // a, a visitor, then registered, then a customer; b registered by log-in; c bought before;
  // d registered behind the first order; e only ever logged in; f only ever registered.
  private static let orders = """
    a,1,2026-05-10 10:00:00
    c,2,2026-06-01 10:00:00
    d,3,2026-06-29 10:00:00
    """

  /// The tables with more rows.
  private static func tables(
    visits more: String = "",
    registrations moreRegistrations: String = "",
    orders moreOrders: String = "",
    referrals: String = ""
  ) throws -> [String: Table] {
    let lines = "\(orders)\n\(moreOrders)".split(separator: "\n")
      .map { "\($0),p,x,web,product,1,10.00\n" }
    return [
      "web": try StageLab.csv(
        "visitor,customer_id,at\n\(visits)\n\(more)",
        types: ["at": .timestamp]
      ),
      "people": try StageLab.csv(
        "customer_id,registered_on\n\(registrations)\n\(moreRegistrations)",
        types: ["registered_on": .date]
      ),
      "friends": try StageLab.csv("customer_id,on\n\(referrals)", types: ["on": .date]),
      "order_lines": try StageLab.csv(
        "customer_id,order_id,ordered_at,product_id,category,channel,kind,quantity,amount\n"
          + lines.joined(),
        types: [
          "order_id": .text, "ordered_at": .timestamp, "quantity": .integer,
          "amount": .money(scale: 2),
        ]
      ),
    ]
  }

  private static let visitSetting =
    ", visits: {from: 'web', person: 'visitor', customer: 'customer_id', at: 'at'}"
  private static let settings =
    visitSetting + ", registrations: {from: 'people', at: 'registered_on'}"

  private static func run(
    _ more: String = settings,
    _ tables: [String: Table]? = nil,
    asOf: String = "2026-07-01"
  ) throws -> StageOutput {
    try StageLab.run(
      "{op: 'transform', method: 'life_cycle'\(more)}",
      tables ?? Self.tables(),
      asOf: asOf
    )
  }

  private static let shown = ["customer_id", "state", "since", "days_in_state", "previous_state"]

  private static func states(_ output: StageOutput) throws -> [String] {
    try StageLab.cells(StageLab.table("lifecycle_states", output), shown)
  }

  @Test("surfers, prospects and customers with their dates, each by hand")
  func byHand() throws {
    let output = try Self.run()
    #expect(
      try Self.states(output) == [
        // 91 days is the gap where nobody bought twice: lapsing behind 182 days.
        "a first_time 2026-05-11 51 prospect",
        // Known from the log-in on, a visitor since April.
        "b prospect 2026-06-10 21 surfer",
        // Visits and registrations behind an order change nothing.
        "c first_time 2026-06-02 29 prospect", "d first_time 2026-06-30 1 prospect",
        "e prospect 2026-06-20 11 -", "f prospect 2026-05-05 57 -",
      ]
    )
    let counts = try StageLab.table("lifecycle_counts", output)
    #expect(
      try StageLab.cells(counts, ["as_of", "state", "people", "share"]) == [
        // v2, whom nobody knows: in the counts, and no row of the states.
        "2026-07-01 surfer 1 \(1.0 / 7)", "2026-07-01 prospect 3 \(3.0 / 7)",
        "2026-07-01 first_time 3 \(3.0 / 7)",
      ]
    )
    #expect(output.finding == "7 people: surfer 1, prospect 3, first_time 3")
    #expect(output.rowsRead == 12 && output.rowsPublished == 12)
    let first = try StageLab.cells(
      StageLab.table("lifecycle_states", output),
      ["order_days", "expected_gap_days"]
    )
    #expect(first == ["1 91", "0 -", "1 91", "1 91", "0 -", "0 -"])
  }

  @Test("an order without a registration after visits was a surfer's")
  func surferBuys() throws {
    let tables = try Self.tables(
      visits: "v9,,2026-06-01 08:00:00\nv9,g,2026-06-12 09:00:00\n",
      registrations: "g,2026-06-12\n",
      orders: "g,9,2026-06-12 10:00:00\n"
    )
    #expect(
      try Self.states(Self.run(Self.settings, tables))
        .contains("g first_time 2026-06-13 18 surfer")
    )
  }

  @Test("people take part from the first sign of life on, with Jeffreys' interval")
  func odds() throws {
    // 1 April, 1 May, 31 May, 30 June.
    let output = try Self.run(Self.settings + ", step_days: 30, steps: 3", asOf: "2026-06-30")
    let odds = try StageLab.table("lifecycle_transitions", output)
    #expect(
      try StageLab.cells(odds, ["from_state", "to_state", "step_days", "customers"]) == [
        // b from 1 May to 31 May; a from 1 April on; b logs in in June.
        "surfer surfer 30 1", "surfer prospect 30 2", "prospect prospect 30 1",
        "prospect first_time 30 1", "first_time first_time 30 1",
      ]
    )
    // scipy 1.17.1: beta.ppf([0.05, 0.95], 2.5, 1.5)
    let share = try odds.requiredColumn("share").doubles[1]
    let low = try odds.requiredColumn("share_low90").doubles[1]
    let high = try odds.requiredColumn("share_high90").doubles[1]
    #expect(share == 2.0 / 3)
    #expect(abs(low - 0.235534041443) < 1e-9 && abs(high - 0.937587476142) < 1e-9)
  }

  @Test("rows on or after the as-of date, in any order, change nothing")
  func leakage() throws {
    let before = try Self.run()
    let later = try Self.tables(
      visits: "v2,b,2026-07-01 00:00:00\nv8,,2026-07-02 00:00:00\n,,2026-07-02 00:00:00\n",
      registrations: "e,2026-07-01\nz,2026-07-01\n,2026-07-03\n",
      orders: "f,8,2026-07-01 00:00:00\n"
    )
    let turned = later.mapValues { $0.gathering(Array((0..<$0.rowCount).reversed())) }
    for tables in [later, turned] {
      let after = try Self.run(Self.settings, tables)
      #expect(after.tables.map(\.rows) == before.tables.map(\.rows))
      #expect(after.finding == before.finding && after.rowsRead == before.rowsRead)
      #expect(after.quarantine?.count == 0)
    }
  }

  @Test("as of a day between, people stand where they stood")
  func earlierDate() throws {
    let states = try Self.states(Self.run(asOf: "2026-05-01"))
    #expect(states == ["a prospect 2026-04-01 30 surfer"])
    let counts = try StageLab.table("lifecycle_counts", Self.run(asOf: "2026-05-01"))
    // The visitor v3 is not known to be b yet.
    #expect(try StageLab.cells(counts, ["state", "people"]) == ["surfer 1", "prospect 1"])
  }

  @Test("rows without a person or a time go to quarantine, and too many stop the stage")
  func quarantine() throws {
    let tables = try Self.tables(
      visits: ",,2026-05-01 09:00:00\nv7,,\n",
      registrations: ",2026-05-01\ng,\n"
    )
    let output = try Self.run(Self.settings + ", max_bad_rows: 4", tables)
    let refused = try #require(output.quarantine)
    #expect(
      try StageLab.cells(refused.table(), ["source", "line", "reasons"]) == [
        "web 9 missing_person", "web 10 missing_time", "people 7 missing_customer",
        "people 8 missing_time",
      ]
    )
    #expect(output.rowsRead == 16 && output.rowsPublished == 12)
    #expect(output.tables.map(\.rows) == (try Self.run()).tables.map(\.rows))
    let message = StageLab.message { _ = try Self.run(Self.settings, tables) }
    #expect(message?.contains("4 of 16 rows") == true, "\(message ?? "")")
  }

  @Test("a loyal customer is a partner from the day behind the first referral on")
  func referrals() throws {
    let orders = (1...4).map { "a,\($0)9,2026-0\($0)-15 10:00:00\n" }.joined()
    let tables = try Self.tables(
      orders: orders,
      referrals: "a,2026-06-20\na,2026-06-10\nz,2026-06-10\na,2026-07-02\n"
    )
    let more = ", referrals: {from: 'friends', at: 'on'}"
    let output = try Self.run(more, tables)
    #expect(output.tables.map(\.name) == ["lifecycle_states", "lifecycle_transitions"])
    let states = try Self.states(output)
    #expect(states.contains("a partner 2026-06-11 20 loyal"))
    #expect(!states.contains { $0.hasPrefix("z") })
    let before = try Self.states(Self.run(more, tables, asOf: "2026-06-10"))
    #expect(before.contains { $0.hasPrefix("a loyal") })
  }

  @Test("with orders alone only customers count, as ever")
  func ordersOnly() throws {
    let output = try Self.run("")
    #expect(output.tables.map(\.name) == ["lifecycle_states", "lifecycle_transitions"])
    #expect(
      try Self.states(output) == [
        "a first_time 2026-05-11 51 prospect", "c first_time 2026-06-02 29 prospect",
        "d first_time 2026-06-30 1 prospect",
      ]
    )
    #expect(output.finding == "3 customers: first_time 3")
    #expect(output.quarantine == nil && output.rowsRead == nil)
    let stage = try StageLab.stage("{op: 'transform', method: 'life_cycle'}")
    #expect(stage.inputs == ["order_lines"])
  }

  @Test("a misspelled column is named with place and fix")
  func refusal() throws {
    let message = StageLab.message {
      _ = try Self.run(", registrations: {from: 'people', at: 'registered'}")
    }
    #expect(
      message == "p.json5:1:77: the table people has no column \"registered\" – did you mean "
        + "\"registered_on\"?\n  fix: set at to one of customer_id, registered_on."
    )
  }
}
