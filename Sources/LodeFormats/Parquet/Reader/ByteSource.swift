/// Where the bytes of a file come from.
enum ByteSource: Sendable {
  case file(InputFile)
  case memory([UInt8])

  /// The length of the file in bytes.
  var byteCount: Int {
    switch self {
    case .file(let file): file.byteCount
    case .memory(let bytes): bytes.count
    }
  }

  /// The bytes of a range that lies within the file.
  func bytes(in range: Range<Int>) throws(ParquetError.Reason) -> [UInt8] {
    switch self {
    case .memory(let bytes): return Array(bytes[range])
    case .file(let file):
      let bytes: [UInt8]
      do throws(InputFileError) {
        bytes = try file.bytes(in: range)
      } catch {
        throw .unreadable(error.words)
      }
      guard bytes.count == range.count else { throw .truncated }
      return bytes
    }
  }

  /// Where the footer begins.
  func footerStart() throws(ParquetError.Reason) -> Int {
    var cursor = ByteCursor(try bytes(in: (byteCount - 8)..<(byteCount - 4)))
    return byteCount - 8 - Int(try cursor.littleEndian32())
  }

  /// The footer of the file.
  ///
  /// - Throws: the reason why there is none that can be read.
  func footer() throws(ParquetError.Reason) -> FileMetadata {
    guard byteCount >= 12 else { throw .notParquet }
    let head = try bytes(in: 0..<4)
    let tail = try bytes(in: (byteCount - 8)..<byteCount)
    if Array(tail[4...]) == Array("PARE".utf8) || head == Array("PARE".utf8) { throw .encrypted }
    guard head == ParquetWriter.magic else { throw .notParquet }
    guard Array(tail[4...]) == ParquetWriter.magic else { throw .truncated }
    var cursor = ByteCursor(tail)
    let length = Int(try cursor.littleEndian32())
    guard length <= byteCount - 12 else { throw .corrupt("a footer of \(length) bytes") }
    let footer = try bytes(in: (byteCount - 8 - length)..<(byteCount - 8))
    guard FooterSeal.holds(in: footer) else { throw .checksum }
    var reader = ThriftReader(ByteCursor(footer))
    let metadata = try FileMetadata(&reader)
    guard !metadata.isEncrypted else { throw .encrypted }
    return metadata
  }
}
