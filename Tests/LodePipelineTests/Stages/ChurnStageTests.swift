import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The churn stage")
struct ChurnStageTests {
  /// Customers of two kinds over 2026: even ones order every 20 days, odd ones only in the first
  /// days, and every fifth of both behaves as the other kind from day 120 on.
  private static func tables(isRandom: Bool) throws -> [String: Table] {
    var customers: [String] = []
    var orders: [String] = []
    var times: [Int64] = []
    let start = try #require(CivilDate("2026-01-01"))
    var random = CounterRandom(seed: 3)
    for customer in 0..<120 {
      for day in stride(from: customer % 20, to: 240, by: 20) {
        let isLoyal = customer.isMultiple(of: 2)
        let turns = customer % 5 == 0 && day >= 120
        let buys = isRandom ? random.uniform() < 0.4 : day < 40 || isLoyal != turns
        guard buys else { continue }
        customers.append("c\(1000 + customer)")
        orders.append("o\(customer)-\(day)")
        times.append(Timestamp(start.advanced(byDays: day)).microseconds)
      }
    }
    let count = times.count
    let lines = Table([
      "customer_id": Column(texts: customers), "order_id": Column(texts: orders),
      "ordered_at": Column(.timestamp, integers: times),
      "product_id": Column(texts: Array(repeating: "P", count: count)),
      "category": Column(texts: Array(repeating: "home", count: count)),
      "channel": Column(texts: Array(repeating: "web", count: count)),
      "kind": Column(texts: Array(repeating: "product", count: count)),
      "quantity": Column(integers: Array(repeating: 1, count: count)),
      "amount": Column(.money(scale: 2), integers: Array(repeating: 1000, count: count)),
    ])
    let matches = Table([
      "customer_id": Column(texts: []), "order_id": Column(texts: []),
      "returned_at": Column(.timestamp, integers: []), "quantity": Column(integers: []),
      "amount": Column(.money(scale: 2), integers: []),
    ])
    let features = try StageLab.run(
      "{op: 'transform', method: 'customer_features', "
        + "training: {count: 5, step_days: 30, behind_days: 30, min_history_days: 30}}",
      ["order_lines": lines, "return_matches": matches],
      asOf: "2026-08-29"
    )
    return [
      "order_lines": lines, "return_matches": matches,
      "customer_features": try StageLab.table("customer_features", features),
    ]
  }

  private func run(_ gates: String, isRandom: Bool = false) throws -> StageOutput {
    try StageLab.run(
      "{op: 'classify', label: {no_order_in_days: 30}, gates: {\(gates)}}",
      Self.tables(isRandom: isRandom),
      asOf: "2026-08-29"
    )
  }

  @Test("separable customers are told apart, and scores and reasons are there for all")
  func separable() throws {
    let output = try run("auc_min: 0.9")
    let backtest = try StageLab.table("churn_backtest", output)
    let names = try backtest.requiredColumn("model")
    let last = try #require((0..<backtest.rowCount).last { names[$0] == .text("logistic") })
    #expect(try backtest.requiredColumn("auc").doubles[last] > 0.95)
    let scores = try StageLab.table("churn_scores", output)
    #expect(scores.rowCount == 120)
    let probabilities = try scores.requiredColumn("churn_p").doubles
    #expect(probabilities.allSatisfy { (0...1).contains($0) })
    #expect(try scores.requiredColumn("reason_1").missingCount < 120)
    let ids = try scores.requiredColumn("customer_id")
    let row = try #require((0..<120).first { ids[$0] == .text("c1001") })
    #expect(probabilities[row] > 0.8)
  }

  @Test("a gate that does not hold publishes nothing and says so")
  func gates() {
    let message = StageLab.message { _ = try run("auc_min: 0.99", isRandom: true) }
    let words = message?.split(separator: " ").map(String.init) ?? []
    let auc = words.firstIndex(of: "is").map { words[$0 + 1] } ?? ""
    #expect(
      message
        == "stage s: the AUC on 2026-07-30 is \(auc) the gate asks for 0.99: nothing was "
        + "published.\n"
        + "  fix: look at churn_backtest of the last good run; add training dates or lower "
        + "gates.auc_min."
    )
    #expect(Double(auc.dropLast()).map { $0 < 0.99 } ?? false)
  }

  @Test("without a labelled date the stage says what to set")
  func noLabels() {
    let message = StageLab.message {
      var tables = try Self.tables(isRandom: false)
      let features = try #require(tables["customer_features"])
      tables["customer_features"] = try CurrentFeatures.rows(
        features,
        asOf: #require(CivilDate("2026-08-29"))
      )
      _ = try StageLab.run(
        "{op: 'classify', label: {no_order_in_days: 30}, gap_days: 7}",
        tables,
        asOf: "2026-08-29"
      )
    }
    #expect(
      message
        == "customer_features holds no date whose 37 days of label end before 2026-08-29.\n"
        + "  fix: set training: { count: 6, behind_days: 37 } in the features stage, or run as of "
        + "a later date."
    )
  }
}
