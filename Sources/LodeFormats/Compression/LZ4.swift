internal import CLZ4

/// LZ4 blocks, bare or in the framing of Hadoop.
///
/// Every use of the C library is in this file; bounds are given to it with each call.
enum LZ4 {
  /// The content of a bare block.
  ///
  /// - Throws: ``CompressionError`` unless the block holds exactly `size` bytes.
  static func decode(_ bytes: Span<UInt8>, size: Int) throws(CompressionError) -> [UInt8] {
    // A block grows at most 255-fold, so a larger size is refused before memory is asked for.
    guard bytes.count <= Int(Int32.max), size <= Int(Int32.max),
      size / 255 <= bytes.count
    else { throw .corrupt(format: .lz4, reason: "\(size) bytes from \(bytes.count)") }
    var written: Int32 = -1
    // SAFETY: the library reads `bytes.count` bytes and writes at most `size`.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe input.withMemoryRebound(to: CChar.self) { source in
        unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
          unsafe target.withMemoryRebound(to: CChar.self) { sink in
            var spare: CChar = 0
            written = unsafe withUnsafeMutablePointer(to: &spare) { other in
              unsafe LZ4_decompress_safe(
                source.baseAddress,
                sink.baseAddress ?? other,
                Int32(source.count),
                Int32(size)
              )
            }
            count = max(0, Int(written))
          }
        }
      }
    }
    guard written >= 0 else { throw .corrupt(format: .lz4, reason: "invalid block") }
    guard output.count == size else {
      throw .corrupt(format: .lz4, reason: "\(output.count) bytes where \(size) are declared")
    }
    return output
  }

  /// The content of blocks in Hadoop's framing, or of a bare block if that is what there is.
  ///
  /// A frame is the size of its content in four bytes, the high byte first, and then blocks, each
  /// behind its own size, until the content is complete.
  ///
  /// - Throws: ``CompressionError`` unless the blocks hold exactly `size` bytes.
  static func decodeHadoop(_ bytes: [UInt8], size: Int) throws(CompressionError) -> [UInt8] {
    if let framed = framed(bytes, size: size) { return framed }
    return try decode(bytes.span, size: size)
  }

  private static func framed(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    var output: [UInt8] = []
    var position = 0
    func number() -> Int? {
      guard position + 4 <= bytes.count else { return nil }
      defer { position += 4 }
      return bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    while position < bytes.count {
      guard let content = number(), content <= size - output.count else { return nil }
      let end = output.count + content
      while output.count < end {
        guard let length = number(), length > 0, length <= bytes.count - position else {
          return nil
        }
        let block = bytes.span.extracting(position..<(position + length))
        position += length
        guard let part = decodeUpTo(block, limit: end - output.count), !part.isEmpty else {
          return nil
        }
        output += part
      }
    }
    return output.count == size ? output : nil
  }

  /// The content of a block that holds at most `limit` bytes, nil if it is none.
  private static func decodeUpTo(_ bytes: Span<UInt8>, limit: Int) -> [UInt8]? {
    let capacity = min(limit, bytes.count * 255)
    guard bytes.count <= Int(Int32.max), capacity <= Int(Int32.max) else { return nil }
    var written: Int32 = -1
    // SAFETY: the library reads `bytes.count` bytes and writes at most `capacity`, which is not 0.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe input.withMemoryRebound(to: CChar.self) { source in
        unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
          unsafe target.withMemoryRebound(to: CChar.self) { sink in
            written = unsafe LZ4_decompress_safe(
              source.baseAddress,
              sink.baseAddress,
              Int32(source.count),
              Int32(capacity)
            )
            count = max(0, Int(written))
          }
        }
      }
    }
    return written >= 0 ? output : nil
  }

  /// One bare block of the content.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` for content over 2 GB.
  static func encode(_ bytes: Span<UInt8>) throws(CompressionError) -> [UInt8] {
    guard bytes.count <= 0x7E00_0000 else {
      throw .codecFailed(format: .lz4, reason: "\(bytes.count) bytes in one block")
    }
    let capacity = Int(LZ4_compressBound(Int32(bytes.count)))
    // SAFETY: the library reads `bytes.count` bytes and writes at most `capacity`.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe input.withMemoryRebound(to: CChar.self) { source in
        unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
          unsafe target.withMemoryRebound(to: CChar.self) { sink in
            count = Int(
              unsafe LZ4_compress_default(
                source.baseAddress,
                sink.baseAddress,
                Int32(source.count),
                Int32(capacity)
              )
            )
          }
        }
      }
    }
    guard !output.isEmpty else { throw .codecFailed(format: .lz4, reason: "no output") }
    return output
  }
}
