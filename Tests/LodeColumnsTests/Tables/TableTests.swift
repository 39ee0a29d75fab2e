import LodeColumns
import LodeRuntime
import Testing

@Suite("Tables")
struct TableTests {
  private let table = Table([
    "id": Column(texts: ["a", "b", nil]), "count": Column(integers: [3, 1, 2]),
  ])

  @Test("rows are kept, columns selected, set and replaced")
  func shapes() throws {
    #expect(table.filtered([true, false, true]).column("count")?.integers == [3, 2])
    #expect(try table.selecting(["count"]).schema.names == ["count"])
    let more = table.setting(Field("score", .double), Column(doubles: [1, 2, 3]))
    #expect(more.schema.names == ["id", "count", "score"])
    let replaced = more.setting(Field("count", .text), Column(texts: ["x", "y", "z"]))
    #expect(replaced.schema.names == ["id", "count", "score"])
    #expect(replaced.column("count")?[2] == .text("z"))
    #expect(Table(emptyWith: table.schema).rowCount == 0)
  }

  @Test("an unknown column is refused with the columns there are")
  func unknownColumn() {
    #expect(
      throws: Diagnostic(
        .failure,
        "there is no column \"cuont\" – did you mean \"count\"? The columns are id, count."
      )
    ) { try table.requiredColumn("cuont") }
    #expect(
      throws: Diagnostic(.failure, "there is no column \"price\". The columns are id, count.")
    ) {
      try table.selecting(["id", "price"])
    }
  }
}
