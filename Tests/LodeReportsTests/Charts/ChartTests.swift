import Testing

@testable import LodeReports

@Suite("Charts")
struct ChartTests {
  @Test("every chart has a role, a title, a description and a table of its numbers")
  func accessible() {
    for (index, chart) in SampleCharts.all.enumerated() {
      let svg = chart.svg(id: "c\(index)")
      #expect(svg.contains("role=\"img\" aria-labelledby=\"c\(index)-t c\(index)-d\""))
      #expect(svg.contains("<title id=\"c\(index)-t\">A &lt;b&gt;title&lt;/b&gt; &amp;"))
      #expect(svg.contains("<desc id=\"c\(index)-d\">It&#39;s what &lt;script&gt; finds</desc>"))
      #expect(!chart.dataTable.rows.isEmpty)
    }
  }

  @Test("no chart writes markup from names or numbers that are not finite")
  func clean() {
    for chart in SampleCharts.all {
      let svg = chart.svg(id: "c")
      #expect(!svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<1>"))
      #expect(!svg.contains("nan") && !svg.contains("inf\""))
      #expect(!svg.contains("http") && !svg.contains("href") && !svg.contains("style="))
    }
  }

  @Test("charts without data are drawn without their marks")
  func empty() {
    for kind in SampleCharts.empty {
      let svg = Chart(title: "t", finding: "f", kind).svg(id: "c")
      #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>"))
      #expect(!svg.contains("nan"))
    }
  }

  @Test("all labels lie within the drawing by the estimate of their widths")
  func labelsFit() throws {
    for chart in SampleCharts.all {
      let svg = chart.svg(id: "c")
      let width = chart.size == .full ? 960.0 : 468
      for element in svg.split(separator: "<text ").dropFirst() where !element.contains("rotate") {
        let tag = element.prefix { $0 != ">" }
        let label = String(element.dropFirst(tag.count + 1).prefix { $0 != "<" })
        let place = try #require(" \(tag)".split(separator: " x=\"").last).prefix { $0 != "\"" }
        let x = try #require(Double(place))
        let length = TextSize.width(label)
        let share = tag.contains("\"end\"") ? 1.0 : tag.contains("\"middle\"") ? 0.5 : 0
        let left = x - share * length
        #expect(left >= -6 && left + length <= width + 8, "\(label) in \(chart.kind)")
      }
    }
  }

  @Test("a small waterfall has exactly these bytes")
  func snapshot() {
    let chart = Chart(
      title: "List",
      finding: "300 of 1,000 have no consent.",
      size: .half,
      .waterfall(
        WaterfallChart(steps: [
          .init("Matched", remaining: 1000), .init("No consent", remaining: 700),
        ])
      )
    )
    #expect(chart.svg(id: "s") == Self.snapshotText)
  }

  @Test("gains between two points are read off the straight line")
  func gains() {
    let points = [
      GainsChart.Point(contacted: 0.2, reached: 0.5), GainsChart.Point(contacted: 1, reached: 1),
    ]
    #expect(GainsChart.height(points, 0.1) == 0.25)
    #expect(GainsChart.height(points, 0.6) == 0.75)
    #expect(GainsChart.height([], 0.5) == nil)
  }

  @Test("a waterfall says the change and the share of the start of each step")
  func waterfallTable() {
    let chart = WaterfallChart(steps: [
      .init("Matched", remaining: 1000), .init("No consent", remaining: 700),
    ])
    #expect(
      chart.dataTable.rows == [
        ["Matched", "\u{2013}", "1,000", "100.0%"], ["No consent", "\u{2212}300", "700", "70.0%"],
      ]
    )
  }

  private static let snapshotText = [
    #"<svg viewBox="0 0 468 78" role="img" aria-labelledby="s-t s-d">"#,
    #"<title id="s-t">List</title>"#,
    #"<desc id="s-d">300 of 1,000 have no consent.</desc>"#,
    #"<line class="axis" x1="93.5" y1="6" x2="93.5" y2="70"/>"#,
    #"<text class="t b" x="83.5" y="26" text-anchor="end">Matched</text>"#,
    #"<rect class="bar f0" x="93.5" y="11" width="254.5" height="22" rx="2"/>"#,
    #"<line class="joint" x1="348" y1="33" x2="348" y2="43"/>"#,
    #"<text class="t v b" x="356" y="26">1,000 people</text>"#,
    #"<text class="t" x="83.5" y="58" text-anchor="end">No consent</text>"#,
    #"<rect class="bar loss" x="271.7" y="43" width="76.3" height="22" rx="2"/>"#,
    #"<text class="t v" x="356" y="58">−300</text>"#,
    #"</svg>"#,
  ]
  .joined()
}
