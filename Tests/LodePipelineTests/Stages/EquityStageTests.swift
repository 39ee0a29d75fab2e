import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The equity stage", .serialized)
struct EquityStageTests {
  /// Three periods of ten days from 1 June: a comes in the first and stays, b comes in the second
  /// and is gone, c is an old customer who skips the second, d comes in the third.
  private static let orders = """
    a,2026-06-02 10:00:00,product,toys,100.00
    a,2026-06-05 10:00:00,product,care,20.00
    a,2026-06-12 10:00:00,product,toys,50.00
    a,2026-06-22 10:00:00,product,toys,30.00
    a,2026-06-22 10:00:00,product,care,10.00
    a,2026-06-22 10:00:00,postage,,5.00
    b,2026-06-15 10:00:00,product,toys,40.00
    c,2026-05-01 10:00:00,product,toys,10.00
    c,2026-06-03 10:00:00,product,toys,60.00
    c,2026-06-25 10:00:00,product,,20.00
    d,2026-06-28 10:00:00,product,toys,70.00
    """
  private static let spending = """
    web,2026-06-01,80,50.00,6.00,1.00
    web,2026-06-20,,10.00,,
    shop,2026-06-10,20,0.00,2.00,
    web,2026-05-20,500,500.00,500.00,500.00
    """

  private static func tables(
    orders moreOrders: String = "",
    spending moreSpending: String = "",
    people morePeople: String = ""
  ) throws -> [String: Table] {
    [
      "order_lines": try StageLab.csv(
        "customer_id,ordered_at,kind,category,amount\n\(orders)\n\(moreOrders)",
        types: ["ordered_at": .timestamp, "amount": .money(scale: 2)]
      ),
      "return_matches": try StageLab.csv(
        "customer_id,order_id,returned_at,sale_line,amount\n",
        types: ["returned_at": .timestamp, "sale_line": .integer, "amount": .money(scale: 2)]
      ),
      "spending": try StageLab.csv(
        "source,month,approached,winning,keeping,selling\n\(spending)\n\(moreSpending)",
        types: [
          "month": .date, "approached": .integer, "winning": .money(scale: 2),
          "keeping": .money(scale: 2), "selling": .money(scale: 2),
        ]
      ),
      "people": try StageLab.csv("customer_id,source\na,web\nb,web\nc,shop\nc,web\n\(morePeople)"),
      "clv": try StageLab.csv("customer_id,clv_value\na,100.5\nc,50\nzz,8\n"),
    ]
  }

  private static let periods =
    "op: 'forecast', method: 'equity', period_days: 10, periods: 3, margin: 0.5, "
    + "add_on_categories: ['care'], discount_rate: 0, horizon_periods: 1, bootstrap: 40"
  private static let spent =
    ", spending: {from: 'spending', at: 'month', prospects: 'approached', acquisition: 'winning', "
    + "retention: 'keeping', add_on: 'selling'"

  private static func run(
    _ more: String = "\(spent)}",
    _ tables: [String: Table]? = nil
  ) throws -> StageOutput {
    try StageLab.run("{\(periods)\(more)}", tables ?? Self.tables())
  }

  private static func row(_ output: StageOutput, _ name: String, _ row: Int = 0) throws -> Double {
    let table = try StageLab.table("customer_equity", output)
    return try table.requiredColumn(name).numbers()[row]
  }

  @Test("what was taken back before the as-of date is off the margins, unless it is to stay")
  func returns() throws {
    var tables = try Self.tables()
    let rows = Self.orders.split(separator: "\n").enumerated().map { "\($1),\($0 + 2),o" }
    tables["order_lines"] = try StageLab.csv(
      "customer_id,ordered_at,kind,category,amount,_line,order_id\n"
        + rows.joined(separator: "\n"),
      types: ["ordered_at": .timestamp, "amount": .money(scale: 2), "_line": .integer]
    )
    tables["return_matches"] = try StageLab.csv(
      "customer_id,order_id,returned_at,sale_line,amount\na,o,2026-06-04 10:00:00,2,60.00\n"
        + "b,o,2026-07-09 10:00:00,8,40.00\n",
      types: ["returned_at": .timestamp, "sale_line": .integer, "amount": .money(scale: 2)]
    )
    // Of the 100 + 20 of a's first period 60 are off; b's 40 come back later than the date.
    let net = try Self.run("\(Self.spent)}", tables)
    #expect(abs(try Self.row(net, "first_margin") - 0.5 * 100 / 2) < 1e-9)
    let gross = try Self.run("\(Self.spent)}, net_returns: false", tables)
    #expect(abs(try Self.row(gross, "first_margin") - 0.5 * 160 / 2) < 1e-9)
  }

