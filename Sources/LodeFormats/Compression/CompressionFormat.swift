/// How bytes are compressed.
public enum CompressionFormat: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// Not at all.
  case uncompressed
  /// Gzip members (RFC 1952) or a zlib stream (RFC 1950).
  case gzip
  /// Zstandard frames (RFC 8878).
  case zstd
  /// A raw Snappy block, as Parquet pages hold it.
  case snappy
  /// A raw LZ4 block, as Parquet pages hold it.
  case lz4
  /// A Brotli stream (RFC 7932).
  case brotli

  /// The name of the format.
  public var description: String { rawValue }

  /// The format of a file's bytes, told by their first bytes and never by a file name.
  ///
  /// - Source: RFC 1952 §2.3.1 (1F 8B), RFC 8878 §3.1.1 and §3.1.2 (28 B5 2F FD, skippable frames).
  public static func detected(in bytes: [UInt8]) -> CompressionFormat {
    if bytes.count >= 2, bytes[0] == 0x1F, bytes[1] == 0x8B { return .gzip }
    if bytes.count >= 4, bytes[1] == 0xB5, bytes[2] == 0x2F, bytes[3] == 0xFD, bytes[0] == 0x28 {
      return .zstd
    }
    if bytes.count >= 4, bytes[0] & 0xF0 == 0x50, bytes[1] == 0x2A, bytes[2] == 0x4D,
      bytes[3] == 0x18
    {
      return .zstd
    }
    return .uncompressed
  }
}
