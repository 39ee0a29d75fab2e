import LodeColumns
import LodeFormats
import LodeRuntime

@testable import LodePipeline

/// A small set of all tables that a report reads.
enum ReportTables {
  static let asOf = day("2026-06-29")

  static let context = StageContext(
    stageName: "board",
    asOf: asOf,
    seed: 7,
    currency: "EUR",
    pipelineName: "test",
    sources: []
  )

  /// The stage as a pipeline file declares it.
  static func stage(_ settings: String = #"lists: ["keep", "extend"]"#) throws -> ReportStage {
    let node = try JSON5Parser.parse("{ \(settings) }", file: "test.json5")
    let reader = try ConfigurationReader(node, file: "test.json5", subject: "stage \"board\"")
    let stage = try ReportStage(reader)
    try reader.finish()
    return stage
  }

  /// The page of the given tables.
  static func page(_ tables: [String: Table], _ stage: ReportStage? = nil) throws -> String {
    let stage = try stage ?? Self.stage()
    let output = try stage.run(StageInputs(tables.mapValues { [$0] }), in: context)
    return String(decoding: output.files[0].bytes, as: UTF8.self)
  }

  /// The same tables without any rows.
  static var empty: [String: Table] { all.mapValues { Table(emptyWith: $0.schema) } }

  /// All tables, required and optional.
  static var all: [String: Table] {
    customers.merging(churn) { $1 }.merging(sales) { $1 }.merging(rest) { $1 }
      .merging(list("keep", [1, 2])) { $1 }
      .merging(list("extend", [2, 3, 4])) { $1 }
  }

  private static func day(_ text: String) -> CivilDate {
    CivilDate(text) ?? CivilDate(daysSinceEpoch: 0)
  }

  private static func mondays(_ count: Int, endingBefore end: CivilDate) -> Column {
    Column(
      .date,
      integers: (0..<count).map { Int64(end.advanced(byDays: 7 * ($0 - count)).daysSinceEpoch) }
    )
  }

  private static var customers: [String: Table] {
    let ids = (1...6).map { "00000\($0)" }
    let tiers = ["top", "none"]
    let cells = ["top", "none", "new"].flatMap { from in tiers.map { (from, $0) } }
    return [
      "customer_value": Table([
        "customer_id": Column(texts: ids),
        "value_364d": Column(.money(scale: 2), integers: [90_000, 80_000, 70_000, 0, 0, 0]),
        "tier": Column(texts: ["top", "top", "top", "none", "none", "none"]),
      ]),
      "churn_scores": Table([
        "customer_id": Column(texts: ids),
        "churn_p": Column(doubles: [0.9, 0.5, 0.004, 0.8, 0.7, 0.2]),
        "churn_band": Column(texts: ["high", "medium", "low", "high", "high", "low"]),
      ]),
      "tier_migration": Table([
        "from_tier": Column(texts: cells.map(\.0)), "to_tier": Column(texts: cells.map(\.1)),
        "people": Column(integers: [40, 3, 7, 60, 0, 12]),
        "value_change": Column(.money(scale: 2), integers: [100_000, -6666, 50_000, 0, 0, 1200]),
      ]),
      "segment_profiles": Table([
        "segment": Column(integers: [1, 1, 2, 2]),
        "label": Column(texts: ["loyal", "loyal", "silent", "silent"]),
        "size": Column(integers: [2, 2, 4, 4]), "share": Column(doubles: [0.33, 0.33, 0.67, 0.67]),
        "value_share": Column(doubles: [0.9, 0.9, 0.1, 0.1]),
        "feature": Column(texts: ["orders", "days_since_last", "orders", "days_since_last"]),
        "mean": Column(doubles: [9, 10, 1, 300]), "median": Column(doubles: [8, 9, 1, 280]),
        "overall_mean": Column(doubles: [4, 200, 4, 200]),
        "z_score": Column(doubles: [1.5, -1.2, -0.8, 0.6]),
        "rule": Column(
          texts: [1, 1, 2, 2].map { $0 == 1 ? "orders > 2" : "days_since_last > 120.5" }
        ),
        "rule_precision": Column(doubles: [1, 1, 0.8, 0.8]),
        "rule_recall": Column(doubles: [0.5, 0.5, 1, 1]),
      ]),
    ]
  }

  private static var churn: [String: Table] {
    let tested = Int64(day("2026-03-24").daysSinceEpoch)
    func both(_ model: Double, _ rule: Double) -> Column { Column(doubles: [model, rule]) }
    return [
      "churn_backtest": Table([
        "test_as_of": Column(.date, integers: [tested, tested]),
        "model": Column(texts: ["logistic", "recency"]),
        "is_champion": Column(type: .boolean, storage: .booleans([true, false])),
        "auc": both(0.8, 0.7), "expected_calibration_error": both(0.02, 0),
        "top_decile_lift": both(2, 1), "churn_rate": both(0.3, 0.3),
        "training_churn_rate": both(0.32, 0.32), "customers": both(200, 200),
        "training_dates": both(4, 4), "horizon_days": both(90, 90), "gap_days": both(7, 7),
      ]),
      "churn_lift": Table([
        "decile": Column(integers: [1, 2]), "customers": Column(integers: [100, 100]),
        "churned": Column(integers: [45, 15]), "cumulative_gain": Column(doubles: [0.75, 1]),
        "cumulative_lift": Column(doubles: [1.5, 1]),
      ]),
      "churn_calibration": Table([
        "customers": Column(integers: [100, 100]), "predicted": Column(doubles: [0.15, 0.44]),
        "observed": Column(doubles: [0.15, 0.45]),
      ]),
      "churn_forecast": Table([
        "week_from": mondays(2, endingBefore: asOf.advanced(byDays: 14)),
        "expected_churners": Column(doubles: [3, 4]), "low80": Column(doubles: [2, 3]),
        "high80": Column(doubles: [4, 5]), "low95": Column(doubles: [1, 2]),
        "high95": Column(doubles: [5, 6]),
        "expected_value_lost": Column(.money(scale: 2), integers: [100_00, 200_00]),
      ]),
      "model.churn": Table([
        "term": Column(texts: ["(intercept)", "orders"]),
        "coefficient": Column(doubles: [1, -0.5]),
      ]),
    ]
  }

