import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The report of a run")
struct ReportStageTests {
  private static let titles = [
    "The week in numbers", "Lists ready to send", "Value tiers and migration", "Churn", "Segments",
    "Sales forecast", "Products that go together", "Data health", "How it was made",
  ]

  @Test("one file below the as-of date holds all sections in their order")
  func sections() throws {
    let stage = try ReportTables.stage()
    let inputs = StageInputs(ReportTables.all.mapValues { [$0] })
    let output = try stage.run(inputs, in: ReportTables.context)
    #expect(output.files.map(\.path) == ["2026-06-29/index.html"])
    #expect(output.tables.isEmpty)
    var rest = String(decoding: output.files[0].bytes, as: UTF8.self)[...]
    for title in Self.titles {
      let found = try #require(rest.firstRange(of: "<h2>\(title)</h2>"), "\(title)")
      rest = rest[found.upperBound...]
    }
  }

  @Test("the same tables give the same bytes")
  func determinism() throws {
    let first = try ReportTables.page(ReportTables.all)
    #expect(try ReportTables.page(ReportTables.all) == first)
  }

  @Test("the rule of a segment is told in words")
  func segmentRules() throws {
    let page = try ReportTables.page(ReportTables.all)
    #expect(page.contains("orders so far above 2<"))
    #expect(page.contains("days since last order above 120.50<"))
  }

  @Test("the page refers to nothing outside and runs no script")
  func selfContained() throws {
    // A pattern for hatching is named inside its own drawing.
    let page = try ReportTables.page(ReportTables.all).replacing("url(#", with: "(")
    for word in ["http:", "https:", "<script", "src=", "url(", "@import", "<link"] {
      #expect(!page.contains(word), "\(word)")
    }
    #expect(page.contains("Lamp &lt;b&gt;"))
    #expect(!page.contains("Lamp <b>"))
  }

  @Test("messages and raw rows of the quarantine never reach the page")
  func personalValues() throws {
    let page = try ReportTables.page(ReportTables.all)
    #expect(!page.contains("Eve Secret"))
    #expect(!page.contains("eve@example.com"))
  }

  @Test("a column marked personal is masked in list tables")
  func maskedColumns() throws {
    var tables = ReportTables.all
    let list = try #require(tables["audience.keep"])
    tables["audience.keep"] = list.setting(
      Field("customer_id", .text, isPersonal: true),
      try list.requiredColumn("customer_id")
    )
    let page = try ReportTables.page(tables, ReportTables.stage(#"lists: ["keep"]"#))
    #expect(!page.contains("000001"))
    #expect(page.contains("\u{2022}\u{2022}\u{2022}"))
  }

  @Test("small counts of the migration are veiled, with their change of value")
  func smallCounts() throws {
    let page = try ReportTables.page(ReportTables.all)
    // 3 customers moved down and lost 66.66 together.
    #expect(page.contains("&lt;5 moved down"))
    #expect(page.contains(">&lt;5</text>"))
    #expect(
      page.contains("<th scope=\"row\" class=\"k\">Moved down</th><td class=\"n\">&lt;5</td>")
    )
    #expect(!page.contains("\u{2212}67<"))
  }

  @Test("findings carry numbers that can be checked by hand")
  func findings() throws {
    let page = try ReportTables.page(ReportTables.all)
    // Two weeks of EUR 1,000 and the two before; forecast 1,100 + 1,100, limits 1,900 to 2,500.
    #expect(page.contains("Revenue of the last 2 whole weeks is EUR\u{A0}2,000, as much as"))
    #expect(page.contains("80% interval EUR\u{A0}1,900 to 2,500"))
    // Two customers of EUR 400 expected loss.
    #expect(page.contains("EUR\u{A0}800 are at risk with the 2 customers worth keeping"))
    // Customer 2 is on both lists.
    #expect(page.contains("1 customer is on more than one list"))
    // 1,000 rows read by the cleaning, 1 of them refused, 1 row unreadable before.
    #expect(
      page.contains(
        "1,001 rows of sales in the files = 999 published as order lines or returns + 2"
      )
    )
    // One rule of the pair, 40 of 50 baskets.
    #expect(page.contains("The strongest rule"))
    #expect(page.contains("80% (67% to 89%)"))
    #expect(page.contains("As of 29\u{A0}Jun\u{A0}2026"))
  }

