import Foundation
import LodeFormats
import LodeRuntime
import LodeTestSupport
import Testing

@Suite("Files of float rows")
struct FloatRowFileTests {
  /// The bytes of floats, the low byte first.
  private func bytes(_ numbers: [Float]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private func numbers(_ file: FloatRowFile, _ rows: Range<Int>) throws -> [Float] {
    var read: [Float] = []
    try file.withRows(rows) { span in read = span.indices.map { span[$0] } }
    return read
  }

  @Test("any rows are those that were written, on any count of threads")
  func rows() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/p.f32"
    let written = (0..<3000).map { Float($0) * 0.5 - 7 }
    try AtomicFile.write(bytes(written), to: path)
    let file = try FloatRowFile(path, columnCount: 3)
    #expect(file.rowCount == 1000 && file.columnCount == 3 && file.path == path)
    #expect(try numbers(file, 0..<1000) == written)
    #expect(try numbers(file, 999..<1000) == Array(written[2997...]))
    #expect(try numbers(file, 4..<4).isEmpty)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    for threads in [1, 2, 3, 8] {
      Parallel.threadCount = threads
      let parts = try Parallel.map(rows: 1000, chunkSize: 7) { try numbers(file, $0) }
      #expect(parts.flatMap(\.self) == written)
    }
  }

  @Test(
    "held rows are the same as rows read anew",
    arguments: [-1, 0, 11, 12, 6000, 11_988, 99_999]
  )
  func held(byteCount: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/p.f32"
    let written = (0..<3000).map { Float($0) * 0.5 - 7 }
    try AtomicFile.write(bytes(written), to: path)
    let file = try FloatRowFile(path, columnCount: 3, heldByteCount: byteCount)
    let parts = try Parallel.map(rows: 1000, chunkSize: 7) { try numbers(file, $0) }
    #expect(parts.flatMap(\.self) == written)
    #expect(try numbers(file, 0..<1000) == written)
  }

  @Test("an empty file has no rows")
  func empty() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([], to: "\(folder.path)/p.f32")
    #expect(try FloatRowFile("\(folder.path)/p.f32", columnCount: 2).rowCount == 0)
  }

  @Test("a file of no whole number of rows is refused", arguments: [4, 25])
  func cut(byteCount: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/p.f32"
    try AtomicFile.write([UInt8](repeating: 0, count: byteCount), to: path)
    let error = #expect(throws: Diagnostic.self) { try FloatRowFile(path, columnCount: 2) }
    #expect(
      error?.description == "\(path): the file has \(byteCount) bytes, which is no whole number of "
        + "rows of 2 floats of 4 bytes each.\n"
        + "  fix: write all rows as 32-bit floats one after the other, or correct the columns."
    )
    #expect(throws: Diagnostic.self) { try FloatRowFile(path, columnCount: .max) }
    #expect(throws: Diagnostic.self) { try FloatRowFile(path + ".none", columnCount: 2) }
  }

  @Test("a file that is cut or written to while it is read is refused", arguments: [40, 800, 1600])
  func changed(byteCount: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/p.f32"
    try AtomicFile.write([UInt8](repeating: 0, count: 800), to: path)
    let file = try FloatRowFile(path, columnCount: 2)
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(repeating: 1, count: byteCount))
    try handle.close()
    // The clock of the file system may not have moved on since the file was made.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)],
      ofItemAtPath: path
    )
    let error = #expect(throws: Diagnostic.self) { try numbers(file, 90..<100) }
    #expect(error?.category == .temporary)
    #expect(
      error?.description == "\(path): the file changed while it was read.\n"
        + "  fix: run again when nothing writes to it; move finished files into place."
    )
  }
}
