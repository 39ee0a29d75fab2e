import FoundationEssentials
import Glibc
import LodeFormats
import LodeRuntime
import LodeTestSupport
import LodeWarehouse
import Testing

/// A loss of power at every moment of a warehouse's life, as storage.md, section 7, demands it.
@Suite("Crash: loss of power under a warehouse")
struct PowerLossTests {
  /// A part of the states is tried here, every one by `make crash`.
  static let stride =
    ProcessInfo.processInfo.environment["LODE_CRASH_ALL"] == nil ? 11 : 1

  private static func isLink(_ operation: FileOperation) -> Bool {
    if case .link = operation { return true }
    return false
  }

  /// Each step changes what readers see in one moment; it may be done again.
  static let steps: [@Sendable (Warehouse) throws -> Void] = [
    { _ in },
    { try $0.publish(Samples.write(parts([0, 1], from: 0), run: "r1")) },
    { try $0.setTag("weekly", ["orders": 0]) },
    {
      try $0.publish(
        Samples.write(parts([1], from: 50), replaces: .partitions(["1"]), run: "r2")
      )
    },
    { try $0.publish(Samples.write(parts([2], from: 70), replaces: .nothing, run: "r3")) },
    { try $0.setTag("weekly", ["orders": 2]) },
    { try $0.writeRun(id: "r3", json: "{}") },
  ]

  static func parts(_ shards: [Int], from first: Int) -> [TableWrite.Part] {
    shards.map {
      TableWrite.Part(partition: "\($0)", rows: Samples.orders(from: first + 10 * $0, count: 2))
    }
  }

  /// What readers see: each version's rows, tags and runs.
  static func seen(_ root: String) throws -> [String] {
    let warehouse = try Warehouse(opening: root, shardCount: 4)
    var seen: [String] = []
    for version in 0..<((try warehouse.snapshot(of: "orders")?.version ?? -1) + 1) {
      let snapshot = try #require(try warehouse.snapshot(of: "orders", version: version))
      let rows = Samples.rows(of: try snapshot.table(columns: ["customer_id", "amount"]))
      seen.append("\(version) \(snapshot.contentHash) \(rows)")
    }
    for tag in try warehouse.tagNames() {
      seen.append("\(tag) \(try warehouse.readTag(tag) ?? [:])")
    }
    return seen + warehouse.runIDs()
  }

  /// The whole life once: the changes of the file system, where each step ends, what it leaves.
  struct Life {
    var operations: [FileOperation] = []
    var ends: [Int] = []
    var seen: [[String]] = []
    var files: [String: [UInt8]?] = [:]

    init(in folder: String, from first: Int = 0) throws {
      let journal = FileJournal()
      let root = folder + "/w"
      try FileJournal.$current.withValue(journal) {
        let warehouse = try Warehouse(opening: root, shardCount: 4)
        for step in PowerLossTests.steps[first...] {
          try step(warehouse)
          ends.append(journal.operations.count)
          seen.append(try PowerLossTests.seen(root))
        }
      }
      operations = journal.operations
      files = try FolderContents.read(folder).filter { $0.key.hasPrefix("w/tables/") }
    }
  }

  @Test("the previous or the next version is whole, nothing acknowledged is lost, again converges")
  func everyMoment() throws {
    let folder = try MemoryFolder()
    let life = try Life(in: folder.path)
    #expect(Set(life.seen).count == Self.steps.count)
    var fragile = FragileFolder(root: folder.path)
    var stateCount = 0
    for (place, operation) in life.operations.enumerated() {
      fragile.apply(operation)
      let acknowledged = life.ends.lastIndex { $0 <= place + 1 }
      for survivor in fragile.survivors(seed: UInt64(place)) {
        stateCount += 1
        guard stateCount % Self.stride == 0 else { continue }
        try FolderContents.write(survivor, to: folder.path)
        try judge(folder.path, life, acknowledged, "operation \(place): \(operation)".prefix(160))
      }
    }
    #expect(stateCount > 2 * life.operations.count)
  }

  @Test("a version is made only when its files are on disk, however busy that is")
  func busyDisk() throws {
    let folder = try MemoryFolder()
    let journal = FileJournal()
    let busy = BackgroundValue<Void, Never>(on: .disk) { usleep(200_000) }
    try FileJournal.$current.withValue(journal) {
      let warehouse = try Warehouse(opening: folder.path + "/w", shardCount: 4)
      try warehouse.publish(Samples.write(Self.parts([0, 1], from: 0), run: "r1"))
    }
    let operations = journal.operations
    let version = try #require(operations.lastIndex { Self.isLink($0) })
    let onDisk = operations[..<version]
      .filter {
        if case .synchronizeFile(let path) = $0 { return path.hasSuffix(".parquet") }
        return false
      }
    #expect(onDisk.count == 2)
    busy.value()
  }

  private func judge(
    _ folder: String,
    _ life: Life,
    _ acknowledged: Int?,
    _ what: Substring
  ) throws {
    let root = folder + "/w"
    let seen = try Self.seen(root)
    let least = acknowledged ?? 0
    let state = try #require(life.seen[least...].firstIndex(of: seen), "\(what): \(seen)")
    #expect(state <= least + 1, "\(what): step \(state), but only \(least) was begun")
    let warehouse = try Warehouse(opening: root, shardCount: 4)
    let problems = try warehouse.check().problems
    #expect(problems.isEmpty, "\(what): \(problems)")
    for step in Self.steps[least...] { try step(warehouse) }
    #expect(try Self.seen(root) == life.seen.last, "\(what), again")
    let logs = { (path: String) in path.contains("/_delta_log/") }
    let files = try FolderContents.read(folder)
      .filter {
        $0.key.hasPrefix("w/tables/") && !logs($0.key)
      }
    #expect(files == life.files.filter { !logs($0.key) }, "\(what), again")
  }

  @Test("what a killed process left behind is brought to disk before it is built upon")
  func killedBefore() throws {
    let folder = try MemoryFolder()
    let life = try Life(in: folder.path)
    var killed = FragileFolder(root: folder.path)
    for (place, operation) in life.operations.enumerated() {
      killed.apply(operation)
      guard place % Self.stride == 0 || Self.isLink(operation) else { continue }
      // The killed process has left all that it wrote in the system's memory: no power was lost.
      let kept = try #require(killed.survivors(seed: 0, draws: 0, newest: 0).last)
      try FolderContents.write(kept, to: folder.path)
      let done = life.ends.firstIndex { $0 > place + 1 } ?? life.ends.count
      let again = try Life(in: folder.path, from: done)
      var lost = killed
      for (count, operation) in again.operations.enumerated() {
        lost.apply(operation)
        guard let step = again.ends.lastIndex(of: count + 1) else { continue }
        try FolderContents.write(lost.leastSurvivor(), to: folder.path)
        let what = "killed after operation \(place): \(operation)".prefix(160)
        #expect(try Self.seen(folder.path + "/w") == life.seen[done + step], "\(what), \(step)")
        let warehouse = try Warehouse(opening: folder.path + "/w", shardCount: 4)
        #expect(try warehouse.check().problems.isEmpty, "\(what)")
      }
    }
  }
}
