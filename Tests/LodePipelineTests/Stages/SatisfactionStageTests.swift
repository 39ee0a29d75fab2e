import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("The satisfaction stage", .serialized)
struct SatisfactionStageTests {
  /// A survey row as text cells.
  private struct Answer {
    var customer: String
    var at: String
    var score: String
    var best = "5"
  }

  /// 10 respondents of each answer 1 to 5 in January, of whom 1, 2, 3, 5 and 9 bought again.
  private static let hits = [1, 2, 3, 5, 9]

  private static func answers() -> [Answer] {
    (1...5)
      .flatMap { score in
        (0..<10)
          .map { Answer(customer: "c\(score)\($0)", at: "2026-01-10 12:00:00", score: "\(score)") }
      }
  }

  private static func surveys(_ answers: [Answer]) throws -> Table {
    let rows = answers.enumerated()
      .map { "S\($0),\($1.customer),\($1.at),1,\($1.best),\($1.score)" }
    return try StageLab.csv(
      "survey_id,customer_id,answered_at,scale_min,scale_max,score\n"
        + rows.joined(separator: "\n") + "\n",
      types: ["customer_id": .text, "answered_at": .timestamp]
    )
  }

  /// The buyers' orders 20 days behind their answers, and orders that do not count for anybody.
  private static func orders(_ more: [(String, String)] = []) throws -> Table {
    var lines: [(String, String)] = more
    for (place, hits) in hits.enumerated() {
      for customer in 0..<hits { lines.append(("c\(place + 1)\(customer)", "2026-01-30 08:00:00")) }
    }
    // Before the answer, behind the window of 90 days, and postage.
    lines += [("c19", "2026-01-09 10:00:00"), ("c18", "2026-04-10 12:00:01")]
    let rows = lines.map { "\($0.0),\($0.1),product" } + ["c17,2026-01-30 08:00:00,postage"]
    return try StageLab.csv(
      "customer_id,ordered_at,kind\n" + rows.joined(separator: "\n") + "\n",
      types: ["customer_id": .text, "ordered_at": .timestamp]
    )
  }

  private static func run(
    _ more: String = "",
    answers: [Answer]? = nil,
    orders: Table? = nil,
    asOf: String = "2026-07-01"
  ) throws -> StageOutput {
    try StageLab.run(
      "{op: 'transform', method: 'satisfaction'\(more)}",
      [
        "surveys": surveys(answers ?? Self.answers()),
        "order_lines": orders ?? Self.orders(),
      ],
      asOf: asOf
    )
  }

