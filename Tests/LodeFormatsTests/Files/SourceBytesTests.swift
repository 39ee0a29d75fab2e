import LodeColumns
import LodeFormats
import LodeRuntime
import LodeTestSupport
import Testing

@Suite("Source files")
struct SourceBytesTests {
  @Test("a file and the same bytes in memory have one digest and one content")
  func digest() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/f.csv"
    let bytes = Array("a,b\n1,2\n".utf8)
    try AtomicFile.write(bytes, to: path)
    let file = try SourceBytes(file: path)
    #expect(file.byteCount == bytes.count && file.name == path)
    #expect(try file.sha256() == SHA256.hexDigest(of: bytes))
    #expect(try SourceBytes(bytes, name: "m").sha256() == SHA256.hexDigest(of: bytes))
    #expect(try CSVReader().read(file).table.rowCount == 1)
  }

  @Test("a file that another one took the place of is refused, to be tried again")
  func changed() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/f.csv"
    try AtomicFile.write(Array("a,b\n1,2\n".utf8), to: path)
    let file = try SourceBytes(file: path)
    try AtomicFile.write(Array("a,b\n1,2\n3,4\n".utf8), to: path)
    let error = #expect(throws: Diagnostic.self) { try CSVReader().read(file) }
    #expect(error?.category == .temporary)
    #expect(
      error?.description == "\(path): the file changed while it was read.\n"
        + "  fix: run again when nothing writes to it; move finished files into place."
    )
  }
}
