import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeWarehouse
import Testing

@Suite("Checks and vacuums")
struct KeepingTests {
  let folder: TemporaryFolder
  let warehouse: Warehouse
  /// A time a year ahead, at which every file is old.
  let later: Timestamp

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(opening: folder.path, shardCount: 4)
    for count in 1...3 {
      try warehouse.publish(
        Samples.write([.init(rows: Samples.orders(from: 0, count: count))], run: "r\(count)")
      )
    }
    let last = try #require(try warehouse.history(of: "orders").last)
    later = Timestamp(microseconds: last.time.microseconds + 365 * Timestamp.microsecondsPerDay)
  }

  func problems() throws -> [String] {
    try warehouse.check().problems.map { $0.description.replacing(folder.path, with: "WH") }
  }

  func file(ofVersion version: Int) throws -> String {
    let snapshot = try #require(try warehouse.snapshot(of: "orders", version: version))
    return snapshot.files[0].absolutePath
  }

  @Test("a whole warehouse has no problems")
  func whole() throws {
    let checkup = try warehouse.check()
    #expect(checkup.problems.isEmpty)
    #expect((checkup.tableCount, checkup.versionCount, checkup.fileCount) == (1, 3, 3))
  }

  @Test("a file that is gone, cut or changed is found, and the message says which versions need it")
  func damage() throws {
    let newest = try file(ofVersion: 2)
    let old = try file(ofVersion: 0)
    var bytes = try Data(contentsOf: URL(filePath: newest))
    bytes[40] ^= 1
    try bytes.write(to: URL(filePath: newest))
    try FileManager.default.removeItem(atPath: old)
    let all = try problems().sorted { $0.contains("--force") && !$1.contains("--force") }
    #expect(
      all == [
        """
        \(newest.replacing(folder.path, with: "WH")): the file's bytes are not those that were \
        written: their SHA-256 differs.
          fix: restore it from a copy, or run the stage that writes the table orders with --force.
        """,
        """
        \(old.replacing(folder.path, with: "WH")): the file is not there.
          fix: restore it from a copy; only earlier versions of the table orders need it.
        """,
      ]
    )
    try bytes.prefix(50).write(to: URL(filePath: newest))
    #expect(try problems().contains { $0.contains("has 50 bytes where the log has") })
  }

  @Test("a gap in a log and a tag without its version are found")
  func logs() throws {
    try warehouse.setTag("weekly", ["orders": 7, "gone": 0])
    #expect(
      try problems() == [
        """
        tag weekly: it names version 0 of the table gone, which does not exist.
          fix: restore the table's _delta_log from a copy, or set the tag anew.
        """,
        """
        tag weekly: it names version 7 of the table orders, which has versions up to 2.
          fix: restore the table's _delta_log from a copy, or set the tag anew.
        """,
      ]
    )
    try FileManager.default.removeItem(
      atPath: folder.path + "/tables/orders/_delta_log/00000000000000000001.json"
    )
    #expect(
      try problems().first == """
        WH/tables/orders/_delta_log: the table's log has 2 commits, but the latest is version 2.
          fix: restore the missing commits from a copy of the folder.
        """
    )
  }

  @Test("a vacuum keeps the newest and tagged versions, foreign names and young files")
  func vacuum() throws {
    try warehouse.setTag("kept", ["orders": 1])
    let table = folder.path + "/tables/orders/"
    try Data("x".utf8).write(to: URL(filePath: table + "notes.parquet"))
    let orphan = "part-00000-0123456789abcdef.parquet"
    try Data("x".utf8).write(to: URL(filePath: table + orphan))
    let young = try warehouse.vacuumPlan(keepingDays: 30, now: Timestamp(microseconds: 0))
    #expect(young.removals.isEmpty)
    let first = try file(ofVersion: 0)
    let plan = try warehouse.vacuumPlan(keepingDays: 30, now: later)
    #expect(plan.keptVersions == ["orders": [1, 2]])
    #expect(Set(plan.removals.map(\.absolutePath)) == [first, table + orphan])
    #expect(Set(plan.removals.map(\.reason)) == ["earlier version", "unfinished run"])
    try warehouse.vacuum(plan, runID: "vacuum-1")
    #expect(!FileManager.default.fileExists(atPath: first))
    #expect(FileManager.default.fileExists(atPath: table + "notes.parquet"))
    #expect(try warehouse.snapshot(of: "orders", version: 1)?.table().rowCount == 2)
    #expect(try warehouse.snapshot(of: "orders")?.table().rowCount == 3)
    let checkup = try warehouse.check()
    #expect(checkup.problems.isEmpty && checkup.vacuumedFileCount == 1)
    #expect(try warehouse.readRun(id: "vacuum-1")?.contains(orphan) == true)
  }

  @Test("versions of the last days are kept, and the one that was the newest when they began")
  func recent() throws {
    let times = try warehouse.history(of: "orders").map(\.time.microseconds)
    let day = Timestamp.microsecondsPerDay
    let plan = try warehouse.vacuumPlan(
      keepingDays: 30,
      now: Timestamp(microseconds: times[1] + 30 * day)
    )
    #expect(plan.keptVersions == ["orders": [1, 2]])
    let all = try warehouse.vacuumPlan(
      keepingDays: 30,
      now: Timestamp(microseconds: times[1] + 30 * day - 1)
    )
    #expect(all.keptVersions == ["orders": [0, 1, 2]])
  }

  @Test("folders of tables that were staged and discarded are no tables and are swept")
  func emptyFolders() throws {
    let write = Samples.write([.init(partition: "1", rows: Samples.orders(from: 0, count: 2))])
    let staged = try warehouse.stage(
      TableWrite(
        name: "never",
        schema: write.schema,
        partitionColumn: "shard",
        parts: write.parts,
        operation: "clean",
        runID: "r"
      )
    )
    warehouse.discard(staged)
    #expect(try warehouse.tableNames() == ["orders"])
    #expect(FileManager.default.fileExists(atPath: folder.path + "/tables/never"))
    try warehouse.sweepLitter()
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/tables/never"))
  }
}
