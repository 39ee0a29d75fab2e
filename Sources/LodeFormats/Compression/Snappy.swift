internal import CSnappy

/// Raw Snappy blocks, as Parquet pages hold them.
///
/// Every use of the C library is in this file; bounds are given to it with each call.
enum Snappy {
  /// The content of a block whose size is known.
  ///
  /// - Throws: ``CompressionError`` unless the block declares and holds exactly `size` bytes.
  static func decode(_ bytes: Span<UInt8>, size: Int) throws(CompressionError) -> [UInt8] {
    var declared = 0
    var status = SNAPPY_OK
    // SAFETY: the block's own length is compared with the space before anything is written.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe input.withMemoryRebound(to: CChar.self) { source in
        status = unsafe snappy_uncompressed_length(source.baseAddress, source.count, &declared)
        guard status == SNAPPY_OK, declared == size else { return [UInt8]() }
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
          unsafe target.withMemoryRebound(to: CChar.self) { sink in
            var length = size
            status = unsafe snappy_uncompress(
              source.baseAddress,
              source.count,
              sink.baseAddress,
              &length
            )
            count = status == SNAPPY_OK ? length : 0
          }
        }
      }
    }
    guard status == SNAPPY_OK else { throw .corrupt(format: .snappy, reason: "invalid block") }
    guard declared == size, output.count == size else {
      throw .corrupt(format: .snappy, reason: "\(declared) bytes where \(size) are declared")
    }
    return output
  }

  /// One block of the content.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when the library refuses.
  static func encode(_ bytes: Span<UInt8>) throws(CompressionError) -> [UInt8] {
    let capacity = snappy_max_compressed_length(bytes.count)
    var status = SNAPPY_OK
    // SAFETY: the target has the size that the library asks for.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe input.withMemoryRebound(to: CChar.self) { source in
        unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
          unsafe target.withMemoryRebound(to: CChar.self) { sink in
            var length = capacity
            status = unsafe snappy_compress(
              source.baseAddress,
              source.count,
              sink.baseAddress,
              &length
            )
            count = status == SNAPPY_OK ? length : 0
          }
        }
      }
    }
    guard status == SNAPPY_OK else {
      throw .codecFailed(format: .snappy, reason: "status \(status.rawValue)")
    }
    return output
  }
}
