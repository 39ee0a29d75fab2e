import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("Damaged CSV files")
struct CSVDamageTests {
  private static let text =
    "id,name,at,amount\n1,\"a \"\"b\"\"\nc\",2026-01-02T10:00:00,1.50\n"
    + "2,é,2026-01-03T11:30:00,-20.25\r\n3,,2026-01-04T00:00:00,0.00\n"

  private var reader: CSVReader {
    var reader = CSVReader()
    reader.types = [
      "id": .integer, "name": .text, "at": .timestamp, "amount": .money(scale: 2),
    ]
    return reader
  }

  private func rows(_ document: CSVDocument) -> [[String]] {
    (0..<document.table.rowCount)
      .map { row in document.table.columns.map { $0[row].description } }
  }

  @Test("a file with any one byte changed is refused, rejected in part, or read as it stands")
  func flips() throws {
    let bytes = Array(Self.text.utf8)
    for offset in bytes.indices {
      for mask in [UInt8(1), 2, 0x10, 0x80, 0xFF] {
        var damaged = bytes
        damaged[offset] ^= mask
        var small = reader
        small.chunkSize = 16
        let whole = try? reader.read(SourceBytes(damaged, name: "f.csv"))
        let parts = try? small.read(SourceBytes(damaged, name: "f.csv"))
        #expect(whole?.table == parts?.table && whole?.rejects == parts?.rejects)
        guard let whole else { continue }
        #expect(whole.lines.count == whole.table.rowCount)
        // What was read says what stands in the file: writing and reading it changes nothing.
        var again = CSVReader()
        for field in whole.table.schema.fields { again.types[field.name] = field.type }
        let written = try again.read(SourceBytes(CSVWriter().bytes(whole.table), name: "g.csv"))
        #expect(rows(written) == rows(whole))
      }
    }
  }

  @Test("a file cut at any byte holds the first rows, no row that was not there")
  func cuts() throws {
    let bytes = Array(Self.text.utf8)
    let all = rows(try reader.read(SourceBytes(bytes, name: "f.csv")))
    for count in bytes.indices {
      guard let document = try? reader.read(SourceBytes(Array(bytes[..<count]), name: "f.csv"))
      else {
        continue
      }
      let found = rows(document)
      #expect(found.count <= all.count)
      // Only the row at the cut may differ.
      #expect(found.dropLast().elementsEqual(all.prefix(max(0, found.count - 1))))
    }
  }

  @Test("a gzip file with any byte changed is refused or holds exactly the right rows")
  func gzip() throws {
    let right = try reader.read(SourceBytes(Array(Self.text.utf8), name: "f.csv"))
    let bytes = try Compression.gzip(Array(Self.text.utf8))
    for offset in bytes.indices {
      for mask in [UInt8(1), 0x40, 0xFF] {
        var damaged = bytes
        damaged[offset] ^= mask
        guard let document = try? reader.read(SourceBytes(damaged, name: "f.csv.gz")) else {
          continue
        }
        #expect(rows(document) == rows(right), "byte \(offset), mask \(mask)")
      }
    }
    for count in 1..<bytes.count {
      #expect(throws: Diagnostic.self) {
        try reader.read(SourceBytes(Array(bytes[..<count]), name: "f.csv.gz"))
      }
    }
  }

  @Test("rejects tell the byte at which their record starts")
  func offsets() throws {
    let bytes = Array("a,b\n1,x\n2\n\"3\"y,z\n".utf8)
    let rejects = try CSVReader().read(SourceBytes(bytes, name: "f.csv")).rejects
    #expect(rejects.map(\.offset) == [8, 10])
    #expect(rejects.map(\.raw) == ["2", "\"3\"y,z"])
  }
}
