internal import CBrotli

/// Brotli streams (RFC 7932).
///
/// Every use of the C library is in this file; bounds are given to it with each call.
enum Brotli {
  /// The content of a stream whose size is known.
  ///
  /// - Throws: ``CompressionError`` unless the stream holds exactly `size` bytes.
  static func decode(_ bytes: Span<UInt8>, size: Int) throws(CompressionError) -> [UInt8] {
    var isWhole = false
    // SAFETY: the library reads `input.count` bytes and writes at most `size`, one more is there
    // so that the buffer has an address.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { target, count in
        var length = size
        let result = unsafe BrotliDecoderDecompress(
          input.count,
          input.baseAddress,
          &length,
          target.baseAddress
        )
        isWhole = result == BROTLI_DECODER_RESULT_SUCCESS
        count = isWhole ? length : 0
      }
    }
    guard isWhole else { throw .corrupt(format: .brotli, reason: "invalid stream") }
    guard output.count == size else {
      throw .corrupt(format: .brotli, reason: "\(output.count) bytes where \(size) are declared")
    }
    return output
  }

  /// One stream of the content, of quality 5.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  static func encode(_ bytes: Span<UInt8>) throws(CompressionError) -> [UInt8] {
    let capacity = max(64, BrotliEncoderMaxCompressedSize(bytes.count))
    var isWhole = false
    // SAFETY: the library reads `input.count` bytes and writes at most `capacity`.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
        var length = capacity
        isWhole =
          unsafe BrotliEncoderCompress(
            5,
            22,
            BROTLI_MODE_GENERIC,
            input.count,
            input.baseAddress,
            &length,
            target.baseAddress
          ) != 0
        count = isWhole ? length : 0
      }
    }
    guard isWhole else { throw .codecFailed(format: .brotli, reason: "no output") }
    return output
  }
}
