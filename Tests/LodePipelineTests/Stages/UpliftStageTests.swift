import LodeColumns
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The uplift stage", .serialized)
struct UpliftStageTests {
  /// A trial of 600 customers in two rows of time; who has a high score responds to the mail.
  private struct Trial {
    var ids = (0..<600).map { "c\($0)" as String? }
    var arms: [String?] = []
    var outcomes: [Int64?] = []
    var scores: [Double] = []
    var regions: [String?] = []
    var days: [Int64] = []

    init(effect: Double = 0.5, seed: UInt64 = 3) {
      var random = CounterRandom(seed: seed)
      let start = CivilDate("2026-05-01")?.daysSinceEpoch ?? 0
      for row in 0..<600 {
        let score = random.uniform()
        let isTreated = random.uniform() < 0.5
        let p = 0.2 + (isTreated ? effect * score : 0)
        arms.append(isTreated ? "mail" : "none")
        outcomes.append(random.uniform() < p ? 1 : 0)
        scores.append(score)
        regions.append(["north", "south", "west"][random.integer(below: 3)])
        days.append(Int64(start + row % 40))
      }
    }

    var table: Table {
      var outcome = ColumnBuilder(.integer)
      for value in outcomes { outcome.append(integer: value) }
      return Table([
        "customer": Column(texts: ids), "group": Column(texts: arms), "visit": outcome.build(),
        "score": Column(doubles: scores), "region": Column(texts: regions),
        "sent_on": Column(.date, integers: days),
        "_line": Column(integers: ids.indices.map { Int64($0 + 2) }),
        "_file": Column(texts: ids.map { _ in "trial.csv" }),
      ])
    }
  }

  private static let settings =
    "op: 'classify', method: 'uplift', from: 'raw.trial', id: 'customer', "
    + "treatment: {column: 'group', treated: 'mail', control: 'none'}, "
    + "features: ['score', 'region'], bootstrap: 100, permutations: 99"

  private static func run(
    _ more: String = ", outcome: {column: 'visit'}",
    _ trial: Trial = Trial(),
    asOf: String = "2026-07-01"
  ) throws -> StageOutput {
    try StageLab.run("{\(settings)\(more)}", ["raw.trial": trial.table], asOf: asOf)
  }

  private static func value(_ measure: String, _ output: StageOutput) throws -> Double {
    let summary = try StageLab.table("uplift_summary", output)
    let names = try StageLab.cells(summary, ["measure"])
    let row = try #require(names.firstIndex(of: measure))
    return try summary.requiredColumn("value").doubles[row]
  }

