import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeTestSupport
import LodeWarehouse
import Testing

@testable import LodePipeline

@Suite("What killed runs leave in the quarantine")
struct KilledRunTests {
  /// Two pipelines of one stage each; both put bad rows into the one quarantine table.
  private func shop() throws -> PipelineFolder {
    let folder = try PipelineFolder()
    for name in ["one", "two"] {
      try folder.write(
        """
        { lode: 1, name: "\(name)", currency: "EUR", warehouse: "w", exports: "e",
          stages: { in_\(name): { op: "extract", into: "raw.\(name)", on_bad_row: "quarantine",
            max_bad_share: 0.9,
            from: { csv: "\(name).csv", types: { id: "text", n: "integer" } } } } }
        """,
        to: "\(name).json5"
      )
    }
    return folder
  }

  private func run(_ folder: PipelineFolder, _ name: String, _ rows: String) throws {
    try folder.write("id,n\n" + rows, to: "\(name).csv")
    let file = try PipelineFile(path: "\(folder.path)/\(name).json5")
    let options = RunOptions(asOf: try #require(CivilDate("2026-06-01")), runID: "r-\(name)")
    _ = try PipelineRunner(file, options: options).run([]) { _ in }
  }

  /// The lines of the bad rows of each stage.
  private func quarantine(_ folder: PipelineFolder, version: Int? = nil) throws -> [String] {
    let warehouse = try Warehouse(opening: "\(folder.path)/w", shardCount: 8)
    let snapshot = try #require(try warehouse.snapshot(of: "quarantine", version: version))
    return try snapshot.read()
      .flatMap { part in
        let lines = try part.rows.requiredColumn("line")
        return (0..<part.rows.rowCount).map { "\(part.partition ?? "") \(lines[$0])" }
      }
  }

  @Test("rows that a killed run committed and never published are not inherited")
  func reverted() throws {
    let folder = try shop()
    try run(folder, "one", "a,1\nb,x\n")
    try run(folder, "two", "a,y\nb,2\n")
    #expect(try quarantine(folder) == ["in_one 3", "in_two 2"])
    // Pipeline one commits other bad rows and is killed before its tag is set.
    let before = try FolderContents.read(folder.path + "/w")
    try run(folder, "one", "a,x\nb,x\nc,1\n")
    #expect(try quarantine(folder) == ["in_one 2", "in_one 3", "in_two 2"])
    var killed = try FolderContents.read(folder.path + "/w")
    for path in before.keys where path == "tags.json" || path.hasPrefix("stages/") {
      killed[path] = before[path]
    }
    try FolderContents.write(killed, to: folder.path + "/w")
    // Its input is reverted; the other pipeline runs, and later commits keep what was published.
    try run(folder, "two", "a,y\nb,y\nc,3\n")
    #expect(try quarantine(folder) == ["in_one 3", "in_two 2", "in_two 3"])
    try run(folder, "one", "a,1\nb,x\n")
    #expect(try quarantine(folder) == ["in_one 3", "in_two 2", "in_two 3"])
    let warehouse = try Warehouse(opening: "\(folder.path)/w", shardCount: 8)
    #expect(try warehouse.check().problems.isEmpty)
  }
}
