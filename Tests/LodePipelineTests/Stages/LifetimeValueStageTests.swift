import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The lifetime value stage")
struct LifetimeValueStageTests {
  /// Order lines of a small retailer of two years.
  private static func tables(_ customers: Int) -> [String: Table] {
    let sales = SampleRetailer(seed: 9, customerCount: customers, years: 2).purchases()
    let count = sales.count
    return [
      "order_lines": Table([
        "customer_id": Column(texts: sales.map { "c\(10_000 + $0.customer)" }),
        "order_id": Column(texts: (0..<count).map { "o\($0)" }),
        "ordered_at": Column(.timestamp, integers: sales.map { Timestamp($0.day).microseconds }),
        "kind": Column(texts: Array(repeating: "product", count: count)),
        "amount": Column(.money(scale: 2), integers: sales.map { Int64($0.cents) }),
        "channel": Column(texts: channels(sales.map(\.customer), customers)),
        "country": Column(texts: Array(repeating: "AT", count: count)),
      ]),
      "return_matches": Table([
        "customer_id": Column(texts: []), "order_id": Column(texts: []),
        "returned_at": Column(.timestamp, integers: []), "quantity": Column(integers: []),
        "amount": Column(.money(scale: 2), integers: []),
      ]),
    ]
  }

  /// Seven in ten of the frequent customers start in the shop, three in ten of the others; all
  /// later orders come by web.
  private static func channels(_ customers: [Int], _ customerCount: Int) -> [String] {
    var counts = [Int](repeating: 0, count: customerCount)
    for customer in customers { counts[customer] += 1 }
    let middle = counts.sorted()[customerCount / 2]
    var isKnown: Set<Int> = []
    return customers.map { customer in
      let tenths = counts[customer] > middle ? 7 : 3
      return isKnown.insert(customer).inserted && customer % 10 < tenths ? "shop" : "web"
    }
  }

  private func run(_ settings: String, _ customers: Int = 250) throws -> StageOutput {
    try StageLab.run(
      "{op: 'forecast', method: 'bgnbd+gamma_gamma', \(settings)}",
      Self.tables(customers),
      asOf: "2026-06-29"
    )
  }

  @Test("customers have figures inside their intervals, and totals are the sums of customers")
  func tables() throws {
    let output = try run("horizon_days: 364, holdout_days: 182")
    let customers = try StageLab.table("customer_clv", output)
    #expect(customers.rowCount > 200)
    let expected = try customers.requiredColumn("clv_purchases").doubles
    let value = try customers.requiredColumn("clv_value")
    let upper = try customers.requiredColumn("clv_value_upper")
    let lower = try customers.requiredColumn("clv_value_lower")
    for row in 0..<customers.rowCount where !upper.isMissing(row) {
      #expect(lower.integers[row] <= value.integers[row])
      // A rare purchase may lie outside of the interval, and the mean with it.
      #expect(lower.integers[row] <= upper.integers[row])
    }
    let totals = try StageLab.table("clv_totals", output)
    let sums = try totals.requiredColumn("expected").doubles
    #expect(abs(sums[0] - expected.reduce(0, +)) < 1e-6)
    let money = value.integers.reduce(0, +)
    #expect(abs(sums[2] * 100 - Double(money)) < Double(customers.rowCount))
    #expect(try totals.requiredColumn("lower").missingCount == 0)
    let holdout = try StageLab.cells(
      StageLab.table("clv_holdout", output),
      ["part", "name", "measure"]
    )
    for name in ["zero", "own_rate", "last_period", "same_for_all", "rfm"] {
      #expect(holdout.contains("predictors \(name) auc_buys"))
    }
    #expect(holdout.contains("frequency 7+ actual"))
    let models = try StageLab.cells(StageLab.table("model.clv", output), ["model", "name"])
    #expect(models.contains("gamma_gamma q") && models.contains("paretonbd beta"))
  }

