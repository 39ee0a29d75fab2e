import LodeColumns
import LodeFormats
import LodeRuntime

@testable import LodePipeline

/// Small tables of the sections on sources, satisfaction, campaigns and equity.
enum RelationTables {
  static var all: [String: Table] {
    [
      "acquisition_funnel": funnel, "satisfaction_summary": satisfaction(auc: 0.51...0.57),
      "campaign_response": response, "uplift_summary": trial(qini: -0.03...0.01),
      "uplift_bins": bins, "customer_equity": equity, "customer_equity_drivers": drivers,
      "customer_equity_spending": spending,
    ]
  }

  /// The page of the stage of these sections alone.
  static func page(_ tables: [String: Table], _ settings: String = "") throws -> String {
    let node = try JSON5Parser.parse("{ \(settings) }", file: "test.json5")
    let reader = try ConfigurationReader(node, file: "test.json5", subject: "stage \"board\"")
    let stage = try RelationsReportStage(reader)
    try reader.finish()
    let output = try stage.run(
      StageInputs(tables.mapValues { [$0] }),
      in: ReportTables.context
    )
    return String(decoding: output.files[0].bytes, as: UTF8.self).replacing("\u{A0}", with: " ")
  }

  private static func money(_ minor: [Int64?]) -> Column {
    Column(money: minor.map { $0.map { Double($0) / 100 } }, scale: 2)
  }

  private static func day(_ text: String, _ count: Int) -> Column {
    let day = Int64((CivilDate(text) ?? CivilDate(daysSinceEpoch: 0)).daysSinceEpoch)
    return Column(.date, integers: (0..<count).map { _ in day })
  }

  /// Two sources and both together; three of the mail ordered.
  static var funnel: Table {
    let steps = ["registration", "first_order"]
    return Table([
      "first_seen_from": Column(texts: Array(repeating: nil, count: 6)),
      "first_seen_to": day("2026-05-31", 6),
      "source": Column(texts: ["mail", "mail", "search", "search", "(all)", "(all)"]),
      "step_number": Column(integers: [1, 2, 1, 2, 1, 2]),
      "step": Column(texts: steps + steps + steps),
      "people": Column(integers: [40, 3, 100, 50, 140, 53]),
      "conversion": Column(optional: [nil, 0.075, nil, 0.5, nil, 0.379]),
      "conversion_low90": Column(optional: [nil, 0.03, nil, 0.42, nil, 0.31]),
      "conversion_high90": Column(optional: [nil, 0.17, nil, 0.58, nil, 0.45]),
      "median_days": Column(optional: [nil, 4, nil, 5, nil, 5]),
      "cost_per_person": money([100, 1333, 200, 400, 171, 453]),
      "value_per_person": money([50, 667, 600, 1234, 443, 1202]),
      "equity_per_person": money([-50, -666, 400, 834, 272, 749]),
    ])
  }

  static func satisfaction(auc: ClosedRange<Double>) -> Table {
    let (of, names) = (
      ["zone", "zone", "zone", "kind", "kind", "kind", "kind", "all"],
      [
        "defection", "indifference", "affection", "apostle", "mercenary", "hostage", "defector",
        "all",
      ]
    )
    func last(_ number: Double) -> Column { Column(optional: (0..<7).map { _ in nil } + [number]) }
    return Table([
      "of": Column(texts: of), "name": Column(texts: names),
      "people": Column(integers: [30, 50, 20, 60, 10, 27, 3, 100]),
      "repurchase_days": Column(integers: Array(repeating: 90, count: 8)),
      "share": Column(doubles: [0.3, 0.5, 0.2, 0.6, 0.1, 0.27, 0.03, 1]),
      "share_low90": Column(optional: [0.23, 0.42, 0.14, 0.52, 0.06, 0.2, 0.01, nil]),
      "share_high90": Column(optional: [0.38, 0.58, 0.27, 0.68, 0.16, 0.35, 0.07, nil]),
      "repurchase": Column(optional: [0.7, 0.8, 0.75, nil, nil, nil, nil, 0.76]),
      "repurchase_low90": Column(optional: [0.55, 0.7, 0.57, nil, nil, nil, nil, 0.685]),
      "repurchase_high90": Column(optional: [0.82, 0.88, 0.88, nil, nil, nil, nil, 0.823]),
      "auc": last((auc.lowerBound + auc.upperBound) / 2), "auc_low90": last(auc.lowerBound),
      "auc_high90": last(auc.upperBound),
    ])
  }

