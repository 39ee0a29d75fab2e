import FoundationEssentials
import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@testable import LodePipeline

/// What every registered stage must keep; registering a stage subjects it to them.
@Suite("The contract of stages", .serialized)
struct StageContractTests {
  /// A stage with its inputs and what it made of them.
  private struct Step: Sendable {
    let entry: PipelineFile.StageEntry
    let inputs: StageInputs
    let context: StageContext
    let output: StageOutput
  }

  /// The committed pipelines of the sample retailer, run in memory on a small one.
  private static let steps = Result { try run() }

  private static func run() throws -> [Step] {
    let shop = SampleRetailer(seed: 5, customerCount: 120, years: 2).files()
    var tables: [String: [Table]] = [:]
    var steps: [Step] = []
    for name in ["weekly-churn", "surveys-and-campaigns"] {
      for entry in try StageGraph(pipeline(name)).stages {
        // What the first pipeline made the second one need not make again.
        if entry.stage.outputs.contains(where: { tables[$0] != nil }) { continue }
        let sources = entry.stage.sources.compactMap { request -> SourceBytes? in
          guard case .files(let pattern) = request else { return nil }
          return shop.first { pattern.hasSuffix("/\($0.name).gz") }
            .map { SourceBytes($0.bytes, name: $0.name) }
        }
        let context = try StageLab.context("2026-06-29", sources: sources)
        let names = entry.stage.inputs + entry.stage.optionalInputs.filter { tables[$0] != nil }
        let inputs = StageInputs(
          Dictionary(uniqueKeysWithValues: names.map { ($0, tables[$0] ?? []) })
        )
        let output = try entry.stage.run(inputs, in: context)
        for table in output.tables { tables[table.name] = [table.rows] }
        steps.append(Step(entry: entry, inputs: inputs, context: context, output: output))
      }
    }
    return steps
  }

  /// A committed pipeline; few rows make some gates and shares of bad rows meaningless.
  private static func pipeline(_ name: String) throws -> PipelineFile {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.path() + "/pipelines/\(name).json5"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    return try PipelineFile(
      text: text.replacing("max_bad_share: 0.02", with: "max_bad_share: 1")
        .replacing("gates: { auc_min: 0.65, beats_recency: true }", with: "gates: {}")
        .replacing("campaigns: [\"EXT2601\"],", with: "")
        .replacing("k_range: [3, 8]", with: "k_range: [3, 4], seedings: 2"),
      path: path
    )
  }

  private func same(_ left: StageOutput, _ right: StageOutput) -> Bool {
    left.tables.map(\.name) == right.tables.map(\.name)
      && zip(left.tables, right.tables).allSatisfy { $0.rows == $1.rows }
      && left.files.map(\.path) == right.files.map(\.path)
      && zip(left.files, right.files).allSatisfy { $0.bytes == $1.bytes }
      && left.finding == right.finding && left.warnings == right.warnings
      && left.quarantine?.table() == right.quarantine?.table()
  }

  @Test("kind and method are unique, methods have a name and versions start at one")
  func registry() {
    let names = StageRegistry.types.map { "\($0.operation.rawValue) \($0.method)" }
    #expect(Set(names).count == names.count)
    for type in StageRegistry.types { #expect(type.version >= 1 && !type.method.isEmpty) }
  }

  /// Stages of tables that the sample retailer lacks; each has tests that run it.
  private static let others = ["classify contractual"]

  @Test("the sample pipelines use every registered kind of stage but reports and other tables")
  func coverage() throws {
    let used = Set(
      try Self.steps.get()
        .map { step in
          let type = type(of: step.entry.stage)
          return "\(type.operation.rawValue) \(type.method)"
        }
    )
    for type in StageRegistry.types where type.operation != .report {
      let name = "\(type.operation.rawValue) \(type.method)"
      #expect(used.contains(name) != Self.others.contains(name), "\(name)")
    }
  }

  @Test("stages make the tables that they promise, with rows that are accounted for")
  func promises() throws {
    for step in try Self.steps.get() {
      let name = step.entry.name
      #expect(step.output.tables.map(\.name) == step.entry.stage.outputs, "\(name)")
      #expect(!step.output.finding.isEmpty, "\(name)")
      for table in step.output.tables {
        let known = Set(table.rows.schema.names)
        #expect(table.order.allSatisfy { known.contains($0.column) }, "\(name) \(table.name)")
        if let shard = table.shardColumn { #expect(known.contains(shard), "\(name)") }
      }
      if let read = step.output.rowsRead, let published = step.output.rowsPublished {
        #expect(read == published + (step.output.quarantine?.count ?? 0), "\(name)")
      }
    }
  }

  @Test("the same input gives the same output, on one thread and on eight")
  func determinism() throws {
    let steps = try Self.steps.get()
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 8] {
      Parallel.threadCount = threads
      for step in steps where step.entry.name != "sales_forecast" || threads == 8 {
        let again = try step.entry.stage.run(step.inputs, in: step.context)
        #expect(same(again, step.output), "\(step.entry.name) on \(threads) threads")
      }
    }
  }

  @Test("no stage reads a table that it does not name")
  func undeclaredInputs() throws {
    for step in try Self.steps.get() {
      let named = Set(step.entry.stage.inputs + step.entry.stage.optionalInputs)
      #expect(Set(step.inputs.names).isSubset(of: named))
    }
  }
}