  @Test("a named model is used alone")
  func named() throws {
    let output = try run("model: 'mbgnbd', unit: 'day', holdout_days: 0, bootstrap: 10")
    let models = try StageLab.cells(StageLab.table("model.clv", output), ["model"])
    #expect(
      Set(models) == ["mbgnbd", "gamma_gamma", "frequency_value_correlation"]
    )
    #expect(try StageLab.table("clv_holdout", output).rowCount == 0)
  }

  @Test("covariates of first orders have coefficients with errors and a test")
  func covariates() throws {
    let settings = "model: 'mbgnbd', horizon_days: 182"
    let output = try run("\(settings), covariates: ['channel', 'country']", 400)
    let models = try StageLab.table("model.clv", output)
    let rows = try StageLab.cells(models, ["model", "name", "status"])
    let value = try models.requiredColumn("value").doubles
    // The larger of the two levels is the base.
    let coefficient = rows.firstIndex { $0.hasPrefix("mbgnbd alpha:channel=") }
    let place = try #require(coefficient)
    #expect(rows[place].hasSuffix("converged"), "\(rows)")
    let sign: Double = rows[place].contains("shop") ? 1 : -1
    #expect(sign * value[place] > 0)
    #expect(try models.requiredColumn("standard_error").doubles[place] > 0)
    let (lower, upper) = (
      try models.requiredColumn("lower").doubles, try models.requiredColumn("upper").doubles
    )
    #expect(lower[place] < value[place] && value[place] < upper[place])
    let test = try #require(rows.firstIndex(of: "mbgnbd likelihood_ratio_p_value converged"))
    #expect(value[test] < 0.001)
    // A country that all share says nothing, and is no level beside another one.
    #expect(!rows.contains { $0.contains("country") })
    #expect(
      output.warnings == [
        "the covariate country has no coefficients: all first orders have one level"
      ]
    )
    let totals = try StageLab.table("clv_totals", output)
    #expect(try totals.requiredColumn("lower").missingCount == 0)
    let holdout = try StageLab.table("clv_holdout", output)
    let measures = try StageLab.cells(holdout, ["name", "measure"])
    let error = try #require(measures.firstIndex(of: "mbgnbd relative_error"))
    #expect(abs(try holdout.requiredColumn("value").doubles[error]) < 0.5)
    // Without covariates nothing changes, not even the columns.
    let plain = try StageLab.table("model.clv", run(settings, 400))
    #expect(plain.column("lower") == nil)
  }

  @Test("an unknown covariate is refused with the nearest name")
  func unknownCovariate() {
    let text = "{op: 'forecast', method: 'bgnbd+gamma_gamma', covariates: ['chanel']}"
    let message = StageLab.message { _ = try StageLab.stage(text) } ?? "no message"
    let start = message.firstIndex(of: "\"") ?? message.startIndex
    #expect(
      message[start...]
        == """
        "covariates" of stage "s" has "chanel" – did you mean "channel"?
          fix: choose from category, channel, country.
        """
    )
  }

  @Test("a single customer gives a warning and rows without invented intervals of totals")
  func single() throws {
    let output = try run("", 1)
    #expect(!output.warnings.isEmpty)
    let totals = try StageLab.table("clv_totals", output)
    #expect(try totals.requiredColumn("lower").missingCount == 3)
  }

  @Test("settings that make no sense are refused with their place")
  func settings() {
    func message(_ setting: String) -> String {
      let text = "{op: 'forecast', method: 'bgnbd+gamma_gamma', \(setting)}"
      return StageLab.message { _ = try StageLab.stage(text) } ?? "no message"
    }
    let start = "p.json5:1:"
    for (setting, words) in [
      ("model: 'bgnb'", "\"model\""), ("interval: 1.5", "\"interval\""),
      ("horizon_days: 0", "\"horizon_days\""), ("unit: 'month'", "\"unit\""),
      ("discount_rate: 0", "\"discount_rate\""), ("bootstrap: 5", "\"bootstrap\""),
      ("holdout: 3", "holdout"), ("covariates: ['channel', 'channel']", "names a column twice"),
    ] {
      let text = message(setting)
      #expect(text.hasPrefix(start) && text.contains(words), "\(text)")
    }
  }

  @Test("without a sale before the date the stage says what to set")
  func noSales() {
    let message = StageLab.message {
      _ = try StageLab.run(
        "{op: 'forecast', method: 'bgnbd+gamma_gamma'}",
        Self.tables(3),
        asOf: "2020-01-01"
      )
    }
    #expect(
      message
        == "stage s: no order of a known customer lies before the as-of date 2020-01-01.\n"
        + "  fix: choose a later --as-of, or check the dates of the source."
    )
  }
}
