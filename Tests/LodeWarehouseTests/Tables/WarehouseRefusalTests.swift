import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeWarehouse
import Testing

@Suite("What a warehouse refuses")
struct WarehouseRefusalTests {
  let folder: TemporaryFolder
  let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(opening: folder.path, shardCount: 4)
  }

  /// The text of the diagnostic that some work ends in.
  func message(_ work: () throws(Diagnostic) -> Void) -> String {
    do throws(Diagnostic) {
      try work()
      return "no refusal"
    } catch {
      return error.description.replacing(folder.path, with: "WH")
    }
  }

  @Test("two runs that replace the same rows: the second is refused, and both are named")
  func conflict() throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 2))]))
    let staged = try warehouse.stage(
      Samples.write([.init(rows: Samples.orders(from: 5, count: 2))], run: "r2")
    )
    try warehouse.publish(
      Samples.write([.init(rows: Samples.orders(from: 9, count: 2))], run: "r3")
    )
    #expect(
      message { () throws(Diagnostic) in _ = try warehouse.commit(staged) } == """
        table orders: run r2 cannot publish: run r3 has changed the same rows in version 1 since \
        it started.
          fix: run r2 again; it will start from version 1.
        """
    )
    let before = folder.files().count
    warehouse.discard(staged)
    #expect(folder.files().count == before - 1)
    #expect(try warehouse.snapshot(of: "orders")?.table().rowCount == 2)
  }

  @Test(
    "names that could leave the folder are refused",
    arguments: ["", "../x", "a/b", "Orders", "orders.", ".orders", "a..b", "1a", "a b", "ä"]
  )
  func names(name: String) {
    #expect(
      message { () throws(Diagnostic) in _ = try warehouse.snapshot(of: name) } == """
        "\(name)" cannot be the name of a table.
          fix: use lower-case letters, digits and _, beginning with a letter; dots may join words.
        """
    )
  }

  @Test("partitions and runs that could leave the folder are refused")
  func otherNames() throws {
    for text in ["../x", "a/b", "", "a b", "%2e"] {
      let part = TableWrite.Part(partition: text, rows: Samples.orders(from: 0, count: 1))
      #expect(throws: Diagnostic.self) { try warehouse.stage(Samples.write([part])) }
      #expect(throws: Diagnostic.self) { try warehouse.writeRun(id: text, json: "{}") }
    }
    #expect(folder.files() == ["lode.json"])
  }

  @Test("a folder that cannot be made is named with the words of the system")
  func unwritable() throws {
    #expect(
      message { () throws(Diagnostic) in
        _ = try Warehouse(opening: folder.path + "/lode.json/inner", shardCount: 2)
      } == """
        WH/lode.json: lode cannot make the folder here (File exists).
          fix: check the path and the disk, then run again; nothing was published.
        """
    )
  }

  @Test("a full disk ends a write with the need, and leaves nothing behind", arguments: [10, 3000])
  func diskFull(room: Int) throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 5))]))
    let files = folder.files()
    let narrow = try Warehouse(opening: folder.path, shardCount: 4, byteBudget: room)
    let parts = (0..<3).map { TableWrite.Part(rows: Samples.orders(from: $0, count: 60)) }
    do {
      try narrow.publish(Samples.write(parts, run: "r2"))
      Issue.record("the write went through")
    } catch {
      #expect(error.category == .temporary)
      #expect(error.description.contains("disk full: there is no room for a file of "))
      #expect(error.description.contains("fix: free at least "))
    }
    #expect(folder.files() == files)
    #expect(try warehouse.snapshot(of: "orders")?.version == 0)
    try warehouse.publish(Samples.write(parts, run: "r2"))
    #expect(try warehouse.snapshot(of: "orders")?.table().rowCount == 180)
  }

  @Test("a version that does not exist is refused with the latest")
  func version() throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 2))]))
    #expect(
      message { () throws(Diagnostic) in _ = try warehouse.snapshot(of: "orders", version: 7) }
        == """
        table orders: there is no version 7; the latest is 0.
          fix: name a version from 0 to 0.
        """
    )
  }

  @Test("a column that is not there is answered with the closest name")
  func column() throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 2))]))
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    #expect(
      message { () throws(Diagnostic) in _ = try snapshot.table(columns: ["amuont"]) } == """
        table orders: there is no column "amuont" – did you mean "amount"? The columns are \
        customer_id, amount, quantity, placed_at, day, score, is_new.
          fix: name one of these columns.
        """
    )
  }

  @Test("a data file cut short or changed is refused when it is read")
  func damage() throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 9))]))
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    let path = snapshot.files[0].absolutePath
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[60] ^= 1
    try bytes.write(to: URL(filePath: path))
    #expect(throws: Diagnostic.self) { try snapshot.table() }
    try bytes.dropLast().write(to: URL(filePath: path))
    #expect(throws: Diagnostic.self) { try snapshot.table() }
    // The next write of the same rows repairs the file.
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 9))]))
    #expect(try snapshot.table().rowCount == 9)
  }

  @Test("a log with a gap or a foreign path is refused")
  func log() throws {
    try warehouse.publish(Samples.write([.init(rows: Samples.orders(from: 0, count: 2))]))
    let log = folder.path + "/tables/orders/_delta_log/"
    let foreign = #"{"add":{"path":"..%2Fx.parquet","partitionValues":{},"size":1}}"#
    try Data(foreign.utf8).write(to: URL(filePath: log + "00000000000000000001.json"))
    #expect(
      message { () throws(Diagnostic) in _ = try warehouse.snapshot(of: "orders") } == """
        table orders: the table's log names the file "..%2Fx.parquet", which lies outside of the \
        table.
          fix: restore the table's _delta_log from a copy.
        """
    )
    try FileManager.default.moveItem(
      atPath: log + "00000000000000000001.json",
      toPath: log + "00000000000000000002.json"
    )
    #expect(
      message { () throws(Diagnostic) in _ = try warehouse.snapshot(of: "orders") } == """
        WH/tables/orders/_delta_log: the table's log has 2 commits, but the latest is version 2.
          fix: restore the missing commits from a copy of the folder.
        """
    )
  }

  @Test("unfinished files of ended processes are swept, those of living ones stay")
  func litter() throws {
    let temporary = folder.path + "/tmp/"
    try Data([1]).write(to: URL(filePath: temporary + "1.0.5"))
    try Data([1]).write(to: URL(filePath: temporary + "4194999.77.5"))
    try Data([1]).write(to: URL(filePath: temporary + "notes"))
    try warehouse.sweepLitter()
    #expect(folder.files().filter { $0.hasPrefix("tmp/") } == ["tmp/notes"])
  }
}
