import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeWarehouse

/// A folder that lives as long as a test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.path() + "/lode-warehouse-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The paths of all files within, in order.
  func files() -> [String] {
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return
      all.filter { name in
        var isFolder = false
        return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
          && !isFolder
      }
      .sorted()
  }
}

/// Small tables for the tests of the warehouse.
enum Samples {
  static let schema = Schema([
    Field("customer_id", .text, isPersonal: true), Field("amount", .money(scale: 2)),
    Field("quantity", .integer), Field("placed_at", .timestamp), Field("day", .date),
    Field("score", .double), Field("is_new", .boolean),
  ])

  /// Rows that begin with the given number.
  static func orders(from first: Int, count: Int) -> Table {
    var builders = schema.fields.map { ColumnBuilder($0.type) }
    for row in first..<(first + count) {
      let cells: [Cell] = [
        .text("C-\(row)"),
        row % 4 == 0 ? .missing : .decimal(Int64(row) * 100 + 5, scale: 2),
        .integer(Int64(row)),
        .timestamp(Timestamp(microseconds: 1_700_000_000_000_000 + Int64(row) * 1_000_001)),
        .date(CivilDate(daysSinceEpoch: 19_000 + row)),
        row % 3 == 0 ? .missing : .double(Double(row) / 8),
        .boolean(row % 2 == 0),
      ]
      for (index, cell) in cells.enumerated() { builders[index].append(cell) }
    }
    return Table(schema, builders.map { $0.build() })
  }

  /// A write of orders, by shard if there are several parts.
  static func write(
    _ parts: [TableWrite.Part],
    replaces: TableWrite.Replacement = .everything,
    run: String = "r1"
  ) -> TableWrite {
    TableWrite(
      name: "orders",
      schema: schema,
      partitionColumn: parts.first?.partition == nil ? nil : "shard",
      parts: parts,
      replaces: replaces,
      operation: "clean",
      runID: run,
      info: ["inputs": "raw.orders@3"]
    )
  }

  static func rows(of table: Table) -> [[Cell]] {
    (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
  }
}

extension Warehouse {
  /// Stages and commits at once.
  @discardableResult
  func publish(_ write: TableWrite) throws(Diagnostic) -> TableVersion {
    try commit(try stage(write))
  }
}
