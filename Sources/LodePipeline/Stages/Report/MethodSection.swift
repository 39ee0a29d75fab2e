internal import LodeReports

/// How the page was made and what its words mean.
struct MethodSection {
  private let source: ReportSource
  private let backtest: ReportedBacktest
  private let sales: ReportRows
  private let correlations: ReportRows?

  init(_ source: ReportSource) throws {
    self.source = source
    backtest = try ReportedBacktest(source)
    sales = try source.rows("sales_forecast", ["series", "method"])
    correlations = try source.optionalRows("correlations", ["first", "second", "spearman"])
  }

  /// The section.
  func section() -> ReportSection {
    ReportSection(
      id: "method",
      title: "How it was made",
      lead: "Every number follows from the data before \(source.asOfText), the pipeline "
        + "\u{201C}\(source.context.pipelineName)\u{201D} and the seed \(source.context.seed).",
      blocks: [
        .table(
          ReportTable(
            caption: "Words and methods",
            columns: [ReportColumn("What"), ReportColumn("Meaning")],
            rows: settings + definitions + methods
          )
        )
      ] + related
    )
  }

  private var settings: [[String]] {
    [
      [
        "As-of date",
        "\(source.asOfText). Nothing on or after this day is seen; no step reads the clock.",
      ],
      ["Pipeline and stage", "\(source.context.pipelineName), \(source.context.stageName)"],
      ["Seed", "\(source.context.seed): the same seed and data give the same page, byte by byte."],
      ["Currency", "All money in \(source.context.currency)."],
    ]
  }

  private var definitions: [[String]] {
    var churn = "A customer without an order in \(backtest.horizonDays) days"
    if backtest.gapDays > 0 {
      churn += ", counted from \(backtest.gapDays) days after the date of the score"
    }
    return [
      [
        "Value",
        "Paid for products in the last 364 days, net of returns that match a sale; "
          + "postage, discounts and fees do not count.",
      ],
      ["Churn", churn + "."],
      [
        "Expected loss",
        "Churn probability × value of the last 364 days: what leaves with the customer on average.",
      ],
      [
        "Tiers",
        "Fixed cut points of value in the pipeline file, best tier first; every customer "
          + "is in exactly one. \u{201C}new\u{201D} are customers without an order before the "
          + "earlier date.",
      ],
      ["Revenue", "Products sold less matched returns, by the week of the sale or the return."],
      [
        "80% interval",
        "Meant to hold 4 of 5 outcomes. The interval of several weeks of sales adds "
          + "the weekly limits, which is too wide if the weeks err apart from each other.",
      ],
    ]
  }

  private var methods: [[String]] {
    let forecasts = sales.distinct("series")
      .compactMap { series -> String? in
        guard let row = sales.rows(where: "series", is: series).first else { return nil }
        return "\(series): \(ForecastWords.name(sales.text("method", row)))"
      }
    return [
      [
        "Churn score",
        "A model of purchase features as of past dates (see its card); the mean "
          + "probability is the forecast base rate. Reasons are the features that move a score "
          + "most against the average.",
      ],
      [
        "Churners by week",
        "A customer who needs d more days of silence to reach the horizon h "
          + "gets there with probability p^(d/h); intervals take customers as independent.",
      ],
      ["Segments", "k-means on standardised logarithms of the features."],
      [
        "Sales forecast",
        forecasts.isEmpty
          ? "none" : "Chosen by past errors; " + forecasts.joined(separator: "; ") + ".",
      ],
      [
        "Product rules",
        "All itemsets above a minimum support, rules tested with correction for "
          + "their number.",
      ],
      [
        "Privacy",
        "Customers appear by their id only; counts below \(ReportSource.smallestCount) "
          + "in the tier migration are not shown; columns marked personal are masked.",
      ],
    ]
  }

  private var related: [ReportBlock] {
    guard let correlations, correlations.count > 0 else { return [] }
    let strongest = correlations.indices
      .sorted {
        (abs(correlations.amount("spearman", $1)), $0)
          < (abs(correlations.amount("spearman", $0)), $1)
      }
      .prefix(5)
    return [
      .table(
        ReportTable(
          caption: "Features that go together most (Spearman's rank correlation, −1 to 1)",
          columns: [
            ReportColumn("Feature"), ReportColumn("and"),
            ReportColumn("Correlation", isNumber: true),
          ],
          rows: strongest.map { row in
            [
              FeatureWords.name(correlations.text("first", row)),
              FeatureWords.name(correlations.text("second", row)),
              NumberStyle.signed(places: 2).text(correlations.number("spearman", row)),
            ]
          }
        )
      )
    ]
  }
}