  @Test("a held-out test gives the numbers of the library on the same rows")
  func libraryValues() throws {
    let trial = Trial()
    let output = try Self.run(
      ", outcome: {column: 'visit'}, test: {every: 5}, ties: 'row_order'",
      trial
    )
    let treated = trial.arms.map { $0 == "mail" }
    let events = trial.outcomes.map { $0 == 1 }
    let matrix = Matrix(columns: [
      trial.scores, trial.regions.map { $0 == "south" ? 1 : 0 },
      trial.regions.map { $0 == "west" ? 1 : 0 },
    ])
    let (training, test) = (
      treated.indices.filter { $0 % 5 != 4 }, treated.indices.filter { $0 % 5 == 4 }
    )
    let model = try UpliftRegression()
      .fit(
        matrix.gathering(rows: training),
        featureNames: ["score", "south", "west"],
        treated: training.map { treated[$0] },
        outcomes: training.map { events[$0] }
      )
    let evaluation = try UpliftEvaluator(
      bootstrapCount: 100,
      permutationCount: 99,
      ties: .rowOrder,
      seed: 7
    )
    .evaluate(
      model.uplift(for: matrix.gathering(rows: test)),
      treated: test.map { treated[$0] },
      outcomes: test.map { events[$0] }
    )
    let summary = try StageLab.table("uplift_summary", output)
    let row = try #require(
      try StageLab.cells(summary, ["measure"]).firstIndex(of: "qini_coefficient")
    )
    #expect(try summary.requiredColumn("value").doubles[row] == evaluation.curve.qiniCoefficient)
    #expect(try summary.requiredColumn("lower").doubles[row] == evaluation.lowerBound)
    #expect(try summary.requiredColumn("upper").doubles[row] == evaluation.upperBound)
    #expect(try summary.requiredColumn("p_value").doubles[row] == evaluation.pValue)
    #expect(try Self.value("auuc", output) == evaluation.curve.auuc)
    let notes = try StageLab.cells(summary, ["note"])
    #expect(notes[row].hasPrefix("q(k) = Yt(k) − Yc(k)·Nt(k)/Nc(k)"))
    #expect(notes.last == evaluation.sentence)
  }

  @Test("who responds is found out of fold, and the recommendation follows the verdict")
  func heterogeneity() throws {
    let output = try Self.run(", outcome: {column: 'visit'}, min_uplift: 0.4", Trial(effect: 0.8))
    #expect(output.finding.contains("; heterogeneity: contact customers by descending"))
    #expect(try Self.value("qini_coefficient", output) > 0.02)
    let scores = try StageLab.table("uplift_scores", output)
    #expect(scores.rowCount == 600)
    #expect(Set(try StageLab.cells(scores, ["recommendation"])) == ["treat", "do_not_treat"])
    let ranks = try scores.requiredColumn("uplift_rank").integers
    #expect(ranks.sorted() == (1...600).map { Int64($0) })
    let best = try #require(ranks.firstIndex(of: 1))
    #expect(try scores.requiredColumn("uplift_decile").integers[best] == 1)
    let uplift = try scores.requiredColumn("uplift").doubles
    #expect(uplift.max() == uplift[best])
    #expect(try scores.requiredColumn("uplift_out_of_fold").missingCount == 0)
    let words = try StageLab.cells(scores, ["recommendation"])
    #expect(uplift.indices.allSatisfy { (words[$0] == "treat") == (uplift[$0] > 0.4) })
    let bins = try StageLab.table("uplift_bins", output)
    #expect(try bins.requiredColumn("treated_rows").integers.reduce(0, +) > 200)
    #expect(bins.rowCount == 10)
  }

  @Test("a trial in which all respond alike says so, and ranks nobody above others")
  func noHeterogeneity() throws {
    var trial = Trial(effect: 0)
    var random = CounterRandom(seed: 9)
    for row in trial.arms.indices {
      trial.outcomes[row] = random.uniform() < (trial.arms[row] == "mail" ? 0.6 : 0.2) ? 1 : 0
    }
    let output = try Self.run(", outcome: {column: 'visit'}, folds: 2", trial)
    #expect(output.finding.contains("no heterogeneity: send to all or none"))
    let scores = try StageLab.table("uplift_scores", output)
    #expect(Set(try StageLab.cells(scores, ["recommendation"])) == ["treat_all"])
  }

  @Test("rows without an arm or a binary outcome go to quarantine, their values in no message")
  func quarantine() throws {
    var trial = Trial()
    trial.arms[4] = nil
    trial.outcomes[5] = 7
    trial.outcomes[6] = nil
    trial.arms[8] = "phone"
    trial.outcomes[8] = nil
    let output = try Self.run(", outcome: {column: 'visit'}", trial)
    let refused = try #require(output.quarantine)
    #expect(
      refused.counts().map { "\($0.reason) \($0.rows)" }
        == ["missing_outcome 1", "missing_treatment 1", "outcome_not_binary 1"]
    )
    #expect(output.rowsRead == 600)
    #expect(output.rowsPublished == 597)
    #expect(
      try StageLab.cells(refused.table(), ["file", "line", "message"]) == [
        "trial.csv 6 the treatment in \"group\" is missing",
        "trial.csv 7 the outcome in \"visit\" is neither yes nor no",
        "trial.csv 8 the outcome in \"visit\" is missing",
      ]
    )
    let scores = try StageLab.table("uplift_scores", output)
    #expect(try StageLab.cells(scores, ["customer", "arm"]).contains("c8 other"))
    let limited = StageLab.message {
      _ = try Self.run(", outcome: {column: 'visit'}, max_bad_rows: 2", trial)
    }
    #expect(
      limited?.hasPrefix("stage s: 3 of 600 rows are bad, and max_bad_rows allows 2:") == true
    )
  }

  @Test("rows after the as-of date and outcomes that are not over change nothing")
  func leakage() throws {
    let more = ", outcome: {column: 'visit'}, time: {column: 'sent_on', outcome_days: 14}"
    // Sent from 1 May to 9 June; as of 8 June outcomes count up to 25 May.
    let output = try Self.run(more, Trial(), asOf: "2026-06-08")
    var changed = Trial()
    for row in changed.days.indices {
      let day = row % 40
      if day >= 25 { changed.outcomes[row] = Int64(row % 2) }
      if day >= 38 {
        changed.arms[row] = nil
        changed.scores[row] = -100
        changed.regions[row] = "nowhere"
      }
    }
    let again = try Self.run(more, changed, asOf: "2026-06-08")
    #expect(again.tables.map(\.rows) == output.tables.map(\.rows))
    #expect(again.finding == output.finding)
    #expect(again.quarantine?.count == 0)
    #expect(output.rowsRead == 570)
    #expect(
      output.warnings == [
        "195 rows were scored but not learned from: their outcome is not known before the as-of "
          + "date"
      ]
    )
  }

  @Test("one thread and three give the same tables, and another seed other folds")
  func threads() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try Self.run().tables.map(\.rows)
    Parallel.threadCount = 3
    #expect(try Self.run().tables.map(\.rows) == one)
    #expect(try Self.run(", outcome: {column: 'visit'}, seed: 8").tables.map(\.rows) != one)
  }

  @Test("rows of one customer are in one fold, and the intervals say that they do not know")
  func repeatedCustomers() throws {
    var trial = Trial(effect: 0.8)
    trial.ids = (0..<600).map { "c\($0 / 2)" }
    let output = try Self.run(", outcome: {column: 'visit'}", trial)
    #expect(
      output.warnings == [
        "300 of 600 rows are of customers with another row: they are in one fold, but intervals "
          + "and p-values take rows as independent and are too sure of themselves"
      ]
    )
  }

  @Test("an amount counts from a limit on, and its mean difference is told by hand")
  func amounts() throws {
    let effect = UpliftTables.amountEffect(
      [4, 6, 1, 3],
      treated: [true, true, false, false],
      level: 0.95
    )
    // Means 5 and 2; variances 2 and 2 of two rows each: the standard error is √(1 + 1).
    #expect(effect.difference == 3)
    #expect(abs(effect.upper - (3 + 1.959963984540054 * 2.0.squareRoot())) < 1e-12)
    let output = try Self.run(", outcome: {column: 'visit', above: 0.5}")
    #expect(
      try Self.value("qini_coefficient", output) == Self.value("qini_coefficient", Self.run())
    )
    let difference = try Self.value("amount_effect", output)
    #expect(abs(difference - (try Self.value("effect", output))) < 1e-12)
  }

  @Test("a feature that is known only after the outcome publishes nothing unless that is allowed")
  func featureLeak() throws {
    let table = Trial().table
      .setting(
        Field("spent", .double),
        Column(doubles: Trial().outcomes.map { $0 == 1 ? 12.5 : 0 })
      )
    let settings = Self.settings.replacing("'region'", with: "'spent'")
    func run(_ more: String) throws -> StageOutput {
      try StageLab.run(
        "{\(settings), outcome: {column: 'visit'}\(more)}",
        ["raw.trial": table]
      )
    }
    #expect(
      StageLab.message { _ = try run("") }
        == "p.json5:1:145: the feature \"spent\" is the same in all rows with or without the "
        + "outcome: it is probably known only afterwards. Nothing was published.\n"
        + "  fix: leave it out with exclude: [\"spent\"], or, if it really is known before, set "
        + "gates: { leakage: false }."
    )
    #expect(
      try run(", gates: {leakage: false}").warnings.prefix(1) == [
        "feature \"spent\" is the same in all rows with or without the outcome: it is probably "
          + "known only afterwards"
      ]
    )
  }

  @Test("a share of treated rows that was not planned makes the trial unsound")
  func sampleRatio() throws {
    let settings = Self.settings.replacing("'none'}", with: "'none', planned_share: 0.8}")
    let output = try StageLab.run(
      "{\(settings), outcome: {column: 'visit'}}",
      ["raw.trial": Trial().table]
    )
    #expect(
      output.warnings.first?.contains("which a planned share of 0.8 does not explain") == true
    )
    let scores = try StageLab.table("uplift_scores", output)
    #expect(Set(try StageLab.cells(scores, ["recommendation"])) == ["trial_not_sound"])
  }

  @Test(
    "wrong settings are refused with place and fix",
    arguments: [
      (
        ", outcome: {column: 'visit', positive: 'yes'}",
        "p.json5:1:209: \"outcome\" of stage \"s\" has one of \"positive\" and \"negative\" "
          + "only.\n  fix: give both, so that other texts can be told from mistakes."
      ),
      (
        "",
        "p.json5:1:1: stage \"s\" has no \"outcome\".\n  fix: say what was to happen: outcome: "
          + "{ column: \"visit\" } for yes and no, or with above: 0 for an amount."
      ),
      (
        ", outcome: {column: 'visits'}",
        "p.json5:1:218: the table raw.trial has no column \"visits\" – did you mean \"visit\"?\n"
          + "  fix: set column to one of customer, group, visit, score, region, sent_on."
      ),
      (
        ", outcome: {column: 'visit'}, log1p: ['scores']",
        "p.json5:1:145: log1p names \"scores\", which is no feature – did you mean \"score\"?\n"
          + "  fix: correct log1p."
      ),
      (
        ", outcome: {column: 'visit'}, time: {column: 'sent_on'}",
        "p.json5:1:234: \"time\" of stage \"s\" has no \"outcome_days\".\n"
          + "  fix: add outcome_days: …."
      ),
      (
        ", outcome: {column: 'visit'}, model: 'two_model'",
        "p.json5:1:235: \"model\" of stage \"s\" is \"two_model\" – did you mean \"two_models\"?\n"
          + "  fix: choose one of \"two_models\", \"interaction\", \"class_transformation\"."
      ),
    ]
  )
  func refusals(more: String, message: String) {
    #expect(StageLab.message { _ = try Self.run(more) } == message)
  }

  @Test("an unknown key gets a suggestion, and an arm that nobody has is named at its setting")
  func unknowns() {
    let unknown = StageLab.message { _ = try Self.run(", outcome: {column: 'visit'}, fold: 3") }
    #expect(
      unknown?.hasPrefix("p.json5:1:228: unknown key \"fold\" in stage \"s\" – did you mean")
        == true
    )
    let message = StageLab.message {
      _ = try StageLab.run(
        "{\(Self.settings.replacing("'mail'", with: "'mails'")), outcome: {column: 'visit'}}",
        ["raw.trial": Trial().table]
      )
    }
    #expect(
      message
        == "p.json5:1:91: no row with a known outcome has \"mails\" in \"group\": there is nothing "
        + "to compare.\n  fix: set treatment.treated to the text of that arm as the table writes "
        + "it."
    )
  }
}
