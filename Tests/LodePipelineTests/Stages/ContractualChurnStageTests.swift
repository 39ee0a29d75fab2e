import Glibc
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

  /// The table with the labels of the first `open` rows blank.
  private static func table(open: Int, feeFactor: Double = 1) throws -> Table {
    let table = Self.table()
    let labels = try table.requiredColumn("Churn")
    let fees = try table.requiredColumn("MonthlyFee")
    return
      table
      .setting(
        Field("Churn", .text),
        Column(texts: (0..<600).map { $0 < open ? nil : labels[$0].description })
      )
      .setting(
        Field("MonthlyFee", .double),
        Column(
          doubles: (0..<600)
            .map { (Double(fees[$0].description) ?? 50) * ($0 < open ? feeFactor : 1) }
        )
      )
  }

  @Test("without money and labels that lack, the tables are those of before, and no drift")
  func asBefore() throws {
    let output = try Self.run()
    #expect(
      output.tables.map(\.name) == [
        "contract_churn_scores", "model.contract_churn", "contract_churn_test",
        "contract_churn_lift", "contract_churn_calibration", "contract_churn_drift",
        "contract_churn_reference",
      ]
    )
    let scores = try StageLab.table("contract_churn_scores", output)
    #expect(scores.schema.names.last == "churn_p_out_of_fold")
    #expect(try StageLab.table("contract_churn_drift", output).rowCount == 0)
    let card = String(decoding: try #require(output.files.first).bytes, as: UTF8.self)
    #expect(card.contains("nothing to compare with: all rows have a label"))
    #expect(!card.contains("\"profit\""))
  }

  @Test("rows without a label are compared with those that have one; a gate keeps the last run")
  func driftOfOpenRows() throws {
    let same = try Self.run(table: try Self.table(open: 200))
    #expect(!same.warnings.contains { $0.contains("customers differ") })
    let moved = try Self.table(open: 200, feeFactor: 3)
    let output = try Self.run(table: moved)
    let drift = try StageLab.table("contract_churn_drift", output)
    let fee = try #require(
      try StageLab.cells(drift, ["feature", "verdict", "compared_with"])
        .first { $0.hasPrefix("MonthlyFee") }
    )
    #expect(fee == "MonthlyFee shifted the labelled rows")
    #expect(
      output.warnings.contains {
        $0.hasPrefix("customers differ much from those of the labelled rows (PSI of scores ")
          && $0.hasSuffix("): see contract_churn_drift")
      }
    )
    let message = StageLab.message { _ = try Self.run(", gates: {psi_max: 0.25}", table: moved) }
    #expect(message?.contains("since the labelled rows, the gate allows 0.25") == true)
    // Too few open rows say nothing by themselves.
    let few = try Self.run(table: try Self.table(open: 99, feeFactor: 3))
    #expect(try StageLab.table("contract_churn_drift", few).rowCount == 0)
  }

  @Test("labelled rows are compared with those of the last run, dates after it unseen")
  func driftSinceLastRun() throws {
    func run(_ table: Table, _ reference: Table?, _ asOf: String) throws -> StageOutput {
      var tables = ["raw.customers": table]
      tables["contract_churn_reference"] = reference
      return try StageLab.run("{\(Self.settings)}", tables, asOf: asOf)
    }
    let first = try run(Self.table(), nil, "2026-01-01")
    let bins = try StageLab.table("contract_churn_reference", first)
    let plans = try StageLab.cells(bins, ["as_of", "feature", "kind", "category", "rows"])
      .filter { $0.contains("Contract ") }
    #expect(plans.count == 4)
    #expect(plans[0].hasPrefix("2026-01-01 Contract category Month-to-month "))
    let again = try run(Self.table(), bins, "2026-02-01")
    let drift = try StageLab.table("contract_churn_drift", again)
    #expect(
      try drift.requiredColumn("psi").doubles.allSatisfy { $0 == 0 }
        && drift.requiredColumn("compared_with")[0] == .text("the run as of 2026-01-01")
    )
    // PSI by hand: all on monthly contracts, of whom m of 600 were.
    let moved = Self.table()
      .setting(
        Field("Contract", .text),
        Column(texts: Array(repeating: "Month-to-month", count: 600))
      )
    let last = try run(moved, try StageLab.table("contract_churn_reference", again), "2026-03-01")
    let monthly =
      Double(
        try StageLab.cells(Self.table(), ["Contract"]).count { $0 == "Month-to-month" }
      ) / 600
    let index =
      (1 - monthly) * -log(monthly)
      + (1e-4 - (1 - monthly)) * log(1e-4 / (1 - monthly))
    let row = try #require(
      try StageLab.cells(StageLab.table("contract_churn_drift", last), ["feature"])
        .firstIndex(of: "Contract")
    )
    let psi = try StageLab.table("contract_churn_drift", last).requiredColumn("psi").doubles[row]
    #expect(abs(psi - index) < 1e-12)
    // A run of an older date again sees nothing of later ones and gives its bytes.
    let history = try StageLab.table("contract_churn_reference", last)
    let old = try run(Self.table(), history, "2026-01-01")
    #expect(try StageLab.table("contract_churn_drift", old).rowCount == 0)
    #expect(try StageLab.table("contract_churn_reference", old) == history)
  }

  @Test("money at stake is exact, and the campaign is the profit curve of the test")
  func profit() throws {
    let table = try Self.table(open: 1)
    let output = try Self.run(
      ", profit: {value: {column: 'MonthlyFee', times: 12}, offer: 20, contact_cost: 2}",
      table: table
    )
    let scores = try StageLab.table("contract_churn_scores", output)
    let fees = try table.requiredColumn("MonthlyFee").doubles
    let stake = try scores.requiredColumn("value_at_stake")
    #expect(stake.type == .money(scale: 2))
    // Fees have one digit: twelve of them are whole multiples of 1.20.
    #expect(stake.integers == fees.map { Int64(($0 * 10).rounded()) * 120 })
    let p = try scores.requiredColumn("churn_p").doubles
    #expect(
      try scores.requiredColumn("expected_loss").integers
        == p.indices.map { Int64((Double(stake.integers[$0]) * p[$0]).rounded()) }
    )
    let profit = try StageLab.table("contract_churn_profit", output)
    #expect(profit.rowCount == 23)
    // All 599 labelled rows contacted: 0.3·(Σ value of churners − 20 each) − 2 each − 20 a loyal.
    let labels = try table.requiredColumn("Churn")
    let left = (1..<600).filter { labels[$0] == .text("Yes") }
    let kept = left.reduce(0) { $0 + 12 * fees[$1] - 20 }
    let all = (0.3 * kept - 2 * 599 - 20 * Double(599 - left.count)) / 599
    #expect(abs(try profit.requiredColumn("profit_per_customer").doubles[20] - all) < 1e-9)
    let card = String(decoding: try #require(output.files.first).bytes, as: UTF8.self)
    #expect(card.contains("keeping a customer earns 12 × \\\"MonthlyFee\\\" EUR"))
    #expect(card.contains("\"profit_curve\""))
  }

  @Test("money of a column of texts, or none, is refused in words")
  func moneyRefusals() {
    #expect(
      StageLab.message { _ = try Self.run(", profit: {value: {column: 'Contract'}}") }
        == "stage s: the column \"Contract\" of profit.value holds text.\n"
        + "  fix: name a column of amounts."
    )
    #expect(
      StageLab.message { _ = try Self.run(", profit: {value: 5}") }?
        .contains("has a value of 5 and an offer of 10") == true
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
