/// The physical types of values.
enum PhysicalType: Int {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7

  /// The name in the format's specification.
  var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// How values are encoded in a page.
enum PageEncoding: Int {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9

  /// The name in the format's specification.
  var name: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .rle: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
    case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaByteArray: "DELTA_BYTE_ARRAY"
    case .rleDictionary: "RLE_DICTIONARY"
    case .byteStreamSplit: "BYTE_STREAM_SPLIT"
    }
  }
}

/// How pages are compressed.
enum PageCodec: Int {
  case uncompressed = 0
  case snappy = 1
  case gzip = 2
  case lzo = 3
  case brotli = 4
  case lz4 = 5
  case zstd = 6
  case lz4Raw = 7

  /// The codec of a way of compression.
  init(_ format: CompressionFormat) {
    switch format {
    case .uncompressed: self = .uncompressed
    case .gzip: self = .gzip
    case .zstd: self = .zstd
    case .snappy: self = .snappy
    case .lz4: self = .lz4Raw
    case .brotli: self = .brotli
    }
  }

  /// The content of a page.
  ///
  /// - Parameters:
  ///   - bytes: the page as it lies in the file.
  ///   - size: the size of its content, already checked against the limit for pages.
  /// - Returns: exactly `size` bytes.
  /// - Throws: `corrupt` for other content, `unsupported` for LZO.
  func decompress(_ bytes: [UInt8], size: Int) throws(ParquetError.Reason) -> [UInt8] {
    if size == 0 && self != .uncompressed { return [] }
    guard self != .lzo else { throw .unsupported("LZO compression") }
    let content: [UInt8]
    do throws(CompressionError) {
      switch self {
      case .uncompressed: content = bytes
      case .snappy: content = try Snappy.decode(bytes.span, size: size)
      case .gzip: content = try Gzip.inflate(bytes.span, limit: size, expected: size)
      case .zstd: content = try Zstandard.decode(bytes.span, size: size)
      case .brotli: content = try Brotli.decode(bytes.span, size: size)
      case .lz4: content = try LZ4.decodeHadoop(bytes, size: size)
      case .lz4Raw: content = try LZ4.decode(bytes.span, size: size)
      case .lzo: content = []
      }
    } catch {
      throw .corrupt(error.description)
    }
    guard content.count == size else {
      throw .corrupt("a page of \(content.count) bytes where \(size) are declared")
    }
    return content
  }

  /// How hard zstd tries.
  enum Effort: Int32 {
    /// Repeated bytes are found, the others stay as they are: half the time to write and to read.
    case light = -3
    /// The other bytes are coded by how often they occur, too.
    case normal = 1
  }

  /// A page compressed.
  ///
  /// - Throws: ``CompressionError`` when the codec fails.
  func compress(
    _ bytes: [UInt8],
    _ effort: Effort = .normal
  ) throws(CompressionError) -> [UInt8] {
    switch self {
    case .snappy: try Snappy.encode(bytes.span)
    case .gzip: try Gzip.deflate(bytes.span, level: 6)
    case .zstd: try Zstandard.encode(bytes.span, level: effort.rawValue)
    case .lz4Raw: try LZ4.encode(bytes.span)
    case .brotli: try Brotli.encode(bytes.span)
    default: bytes
    }
  }

  /// The effort that pays for pages like this one, judged by its first bytes.
  ///
  /// - Parameters:
  ///   - page: the page before compression.
  ///   - gain: the share of the page's own bytes that the normal effort must save beyond the light
  ///     one: what it costs goes with the bytes it reads, not with those it leaves.
  /// - Returns: the effort; the normal one for short pages.
  /// - Throws: ``CompressionError`` when the codec fails.
  func effort(for page: [UInt8], gain: Double) throws(CompressionError) -> Effort {
    guard self == .zstd, page.count >= 4 * Self.trialByteCount else { return .normal }
    let sample = Array(page[..<Self.trialByteCount])
    let saved = try compress(sample, .light).count - compress(sample, .normal).count
    return Double(saved) > gain * Double(sample.count) ? .normal : .light
  }

  private static let trialByteCount = 1 << 13
}
