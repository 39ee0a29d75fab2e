import LodeColumns
import LodeFormats
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

  private func run(settings: String) throws -> StageOutput {
    try StageLab.run(
      "{op: 'classify', label: {no_order_in_days: 30}, \(settings)}",
      Self.tables(isRandom: true),
      asOf: "2026-08-29"
    )
  }

  @Test("scores of active customers have the forecast base rate as their mean, inside intervals")
  func baseRate() throws {
    let output = try run(settings: "active_days: 60")
    let scores = try StageLab.table("churn_scores", output)
    let isActive = try scores.requiredColumn("is_active").booleans
    let p = try scores.requiredColumn("churn_p").doubles
    let low = try scores.requiredColumn("churn_p_lower").doubles
    let high = try scores.requiredColumn("churn_p_upper").doubles
    #expect(p.indices.allSatisfy { low[$0] <= p[$0] && p[$0] <= high[$0] })
    let active = p.indices.filter { isActive[$0] }
    let outlook = try StageLab.table("churn_outlook", output)
    func cell(_ name: String) throws -> Double {
      try #require(try outlook.requiredColumn(name)[0].number)
    }
    let mean = active.reduce(0) { $0 + p[$1] } / Double(active.count)
    #expect(abs(mean - (try cell("base_rate"))) < 1e-9)
    #expect(active.count == Int(try cell("active_customers")))
    let expected = try cell("expected_churners")
    #expect(abs(expected - mean * Double(active.count)) < 1e-6)
    #expect(try cell("expected_low") < expected)
    #expect(try cell("expected_high") > expected)
  }

  @Test("auto tests all kinds of models and baselines at each origin and takes one of them")
  func championAndChallengers() throws {
    let output = try run(settings: "model: 'auto', backtest: {origins: 2}")
    let backtest = try StageLab.table("churn_backtest", output)
    let models = try StageLab.cells(backtest, ["model"])
    let dates = Set(try backtest.requiredColumn("test_as_of").integers)
    #expect(dates.count == 2)
    for model in ["logistic", "binned", "trees", "recency", "gap_ratio", "frequency"] {
      #expect(models.count { $0 == model } == 2, "\(model)")
    }
    #expect(models.count { $0 == "previous_model" } == 1)
    let isChampion = try backtest.requiredColumn("is_champion").booleans
    #expect(Set(models.indices.filter { isChampion[$0] }.map { models[$0] }).count == 1)
  }

  @Test("a model that misses the gate of calibration or of drift publishes nothing")
  func moreGates() {
    let calibration = StageLab.message {
      _ = try run(settings: "gates: {calibration_error_max: 0.0001}")
    }
    #expect(calibration?.contains("the gate allows 0.0001: nothing was published.") ?? false)
    let drift = StageLab.message { _ = try run(settings: "gates: {psi_max: 0.00001}") }
    #expect(drift?.contains("customers have moved by a PSI of") ?? false)
  }

  @Test("a key or a date is refused as a feature")
  func refusedFeature() {
    let message = StageLab.message {
      _ = try run(settings: "features: {last_order_on: 'identity'}")
    }
    #expect(
      message?.contains("is no feature: it is a key, a date or made of the label.") ?? false
    )
  }

  @Test("the card is JSON with its test, its parts and its limits, and a page")
  func card() throws {
    let files = try run(settings: "reasons: 1").files
    #expect(
      files.map(\.path) == ["2026-08-29/s/model_card.json", "2026-08-29/s/model_card.html"]
    )
    let text = String(decoding: files[0].bytes, as: UTF8.self)
    guard case .object(let members) = try JSON5Parser.parse(text, file: "card").kind else {
      Issue.record("no object")
      return
    }
    let keys = members.map(\.key)
    #expect(Set(keys).count == keys.count)
    for key in ["label", "base_rate", "parameters", "backtest", "groups", "drift", "limits"] {
      #expect(keys.contains(key), "\(key)")
    }
    #expect(String(decoding: files[1].bytes, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
  }
}