  @Test("empty tables give a page with all sections")
  func emptyTables() throws {
    let page = try ReportTables.page(ReportTables.empty)
    for title in Self.titles { #expect(page.contains("<h2>\(title)</h2>"), "\(title)") }
    #expect(page.contains("the list \u{201C}keep\u{201D} is empty"))
    #expect(!page.contains("nan"))
    #expect(!page.contains("inf"))
  }

  @Test(
    "each table may be empty",
    arguments: ReportTables.all.keys.sorted()
  )
  func oneEmptyTable(name: String) throws {
    var tables = ReportTables.all
    tables[name] = ReportTables.empty[name]
    let page = try ReportTables.page(tables)
    for title in Self.titles { #expect(page.contains("<h2>\(title)</h2>"), "\(title)") }
  }

  @Test("the value to come and the life cycle are told where a stage made them")
  func outlook() throws {
    var tables = ReportTables.all
    let title = "<h2>Value to come and life cycle</h2>"
    #expect(!(try ReportTables.page(tables).contains(title)))
    let ids = try #require(tables["customer_value"]).requiredColumn("customer_id")
    let count = ids.count
    tables["customer_clv"] = Table([
      "customer_id": ids,
      "clv_value": Column(.money(scale: 2), integers: (0..<count).map { _ in 25_00 }),
    ])
    tables["clv_totals"] = Table([
      "measure": Column(texts: ["purchases", "customers_who_buy", "revenue"]),
      "horizon_days": Column(integers: [364, 364, 364]),
      "level": Column(doubles: [0.9, 0.9, 0.9]), "expected": Column(doubles: [1234, 321, 9876]),
      "lower": Column(doubles: [1100, 300, 8000]), "upper": Column(doubles: [1400, 350, 12_000]),
    ])
    tables["clv_holdout"] = Table([
      "part": Column(texts: ["totals", "totals"]),
      "name": Column(texts: ["purchases", "purchases"]),
      "measure": Column(texts: ["predicted", "actual"]), "value": Column(doubles: [110, 100]),
    ])
    tables["lifecycle_states"] = Table([
      "state": Column(texts: Array(repeating: "first_time", count: 6) + ["lost"]),
      "next_state": Column(texts: Array(repeating: "active", count: 6) + [nil]),
      "next_state_share": Column(
        type: .double,
        storage: .doubles([0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0]),
        validity: [true, true, true, true, true, true, false]
      ),
    ])
    tables["lifecycle_transitions"] = Table(["step_days": Column(integers: [28])])
    let page = try ReportTables.page(tables).replacing("\u{A0}", with: " ")
    #expect(page.contains(title) && page.contains(">Chance in 28 days<"))
    #expect(page.contains("1,234 (1,100 to 1,400) days with a purchase are expected, by 321 "))
    #expect(page.contains("worth EUR 9,876 (EUR 8,000 to 12,000). In brackets: 90% intervals."))
    #expect(page.contains("the model said 110 days with a purchase, 100 happened (+10.0%)."))
    #expect(page.contains(">EUR 25<"))
    #expect(page.contains(">first time<") && page.contains(">25%<") && page.contains(">&lt;5<"))
  }

  @Test("optional tables may be missing")
  func missingTables() throws {
    var tables = ReportTables.all
    for name in try ReportTables.stage().optionalInputs { tables[name] = nil }
    let page = try ReportTables.page(tables)
    #expect(page.contains("the history is too short to hold weeks back"))
    #expect(page.contains("No row is in quarantine."))
  }

  @Test("a report without lists is possible, and a list's table is an input")
  func listInputs() throws {
    let stage = try ReportTables.stage(#"lists: ["win-back"]"#)
    #expect(stage.inputs.suffix(2) == ["audience.win_back", "audience.win_back_waterfall"])
    let page = try ReportTables.page(ReportTables.all, ReportTables.stage(""))
    #expect(page.contains("The pipeline makes no lists."))
  }

  @Test("a list without a consent step is warned about")
  func consentWarning() throws {
    var tables = ReportTables.all
    let steps = try #require(tables["audience.keep_waterfall"])
    tables["audience.keep_waterfall"] = steps.gathering([0, 1])
    let page = try ReportTables.page(tables)
    #expect(page.contains("\u{201C}keep\u{201D}: made without a check of consents."))
  }

  @Test("a history of less than two years makes the forecast a rough one")
  func shortHistory() throws {
    var tables = ReportTables.all
    let weeks = try #require(tables["weekly_sales"])
    tables["weekly_sales"] = weeks.gathering(Array(60..<110))
    let page = try ReportTables.page(tables)
    #expect(page.contains("should bring very roughly EUR\u{A0}2,200"))
    #expect(page.contains("covers 259 days instead of 364"))
  }

  @Test("a folder in the name of the file is refused")
  func fileName() throws {
    let error = #expect(throws: Diagnostic.self) {
      _ = try ReportTables.stage(#"into: "../index.html""#)
    }
    #expect(
      error?.description
        == "test.json5:1:9: \"into\" of stage \"board\" is \"../index.html\", which is no plain "
        + "file name.\n  fix: name a file without a folder, for example \"index.html\"."
    )
  }

  @Test("Wilson's interval of 40 of 50 is 67 % to 89 %, and none without cases")
  func wilson() throws {
    let interval = try #require(EstimateInterval.wilson(40, of: 50))
    #expect(abs(interval.lowerBound - 0.6696) < 0.0005)
    #expect(abs(interval.upperBound - 0.8876) < 0.0005)
    #expect(EstimateInterval.wilson(0, of: 0) == nil)
  }

  @Test("the interval of an AUC of 0.5 follows Hanley and McNeil, and a perfect one has no width")
  func aucInterval() throws {
    // A = 0.5: q1 = q2 = 1/3; variance = (0.25 + 2 · 49 · (1/3 − 1/4)) / 2500 = 0.003367.
    let interval = try #require(EstimateInterval.auc(0.5, positives: 50, negatives: 50))
    #expect(abs(interval.upperBound - 0.6137) < 0.0005)
    #expect(EstimateInterval.auc(1, positives: 5, negatives: 5) == 1...1)
    #expect(EstimateInterval.auc(0.5, positives: 0, negatives: 5) == nil)
  }
}
