internal import LodeReports

/// Which products go together.
struct RulesSection {
  /// The rules that the page shows.
  private static let shownCount = 10

  private let source: ReportSource
  private let rules: ReportRows

  init(_ source: ReportSource) throws {
    self.source = source
    rules = try source.rows(
      "product_rules",
      [
        "if_items", "then_item", "if_names", "then_name", "baskets", "confidence", "lift",
        "p_adjusted",
      ]
    )
  }

  /// The section.
  func section() -> ReportSection {
    let shown = best
    guard let first = shown.first else {
      return ReportSection(
        id: "rules",
        title: "Products that go together",
        lead: "No pair of products is bought together often enough to make a rule.",
        blocks: []
      )
    }
    return ReportSection(
      id: "rules",
      title: "Products that go together",
      lead: "\(ReportNumber.percent(rules.amount("confidence", first), places: 0)) of the baskets "
        + "with \u{201C}\(rules.text("if_names", first))\u{201D} also hold "
        + "\u{201C}\(rules.text("then_name", first))\u{201D}, "
        + "\(NumberStyle.factor(places: 0).text(rules.amount("lift", first))) as many as chance "
        + "would give; \(ReportNumber.integer(rules.count)) such rules were found.",
      blocks: [
        .table(table(shown)),
        .paragraph(
          "Ranked by confidence × lift; rules that share a product with a better one are left out "
            + "here and are in the table product_rules. "
            + "Confidence is the share of baskets with the left side that also hold the right "
            + "side, with its 95% interval; lift compares it with all baskets. Every rule passed a "
            + "test with correction for the number of rules tried."
        ),
      ]
    )
  }

  /// The best rules of which no two share a product.
  private var best: [Int] {
    let scores = rules.indices.map { rules.amount("confidence", $0) * rules.amount("lift", $0) }
    var seen: Set<String> = []
    var best: [Int] = []
    for row in rules.indices.sorted(by: { (scores[$1], $0) < (scores[$0], $1) }) {
      guard best.count < Self.shownCount else { break }
      let products =
        ItemList.items(rules.text("if_items", row)) + [rules.text("then_item", row)]
      guard seen.isDisjoint(with: products) else { continue }
      seen.formUnion(products)
      best.append(row)
    }
    return best
  }

  private func table(_ rows: [Int]) -> ReportTable {
    ReportTable(
      caption: rows.count == 1 ? "The strongest rule" : "The \(rows.count) strongest rules",
      columns: [
        ReportColumn("Who buys"), ReportColumn("also buys"),
        ReportColumn("Confidence (95% interval)", isNumber: true),
        ReportColumn("Lift", isNumber: true), ReportColumn("Baskets", isNumber: true),
      ],
      rows: rows.map { row in
        let confidence = rules.amount("confidence", row)
        let count = rules.amount("baskets", row)
        let cases = confidence > 0 ? (count / confidence).rounded() : 0
        let interval = EstimateInterval.wilson(count, of: cases)
          .map { " (\(ReportedBacktest.percent($0)))" }
        return [
          rules.text("if_names", row), rules.text("then_name", row),
          ReportNumber.percent(confidence, places: 0) + (interval ?? ""),
          NumberStyle.factor(places: 1).text(rules.amount("lift", row)),
          NumberStyle.integer.text(count),
        ]
      }
    )
  }
}
