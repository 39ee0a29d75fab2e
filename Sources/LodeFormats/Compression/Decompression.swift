/// Turns compressed input files into their content.
public enum Decompression {
  /// The most bytes an input file may hold when the caller names no limit: 16 GiB.
  public static let defaultLimit = 1 << 34

  /// The content of a file: decompressed if its first bytes say so, as it is otherwise.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of the file.
  ///   - limit: the most bytes the content may have.
  /// - Returns: the content.
  /// - Throws: ``CompressionError`` for cut, damaged or too long data.
  public static func contents(
    of bytes: [UInt8],
    limit: Int = defaultLimit
  ) throws(CompressionError) -> [UInt8] {
    switch CompressionFormat.detected(in: bytes) {
    case .gzip: try inflateGzip(bytes, limit: limit)
    case .zstd: try decodeZstd(bytes, limit: limit)
    case .snappy, .lz4, .brotli, .uncompressed: bytes
    }
  }

  /// The content of all members of a gzip file.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of the file; zeros after the last member are padding.
  ///   - limit: the most bytes the content may have.
  /// - Returns: the content of the members, one after the other.
  /// - Throws: ``CompressionError`` for cut, damaged or too long data.
  public static func inflateGzip(
    _ bytes: [UInt8],
    limit: Int = defaultLimit
  ) throws(CompressionError) -> [UInt8] {
    let (guess, hasOverflowed) = bytes.count.multipliedReportingOverflow(by: 4)
    return try Gzip.inflate(bytes.span, limit: limit, expected: hasOverflowed ? 0 : guess)
  }

  /// The content of all frames of a zstd file.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of the file.
  ///   - limit: the most bytes the content may have.
  /// - Returns: the content of the frames, one after the other.
  /// - Throws: ``CompressionError`` for cut, damaged or too long data.
  public static func decodeZstd(
    _ bytes: [UInt8],
    limit: Int = defaultLimit
  ) throws(CompressionError) -> [UInt8] {
    try Zstandard.decodeFrames(bytes.span, limit: limit)
  }
}

/// Compresses whole files; equal content gives equal bytes.
public enum Compression {
  /// One gzip member of level 6, without a name and with time 0.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  public static func gzip(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
    try Gzip.deflate(bytes.span, level: 6)
  }

  /// One zstd frame of level 3.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  public static func zstd(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
    try Zstandard.encode(bytes.span, level: 3)
  }
}
