internal import LodeReports

/// Groups of customers who look alike.
struct SegmentsSection {
  /// One segment with the rows of its features.
  private struct Segment {
    let name: String
    let size: Int
    let share: Double
    let valueShare: Double
    let rows: [Int]

    /// The name for running text.
    var quoted: String { "\u{201C}\(name)\u{201D}" }
  }

  private let source: ReportSource
  private let profiles: ReportRows
  private let choice: ReportRows?
  private let segments: [Segment]

  init(_ source: ReportSource) throws {
    self.source = source
    let profiles = try source.rows(
      "segment_profiles",
      [
        "segment", "label", "size", "share", "value_share", "feature", "mean", "median",
        "overall_mean", "z_score", "rule", "rule_precision", "rule_recall",
      ]
    )
    self.profiles = profiles
    choice = try source.optionalRows("segment_count_choice", ["k", "is_chosen"])
    segments = profiles.distinct("segment")
      .map { number in
        let rows = profiles.rows(where: "segment", is: number)
        let first = rows.first ?? 0
        return Segment(
          name: "\(number): \(profiles.text("label", first))",
          size: profiles.integer("size", first),
          share: profiles.amount("share", first),
          valueShare: profiles.amount("value_share", first),
          rows: rows
        )
      }
  }

  /// The section.
  func section() -> ReportSection {
    guard let first = segments.first else {
      return ReportSection(
        id: "segments",
        title: "Segments",
        lead: "There are no segments.",
        blocks: []
      )
    }
    let best = segments.dropFirst().reduce(first) { $1.valueShare > $0.valueShare ? $1 : $0 }
    let customers = segments.reduce(0) { $0 + $1.size }
    return ReportSection(
      id: "segments",
      title: "Segments",
      lead: "\(source.customers(customers)) fall into \(segments.count) segments; segment "
        + "\(best.quoted) has \(ReportNumber.percent(best.share, places: 0)) of the customers and "
        + "\(ReportNumber.percent(best.valueShare, places: 0)) of all value.",
      blocks: [.chart(shares), .table(table), .table(ruleTable)] + choiceText
        + segments.map { ReportBlock.chart(traits($0)) }
    )
  }

  private var choiceText: [ReportBlock] {
    guard let choice, choice.count > 1, let low = choice.indices.first,
      let high = choice.indices.last
    else { return [] }
    return [
      .paragraph(
        "The number of segments was chosen between \(choice.text("k", low)) and "
          + "\(choice.text("k", high)) by how compact and how far apart the segments are; "
          + "segments are numbered by falling mean value in the first run and keep their numbers "
          + "from run to run."
      )
    ]
  }

  private var shares: Chart {
    let most = segments.max { ($0.valueShare - $0.share) < ($1.valueShare - $1.share) }
    return Chart(
      title: "Share of customers and share of value",
      finding: most.map { segment in
        "Segment \(segment.quoted) is worth "
          + "\(NumberStyle.factor(places: 1).text(segment.valueShare / max(segment.share, 1e-9))) "
          + "its share of customers."
      } ?? "",
      .bars(
        BarChart(
          categories: segments.map(\.name),
          series: [
            .init("Share of customers", segments.map(\.share)),
            .init("Share of value, all time", segments.map(\.valueShare)),
          ],
          valueTitle: "Share",
          valueStyle: .percent(places: 0)
        )
      )
    )
  }

  private var table: ReportTable {
    let features = profiles.distinct("feature").prefix(8)
    let columns =
      [
        ReportColumn("Segment"), ReportColumn("Customers", isNumber: true),
      ]
      + features.map {
        ReportColumn("\(FeatureWords.name($0)): mean (median)", isNumber: true)
      }
    return ReportTable(
      caption: "Segments as of \(source.asOfText), money in \(source.context.currency)",
      columns: columns,
      rows: segments.map { segment in
        [segment.name, ReportNumber.integer(segment.size)]
          + features.map { feature in
            guard let row = segment.rows.first(where: { profiles.text("feature", $0) == feature })
            else { return "\u{2013}" }
            let mean = Self.short(profiles.amount("mean", row))
            return "\(mean) (\(Self.short(profiles.amount("median", row))))"
          }
      }
    )
  }

  /// The rule of each segment in plain words, with how well it describes the segment.
  private var ruleTable: ReportTable {
    ReportTable(
      caption: "The shortest rule that describes each segment",
      columns: [
        ReportColumn("Segment"), ReportColumn("Customers with"),
        ReportColumn("Of the segment they are", isNumber: true),
        ReportColumn("Of them in the segment", isNumber: true),
      ],
      rows: segments.map { segment in
        guard let row = segment.rows.first else { return [segment.name, "", "", ""] }
        return [
          segment.name, Self.words(profiles.text("rule", row)),
          ReportNumber.percent(profiles.amount("rule_recall", row), places: 0),
          ReportNumber.percent(profiles.amount("rule_precision", row), places: 0),
        ]
      }
    )
  }

  /// `days_since_last > 120 and orders <= 2` in words.
  private static func words(_ rule: String) -> String {
    guard !rule.isEmpty else { return "no rule of three conditions" }
    return rule.split(separator: " and ")
      .map { condition in
        let parts = condition.split(separator: " ").map(String.init)
        guard parts.count == 3, let threshold = Double(parts[2]) else { return String(condition) }
        let side = parts[1] == ">" ? "above" : "at most"
        let places = threshold == threshold.rounded() ? 0 : 2
        return "\(FeatureWords.name(parts[0])) \(side) "
          + ReportNumber.text(threshold, places: places)
      }
      .joined(separator: ", ")
  }

  /// Whether every mean can be read as a multiple of the mean of all customers.
  private var areIndexed: Bool {
    profiles.indices.allSatisfy {
      profiles.amount("overall_mean", $0) > 0 && profiles.amount("mean", $0) >= 0
    }
  }

  private func traits(_ segment: Segment) -> Chart {
    let isIndexed = areIndexed
    let ranked = segment.rows
      .sorted {
        (abs(profiles.amount("z_score", $1)), $0) < (abs(profiles.amount("z_score", $0)), $1)
      }
      .prefix(8)
    let rows = ranked.map { row in
      DotPlot.Row(
        FeatureWords.name(profiles.text("feature", row)),
        isIndexed
          ? profiles.amount("mean", row) / profiles.amount("overall_mean", row)
          : profiles.amount("z_score", row)
      )
    }
    return Chart(
      title: "Segment \(segment.name)",
      finding: finding(segment, ranked.first),
      size: .half,
      .dots(
        DotPlot(
          rows: rows,
          reference: isIndexed ? 1 : 0,
          valueTitle: isIndexed
            ? "Mean, as a multiple of all customers" : "Standard deviations from the mean",
          valueStyle: isIndexed ? .factor(places: 2) : .signed(places: 2)
        )
      )
    )
  }

  private func finding(_ segment: Segment, _ row: Int?) -> String {
    let size =
      "\(source.customers(segment.size)) (\(ReportNumber.percent(segment.share, places: 0)))"
    guard let row else { return size }
    return "\(size); \(FeatureWords.name(profiles.text("feature", row))) "
      + "\(Self.short(profiles.amount("mean", row))) on average, all customers "
      + "\(Self.short(profiles.amount("overall_mean", row)))."
  }

  /// A number with a digit behind the point where it is small.
  private static func short(_ number: Double) -> String {
    ReportNumber.text(number, places: abs(number) < 100 ? 1 : 0)
  }
}