  @Test("rates, margins and the three parts as counted by hand")
  func byHand() throws {
    let output = try Self.run()
    // Won: a, b, d of 100. First periods that are over: a 100 + 20, b 40. Active and to be retained
    // in the next period: a twice, b, c; retained: a twice. Repeat periods: a two, c two, with 160
    // of base and 10 of add-on products.
    let expected: [(String, Double)] = [
      ("prospects", 100), ("acquisition_rate", 0.03), ("cost_per_prospect", 0.6),
      ("first_margin", 0.5 * 160 / 2), ("retention_rate", 0.5), ("base_margin", 0.5 * 160 / 4),
      ("retention_cost", 8.0 / 4), ("add_on_margin", 0.5 * 10 / 4), ("add_on_cost", 0.25),
      // 3 · 40 − 60; 3 · ½ · (20 − 2); 3 · ½ · (1.25 − 0.25).
      ("acquisition_equity", 60), ("retention_equity", 27), ("add_on_equity", 1.5),
      ("equity", 88.5), ("equity_per_acquired", 29.5),
    ]
    for (name, value) in expected {
      #expect(abs(try Self.row(output, name) - value) < 1e-9, "\(name)")
    }
    let (low, high) = (
      try Self.row(output, "equity_low90"), try Self.row(output, "equity_high90")
    )
    #expect(low < 88.5 && 88.5 < high)
    #expect(try Self.row(output, "equity", 1) == Self.row(output, "equity"))
    let drivers = try StageLab.table("customer_equity_drivers", output)
    let names = try StageLab.cells(drivers, ["segment", "driver"])
    func gain(_ name: String) throws -> Double {
      let place = try #require(names.firstIndex(of: name))
      return try drivers.requiredColumn("gain").numbers()[place]
    }
    // 0.03 more customers of 40 + ½ · 18 + ½ · 1 each; 3 · 0.005 · 19; 1 % of 3 · 40 + 3 · ½ · 20.
    // Money is written in whole cents: half a cent either way.
    #expect(abs(try gain("all acquisition rate") - 1.485) < 0.005_001)
    #expect(abs(try gain("all retention rate") - 0.285) < 0.005_001)
    #expect(abs(try gain("all margin") - 1.5) < 1e-9)
    #expect(abs(try gain("(all) cost of acquisition") - 0.6) < 1e-9)
    #expect(output.finding.hasPrefix("3 customers won in 3 × 10 days are worth 88.5 EUR ("))
    #expect(output.finding.hasSuffix("one percent better margin: 1.5 EUR"))
    let best = try StageLab.table("customer_equity_spending", output)
    #expect(
      try StageLab.cells(best, ["spending_on", "best_spending", "note"]) == [
        "acquisition - ceilings.acquisition is not set",
        "retention - ceilings.retention is not set",
      ]
    )
  }

  @Test("every amount of money is in whole minor units, rates are numbers")
  func money() throws {
    let output = try Self.run("\(Self.spent)}, ceilings: {acquisition: 0.1, retention: 0.9}")
    let rates: Set<String> = [
      "prospects", "acquisition_rate", "retention_rate", "retention_rate_low90",
      "retention_rate_high90", "gain_percent", "rate", "ceiling", "best_rate",
    ]
    for table in output.tables.map(\.rows) {
      for field in table.schema.fields where [.double, .money(scale: 2)].contains(field.type) {
        #expect((field.type == .double) == rates.contains(field.name), "\(field.name)")
      }
    }
    // 5 % of 0.10 is half a cent, which goes up, away from zero.
    let column = Column(money: [0.005, -0.005, 97_050.086_759_139_78, nil, .infinity], scale: 2)
    #expect((0..<5).map { column[$0].description } == ["0.01", "-0.01", "97050.09", "", ""])
  }

  @Test("the best spending beats today's and its neighbours")
  func bestSpending() throws {
    let output = try Self.run("\(Self.spent)}, ceilings: {acquisition: 0.1, retention: 0.9}")
    let table = try StageLab.table("customer_equity_spending", output)
    let best = try table.requiredColumn("best_spending").numbers()
    let rate = try table.requiredColumn("best_rate").doubles
    let worth = try table.requiredColumn("best_equity").numbers()
    #expect(worth.allSatisfy { $0 > 88.5 })
    // 0.03 = 0.1 (1 − e^(−0.6 k)); a customer is worth 49.5: ln(49.5 · k · 0.1)/k.
    let k = 0.594458239884304
    #expect(abs(rate[0] - (0.1 - 1 / (49.5 * k))) < 1e-9)
    let exact = 1.815_573_735_465
    #expect(abs(best[0] - exact) < 0.005_001)
    #expect(abs(worth[0] - 100 * (rate[0] * 49.5 - exact)) < 0.005_001)
    func retention(_ spending: Double) -> Double {
      // 0.5 = 0.9 (1 − e^(−2 k)).
      let rate = 0.9 * (1 - Self.exponential(-0.405465108108164 * spending))
      return 60 + 3 * rate * (20 - spending + 1)
    }
    #expect(abs(worth[1] - retention(best[1])) < 0.006)
    #expect(retention(best[1]) >= retention(best[1] - 0.02))
    #expect(retention(best[1]) >= retention(best[1] + 0.02))
  }

  /// e^x by its series, for small numbers.
  private static func exponential(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for n in 1..<60 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  @Test("segments add up to all of them, and the value of existing customers stands beside")
  func segments() throws {
    let output = try Self.run(
      "\(Self.spent), segment: 'source'}, segments: {from: 'people', column: 'source'}, "
        + "value: {from: 'clv', amount: 'clv_value'}"
    )
    let table = try StageLab.table("customer_equity", output)
    #expect(
      try StageLab.cells(table, ["segment", "prospects", "acquired", "existing_value"]) == [
        // d is in no table; of two segments of c the first in byte order counts.
        "(unknown) - 1 4.00", "shop 20 0 25.00", "web 80 2 50.25", "(all) - 3 79.25",
      ]
    )
    let equity = try table.requiredColumn("equity").numbers()
    #expect(abs(equity[0] + equity[1] + equity[2] - equity[3]) < 0.02)
    // web: 2 · 40 − 60 + 2 · ⅔ · (½ · 80/2 − 3) + 2 · ⅔ · (2.5 − 0.5).
    #expect(abs(equity[2] - (20 + 4.0 / 3 * 17 + 4.0 / 3 * 2)) < 0.005_001)
    #expect(
      output.warnings == [
        "no customer of the segment \"(unknown)\" could be retained yet: its retention rate counts "
          + "as 0"
      ]
    )
  }

  @Test("rows after the as-of date change nothing")
  func leakage() throws {
    let before = try Self.run()
    let later = try Self.run(
      "\(Self.spent)}",
      Self.tables(
        orders: "b,2026-07-01 00:00:00,product,toys,500.00\nz,2026-07-02 00:00:00,product,,1.00\n",
        spending: "web,2026-07-01,900,900.00,900.00,-9.00\n"
      )
    )
    #expect(later.tables.map(\.rows) == before.tables.map(\.rows))
    #expect(later.finding == before.finding && later.rowsRead == before.rowsRead)
    #expect(later.quarantine?.count == 0)
  }

  @Test("negative numbers and rows without time, segment or customer go to quarantine")
  func quarantine() throws {
    let more =
      "\(Self.spent), segment: 'source'}, segments: {from: 'people', column: 'source'}"
    let before = try Self.run(more)
    let output = try Self.run(
      "\(more), max_bad_share: 0.5",
      Self.tables(
        spending: "web,2026-06-02,-5,,,\nweb,,5,,,\n,2026-06-02,5,,,\n",
        people: ",web\nx,\n"
      )
    )
    let refused = try #require(output.quarantine)
    #expect(
      try StageLab.cells(refused.table(), ["source", "line", "reasons", "message"]) == [
        "people 6 missing_customer the customer is missing",
        "people 7 missing_segment the segment is missing",
        "spending 6 number_negative a number is below 0",
        "spending 7 missing_time the time is missing",
        "spending 8 missing_segment the segment is missing",
      ]
    )
    #expect(output.rowsRead == 13 && output.rowsPublished == 8)
    #expect(output.tables.map(\.rows) == before.tables.map(\.rows))
  }

  @Test("rows in another order and another thread count give the same tables")
  func order() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let more =
      "\(Self.spent), segment: 'source'}, segments: {from: 'people', column: 'source'}, "
      + "ceilings: {acquisition: 0.5, retention: 0.9}"
    Parallel.threadCount = 1
    let one = try Self.run(more)
    Parallel.threadCount = 3
    let turned = try Self.tables()
      .mapValues { $0.gathering(Array((0..<$0.rowCount).reversed())) }
    let three = try Self.run(more, turned)
    #expect(three.tables.map(\.rows) == one.tables.map(\.rows))
    #expect(three.finding == one.finding)
  }

  @Test(
    "wrong settings are refused with place and fix",
    arguments: [
      (
        ", discount_rate: 0",
        "p.json5:1:51: \"discount_rate\" of stage \"s\" is 0, and no horizon ends the sum.\n"
          + "  fix: give a rate above 0, or horizon_periods."
      ),
      (
        ", spending: {from: 'spending'}",
        "p.json5:1:46: \"spending\" of stage \"s\" names no column of numbers.\n"
          + "  fix: name some of prospects, acquisition, retention and add_on."
      ),
      (
        ", spending: {from: 'spending', prospects: 'approached'}, "
          + "segments: {from: 'people', column: 'source'}",
        "p.json5:1:46: \"spending\" of stage \"s\" has no \"segment\", and customers have "
          + "segments.\n  fix: name the column that says which segment was spent on."
      ),
      (
        ", spending: {from: 'spending', prospects: 'approach'}",
        "p.json5:1:76: the table spending has no column \"approach\" – did you mean "
          + "\"approached\"?\n  fix: set prospects to one of source, month, approached, winning, "
          + "keeping, selling."
      ),
      (
        ", period: 91",
        "p.json5:1:36: unknown key \"period\" in stage \"s\" – did you mean \"periods\"?\n"
          + "  fix: remove it, or use one of: op, method, segments, spending, value, period_days, "
          + "periods, margin, add_on_categories, discount_rate, horizon_periods, ceilings, "
          + "bootstrap, products_only, net_returns, max_bad_share, max_bad_rows."
      ),
    ]
  )
  func refusals(more: String, message: String) {
    let found = StageLab.message {
      _ = try StageLab.run("{op: 'forecast', method: 'equity'\(more)}", Self.tables())
    }
    #expect(found == message)
  }

  @Test("more customers than prospects, and nobody at all, are refused in words")
  func impossible() {
    let few = StageLab.message {
      _ = try Self.run(", spending: {from: 'spending', at: 'month', prospects: 'keeping'}")
    }
    #expect(few == nil)
    let none = StageLab.message {
      _ = try StageLab.run("{\(Self.periods)}", Self.tables(), asOf: "2026-04-01")
    }
    #expect(
      none
        == "stage s: nobody ordered in the 3 periods of 10 days.\n"
        + "  fix: raise periods or period_days."
    )
    let impossible = StageLab.message {
      _ = try Self.run(", spending: {from: 'spending', at: 'month', prospects: 'selling'}")
    }
    #expect(
      impossible?
        .hasSuffix(
          "3 customers of the segment \"all\" were won of 1 prospects in the same days.\n  fix: "
            + "count all who were approached in the 3 periods, or drop prospects."
        ) == true
    )
  }
}
