import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("Pipeline files")
struct PipelineFileTests {
  static let stages = """
    stages: {
      raw: { op: "extract", from: { csv: "${inbox}/sales.csv" }, into: "raw.sales" },
      churn: { op: "classify", method: "logistic", label: { no_order_in_days: "${days}" } },
    }
    """

  private func file(
    _ head: String,
    stages: String = "stages: {}",
    variables: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws -> PipelineFile {
    try PipelineFile(
      text: "{ \(head), \(stages) }",
      path: "dir/p.json5",
      variables: variables,
      environment: environment
    )
  }

  private let head = "lode: 1, name: 'n', currency: 'EUR'"

  @Test("settings have defaults, and stages keep the order of the file")
  func settings() throws {
    let file = try file(
      head + ", vars: { inbox: '/in', days: 30 }",
      stages: Self.stages
    )
    #expect(file.name == "n" && file.currency == "EUR")
    #expect(file.seed == 20_240_101 && file.shardCount == 8)
    #expect(file.warehouse == "../warehouse" && file.exports == "../exports")
    #expect(file.stages.map(\.name) == ["raw", "churn"])
    #expect(file.stages[0].stage.sources == [.files(pattern: "/in/sales.csv")])
    #expect((file.stages[1].stage as? ChurnStage)?.horizonDays == 30)
    #expect(file.stages[0].place == "dir/p.json5:2:3")
  }

  @Test("variables are replaced from the command line and keep their kind")
  func overrides() throws {
    let file = try file(
      head + ", vars: { inbox: '/in', days: 30, flag: true }",
      stages: """
        stages: {
          raw: {
            op: "extract", from: { csv: "${inbox}/a-${days}-${flag}.csv" }, into: "raw.sales",
          },
          churn: {
            op: "classify", label: { no_order_in_days: "${days}" },
            gates: { beats_recency: "${flag}" },
          },
        }
        """,
      variables: ["days": "60", "flag": "false"]
    )
    #expect((file.stages[1].stage as? ChurnStage)?.horizonDays == 60)
    #expect(file.stages[0].stage.sources == [.files(pattern: "/in/a-60-false.csv")])
    #expect(file.stages[1].configuration.contains("\"beats_recency\":false"))
  }

  @Test("the environment is read, with a default where it has nothing")
  func environment() throws {
    let text = head + ", warehouse: '${LODE_HOME:-/var/lode}/w', exports: '${OUT}'"
    let found = try file(text, environment: ["LODE_HOME": "/h", "OUT": "/o"])
    #expect(found.warehouse == "/h/w" && found.exports == "/o")
    #expect(try file(text, environment: ["OUT": "/o"]).warehouse == "/var/lode/w")
  }

  @Test(
    "paths count from the folder of the file",
    arguments: [
      ("../warehouse", "warehouse"), ("/abs", "/abs"), ("w", "dir/w"), ("./w/x", "dir/w/x"),
      ("../../w", "../w"), ("..", "."),
    ]
  )
  func paths(relative: String, path: String) throws {
    #expect(try file(head).resolved(relative) == path)
  }

  @Test("the as-of date is aligned to its day, week or month")
  func alignment() throws {
    let date = try #require(CivilDate("2026-07-01"))
    for (align, expected) in [
      ("day", "2026-07-01"), ("week", "2026-06-29"), ("month", "2026-07-01"),
    ] {
      let rule = try file(head + ", as_of: { align: '\(align)', default: '2026-06-28' }").asOfRule
      #expect(rule.aligned(date).description == expected)
      #expect(rule.defaultDate?.description == "2026-06-28")
    }
  }

  static let refusals: [(String, String)] = [
    (
      "name: 'n', currency: 'EUR', stages: {}",
      "p:1:1: the pipeline has no \"lode\" version.\n  fix: add lode: 1."
    ),
    (
      "lode: 2, name: 'n', currency: 'EUR', stages: {}",
      "p:1:8: \"lode\" of the pipeline is 2.\n  fix: write a number from 1 to 1."
    ),
    (
      "lode: 1, currency: 'EUR', stages: {}",
      "p:1:1: the pipeline has no \"name\".\n  fix: add name: …."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR'",
      "p:1:1: the pipeline has no \"stages\".\n  fix: add stages: …."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: []",
      "p:1:47: \"stages\" is a list, not an object.\n  fix: write { key: value, … }."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stagse: {}",
      "p:1:1: the pipeline has no \"stages\".\n  fix: is \"stagse\" meant to be \"stages\"?"
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: {}, sede: 1",
      "p:1:51: unknown key \"sede\" in the pipeline – did you mean \"seed\"?\n"
        + "  fix: remove it, or use one of: lode, name, owner, tags, vars, warehouse, exports, "
        + "currency, seed, shards, as_of, stages."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', as_of: { default: '1.1.26' }, stages: {}",
      "p:1:57: \"default\" of \"as_of\" of the pipeline is \"1.1.26\".\n"
        + "  fix: write a date as YYYY-MM-DD."
    ),
    (
      "lode: 1, name: '${nmae}', currency: 'EUR', vars: { name: 'x' }, stages: {}",
      "p:1:17: there is no variable \"nmae\" – did you mean \"name\"?\n"
        + "  fix: declare it in vars."
    ),
    (
      "lode: 1, name: '${HOME_X}', currency: 'EUR', stages: {}",
      "p:1:17: the environment has no HOME_X.\n"
        + "  fix: set it, or write a default: ${HOME_X:-value}."
    ),
    (
      "lode: 1, name: '${x', currency: 'EUR', stages: {}",
      "p:1:17: \"${\" is never closed.\n  fix: close it with }."
    ),
    (
      "lode: 1, name: 'a${l}', currency: 'EUR', vars: { l: [1] }, stages: {}",
      "p:1:17: ${l} is a list.\n  fix: use a text."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'clutser' } }",
      "p:1:58: \"op\" of stage \"a\" is \"clutser\" – did you mean \"cluster\"?\n"
        + "  fix: choose one of \"extract\", \"clean\", \"transform\", \"cluster\", \"correlate\", "
        + "\"classify\", \"forecast\", \"export\", \"report\"."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { method: 'x' } }",
      "p:1:52: stage \"a\" has no \"op\".\n  fix: add op: …."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'transform' } }",
      "p:1:52: stage \"a\" has no \"method\".\n"
        + "  fix: choose one of \"customer_features\", \"rfm+tiers\", \"cube\", \"life_cycle\", "
        + "\"preferences\", \"satisfaction\", \"funnel\", \"trial\"."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'forecast', method: 'sale' } }",
      "p:1:78: \"method\" of stage \"a\" is \"sale\" – did you mean \"sales\"?\n"
        + "  fix: choose one of \"sales\", \"churners\", \"bgnbd+gamma_gamma\", \"equity\", "
        + "\"campaign_response\"."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'extract', into: 'x' } }",
      "p:1:52: stage \"a\" has no \"from\".\n  fix: add from: { csv: \"path/*.csv\" }."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'extract', into: 'x', "
        + "from: { csv: 'c', types: { n: 'intger' } } } }",
      "p:1:110: the type of \"n\" is \"intger\" – did you mean \"integer\"?\n"
        + "  fix: choose one of integer, decimal(18,2), double, boolean, text, date, timestamp."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'cluster', k_range: [2.5, 4] } }",
      "p:1:78: \"k_range\" of stage \"a\" is no range.\n"
        + "  fix: write two rising whole numbers, for example [3, 8]."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'cluster', features: {} } }",
      "p:1:79: \"features\" of stage \"a\" names no feature.\n"
        + "  fix: name features with their scale, for example features: { orders: \"logOnePlus\" }."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'transform', "
        + "method: 'customer_features', also_days_back: [1e300] } }",
      "p:1:116: \"also_days_back\" of stage \"a\" holds no whole days of the past.\n"
        + "  fix: write whole numbers from 1 to 36600, for example [91]."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'clean', from: 'r', "
        + "columns: { customer: 'c', at: 'd', amount: 'x' }, non_products: { product: ['P'] } } }",
      "p:1:142: \"non_products\" of stage \"a\" has the kind \"product\", which Lode sets.\n"
        + "  fix: choose another name for these product codes."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'transform', "
        + "method: 'rfm+tiers', tiers: { names: ['a'], cuts: [1] } } }",
      "p:1:99: \"tiers\" of stage \"a\" has 1 names and 1 cut points.\n"
        + "  fix: give falling cut points and one name more than cut points, best tier first."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'export', audience: 'A b' } }",
      "p:1:78: \"audience\" of stage \"a\" is \"A b\".\n"
        + "  fix: use small letters, digits and -, for example \"retention-2\"."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'export', audience: 'a', "
        + "where: 'teir = 1' } }",
      "p:1:90: \"where\" of stage \"a\" names the unknown column \"teir\" – "
        + "did you mean \"tier\"?\n"
        + "  fix: choose from \(Candidates.columns.joined(separator: ", "))."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'export', audience: 'a', "
        + "rank_by: 'orders down' } }",
      "p:1:92: \"rank_by\" of stage \"a\" is \"orders down\".\n"
        + "  fix: write columns with asc or desc, for example \"expected_loss desc, customer_id\"."
    ),
    (
      "lode: 1, name: 'n', currency: 'EUR', stages: { a: { op: 'export', audience: 'a', "
        + "files: ['excel', 'excel'] } }",
      "p:1:90: \"files\" of stage \"a\" names the profile \"excel\" twice.\n"
        + "  fix: remove one of the two."
    ),
  ]

  @Test("wrong files are refused with place and fix", arguments: refusals)
  func wrongFiles(text: String, message: String) {
    let found = StageLab.message { _ = try PipelineFile(text: "{\(text)}", path: "p") }
    #expect(found == message)
  }

  @Test("a variable that is not declared cannot be set, and a missing file is refused")
  func unknownVariable() {
    #expect(
      StageLab.message { _ = try file(head + ", vars: { days: 1 }", variables: ["dyas": "2"]) }
        == "dir/p.json5: there is no variable \"dyas\" in vars – did you mean \"days\"?\n"
        + "  fix: declare it in vars, or leave out --var dyas=…."
    )
    let error = #expect(throws: Diagnostic.self) { try PipelineFile(path: "/nowhere/p.json5") }
    #expect(error?.message.hasPrefix("the pipeline file cannot be read: ") ?? false)
    #expect(
      error?.fix == "name a pipeline file with -f, for example -f pipelines/weekly-churn.json5."
    )
  }
}
