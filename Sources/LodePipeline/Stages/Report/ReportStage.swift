internal import LodeColumns
public import LodeFormats
internal import LodeReports
public import LodeRuntime

/// All findings of a run to one self-contained HTML page.
///
/// The page holds no personal values: customers appear by their id and in counts, and counts below
/// ``ReportSource/smallestCount`` in the migration of tiers are not shown.
public struct ReportStage: Stage {
  /// The kind of the stage.
  public static let operation = Operation.report
  /// The report of a regular run.
  public static let method = "weekly"
  /// The version of the page.
  public static let version = 4

  private let title: String
  private let settings: ReportSettings
  private let fileName: String

  /// Reads `title`, `lists`, `into`, `sales` and `migration_days`.
  public init(_ reader: ConfigurationReader) throws(Diagnostic) {
    title = try reader.string("title") ?? "Customer report"
    settings = ReportSettings(
      lists: try reader.strings("lists") ?? [],
      salesTable: try reader.string("sales") ?? "raw.sales",
      migrationDays: try reader.integer("migration_days", in: 1...3660) ?? 91
    )
    fileName = try ReportPage.fileName(reader)
  }

  /// Values, scores, forecasts, rules, the cleaning trail and the lists.
  public var inputs: [String] {
    [
      "customer_value", "tier_migration", "segment_profiles", "churn_backtest", "churn_lift",
      "churn_calibration", "churn_scores", "sales_forecast", "weekly_sales", "churn_forecast",
      "product_rules", "cleaning_trail",
    ]
      + settings.lists.flatMap { list in
        [ReportSettings.tableName(list), "\(ReportSettings.tableName(list))_waterfall"]
      }
  }
  /// What makes the page richer where the pipeline has it.
  public var optionalInputs: [String] {
    [
      "quarantine", "correlations", "sales_forecast_accuracy", "segment_count_choice",
      "model.churn", "customer_clv", "clv_totals", "clv_holdout", "lifecycle_states",
      "lifecycle_transitions", "lifecycle_counts",
    ] + RelationSections.tables
  }
  /// No tables: the stage writes a file.
  public var outputs: [String] { [] }

  /// Builds the page section by section.
  public func run(_ tables: StageInputs, in context: StageContext) throws -> StageOutput {
    let source = ReportSource(tables, settings: settings, context: context)
    let first: [ReportSection?] = [
      try HeadlineSection(source).section(),
      try ListsSection(source).section(),
      try TiersSection(source).section(),
      try OutlookSection(source).section(),
    ]
    let last: [ReportSection?] = [
      try ChurnSection(source).section(),
      try SegmentsSection(source).section(),
      try SalesSection(source).section(),
      try RulesSection(source).section(),
      try DataHealthSection(source).section(),
      try MethodSection(source).section(),
    ]
    return ReportPage.output(
      title: title,
      fileName: fileName,
      sections: first + (try RelationSections.all(source)) + last,
      source: source
    )
  }
}

/// What the pipeline file says about the report.
struct ReportSettings: Hashable, Sendable {
  /// The audiences in the order of the page.
  var lists: [String]
  /// The raw table of the sales, as the quarantine names it.
  var salesTable: String
  /// The days between the two dates of the tier migration.
  var migrationDays: Int

  /// The table of an audience.
  static func tableName(_ audience: String) -> String {
    "audience." + audience.replacing("-", with: "_")
  }
}
