import FoundationEssentials
import LodeFormats
import LodeRuntime
import LodeTestSupport
import LodeWarehouse
import Testing

@testable import LodePipeline

/// A loss of power at every moment of a run, as storage.md, section 7, demands it.
@Suite("Crash: loss of power under a run")
struct PowerLossRunTests {
  /// A part of the states is tried here, every one by `make crash`.
  static let stride =
    ProcessInfo.processInfo.environment["LODE_CRASH_ALL"] == nil ? 89 : 1

  static let pipeline = """
    { lode: 1, name: "small", currency: "EUR", warehouse: "w", exports: "e", shards: 2,
      stages: {
        raw: { op: "extract", into: "raw.sales", on_bad_row: "quarantine", max_bad_share: 0.5,
          from: { csv: "sales.csv",
            types: { order: "text", at: "timestamp", amount: "decimal(18,2)" } } },
        sales: { op: "clean", needs: ["raw"], from: "raw.sales",
          columns: { order: "order", customer: "customer", at: "at", amount: "amount" } } } }
    """

  /// A run from an old state to a new one: the changes of the file system and what readers see.
  struct Change {
    var base: [String: [UInt8]?]
    var operations: [FileOperation]
    var old: [String]
    var new: [String]
  }

  private func run(_ folder: String, _ run: String) throws -> [String] {
    let file = try PipelineFile(path: folder + "/p.json5")
    let options = RunOptions(asOf: try #require(CivilDate("2026-06-15")), runID: run)
    return try PipelineRunner(file, options: options).run([]) { _ in }.map(\.status.rawValue)
  }

  private func record(_ folder: String, _ run: String) throws -> [FileOperation] {
    let journal = FileJournal()
    _ = try FileJournal.$current.withValue(journal) { try self.run(folder, run) }
    return journal.operations
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// What readers see: published versions and their content, tags; and that all is whole.
  private func seen(_ folder: String) throws -> [String] {
    guard FileTree.exists(folder + "/w/lode.json") else { return [] }
    let warehouse = try Warehouse(opening: folder + "/w", shardCount: 2)
    let problems = try warehouse.check().problems
    #expect(problems.isEmpty, "\(problems)")
    var seen: [String] = []
    for name in try warehouse.publishedTableNames() {
      let version = try #require(try warehouse.publishedVersion(of: name))
      let snapshot = try #require(try warehouse.snapshot(of: name, version: version))
      seen.append("\(name)@\(version) \(snapshot.contentHash)")
    }
    let tag = try warehouse.readTag("small") ?? [:]
    return seen + tag.keys.sorted().map { "\($0) \(tag[$0] ?? -1)" }
  }

  private func change(_ folder: String, fromEmpty: Bool) throws -> Change {
    try write(Self.pipeline, to: folder + "/p.json5")
    try write(PipelineFolder.sales, to: folder + "/sales.csv")
    if !fromEmpty { _ = try run(folder, "r1") }
    try write(PipelineFolder.sales + "o6,bob,x,1.00\n", to: folder + "/sales.csv")
    let old = try seen(folder)
    let base = try FolderContents.read(folder)
    let operations = try record(folder, "r2")
    return Change(base: base, operations: operations, old: old, new: try seen(folder))
  }

  @Test(
    "readers see all of a run or nothing, and the run again converges",
    arguments: [true, false]
  )
  func everyMoment(fromEmpty: Bool) throws {
    let folder = try MemoryFolder()
    let path = folder.path
    let change = try change(path, fromEmpty: fromEmpty)
    #expect(change.old != change.new && change.new.contains { $0.hasPrefix("quarantine@") })
    var fragile = FragileFolder(root: path, holding: change.base)
    var stateCount = 0
    for (place, operation) in change.operations.enumerated() {
      fragile.apply(operation)
      let isLast = place == change.operations.count - 1
      for survivor in fragile.survivors(seed: UInt64(place), draws: 2, newest: 6) {
        stateCount += 1
        guard stateCount % Self.stride == 0 || isLast else { continue }
        let what = "\(fromEmpty), operation \(place): \(operation)".prefix(160)
        try FolderContents.write(survivor, to: path)
        let now = try seen(path)
        #expect(now == change.new || now == change.old && !isLast, "\(what)")
        _ = try run(path, "r3")
        #expect(try seen(path) == change.new, "\(what), again")
      }
    }
    #expect(stateCount > 2 * change.operations.count)
    #expect(try run(path, "r4") == ["skipped", "skipped"])
  }

  @Test("what a killed run left behind is brought to disk by the next one")
  func killedBefore() throws {
    let folder = try MemoryFolder()
    let path = folder.path
    let change = try change(path, fromEmpty: true)
    var killed = FragileFolder(root: path, holding: change.base)
    for (place, operation) in change.operations.enumerated() {
      killed.apply(operation)
      guard place % min(Self.stride, 29) == 0 else { continue }
      let kept = try #require(killed.survivors(seed: 0, draws: 0, newest: 0).last)
      try FolderContents.write(kept, to: path)
      var lost = killed
      for operation in try record(path, "r3") { lost.apply(operation) }
      try FolderContents.write(lost.leastSurvivor(), to: path)
      let what = "killed after operation \(place): \(operation)".prefix(160)
      #expect(try seen(path) == change.new, "\(what)")
    }
  }
}
