import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The churn stage for contracts")
struct ContractualChurnStageTests {
  /// Customers whose contract and fee tell who leaves, and a column known only afterwards.
  private static func table() -> Table {
    var random = CounterRandom(seed: 5)
    var contracts: [String] = []
    var fees: [String?] = []
    var plans: [String] = []
    var left: [String] = []
    for row in 0..<600 {
      let isMonthly = random.uniform() < 0.5
      let fee = 20 + 80 * random.uniform()
      contracts.append(isMonthly ? "Month-to-month" : "Two year")
      fees.append(row == 7 ? " " : "\((fee * 10).rounded() / 10)")
      plans.append(random.uniform() < 0.5 ? "Yes" : "No")
      let risk = (isMonthly ? 0.5 : 0.1) + (fee > 70 ? 0.3 : 0)
      left.append(random.uniform() < risk ? "Yes" : "No")
    }
    return Table([
      "customerID": Column(texts: (0..<600).map { "id-\($0)" }),
      "account": Column(integers: (0..<600).map { Int64(90_000 + $0) }),
      "Contract": Column(texts: contracts), "MonthlyFee": Column(texts: fees),
      "PhonePlan": Column(texts: plans),
      "churn_reason": Column(texts: left.map { $0 == "Yes" ? "price" : nil }),
      "Churn": Column(texts: left),
    ])
  }

  private static let settings =
    "op: 'classify', method: 'contractual', from: 'raw.customers', id: 'customerID', "
    + "label: {column: 'Churn', positive: 'Yes'}, model: 'logistic', folds: 3"

  private static func run(_ more: String = "", table: Table? = nil) throws -> StageOutput {
    try StageLab.run("{\(settings) \(more)}", ["raw.customers": table ?? Self.table()])
  }

  @Test("contract and fee are found, numbers in texts are numbers, and reasons are words")
  func findsThem() throws {
    let output = try Self.run()
    let test = try StageLab.table("contract_churn_test", output)
    #expect(try test.requiredColumn("fold").integers == [0, 1, 2, 3])
    #expect(try test.requiredColumn("auc").doubles[0] > 0.75)
    let scores = try StageLab.table("contract_churn_scores", output)
    #expect(scores.rowCount == 600)
    let p = try scores.requiredColumn("churn_p").doubles
    let (low, high) = (
      try scores.requiredColumn("churn_p_lower").doubles,
      try scores.requiredColumn("churn_p_upper").doubles
    )
    #expect(p.indices.allSatisfy { low[$0] <= p[$0] && p[$0] <= high[$0] })
    let reasons = Set(try StageLab.cells(scores, ["reason_1"]))
    #expect(reasons.contains("contract is month-to-month: raises the risk"))
    #expect(reasons.contains("contract is two year: lowers the risk"))
  }

  @Test("columns that name customers or are written when they leave are left out and named")
  func leftOut() throws {
    let warnings = try Self.run().warnings
    #expect(
      warnings == [
        "column \"account\" was left out: it has a different whole number in each of 600 rows: it "
          + "names customers",
        "column \"churn_reason\" was left out: it is written when a customer leaves, as its name "
          + "says",
      ]
    )
    let message = StageLab.message { _ = try Self.run(", features: ['Contract', 'account']") }
    #expect(
      message
        == "stage s: the feature \"account\" has a different whole number in each of 600 rows: it "
        + "names customers.\n  fix: drop it from features."
    )
  }

  @Test("a feature that tells the outcome alone publishes nothing unless that is allowed")
  func leakage() throws {
    let table = Self.table()
    let final = try table.requiredColumn("Churn")
    let leaky = table.setting(
      Field("last_invoice", .text),
      Column(texts: (0..<600).map { final[$0] == .text("Yes") ? "sent" : nil })
    )
    let message = StageLab.message { _ = try Self.run(table: leaky) }
    #expect(
      message
        == "stage s: the feature \"last_invoice\" alone tells who left with an AUC of 1: it is "
        + "probably known only afterwards. Nothing was published.\n"
        + "  fix: leave it out with exclude: [\"last_invoice\"], or, if it really is known before, "
        + "set gates: { leakage: false }."
    )
    let allowed = try Self.run(", gates: {leakage: false}", table: leaky)
    #expect(allowed.warnings.contains { $0.hasPrefix("feature \"last_invoice\" alone has an AUC") })
  }

  @Test("a wrong positive value says what the label column holds")
  func wrongLabel() {
    let settings = Self.settings.replacing("positive: 'Yes'", with: "positive: 'yes'")
    let message = StageLab.message {
      _ = try StageLab.run("{\(settings)}", ["raw.customers": Self.table()])
    }
    #expect(
      message
        == "stage s: 0 rows of \"Churn\" are \"yes\" and 600 are not: nothing to learn.\n"
        + "  fix: set label.positive to the text of customers who left, one of \"No\", \"Yes\"."
    )
  }

  @Test("one thread and four give the same tables")
  func threads() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try Self.run().tables.map(\.rows)
    Parallel.threadCount = 4
    #expect(try Self.run().tables.map(\.rows) == one)
  }

  @Test("names of columns become words")
  func words() {
    #expect(ContractualReasons.words("MonthlyCharges") == "monthly charges")
    #expect(
      ContractualReasons.words("number_customer_service_calls") == "number customer service calls"
    )
    #expect(ContractualReasons.words("StreamingTV") == "streaming TV")
  }
}
