import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The sections on sources, satisfaction, campaigns and equity")
struct RelationSectionsTests {
  private static let titles = [
    "Where customers come from", "Satisfaction and loyalty", "Campaigns and trials",
    "What the customer base is worth",
  ]

  @Test("the weekly report shows each section only where its table is")
  func onlyWhereTheyAre() throws {
    let plain = try ReportTables.page(ReportTables.all)
    for title in Self.titles { #expect(!plain.contains("<h2>\(title)</h2>"), "\(title)") }
    let page = try ReportTables.page(ReportTables.all.merging(RelationTables.all) { $1 })
    var rest = page[...]
    for title in Self.titles {
      let found = try #require(rest.firstRange(of: "<h2>\(title)</h2>"), "\(title)")
      rest = rest[found.upperBound...]
    }
    let one = try RelationTables.page(["acquisition_funnel": RelationTables.funnel])
    #expect(one.contains("<h2>\(Self.titles[0])</h2>"))
    for title in Self.titles.dropFirst() { #expect(!one.contains("<h2>\(title)</h2>")) }
  }

  @Test("sources are told with conversion, cost and equity, and few people are veiled")
  func sources() throws {
    let page = try RelationTables.page(RelationTables.all)
    #expect(
      page.contains(
        "Of 140 people first seen up to 31 May 2026, 53 reached the first order, 37.9% (31.0 to "
          + "45.0) of the step before. In brackets: 90% intervals."
      )
    )
    #expect(page.contains(">50 \u{B7} 50.0% (42.0 to 58.0)<"))
    // Three people of the mail ordered: neither their number nor their rate is shown.
    #expect(page.contains(">mail</th><td class=\"n\">40</td><td class=\"n\">&lt;5</td>"))
    #expect(!page.contains("7.5%") && !page.contains("EUR 6.67"))
    #expect(page.contains("Most from search: EUR 8.34 a customer."))
    #expect(page.contains(">EUR 4.00<") && page.contains(">EUR 12.34<"))
  }

  @Test(
    "the AUC of the score is told in plain words",
    arguments: [
      (0.47...0.55, "<strong>Note:</strong> the score says nothing of who stays. AUC 0.510"),
      (0.52...0.60, "<strong>Good news:</strong> who gives a higher score stays more often."),
      (0.40...0.48, "<strong>Watch out:</strong> who gives a higher score stays less often."),
    ]
  )
  func ranking(auc: ClosedRange<Double>, words: String) throws {
    let page = try RelationTables.page([
      "satisfaction_summary": RelationTables.satisfaction(auc: auc)
    ])
    #expect(page.contains(words))
    #expect(
      page.contains(
        "Of 100 customers with an answer whose 90 days were over by 29 Jun 2026, 76.0% (68.5 to "
          + "82.3) bought again in those days."
      )
    )
    #expect(page.contains("The largest zone is indifference: 50.0% (42.0 to 58.0)"))
    #expect(page.contains("not satisfied, and did not buy again</td><td class=\"n\">&lt;5<"))
    #expect(!page.contains("3.0% (1.0 to 7.0)"))
  }

