import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeWarehouse
import Testing

@Suite("Tables at earlier times")
struct TimeTravelTests {
  let folder: TemporaryFolder
  let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(opening: folder.path, shardCount: 4)
  }

  /// Publishes a version of that many rows.
  func publish(_ count: Int, pipeline: String? = nil) throws {
    let write = Samples.write([.init(rows: Samples.orders(from: 0, count: count))])
    try warehouse.publish(
      TableWrite(
        name: write.name,
        schema: write.schema,
        parts: write.parts,
        operation: "clean",
        runID: "r\(count)",
        info: pipeline.map { ["pipeline": $0] } ?? [:]
      )
    )
  }

  /// Rewrites the times of the commits, in milliseconds, as if another program had.
  func setTimes(_ times: [Int]) throws {
    for (version, time) in times.enumerated() {
      let path = folder.path + "/tables/orders/_delta_log/0000000000000000000\(version).json"
      var text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      let start = try #require(text.firstRange(of: "\"timestamp\":")).upperBound
      let end = try #require(text[start...].firstIndex(of: ","))
      text.replaceSubrange(start..<end, with: String(time))
      text = text.replacing("\"lode.seal", with: "\"other")
      try Data(text.utf8).write(to: URL(filePath: path))
    }
  }

  func version(_ text: String) throws -> Int {
    try warehouse.version(of: try TableReference(text))
  }

  func message(_ text: String) -> String {
    do throws(Diagnostic) {
      _ = try warehouse.version(of: try TableReference(text))
      return "no refusal"
    } catch {
      return error.description
    }
  }

  @Test("a table is found by version, by day, by second and by tag")
  func moments() throws {
    for count in 1...3 { try publish(count) }
    // 2026-01-05T10:00:00Z, the same day at 12:00:00.500, and the day after at 00:00.
    try setTimes([1_767_607_200_000, 1_767_614_400_500, 1_767_657_600_000])
    try warehouse.setTag("kept", ["orders": 0])
    #expect(try version("orders") == 2)
    #expect(try version("orders@1") == 1)
    #expect(try version("orders@2026-01-05") == 1)
    #expect(try version("orders@2026-01-05T11:00:00Z") == 0)
    #expect(try version("orders@2026-01-05T12:00:00") == 1)
    #expect(try version("orders@2026-01-06") == 2)
    #expect(try version("orders@kept") == 0)
    #expect(try warehouse.snapshot(at: TableReference("orders@2026-01-05")).rowCount == 2)
  }

  @Test("clocks that go back do not put a version before an earlier one")
  func monotone() throws {
    for count in 1...3 { try publish(count) }
    try setTimes([2000, 1000, 1500])
    let times = try warehouse.history(of: "orders").map(\.time.microseconds)
    #expect(times == [2_000_000, 2_001_000, 2_002_000])
  }

  @Test("the history has operation, run, rows and files of each version")
  func history() throws {
    for count in 1...2 { try publish(count) }
    let history = try warehouse.history(of: "orders")
    #expect(history.map(\.version) == [0, 1])
    #expect(history.map(\.operation) == ["clean", "clean"])
    #expect(history.map(\.runID) == ["r1", "r2"])
    #expect(history.map(\.rowCount) == [1, 2])
    #expect(history.map(\.fileCount) == [1, 1])
  }

  @Test("what is not there is refused in words")
  func refusals() throws {
    try publish(1)
    try setTimes([1_767_607_200_000])
    try warehouse.setTag("weekly-churn", ["orders": 0])
    #expect(
      message("ordrs@1") == """
        there is no table "ordrs" – did you mean "orders"?
          fix: lode ls lists the tables.
        """
    )
    #expect(
      message("orders@1") == """
        table orders: there is no version 1; the latest is 0.
          fix: name a version from 0 to 0.
        """
    )
    #expect(
      message("orders@2026-01-04") == """
        table orders: there was no version yet at that time; the first is of 2026-01-05T10:00:00Z.
          fix: name a later time, or a version; lode history orders lists them.
        """
    )
    #expect(
      message("orders@weekly-chrn") == """
        table orders: no tag "weekly-chrn" names a version of this table – did you mean \
        "weekly-churn"?
          fix: name one of the tags weekly-churn.
        """
    )
    #expect(
      message("orders@") == """
        "orders@" names no version.
          fix: write orders@3, orders@2026-01-05 or orders@TAG; lode history orders lists them.
        """
    )
  }

  @Test("versions of a pipeline count once its tag has reached them, others at once")
  func published() throws {
    try publish(1, pipeline: "weekly")
    #expect(try warehouse.publishedVersion(of: "orders") == nil)
    #expect(try warehouse.publishedTableNames().isEmpty)
    try warehouse.setTag("weekly", ["orders": 0])
    try publish(2, pipeline: "weekly")
    #expect(try version("orders") == 0)
    try warehouse.setTag("weekly", ["orders": 1])
    #expect(try version("orders") == 1)
    try publish(3)
    #expect(try version("orders") == 2)
  }

  @Test("a log that begins with a foreign checkpoint is refused in words, never misread")
  func checkpoint() throws {
    for count in 1...3 { try publish(count) }
    let log = folder.path + "/tables/orders/_delta_log/"
    try Data("x".utf8)
      .write(to: URL(filePath: log + "00000000000000000001.checkpoint.parquet"))
    #expect(try version("orders") == 2)
    try FileManager.default.removeItem(atPath: log + "00000000000000000000.json")
    #expect(
      message("orders").replacing(folder.path, with: "WH") == """
        WH/tables/orders/_delta_log: the table's log begins with version 1 and a checkpoint of \
        another program (version 1), which lode cannot read.
          fix: restore the earlier commits from a copy, or copy the table with that program into \
        a new table, whose log begins with version 0.
        """
    )
  }
}
