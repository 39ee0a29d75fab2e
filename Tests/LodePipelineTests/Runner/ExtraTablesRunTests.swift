import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Stages with tables of their own, from files to the warehouse", .serialized)
struct ExtraTablesRunTests {
  /// 60 customers of May, half of them mailed and asked how they liked it, a third of them back.
  private static func write(to folder: PipelineFolder, later: Bool = false) throws {
    var sales = "order,customer,at,amount,category\n"
    var people = "customer,joined,source\n"
    var surveys = "customer,answered_at,score\n"
    var trial = "customer,arm,sent_on,bought,orders_before\n"
    for number in 0..<60 {
      let id = "k\(number)"
      let day = 1 + number % 28
      let date = "2026-05-\(day < 10 ? "0" : "")\(day)"
      sales += "a\(number),\(id),\(date),\(10 + number).00,toys\n"
      if number % 3 == 0 { sales += "b\(number),\(id),2026-06-02,15.00,care\n" }
      people += "\(id),\(date),\(number % 2 == 0 ? "web" : "shop")\n"
      if number % 2 == 0 { surveys += "\(id),\(date) 18:00:00,\(1 + number % 5)\n" }
      let isMailed = number % 4 < 2
      let hasBought = isMailed ? number % 3 != 1 : number % 5 == 0
      trial += "\(id),\(isMailed ? "mail" : "none"),\(date),\(hasBought ? 1 : 0),\(number % 7)\n"
    }
    if later {
      sales += "z1,k1,2026-07-01,500.00,toys\nz2,new,2026-07-02,9.00,toys\n"
      surveys += "k2,2026-07-01 00:00:00,9\n"
      trial += "new,,2026-07-01,5,1\n"
    }
    try folder.write(sales, to: "sales.csv")
    try folder.write(people, to: "people.csv")
    try folder.write(surveys + "k3,2026-05-30 10:00:00,6\n", to: "surveys.csv")
    try folder.write(trial + "k0,mail,2026-05-30,2,1\n", to: "trial.csv")
    try folder.write(
      "source,month,approached,spent\nweb,2026-05-01,400,80.00\nshop,2026-05-01,300,20.00\n",
      to: "spending.csv"
    )
    try folder.write(pipeline, to: "p.json5")
  }

  private static func extract(_ name: String, _ types: String, into: String? = nil) -> String {
    "\(name)_in: { op: 'extract', from: { csv: '\(name).csv', types: { \(types) } }, "
      + "into: '\(into ?? "raw.\(name)")' },"
  }

  private static let pipeline = """
    {
      lode: 1, name: 'small', currency: 'EUR', warehouse: 'w', exports: 'e',
      stages: {
        \(extract("sales", "order: 'text', at: 'date', amount: 'decimal(18,2)'"))
        \(extract("people", "joined: 'date'"))
        \(extract("surveys", "answered_at: 'timestamp'", into: "surveys"))
        \(extract("trial", "sent_on: 'date'"))
        \(extract("spending", "month: 'date', spent: 'decimal(18,2)'"))
        sales: {
          op: 'clean', needs: ['sales_in'], from: 'raw.sales',
          columns: {
            order: 'order', customer: 'customer', at: 'at', amount: 'amount', category: 'category',
          },
        },
        uplift: {
          op: 'classify', method: 'uplift', needs: ['trial_in'], from: 'raw.trial', id: 'customer',
          treatment: { column: 'arm', treated: 'mail', control: 'none' },
          outcome: { column: 'bought' }, time: { column: 'sent_on', outcome_days: 14 },
          folds: 2, bootstrap: 100, permutations: 99, max_bad_rows: 1,
        },
        satisfaction: {
          op: 'transform', method: 'satisfaction', needs: ['surveys_in', 'sales'],
          columns: { customer: 'customer' }, repurchase_days: 32, max_bad_rows: 1,
        },
        funnel: {
          op: 'transform', method: 'funnel', needs: ['people_in', 'spending_in', 'sales'],
          registrations: {
            from: 'raw.people', customer: 'customer', at: 'joined', source: 'source',
          },
          costs: { from: 'raw.spending', amount: 'spent', at: 'month' },
        },
        equity: {
          op: 'forecast', method: 'equity', needs: ['people_in', 'spending_in', 'sales'],
          period_days: 30, periods: 3, add_on_categories: ['care'], bootstrap: 20,
          segments: { from: 'raw.people', customer: 'customer', column: 'source' },
          spending: {
            from: 'raw.spending', segment: 'source', at: 'month', prospects: 'approached',
            acquisition: 'spent',
          },
          ceilings: { acquisition: 0.5 },
        },
      },
    }
    """

  private static let tables = [
    "uplift_scores", "uplift_summary", "uplift_bins", "uplift_balance", "satisfaction_zones",
    "satisfaction_summary", "satisfaction_curve", "acquisition_funnel", "customer_equity",
    "customer_equity_drivers", "customer_equity_spending",
  ]

  private static func contents(_ folder: PipelineFolder) throws -> [Table] {
    try tables.map { try folder.table($0) }
  }

  @Test("all four run, are skipped when nothing changed, and do not see the future")
  func endToEnd() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let folder = try PipelineFolder()
    try Self.write(to: folder)
    let ends = try folder.run(asOf: "2026-07-01", run: "r1")
    #expect(ends.count == 10 && ends.allSatisfy { $0.hasSuffix(" ran") }, "\(ends)")
    #expect(
      try folder.run(asOf: "2026-07-01", run: "r2").allSatisfy { $0.hasSuffix(" skipped") }
    )
    let first = try Self.contents(folder)
    #expect(first.allSatisfy { $0.rowCount > 0 })
    #expect(try folder.table("uplift_scores").rowCount == 60)
    #expect(try folder.table("satisfaction_zones").rowCount == 30)
    let refused = try StageLab.cells(folder.table("quarantine"), ["source", "line", "reasons"])
    #expect(
      refused.sorted() == [
        "raw.trial 62 outcome_not_binary", "surveys 32 score_outside_scale",
      ]
    )
    let won = try StageLab.cells(
      folder.table("acquisition_funnel"),
      ["source", "step", "people", "cost_per_person"]
    )
    #expect(won.contains("web first_order 30 2.67"))
    Parallel.threadCount = 3
    let other = try PipelineFolder()
    try Self.write(to: other, later: true)
    _ = try other.run(asOf: "2026-07-01", run: "r1")
    #expect(try Self.contents(other) == first)
  }
}