  private static var sales: [String: Table] {
    let series = ["revenue", "revenue", "orders", "orders"]
    let ahead = asOf.advanced(byDays: 14)
    let weeks = mondays(2, endingBefore: ahead).integers
    return [
      "weekly_sales": Table([
        "week_from": mondays(110, endingBefore: asOf),
        "revenue": Column(.money(scale: 2), integers: Array(repeating: 100_000, count: 110)),
        "orders": Column(integers: Array(repeating: 20, count: 110)),
      ]),
      "sales_forecast": Table([
        "series": Column(texts: series), "week_from": Column(.date, integers: weeks + weeks),
        "forecast": Column(doubles: [1100, 1100, 22, 22]),
        "low80": Column(doubles: [1000, 900, 20, 20]),
        "high80": Column(doubles: [1200, 1300, 24, 24]),
        "low95": Column(doubles: [900, 800, 18, 18]),
        "high95": Column(doubles: [1300, 1400, 26, 26]),
        "method": Column(texts: ["theta", "theta", "naive", "naive"]),
      ]),
      "sales_forecast_accuracy": Table([
        "series": Column(texts: ["revenue", "revenue", "revenue"]),
        "method": Column(texts: ["theta", "seasonalNaive", "theta"]),
        "measure": Column(texts: ["wape", "wape", "coverage_80"]),
        "value": Column(doubles: [0.1, 0.2, 1]),
      ]),
    ]
  }

  private static var rest: [String: Table] {
    [
      "product_rules": Table([
        "if_items": Column(texts: [#"["A"]"#, #"["B"]"#]), "then_item": Column(texts: ["B", "A"]),
        "if_names": Column(texts: ["Lamp <b>", "Bulb"]),
        "then_name": Column(texts: ["Bulb", "Lamp <b>"]),
        "baskets": Column(integers: [40, 40]), "confidence": Column(doubles: [0.8, 0.5]),
        "lift": Column(doubles: [4, 4]), "p_adjusted": Column(doubles: [0.001, 0.001]),
      ]),
      "cleaning_trail": Table([
        "step": Column(integers: [0, 1]),
        "rule": Column(texts: ["rows read", "without exact duplicates"]),
        "rows": Column(integers: [1000, 990]), "customers": Column(integers: [6, 6]),
        "orders": Column(integers: [300, 300]),
        "amount": Column(.money(scale: 2), integers: [500_000, 490_000]),
      ]),
      "quarantine": Table(
        Schema([
          Field("source", .text), Field("reasons", .text),
          Field("message", .text, isPersonal: true), Field("raw", .text, isPersonal: true),
        ]),
        [
          Column(texts: ["raw.sales", "raw.sales", "consents"]),
          Column(texts: ["exact_duplicate", "bad_integer bad_date", "ragged"]),
          Column(texts: ["Eve Secret", "Eve Secret", "Eve Secret"]),
          Column(texts: ["eve@example.com", "eve@example.com", "eve@example.com"]),
        ]
      ),
    ]
  }

  private static func list(_ audience: String, _ customers: [Int]) -> [String: Table] {
    let count = customers.count
    func same(_ text: String) -> Column { Column(texts: Array(repeating: text, count: count)) }
    return [
      "audience.\(audience)": Table([
        "customer_id": Column(texts: customers.map { "00000\($0)" }), "tier": same("top"),
        "value_364d": Column(.money(scale: 2), integers: Array(repeating: 80_000, count: count)),
        "value_total": Column(.money(scale: 2), integers: Array(repeating: 90_000, count: count)),
        "days_since_last": Column(integers: Array(repeating: 50, count: count)),
        "churn_p": Column(doubles: Array(repeating: 0.5, count: count)),
        "expected_loss": Column(.money(scale: 2), integers: Array(repeating: 40_000, count: count)),
        "offer": same("Bulb"), "reason_1": same("silent"), "reason_2": same(""),
        "reason_3": same(""), "action": same(audience),
      ]),
      "audience.\(audience)_waterfall": Table([
        "step": Column(texts: ["all customers", "condition", "consent"]),
        "rule": Column(texts: ["", "tier = 'top'", "marketing consent by email"]),
        "people_out": Column(integers: [6, 4, Int64(count)]),
        "value_out": Column(.money(scale: 2), integers: [100, 100, 100]),
      ]),
    ]
  }
}