  @Test("zones, kinds and intervals as counted by hand and by scipy")
  func byHand() throws {
    let output = try Self.run()
    let summary = try StageLab.table("satisfaction_summary", output)
    #expect(
      try StageLab.cells(summary, ["of", "name", "people", "share", "repurchase"]) == [
        "zone defection 30 0.6 0.2", "zone indifference 10 0.2 0.5", "zone affection 10 0.2 0.9",
        // Of 30 in the zone of defection 6 bought again; of the 20 others 14.
        "kind apostle 14 0.28 -", "kind mercenary 6 0.12 -", "kind hostage 6 0.12 -",
        "kind defector 24 0.48 -", "all all 50 1 0.4",
      ]
    )
    // scipy 1.17.1: beta.ppf([0.05, 0.95], 9.5, 1.5)
    let low = try summary.requiredColumn("repurchase_low90").doubles[2]
    let high = try summary.requiredColumn("repurchase_high90").doubles[2]
    #expect(abs(low - 0.669437196739865) < 1e-9)
    #expect(abs(high - 0.982108011944252) < 1e-9)
    // Pairs of a loyal respondent and another one, ties by half, of 20 · 30.
    #expect(abs(try summary.requiredColumn("auc").doubles[7] - Self.aucByPairs()) < 1e-12)
    let curve = try StageLab.table("satisfaction_curve", output)
    #expect(
      try StageLab.cells(curve) == [
        "1 10 1 0.1", "2 10 2 0.2", "3 10 3 0.3", "4 10 5 0.5", "5 10 9 0.9",
      ]
    )
    let zones = try StageLab.table("satisfaction_zones", output)
    #expect(
      try StageLab
        .cells(zones, ["customer_id", "answers", "score", "zone", "bought_again", "kind"])
        .prefix(2) == ["c10 1 1 defection true hostage", "c11 1 1 defection false defector"]
    )
    #expect(
      output.finding
        == "50 answers of 50 respondents, 50 of them with 90 days behind: defection 30 "
        + "(20 % bought again), indifference 10 (50 % bought again), affection 10 (90 % "
        + "bought again); AUC of the score 0.817 (0.714 to 0.919)"
    )
  }

  private static func aucByPairs() -> Double {
    var sum = 0.0
    for (a, loyal) in hits.enumerated() {
      for (b, other) in hits.enumerated() {
        sum += Double(loyal * (10 - other)) * (a > b ? 1 : a == b ? 0.5 : 0)
      }
    }
    return sum / (20 * 30)
  }

  @Test("an answer whose window is open has a zone and a chance, but no kind and no say")
  func immature() throws {
    let more = Answer(customer: "c10", at: "2026-06-01 09:00:00", score: "5")
    let before = try Self.run()
    let output = try Self.run(answers: Self.answers() + [more])
    #expect(
      try StageLab.table("satisfaction_summary", output)
        == StageLab.table("satisfaction_summary", before)
    )
    let zones = try StageLab.table("satisfaction_zones", output)
    let shown = ["customer_id", "answers", "zone", "repurchase_p", "judged_score", "kind"]
    #expect(try StageLab.cells(zones, shown)[0] == "c10 2 affection 0.9 1 hostage")
    let only = Answer(customer: "new", at: "2026-06-01 09:00:00", score: "4")
    let later = try Self.run(answers: Self.answers() + [only])
    #expect(
      try StageLab.cells(StageLab.table("satisfaction_zones", later), shown).last
        == "new 1 indifference 0.5 - -"
    )
  }

  @Test("answers and orders after the as-of date change nothing")
  func leakage() throws {
    let before = try Self.run(asOf: "2026-04-20")
    let output = try Self.run(
      answers: Self.answers()
        + (0..<10).map { Answer(customer: "c5\($0)", at: "2026-04-20 00:00:00", score: "9") },
      orders: Self.orders((0..<10).map { ("c1\($0)", "2026-04-20 00:00:00") }),
      asOf: "2026-04-20"
    )
    #expect(output.tables.map(\.rows) == before.tables.map(\.rows))
    #expect(output.finding == before.finding)
    #expect(output.quarantine?.count == 0)
  }

  @Test("answers off the scale, without a person or a time go to quarantine; others are unanswered")
  func quarantine() throws {
    let bad = [
      Answer(customer: "x1", at: "2026-01-10 12:00:00", score: "6"),
      Answer(customer: "", at: "2026-01-10 12:00:00", score: "3"),
      Answer(customer: "x3", at: "", score: "3"),
      Answer(customer: "x4", at: "2026-01-10 12:00:00", score: ""),
      Answer(customer: "x5", at: "", score: ""),
      Answer(customer: "x6", at: "2026-01-10 12:00:00", score: "1", best: "1"),
    ]
    let scale = ", columns: {scale_min: 'scale_min', scale_max: 'scale_max'}"
    let output = try Self.run("\(scale), max_bad_rows: 5", answers: Self.answers() + bad)
    #expect(output.rowsRead == 55)
    #expect(output.rowsPublished == 50)
    let refused = try #require(output.quarantine)
    #expect(
      try StageLab.cells(refused.table(), ["line", "reasons", "message"]) == [
        "52 score_outside_scale the score in \"score\" is not on the scale",
        "53 missing_customer the customer in \"customer_id\" is missing",
        "54 missing_time the time in \"answered_at\" is missing",
        "55 missing_score the score in \"score\" is missing",
        "57 bad_scale the least answer of the scale is not below the best",
      ]
    )
    let message = StageLab.message { _ = try Self.run(scale, answers: Self.answers() + bad) }
    #expect(
      message?.hasPrefix("stage s: 5 of 55 rows are bad, and max_bad_share allows 0.01") == true
    )
  }

  @Test("rows in another order and another thread count give the same tables")
  func order() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try Self.run()
    Parallel.threadCount = 3
    let three = try Self.run(answers: Self.answers().reversed())
    #expect(three.tables.map(\.rows) == one.tables.map(\.rows))
    #expect(three.finding == one.finding)
  }

  @Test(
    "wrong settings are refused with place and fix",
    arguments: [
      (
        ", scale: [5, 1]",
        "p.json5:1:50: \"scale\" of stage \"s\" is no least and best answer.\n"
          + "  fix: write two numbers, the smaller first, for example scale: [0, 10]."
      ),
      (
        ", columns: {scale_min: 'scale_min'}",
        "p.json5:1:64: \"columns\" of stage \"s\" has one of \"scale_min\" and \"scale_max\" "
          + "only.\n  fix: give both, or scale: [1, 5] for all surveys."
      ),
      (
        ", cuts: {indifference: 4.5}",
        "p.json5:1:49: \"cuts\" of stage \"s\" crosses: affection at 4.5 begins below indifference "
          + "at 4.5.\n  fix: keep indifference < affection, both on a scale of 1 to 5."
      ),
      (
        ", columns: {score: 'stars'}",
        "p.json5:1:60: the table surveys has no column \"stars\".\n"
          + "  fix: set score to one of survey_id, customer_id, answered_at, scale_min, scale_max, "
          + "score."
      ),
      (
        ", columns: {customer: 'customer_id', when: 'x'}",
        "p.json5:1:78: unknown key \"when\" in \"columns\" of stage \"s\".\n"
          + "  fix: remove it, or use one of: customer, at, score, scale_min, scale_max."
      ),
      (
        ", repurchase_days: 5",
        "p.json5:1:60: 0 of 50 respondents, whose 5 days behind the answer are over, bought again: "
          + "there is nothing to tell apart.\n"
          + "  fix: change repurchase_days, or take surveys that lie further back."
      ),
    ]
  )
  func refusals(more: String, message: String) {
    #expect(StageLab.message { _ = try Self.run(more) } == message)
  }
}
