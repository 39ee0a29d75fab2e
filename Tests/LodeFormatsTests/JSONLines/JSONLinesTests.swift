import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("JSON Lines")
struct JSONLinesTests {
  private func read(_ text: String, types: [String: ColumnType] = [:]) throws -> CSVDocument {
    var reader = JSONLinesReader()
    reader.types = types
    return try reader.read(SourceBytes(Array(text.utf8), name: "f.jsonl"))
  }

  private func columns(_ document: CSVDocument) -> [String] {
    document.table.schema.fields.map { "\($0.name) \($0.type)" }
  }

  private func rows(_ document: CSVDocument) -> [[String?]] {
    (0..<document.table.rowCount)
      .map { row in
        document.table.columns.map { $0.isMissing(row) ? nil : $0[row].description }
      }
  }

  @Test("keys are columns; missing keys and null are missing cells")
  func plain() throws {
    let document = try read(
      "{\"id\":1,\"name\":\"a\\nb\\u00e9\\ud83d\\ude00\"}\n"
        + "\n{\"name\":null,\"x\":1.50,\"id\":2}\r\n"
        + "{\"id\":3,\"name\":\"\",\"on\":\"2026-01-02\",\"ok\":true}"
    )
    #expect(
      columns(document)
        == ["id integer", "name text", "x decimal(18,2)", "on date", "ok boolean"]
    )
    #expect(
      rows(document) == [
        ["1", "a\nbé😀", nil, nil, nil], ["2", nil, "1.50", nil, nil],
        ["3", "", nil, "2026-01-02", "true"],
      ]
    )
    #expect(Array(document.lines) == [1, 3, 4])
  }

  @Test("numbers in quotes are texts, exponents are doubles, long numbers keep their digits")
  func numbers() throws {
    let document = try read(
      "{\"a\":\"1\",\"b\":1e3,\"c\":12345678901234567890}\n{\"a\":\"007\",\"b\":2,\"c\":1}\n"
    )
    #expect(columns(document) == ["a text", "b double", "c text"])
    #expect(rows(document)[0] == ["1", "1000", "12345678901234567890"])
  }

  @Test(
    "lines that are no flat objects are rejected with the reason",
    arguments: [
      ("{\"a\":{\"city\":1}}", "nested"), ("{\"a\":[1]}", "nested"),
      ("{\"a\":1,\"a\":2}", "duplicate_key"), ("{\"a\":1", "bad_json"), ("[1]", "bad_json"),
      ("{\"a\":01}", "bad_json"), ("{\"a\":.5}", "bad_json"), ("{\"a\":NaN}", "bad_json"),
      ("{\"a\":1}x", "bad_json"), ("{a:1}", "bad_json"), ("{\"a\":\"\\x\"}", "bad_json"),
      ("{\"a\":\"\\ud83d\"}", "bad_json"), ("{\"a\":1,}", "bad_json"),
      ("{\"a\":\"\t\"}", "bad_json"),
    ]
  )
  func rejects(line: String, reason: String) throws {
    let document = try read("{\"a\":1}\n\(line)\n")
    #expect(document.table.rowCount == 1)
    #expect(document.rejects.map(\.reasons) == [[reason]])
    #expect(document.rejects.first?.line == 2 && document.rejects.first?.offset == 8)
  }

  @Test("a nested value is named by its path")
  func path() throws {
    let reject = try read("{\"a\":1}\n{\"home\":{\"city\":1}}\n").rejects[0]
    #expect(
      reject.message
        == "\"home.city\": the key \"home\" holds an object, which is no cell; flatten it before"
    )
  }

  @Test("a column of texts and numbers is refused until its type is declared")
  func mixed() throws {
    let text = "{\"a\":1}\n{\"a\":\"x\"}\n"
    let error = #expect(throws: Diagnostic.self) { try read(text) }
    #expect(
      error?.description
        == "f.jsonl:2: column \"a\" holds texts here and numbers on line 1.\n"
        + "  fix: declare its type: types: { a: \"text\" }, or correct the file."
    )
    #expect(rows(try read(text, types: ["a": .text])) == [["1"], ["x"]])
    let typed = try read(text, types: ["a": .integer])
    #expect(typed.rejects.map(\.reasons) == [["bad_integer"]])
  }

  @Test("what is written reads back identical")
  func roundTrip() throws {
    let table = ParquetSamples.everyType(rows: 40)
    var reader = JSONLinesReader()
    for field in table.schema.fields { reader.types[field.name] = field.type }
    let document = try reader.read(SourceBytes(JSONLinesWriter().bytes(table), name: "f.jsonl"))
    #expect(document.rejects.isEmpty)
    let names = table.schema.names
    #expect(
      ParquetSamples.rows(of: try document.table.selecting(names))
        == ParquetSamples.rows(of: table)
    )
  }
}
