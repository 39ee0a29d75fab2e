import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeWarehouse
import Testing

@Suite("Tables of a warehouse")
struct WarehouseTests {
  let folder: TemporaryFolder
  let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(opening: folder.path + "/new/wh", shardCount: 4)
  }

  @Test("a committed table comes back equal, with its schema, personal flags and history")
  func roundTrip() throws {
    let rows = Samples.orders(from: 0, count: 30)
    let version = try warehouse.publish(Samples.write([.init(rows: rows)]))
    #expect(version.version == 0 && !version.isUnchanged && version.rowCount == 30)
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    #expect(snapshot.schema == Samples.schema && snapshot.partitionColumn == nil)
    #expect(try Samples.rows(of: snapshot.table()) == Samples.rows(of: rows))
    #expect(try snapshot.table(columns: ["day", "amount"]).schema.names == ["day", "amount"])
    #expect(try warehouse.tableNames() == ["orders"])
    #expect(try warehouse.snapshot(of: "customers") == nil)
    let log = try String(
      contentsOfFile: warehouse.root + "/tables/orders/_delta_log/00000000000000000000.json",
      encoding: .utf8
    )
    #expect(
      log.contains(#""lode":{"run":"r1","info":{"inputs":"raw.orders@3"},"lode.sealed":true,"#)
    )
    #expect(log.contains(#"\"lode.personal\":true"#))
    #expect(log.contains(#"\"placed_at\":\"2023-11-14T22:13:20.000Z\""#))
    // The last order is placed 29.000029 s after the first: the maximum is rounded up.
    #expect(log.contains(#"\"placed_at\":\"2023-11-14T22:13:49.001Z\""#))
  }

  @Test("an empty table keeps its schema")
  func empty() throws {
    try warehouse.publish(Samples.write([]))
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    #expect(try snapshot.table() == Table(emptyWith: Samples.schema))
    try warehouse.publish(Samples.write([.init(rows: Table(emptyWith: Samples.schema))]))
    #expect(try warehouse.snapshot(of: "orders")?.rowCount == 0)
  }

  @Test("the same content again makes no version, whichever run writes it")
  func unchanged() throws {
    let write = Samples.write([.init(rows: Samples.orders(from: 0, count: 9))])
    let first = try warehouse.publish(write)
    let files = folder.files()
    let again = try warehouse.publish(
      Samples.write([.init(rows: Samples.orders(from: 0, count: 9))], run: "r2")
    )
    #expect(again.isUnchanged && again.version == 0 && again.contentHash == first.contentHash)
    #expect(folder.files() == files)
    // Back at earlier content, the version is new and the hash is the old one.
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 1, count: 9))]))
    let back = try warehouse.publish(write)
    #expect(back.version == 2 && back.contentHash == first.contentHash)
  }

  @Test("replacing a partition leaves the others as they are, at every version")
  func partitions() throws {
    let parts = [10, 2, 0]
      .map { shard in
        TableWrite.Part(partition: "\(shard)", rows: Samples.orders(from: shard * 100, count: 5))
      }
    try warehouse.publish(Samples.write(parts))
    let replacement = TableWrite.Part(partition: "2", rows: Samples.orders(from: 7, count: 3))
    try warehouse.publish(
      Samples.write([replacement], replaces: .partitions(["2", "10"]), run: "r2")
    )
    let old = try #require(try warehouse.snapshot(of: "orders", version: 0))
    #expect(old.partitions == ["0", "2", "10"] && old.rowCount == 15)
    #expect(old.files[1].path.hasPrefix("shard=2/part-00000-"))
    let new = try #require(try warehouse.snapshot(of: "orders"))
    #expect(new.version == 1 && new.partitions == ["0", "2"] && new.rowCount == 8)
    let read = try new.read(columns: ["quantity"], partitions: ["2"])
    #expect(read.map(\.partition) == ["2"])
    #expect(try read[0].rows.requiredColumn("quantity").integers == [7, 8, 9])
    #expect(
      try old.table(columns: ["quantity"]).requiredColumn("quantity").integers
        == [0, 1, 2, 3, 4, 200, 201, 202, 203, 204, 1000, 1001, 1002, 1003, 1004]
    )
  }

  @Test("rows are appended, once for each run")
  func append() throws {
    let part = TableWrite.Part(rows: Samples.orders(from: 0, count: 2))
    for run in ["r1", "r1", "r2"] {
      try warehouse.publish(Samples.write([part], replaces: .nothing, run: run))
    }
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    #expect(snapshot.rowCount == 4 && snapshot.version == 1)
  }

  @Test("the number of shards belongs to the warehouse, not to who opens it")
  func shards() throws {
    #expect(warehouse.shardCount == 4)
    #expect(try Warehouse(opening: warehouse.root, shardCount: 16).shardCount == 4)
  }

  @Test("tags and runs are kept")
  func records() throws {
    #expect(try warehouse.readTag("2026-W47") == nil)
    try warehouse.setTag("2026-W47", ["orders": 3, "customers": 1])
    try warehouse.setTag("latest \"good\"", ["orders": 4])
    #expect(try warehouse.readTag("2026-W47") == ["orders": 3, "customers": 1])
    #expect(try warehouse.tagNames() == ["2026-W47", "latest \"good\""])
    try warehouse.writeRun(id: "2026-11-22.a", json: "{}")
    #expect(try warehouse.readRun(id: "2026-11-22.a") == "{}")
    #expect(warehouse.runIDs() == ["2026-11-22.a"])
  }

  @Test("several threads that append lose nothing and leave no gap")
  func concurrentAppends() throws {
    let warehouse = warehouse
    let versions = try Parallel.map(6) { (index: Int) throws(Diagnostic) -> Int in
      try warehouse.publish(
        Samples.write(
          [.init(rows: Samples.orders(from: index * 10, count: 2))],
          replaces: .nothing,
          run: "r\(index)"
        )
      )
      .version
    }
    #expect(versions.sorted() == [0, 1, 2, 3, 4, 5])
    #expect(try warehouse.snapshot(of: "orders")?.rowCount == 12)
  }

  @Test("writes of different partitions that start from one version both hold")
  func disjointReplacements() throws {
    let parts = ["0", "1"]
      .map { TableWrite.Part(partition: $0, rows: Samples.orders(from: 0, count: 2)) }
    try warehouse.publish(Samples.write(parts))
    let staged = try parts.enumerated()
      .map { index, part in
        try warehouse.stage(
          Samples.write(
            [.init(partition: part.partition, rows: Samples.orders(from: 50, count: index + 3))],
            replaces: .partitions([part.partition ?? ""]),
            run: "r\(index)"
          )
        )
      }
    #expect(try warehouse.commit(staged[0]).version == 1)
    #expect(try warehouse.commit(staged[1]).version == 2)
    #expect(try warehouse.snapshot(of: "orders")?.rowCount == 7)
  }
}
