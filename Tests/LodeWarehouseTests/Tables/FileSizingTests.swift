import LodeColumns
import LodeTestSupport
import LodeWarehouse
import Testing

@Suite("Sizes of data files")
struct FileSizingTests {
  let folder: MemoryFolder

  init() throws {
    folder = try MemoryFolder()
  }

  private func warehouse(limit: Int) throws -> Warehouse {
    var warehouse = try Warehouse(opening: folder.path + "/w", shardCount: 2)
    warehouse.fileByteLimit = limit
    return warehouse
  }

  @Test("a part beyond the limit becomes several files with its rows in order")
  func split() throws {
    let warehouse = try warehouse(limit: 8_000)
    let rows = Samples.orders(from: 0, count: 3000)
    let small = Samples.orders(from: 5000, count: 10)
    let write = Samples.write([
      .init(partition: "0", rows: rows), .init(partition: "1", rows: small),
    ])
    try warehouse.publish(write)
    let snapshot = try #require(try warehouse.snapshot(of: "orders"))
    #expect(snapshot.files.count { $0.partition == "0" } > 1)
    #expect(snapshot.files.count { $0.partition == "1" } == 1)
    // A file of a part of the rows has columns' headers of its own: a little more is well.
    #expect(snapshot.files.allSatisfy { $0.byteCount <= 9_000 })
    let read = try snapshot.table(partitions: ["0"])
    #expect(Samples.rows(of: read) == Samples.rows(of: rows))
    #expect(try warehouse.publish(write).isUnchanged)
    #expect(try warehouse.check().problems.isEmpty)
  }

  @Test("what fits stays one file, and one row is never cut")
  func whole() throws {
    let rows = Samples.orders(from: 0, count: 300)
    try warehouse(limit: 100_000).publish(Samples.write([.init(rows: rows)]))
    #expect(try warehouse(limit: 1).snapshot(of: "orders")?.files.count == 1)
    let few = Samples.orders(from: 0, count: 3)
    try warehouse(limit: 1).publish(Samples.write([.init(rows: few)]))
    #expect(try warehouse(limit: 1).snapshot(of: "orders")?.files.map(\.rowCount) == [1, 1, 1])
  }
}