  @Test("response rates, effects and what to expect of the next campaign are told")
  func campaigns() throws {
    let page = try RelationTables.page(RelationTables.all)
    #expect(
      page.contains(
        "Of 300 contacts of 2 campaigns, 44 were followed by an order within 28 days; of a new "
          + "one, 13.0% (1.0 to 30.0) should be, that is 130 (10 to 300) of 1,000 contacts. In "
          + "brackets: 90% intervals, as of 29 Jun 2026."
      )
    )
    #expect(
      page.contains(
        "Of 1 campaign with a control group, the interval lies above 0 for 1 and below 0 for 0; "
          + "without any effect, 0.05 would on each side by chance."
      )
    )
    #expect(page.contains(">+6.2 (1.1 to 11.3)<") && page.contains(">19.0% (15.0 to 24.0)<"))
    #expect(!page.contains(">4.0%<"))
  }

  @Test(
    "the verdict on a trial is told in plain words",
    arguments: [
      (-0.03...0.01, 0.02...0.1, 0.6, "on average the contact works, so all if it pays."),
      (-0.03...0.01, -0.02...0.1, 0.6, "no effect was found either, so none, or a larger trial."),
      (-0.03...0.01, -0.1...(-0.02), 0.6, "on average the contact does harm, so none."),
      (0.01...0.03, 0.02...0.1, 0.6, "contact those of the highest predicted uplift first."),
      (-0.03...(-0.01), 0.02...0.1, 0.6, "ranks customers worse than chance does"),
      (0.01...0.03, 0.02...0.1, 0.0001, "the trial is not sound"),
    ]
  )
  func verdicts(
    qini: ClosedRange<Double>,
    effect: ClosedRange<Double>,
    armsP: Double,
    words: String
  ) throws {
    let page = try RelationTables.page([
      "uplift_summary": RelationTables.trial(qini: qini, effect: effect, armsP: armsP),
      "uplift_bins": RelationTables.bins,
    ])
    #expect(page.contains(words), "\(words)")
    #expect(page.contains("In the trial 200 were contacted and 190 held back at random"))
    #expect(page.contains("In brackets: 95% intervals, as of 29 Jun 2026."))
    #expect(page.contains("the contact added +8.0 (1.0 to 15.0) percentage points"))
  }

  @Test("equity is split into three parts with intervals, and better retention has a price")
  func equity() throws {
    let page = try RelationTables.page(RelationTables.all)
    #expect(
      page.contains(
        "The 53 customers won from 30 Jun 2025 to 28 Jun 2026 are worth EUR 5,350 (90% interval "
          + "EUR 4,300 to 6,400) over their lives; one percent better retention would bring EUR 99 "
          + "more."
      )
    )
    #expect(page.contains("57% of all; 90% interval EUR 2,550 to 3,550"))
    #expect(page.contains(">+EUR 99<"))
    #expect(page.contains("One percent better retention rate brings most: EUR 99 (1.85%"))
    #expect(page.contains(">60.0% (50.0 to 70.0)<") && page.contains(">EUR 104.00<"))
    #expect(page.contains(">EUR 3.12<") && page.contains(">EUR 5,457<"))
    // Three customers of the mail: their number and what they are worth are not shown.
    #expect(!page.contains("EUR 50.00") && !page.contains("EUR 150<"))
  }

  @Test("tables without rows give no numbers and no failure", arguments: RelationSections.tables)
  func emptyTable(name: String) throws {
    var tables = RelationTables.all
    tables[name] = tables[name].map { Table(emptyWith: $0.schema) }
    let page = try RelationTables.page(tables)
    for title in Self.titles { #expect(page.contains("<h2>\(title)</h2>"), "\(title)") }
    #expect(!page.contains("nan") && !page.contains(">inf"))
  }

  @Test("the page of these sections is self-contained and accessible, and the same every time")
  func selfContained() throws {
    let page = try RelationTables.page(RelationTables.all, "title: 'Relations'")
    #expect(try RelationTables.page(RelationTables.all, "title: 'Relations'") == page)
    #expect(page.contains("<h1>Relations</h1>") && page.contains("<h2>How it was made</h2>"))
    let outside = page.replacing("url(#", with: "(")
    for word in ["http:", "https:", "<script", "src=", "url(", "@import", "<link"] {
      #expect(!outside.contains(word), "\(word)")
    }
    let charts = page.ranges(of: "<svg viewBox=").count
    #expect(charts == 9)
    #expect(page.ranges(of: "<desc id=").count == charts)
    #expect(page.ranges(of: "Show the numbers").count == charts)
    #expect(!page.contains("></desc>"))
  }

  @Test("a report of none of the tables is refused in words")
  func nothing() {
    let found = StageLab.message { _ = try RelationTables.page([:]) }
    #expect(
      found
        == "stage board: no needed stage makes a table that this report shows.\n"
        + "  fix: add stages of the methods funnel, satisfaction, campaign_response, uplift or "
        + "equity to \"needs\"."
    )
  }
}
