import LodeColumns
import Testing

@testable import LodeReports

@Suite("Report pages")
struct HTMLReportTests {
  private static let hostile = "<script>alert('x')</script> & \"quotes\" // http://evil.example"

  private static let report = HTMLReport(
    title: "Board",
    subtitle: hostile,
    language: "en",
    sections: [
      ReportSection(
        id: "one",
        title: "Numbers <b>",
        lead: hostile,
        blocks: [
          .keyFigures([
            KeyFigure(
              label: "Sales",
              value: "EUR 1",
              note: hostile,
              change: .init("4%", isRise: true, judgement: .good),
              history: [1, 2, .nan, 3]
            ),
            KeyFigure(label: "Flat", value: "1", change: .init("same", isRise: nil)),
          ]),
          .callout(.init(.warning, hostile)), .paragraph(hostile), .heading("More"),
          .list(["a", hostile]),
          .table(
            ReportTable(
              caption: "Cells",
              columns: [.init("A"), .init("B", isNumber: true)],
              rows: [[hostile, "1"]]
            )
          ),
        ]
      ),
      ReportSection(
        id: "two",
        title: "Charts",
        lead: "",
        blocks: SampleCharts.all.map { .chart($0) }
      ),
    ],
    footer: hostile
  )

  @Test("the page asks for nothing from outside")
  func offline() {
    let page = Self.report.render()
    #expect(
      page.contains(
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""
      )
    )
    for attribute in ["src=", "srcset=", "@import", "<script", "<link", "<iframe", "xlink"] {
      #expect(!page.contains(attribute), "\(attribute)")
    }
    for link in page.split(separator: "href=\"").dropFirst() {
      #expect(link.hasPrefix("#"), "\(link.prefix(40))")
    }
    for link in page.split(separator: "url(").dropFirst() {
      #expect(link.hasPrefix("#"), "\(link.prefix(40))")
    }
  }

  @Test("text is escaped everywhere")
  func escaping() {
    let page = Self.report.render()
    #expect(!page.contains("<script>") && !page.contains("<b>"))
    #expect(
      page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;")
    )
    #expect(escapedHTML("a\u{0}b\u{1B}") == "a\u{FFFD}b\u{FFFD}")
  }

  @Test("the same report has the same bytes and stays within the budget")
  func deterministic() {
    let page = Self.report.render()
    #expect(page == Self.report.render())
    #expect(page.utf8.count < HTMLReport.sizeBudgetInBytes)
  }

  @Test("headings go down one level at a time and ids are unique")
  func structure() {
    let page = Self.report.render()
    var level = 0
    for part in page.split(separator: "<h").dropFirst() {
      guard let next = part.first?.wholeNumberValue, part.dropFirst().first == ">" else { continue }
      #expect(next <= level + 1, "h\(next) after h\(level)")
      level = next
    }
    let ids = page.split(separator: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(Set(ids).count == ids.count)
    #expect(page.contains("<html lang=\"en\">"))
  }

  @Test("every table has headers with a scope, and every chart a table in details")
  func tables() {
    let page = Self.report.render()
    #expect(!page.contains("<th>") && !page.contains("<th class"))
    let charts = page.split(separator: "role=\"img\"").count - 1
    #expect(charts == SampleCharts.all.count)
    #expect(page.split(separator: "<details>").count - 1 == charts)
  }

  @Test("tags are closed in the order they were opened")
  func wellFormed() {
    let page = Self.report.render()
    let void: Set<Substring> = ["meta", "!DOCTYPE"]
    var open: [Substring] = []
    for part in page.split(separator: "<").dropFirst(0) {
      guard let end = part.firstIndex(of: ">") else { continue }
      let tag = part[..<end]
      let name = tag.prefix { $0 != " " && $0 != "/" }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
      } else if !tag.hasSuffix("/"), !void.contains(name) {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test("a columnar table masks personal columns and says how many rows it left out")
  func columnarTable() {
    let table = Table(
      Schema([
        Field("customer_id", .text), Field("email", .text, isPersonal: true),
        Field("net_sales", .double),
      ]),
      [
        Column(texts: ["a", "b", "c"]), Column(texts: ["x@example.com", nil, "y@example.com"]),
        Column(doubles: [1234.5, 2, 3]),
      ]
    )
    let shown = ReportTable(
      table,
      caption: "People",
      styles: ["net_sales": .money(currency: "EUR", places: 0)],
      rowLimit: 2
    )
    #expect(shown.columns.map(\.title) == ["Customer id", "Email", "Net sales"])
    #expect(shown.columns.map(\.isNumber) == [false, false, true])
    #expect(
      shown.rows == [
        ["a", "\u{2022}\u{2022}\u{2022}", "EUR\u{A0}1,235"], ["b", "\u{2013}", "EUR\u{A0}2"],
      ]
    )
    #expect(shown.caption == "People, first 2 of 3 rows")
  }

  @Test("text reaches a contrast of 4.5 to 1 and marks 3 to 1 in both schemes")
  func contrast() {
    for palette in [ReportPalette.light, ReportPalette.dark] {
      for ground in [palette.background, palette.card] {
        for text in [palette.ink, palette.muted, palette.accent, palette.good, palette.bad] {
          #expect(Contrast.ratio(text, ground) >= 4.5, "\(text) on \(ground)")
        }
      }
      for colour in palette.series { #expect(Contrast.ratio(colour, palette.card) >= 3) }
      for shade in palette.shades {
        #expect(Contrast.ratio(shade.ink, shade.fill) >= 4.5, "\(shade)")
      }
    }
  }
}

/// The contrast of two colours (WCAG 2.1, relative luminance).
enum Contrast {
  static func ratio(_ left: String, _ right: String) -> Double {
    let values = [luminance(left), luminance(right)].sorted()
    return (values[1] + 0.05) / (values[0] + 0.05)
  }

  private static func luminance(_ hex: String) -> Double {
    let digits = Array(hex.dropFirst())
    let channels = (0..<3)
      .map { index -> Double in
        let value = Double(Int(String(digits[(2 * index)...(2 * index + 1)]), radix: 16) ?? 0) / 255
        return value <= 0.03928 ? value / 12.92 : power((value + 0.055) / 1.055)
      }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  /// x to the power of 2.4 by Newton's method for the fifth root: x^2.4 = (x^12)^(1/5).
  private static func power(_ x: Double) -> Double {
    var target = 1.0
    for _ in 0..<12 { target *= x }
    var root = x * x
    for _ in 0..<60 {
      let fourth = root * root * root * root
      root = (4 * root + target / fourth) / 5
    }
    return root
  }
}
