internal import LodeColumns
public import LodeFormats
internal import LodeReports
public import LodeRuntime

/// Sources, satisfaction, campaigns and equity to one self-contained HTML page.
///
/// The page holds no ids of customers; counts of people below ``ReportSource/smallestCount`` are
/// not shown.
public struct RelationsReportStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.report
  /// The report of the tables besides sales.
  public static let method = "relations"
  /// The version of the page.
  public static let version = 1

  private let title: String
  private let fileName: String

  /// Reads `title` and `into`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    title = try reader.string("title") ?? "Customer relations"
    fileName = try ReportPage.fileName(reader)
  }

  /// None that must be there: the page shows what stages made.
  public var inputs: [String] { [] }
  /// The tables of the sections.
  public var optionalInputs: [String] { RelationSections.tables }
  /// No tables: the stage writes a file.
  public var outputs: [String] { [] }

  /// Builds the page section by section.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let settings = ReportSettings(lists: [], salesTable: "", migrationDays: 1)
    let source = ReportSource(tables, settings: settings, context: context)
    let sections = try RelationSections.all(source)
    guard !sections.isEmpty else {
      throw Diagnostic(
        .failure,
        at: "stage \(context.stageName)",
        "no needed stage makes a table that this report shows.",
        fix: "add stages of the methods funnel, satisfaction, campaign_response, uplift or equity "
          + "to \"needs\"."
      )
    }
    return ReportPage.output(
      title: title,
      fileName: fileName,
      sections: sections + [RelationSections.method(source)],
      source: source
    )
  }
}

/// The sections on sources, satisfaction, campaigns and equity; each only where its tables are.
enum RelationSections {
  /// What they read.
  static let tables = [
    "acquisition_funnel", "satisfaction_summary", "campaign_response", "uplift_summary",
    "uplift_bins", "customer_equity", "customer_equity_drivers", "customer_equity_spending",
  ]

  /// The sections whose tables are there, in reading order.
  ///
  /// - Throws: a diagnostic that names a missing column.
  static func all(_ source: ReportSource) throws -> [ReportSection] {
    [
      try FunnelSection(source).section(),
      try SatisfactionSection(source).section(),
      try CampaignsSection(source).section(),
      try EquitySection(source).section(),
    ]
    .compactMap(\.self)
  }

  /// How the page was made.
  static func method(_ source: ReportSource) -> ReportSection {
    let context = source.context
    return ReportSection(
      id: "method",
      title: "How it was made",
      lead: "Every number follows from the data before \(source.asOfText), the pipeline "
        + "\u{201C}\(context.pipelineName)\u{201D} and the seed \(context.seed).",
      blocks: [
        .table(
          ReportTable(
            caption: "Words and methods",
            columns: [ReportColumn("What"), ReportColumn("Meaning")],
            rows: [
              [
                "Interval",
                "Meant to hold the true rate or amount in so many of 100 cases; of many intervals "
                  + "side by side some miss it.",
              ],
              [
                "Drawn rate",
                "The rate of a campaign drawn towards those of all campaigns, a small campaign "
                  + "more than a large one (beta-binomial model).",
              ],
              [
                "Effect",
                "The rate of those contacted less the rate of those held back at random, in "
                  + "percentage points.",
              ],
              [
                "Equity",
                "What won customers bring: margins of their first and later periods, less costs, "
                  + "discounted (Blattberg, Getz and Thomas, 2001).",
              ],
              [
                "Privacy",
                "No customer is named; counts of people below \(ReportSource.smallestCount), and "
                  + "rates of so few, are not shown.",
              ],
            ]
          )
        )
      ]
    )
  }
}
