/// The colours of a page for one scheme; contrasts are checked by a test.
///
/// - Source: Okabe & Ito (2008), "Color universal design", made darker on light and lighter on dark
///   ground until text reaches 4.5:1 and marks 3:1 (WCAG 2.1, 1.4.3 and 1.4.11).
struct ReportPalette: Sendable {
  let background: String
  let card: String
  let ink: String
  let muted: String
  let rule: String
  let accent: String
  let good: String
  let bad: String
  /// Colours of series, in order.
  let series: [String]
  /// Seven shades of heat tables, from low to high, and the text colour on each.
  let shades: [(fill: String, ink: String)]

  static let light = ReportPalette(
    background: "#f5f7f9",
    card: "#ffffff",
    ink: "#17212c",
    muted: "#55616f",
    rule: "#dfe4ea",
    accent: "#0a5ea8",
    good: "#0b7450",
    bad: "#ad3d14",
    series: ["#0072b2", "#d55e00", "#008a63", "#a64d8c", "#7d6200", "#5f6b79"],
    shades: [
      ("#f1f5f9", "#17212c"), ("#dce9f5", "#17212c"), ("#b9d4ec", "#17212c"),
      ("#86b6de", "#17212c"), ("#569bd0", "#17212c"), ("#1f6ba8", "#ffffff"),
      ("#0a4a80", "#ffffff"),
    ]
  )

  static let dark = ReportPalette(
    background: "#0f151c",
    card: "#18212b",
    ink: "#e8edf2",
    muted: "#a7b3c0",
    rule: "#2e3b48",
    accent: "#73bdf2",
    good: "#4fcb9c",
    bad: "#f59a72",
    series: ["#56b4e9", "#f08a3c", "#2fc59b", "#e39bc6", "#e0cf57", "#a9b4c0"],
    shades: [
      ("#1d2833", "#e8edf2"), ("#1e3246", "#e8edf2"), ("#20405d", "#e8edf2"),
      ("#24557a", "#ffffff"), ("#2b6c99", "#ffffff"), ("#5fa4d4", "#0f151c"),
      ("#a3d0ef", "#0f151c"),
    ]
  )

  /// The colours as custom properties of the style sheet.
  var properties: String {
    var text = "--bg:\(background);--card:\(card);--ink:\(ink);--muted:\(muted);--rule:\(rule);"
    text += "--accent:\(accent);--good:\(good);--bad:\(bad);"
    for (index, colour) in series.enumerated() { text += "--c\(index):\(colour);" }
    for (index, shade) in shades.enumerated() {
      text += "--h\(index):\(shade.fill);--g\(index):\(shade.ink);"
    }
    return text
  }
}
