import FoundationEssentials
import LodeColumns
import LodePipeline
import LodeWarehouse
import Testing

@Suite("Figures of a table")
struct TableViewerTests {
  @Test("a profile is exact, and cells of personal columns are masked unless asked for")
  func profile() throws {
    let root = FileManager.default.temporaryDirectory.path() + "/lode-look-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let schema = Schema([
      Field("email", .text, isPersonal: true), Field("score", .double), Field("isNew", .boolean),
    ])
    let rows = Table(
      schema,
      [
        Column(texts: ["a@x", "b@x", nil, "a@x"]),
        Column(doubles: [3, -1, 0.5, 0.5]),
        Column(type: .boolean, storage: .booleans([true, false, true, true])),
      ]
    )
    let warehouse = try Warehouse(opening: root, shardCount: 2)
    _ = try warehouse.commit(
      try warehouse.stage(
        TableWrite(
          name: "people",
          schema: schema,
          parts: [.init(rows: rows)],
          operation: "test",
          runID: "r"
        )
      )
    )
    let viewer = try TableViewer(root: root)
    let head =
      "column,type,rows,missing,distinct,min,p25,median,p75,max,mean,most_frequent\n"
    let rest = """
      score,double,4,0,3,-1,-1,0.5,0.5,3,0.75,"0.5 (2); -1 (1); 3 (1)"
      isNew,boolean,4,0,2,false,,,,true,,"true (3); false (1)"

      """
    #expect(
      try viewer.profile("people", showsPersonal: false) == head
        + "email,text,4,1,2,***,***,***,***,***,***,***\n" + rest
    )
    #expect(
      try viewer.profile("people", showsPersonal: true) == head
        + "email,text,4,1,2,a@x,,,,b@x,,\"a@x (2); b@x (1)\"\n" + rest
    )
    #expect(
      try viewer.schema("people")
        == "column,type,personal\nemail,text,yes\nscore,double,no\nisNew,boolean,no\n"
    )
  }
}