  static var response: Table {
    Table([
      "campaign": Column(texts: ["A1", "B2", "(new)"]),
      "contacts": Column(optional: [200, 100, nil]), "responses": Column(optional: [40, 4, nil]),
      "own_rate": Column(optional: [0.2, 0.04, nil]), "rate": Column(doubles: [0.19, 0.05, 0.13]),
      "rate_lower": Column(doubles: [0.15, 0.02, 0.01]),
      "rate_upper": Column(doubles: [0.24, 0.09, 0.3]),
      "control_contacts": Column(optional: [150, nil, nil]),
      "effect": Column(optional: [0.062, nil, nil]),
      "effect_lower": Column(optional: [0.011, nil, nil]),
      "effect_upper": Column(optional: [0.113, nil, nil]),
      "planned_contacts": Column(integers: [1000, 1000, 1000]),
      "expected_responses": Column(doubles: [190, 50, 130]),
      "expected_lower": Column(integers: [150, 20, 10]),
      "expected_upper": Column(integers: [240, 90, 300]),
      "response_days": Column(integers: [28, 28, 28]), "level": Column(doubles: [0.9, 0.9, 0.9]),
    ])
  }

  static func trial(
    qini: ClosedRange<Double>,
    effect: ClosedRange<Double> = 0.02...0.1,
    armsP: Double = 0.6
  ) -> Table {
    Table([
      "measure": Column(
        texts: [
          "treated_rows", "control_rows", "treated_rate", "control_rate", "effect",
          "qini_coefficient", "treated_share", "interval_level",
        ]
      ),
      "value": Column(
        doubles: [
          200, 190, 0.2, 0.14, (effect.lowerBound + effect.upperBound) / 2,
          (qini.lowerBound + qini.upperBound) / 2, 0.51, 0.95,
        ]
      ),
      "lower": Column(
        optional: [nil, nil, nil, nil, effect.lowerBound, qini.lowerBound, nil, nil]
      ),
      "upper": Column(
        optional: [nil, nil, nil, nil, effect.upperBound, qini.upperBound, nil, nil]
      ),
      "p_value": Column(optional: [nil, nil, nil, nil, nil, 0.84, armsP, nil]),
    ])
  }

  static var bins: Table {
    Table([
      "bin": Column(integers: [1, 2]), "treated_rows": Column(integers: [100, 100]),
      "control_rows": Column(integers: [95, 95]), "effect": Column(doubles: [0.08, 0.04]),
      "effect_lower": Column(doubles: [0.01, -0.03]),
      "effect_upper": Column(doubles: [0.15, 0.11]),
    ])
  }

  static var equity: Table {
    Table([
      "from_day": day("2025-06-30", 3), "to_day": day("2026-06-28", 3),
      "period_days": Column(integers: [91, 91, 91]),
      "segment": Column(texts: ["mail", "search", "(all)"]),
      "acquired": Column(integers: [3, 50, 53]),
      "retention_rate": Column(optional: [0.4, 0.6, nil]),
      "retention_rate_low90": Column(optional: [0.1, 0.5, nil]),
      "retention_rate_high90": Column(optional: [0.8, 0.7, nil]),
      "acquisition_equity": money([10_000, 200_000, 210_000]),
      "acquisition_equity_low90": money([5000, 150_000, 160_000]),
      "acquisition_equity_high90": money([15_000, 250_000, 260_000]),
      "retention_equity": money([5000, 300_000, 305_000]),
      "retention_equity_low90": money([1000, 250_000, 255_000]),
      "retention_equity_high90": money([9000, 350_000, 355_000]),
      "add_on_equity": money([0, 20_000, 20_000]),
      "add_on_equity_low90": money([0, 10_000, 10_000]),
      "add_on_equity_high90": money([0, 30_000, 30_000]),
      "equity": money([15_000, 520_000, 535_000]),
      "equity_low90": money([6000, 420_000, 430_000]),
      "equity_high90": money([24_000, 620_000, 640_000]),
      "equity_per_acquired": money([5000, 10_400, 10_094]),
      "existing_value": money([nil, 700_000, 700_000]),
    ])
  }

  static var drivers: Table {
    Table([
      "segment": Column(texts: ["mail", "(all)", "(all)", "(all)"]),
      "driver": Column(texts: ["retention rate", "margin", "retention rate", "cost of retention"]),
      "gain": money([99, 5350, 9876, 0]), "gain_percent": Column(optional: [0.6, 1, 1.85, 0]),
    ])
  }

  static var spending: Table {
    Table([
      "segment": Column(texts: ["mail", "search"]),
      "spending_on": Column(texts: ["acquisition", "retention"]), "spending": money([0, 250]),
      "rate": Column(optional: [nil, 0.6]), "ceiling": Column(optional: [nil, 0.9]),
      "best_spending": money([nil, 312]), "best_rate": Column(optional: [nil, 0.66]),
      "equity": money([15_000, 520_000]), "best_equity": money([nil, 545_678]),
    ])
  }
}
