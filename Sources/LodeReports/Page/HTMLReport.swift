/// One self-contained page: sections with findings, figures, tables and charts.
///
/// The page makes no request of any kind, needs no script, follows the light or dark scheme of the
/// reader, prints, and holds the numbers of every chart as a table.
///
/// - Determinism: same value → same bytes; no clock and no random ids.
public struct HTMLReport: Sendable, Hashable {
  /// The size that a page should not exceed, in bytes.
  public static let sizeBudgetInBytes = 1_500_000

  /// The heading of the page.
  public var title: String
  /// What the page covers, for example the as-of date.
  public var subtitle: String
  /// The language of the text, a tag of BCP 47 such as `en`.
  public var language: String
  /// The sections in reading order.
  public var sections: [ReportSection]
  /// How the page was made, at its end.
  public var footer: String

  /// A page.
  ///
  /// - Precondition: the ids of the sections are distinct.
  public init(
    title: String,
    subtitle: String,
    language: String = "en",
    sections: [ReportSection],
    footer: String = ""
  ) {
    precondition(
      Set(sections.map(\.id)).count == sections.count,
      "section ids \(sections.map(\.id)) are not distinct"
    )
    self.title = title
    self.subtitle = subtitle
    self.language = language
    self.sections = sections
    self.footer = footer
  }

  /// The page as HTML in UTF-8.
  public func render() -> String {
    var page = "<!DOCTYPE html>\n<html lang=\"\(escapedHTML(language))\">\n<head>\n"
    page += "<meta charset=\"utf-8\">\n"
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    page += "style-src 'unsafe-inline'; img-src data:\">\n"
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    page += "<meta name=\"color-scheme\" content=\"light dark\">\n"
    page += "<title>\(escapedHTML(title))</title>\n<style>\(ReportStyleSheet.text)</style>\n"
    page += "</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
    page += "<header class=\"top\"><h1>\(escapedHTML(title))</h1>"
    page += "<p class=\"subtitle\">\(escapedHTML(subtitle))</p></header>\n<div class=\"page\">\n"
    page += contents
    page += "<main id=\"content\">\n"
    for section in sections { page += section.markup }
    page += "</main>\n</div>\n"
    if !footer.isEmpty {
      page += "<footer><p>\(escapedHTML(footer))</p></footer>\n"
    }
    return page + "</body>\n</html>\n"
  }

  private var contents: String {
    guard sections.count > 1 else { return "" }
    let links = sections.map { section in
      "<li><a href=\"#\(section.anchor)\">\(escapedHTML(section.title))</a></li>"
    }
    return "<nav class=\"toc\" aria-label=\"Contents\"><p class=\"toc-title\">Contents</p><ol>"
      + links.joined() + "</ol></nav>\n"
  }
}

/// A part of a report that makes one point.
public struct ReportSection: Sendable, Hashable {
  /// A short name for links, letters, digits and hyphens.
  public var id: String
  /// The heading.
  public var title: String
  /// The finding in one sentence.
  public var lead: String
  /// What supports it.
  public var blocks: [ReportBlock]

  /// A section.
  public init(id: String, title: String, lead: String, blocks: [ReportBlock]) {
    self.id = id
    self.title = title
    self.lead = lead
    self.blocks = blocks
  }

  /// The id with everything but letters, digits and hyphens replaced.
  var anchor: String {
    "s-" + String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  var markup: String {
    var text = "<section id=\"\(anchor)\">\n<h2>\(escapedHTML(title))</h2>\n"
    if !lead.isEmpty { text += "<p class=\"lead\">\(escapedHTML(lead))</p>\n" }
    var index = 0
    var isRow = false
    while index < blocks.count {
      let isHalf = blocks[index].isHalfChart
      if isHalf != isRow {
        text += isHalf ? "<div class=\"row\">\n" : "</div>\n"
        isRow = isHalf
      }
      text += blocks[index].markup(id: "\(anchor)-\(index + 1)")
      index += 1
    }
    return text + (isRow ? "</div>\n" : "") + "</section>\n"
  }
}

/// A piece of a section.
public enum ReportBlock: Sendable, Hashable {
  /// Plain text.
  case paragraph(String)
  /// A heading under that of the section.
  case heading(String)
  /// Points without an order.
  case list([String])
  /// A remark that must not be missed.
  case callout(ReportCallout)
  /// Cards with the numbers that matter most.
  case keyFigures([KeyFigure])
  /// A table.
  case table(ReportTable)
  /// A chart with its data table.
  case chart(Chart)

  var isHalfChart: Bool {
    if case .chart(let chart) = self { return chart.size == .half }
    return false
  }

  func markup(id: String) -> String {
    switch self {
    case .paragraph(let text): return "<p>\(escapedHTML(text))</p>\n"
    case .heading(let text): return "<h3>\(escapedHTML(text))</h3>\n"
    case .list(let points):
      return "<ul>" + points.map { "<li>\(escapedHTML($0))</li>" }.joined() + "</ul>\n"
    case .callout(let callout): return callout.markup
    case .keyFigures(let figures):
      return "<dl class=\"cards\">\n" + figures.map(\.markup).joined() + "</dl>\n"
    case .table(let table): return "<div class=\"card\">\(table.markup)</div>\n"
    case .chart(let chart): return Self.figure(chart, id: id)
    }
  }

  private static func figure(_ chart: Chart, id: String) -> String {
    "<figure class=\"card\">\n<figcaption><h3>\(escapedHTML(chart.title))</h3>"
      + "<p>\(escapedHTML(chart.finding))</p></figcaption>\n"
      + "<div class=\"plot\(chart.size == .full ? " wide" : "")\">\(chart.svg(id: id))</div>\n"
      + "<details><summary>Show the numbers"
      + "<span class=\"hidden\"> of \u{201C}\(escapedHTML(chart.title))\u{201D}</span></summary>\n"
      + chart.dataTable.markup + "</details>\n</figure>\n"
  }
}

/// A remark with a kind that is said in words, not only shown in colour.
public struct ReportCallout: Sendable, Hashable {
  /// How serious a remark is.
  public enum Kind: String, Sendable, Hashable {
    /// Good to know.
    case note = "Note"
    /// Something to look at.
    case warning = "Watch out"
    /// Something that worked.
    case success = "Good news"
  }

  /// How serious it is.
  public var kind: Kind
  /// The remark.
  public var text: String

  /// A remark.
  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  var markup: String {
    let name =
      switch kind {
      case .note: "note"
      case .warning: "warning"
      case .success: "success"
      }
    return "<p class=\"callout \(name)\"><strong>\(kind.rawValue):</strong> "
      + "\(escapedHTML(text))</p>\n"
  }
}
