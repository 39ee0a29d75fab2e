import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("CSV writer")
struct CSVWriterTests {
  private func text(_ table: Table, _ profile: CSVWriter.Profile = .machine) -> String {
    String(decoding: CSVWriter(profile).bytes(table), as: UTF8.self)
  }

  @Test("what a machine file holds reads back identical")
  func roundTrip() throws {
    let table = ParquetSamples.everyType(rows: 60)
    var reader = CSVReader()
    for field in table.schema.fields { reader.types[field.name] = field.type }
    let document = try reader.read(SourceBytes(CSVWriter().bytes(table), name: "f.csv"))
    #expect(document.rejects.isEmpty)
    #expect(document.table.schema == table.schema)
    #expect(ParquetSamples.rows(of: document.table) == ParquetSamples.rows(of: table))
  }

  @Test("texts with any signs read back identical", arguments: 0..<20 as Range<UInt64>)
  func texts(seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let signs = Array("ab,;|\"'\n\r\t =-é€😀".unicodeScalars)
    let texts = (0..<60)
      .map { _ -> String? in
        if random.integer(below: 8) == 0 { return nil }
        var view = String.UnicodeScalarView()
        for _ in 0..<random.integer(below: 6) {
          view.append(signs[random.integer(below: signs.count)])
        }
        return String(view)
      }
    let table = Table([
      "id": Column(integers: texts.indices.map { Int64($0) }),
      "text": Column(texts: texts),
    ])
    var reader = CSVReader()
    reader.types = ["text": .text]
    let read = try reader.read(SourceBytes(CSVWriter().bytes(table), name: "f.csv")).table
    #expect(ParquetSamples.rows(of: read) == ParquetSamples.rows(of: table))
  }

  @Test("a missing cell of a single column is still a row")
  func singleColumn() throws {
    var builder = ColumnBuilder(.integer)
    builder.append(integer: 1)
    builder.appendMissing()
    builder.append(integer: 3)
    let table = Table(["n": builder.build()])
    #expect(text(table) == "n\n1\n\"\"\n3\n")
    #expect(
      try CSVReader().read(SourceBytes(CSVWriter().bytes(table), name: "f.csv")).table == table
    )
  }

  @Test("machine files have LF and quotes where needed, and no apostrophes")
  func machine() {
    let table = Table([
      "name": Column(texts: ["=1+1", "a,b", "", nil]), "a|b": Column(integers: [1, -2, 3, 4]),
    ])
    #expect(text(table) == "name,\"a|b\"\n=1+1,1\n\"a,b\",-2\n\"\",3\n,4\n")
  }

  @Test("spreadsheet files have a byte-order mark, CRLF, and apostrophes before formulas")
  func excel() {
    let table = Table([
      "t": Column(texts: ["=1", "+1", "-1", "@a", "\ta", "\ra", "\0a", "a=1", ""]),
      "n": Column(integers: [-1, -2, 0, 0, 0, 0, 0, 0, 0]),
    ])
    #expect(
      text(table, .excel)
        == "\u{FEFF}t,n\r\n'=1,-1\r\n'+1,-2\r\n'-1,0\r\n'@a,0\r\n\"'\ta\",0\r\n\"'\ra\",0\r\n"
        + "'\0a,0\r\na=1,0\r\n\"\",0\r\n"
    )
  }

  @Test("a decimal comma goes with semicolons and reads back identical")
  func decimalComma() throws {
    let table = Table([
      "t": Column(texts: ["a;b", "c,d"]), "x": Column(.money(scale: 2), integers: [123_450, -5]),
    ])
    let bytes = CSVWriter(.excel, usesDecimalComma: true).bytes(table)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "\u{FEFF}t;x\r\n\"a;b\";1234,50\r\n\"c,d\";-0,05\r\n"
    )
    var reader = CSVReader()
    reader.decimalSeparator = UInt8(ascii: ",")
    #expect(try reader.read(SourceBytes(bytes, name: "f.csv")).table == table)
  }

  @Test("names of columns are no formulas in spreadsheets either")
  func header() {
    #expect(text(Table(["=A1": Column(integers: [])]), .excel) == "\u{FEFF}'=A1\r\n")
  }
}
