internal import CZlib

/// Gzip (RFC 1952) and zlib (RFC 1950) streams.
///
/// Every use of the C library is in this file; bounds are given to it with each call.
enum Gzip {
  /// Output is collected in steps of this many bytes.
  private static let stepSize = 1 << 18
  /// The library counts in 32 bits, so input goes in by blocks of at most this many bytes.
  private static let blockSize = 1 << 30

  /// The content of all gzip members or of one zlib stream.
  ///
  /// - Parameters:
  ///   - bytes: the compressed bytes; zeros after the last member are padding.
  ///   - limit: the most bytes the content may have.
  ///   - expected: bytes to reserve for the content.
  /// - Returns: the content.
  /// - Throws: ``CompressionError`` for cut, damaged or too long data.
  static func inflate(
    _ bytes: Span<UInt8>,
    limit: Int,
    expected: Int
  ) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(min(expected, limit))
    // SAFETY: `inflate` reads `avail_in` bytes at `next_in` and writes `avail_out` bytes at
    // `next_out`; both are set from buffers that live through the call.
    let failure: CompressionError? = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe inflate(input, limit: limit, into: &output)
    }
    if let failure { throw failure }
    return output
  }

  private static func inflate(
    _ input: UnsafeBufferPointer<UInt8>,
    limit: Int,
    into output: inout [UInt8]
  ) -> CompressionError? {
    var stream = unsafe z_stream()
    // 15 bits of window, + 32: the header says whether it is gzip or zlib.
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else {
      return .codecFailed(format: .gzip, reason: "no memory")
    }
    defer { unsafe inflateEnd(&stream) }
    var step = [UInt8](repeating: 0, count: stepSize)
    var position = 0
    while true {
      let available = min(input.count - position, blockSize)
      var written = 0
      var status = Z_OK
      unsafe step.withUnsafeMutableBufferPointer { target in
        // SAFETY: zlib does not write to its input, though the C type is not const.
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress.map { unsafe $0 + position }
        )
        unsafe stream.avail_in = UInt32(available)
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(target.count)
        status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
        written = unsafe target.count - Int(stream.avail_out)
      }
      position += unsafe available - Int(stream.avail_in)
      guard output.count + written <= limit else { return .tooLarge(format: .gzip, limit: limit) }
      output.append(contentsOf: step[..<written])
      switch status {
      case Z_STREAM_END:
        while position < input.count, unsafe input[position] == 0 { position += 1 }
        if position == input.count { return nil }
        guard unsafe inflateReset(&stream) == Z_OK else {
          return .codecFailed(format: .gzip, reason: "reset refused")
        }
      case Z_OK, Z_BUF_ERROR:
        if written == 0 && position == input.count { return .truncated(format: .gzip) }
      case Z_MEM_ERROR:
        return .codecFailed(format: .gzip, reason: "no memory")
      default:
        let reason = unsafe stream.msg.map { unsafe String(cString: $0) }
        return .corrupt(format: .gzip, reason: reason ?? "code \(status)")
      }
    }
  }

  /// One gzip member of the content, without a name and with time 0: equal content, equal bytes.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  static func deflate(_ bytes: Span<UInt8>, level: Int32) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    // SAFETY: as in `inflate`: the pointers and counts come from buffers that live through the
    // call.
    let failure: CompressionError? = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe deflate(input, level: level, into: &output)
    }
    if let failure { throw failure }
    return output
  }

  private static func deflate(
    _ input: UnsafeBufferPointer<UInt8>,
    level: Int32,
    into output: inout [UInt8]
  ) -> CompressionError? {
    var stream = unsafe z_stream()
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    let started = unsafe deflateInit2_(
      &stream,
      level,
      Z_DEFLATED,
      15 + 16,
      8,
      Z_DEFAULT_STRATEGY,
      ZLIB_VERSION,
      size
    )
    guard started == Z_OK else { return .codecFailed(format: .gzip, reason: "no memory") }
    defer { unsafe deflateEnd(&stream) }
    var step = [UInt8](repeating: 0, count: stepSize)
    var position = 0
    while true {
      let available = min(input.count - position, blockSize)
      let isLast = position + available == input.count
      var written = 0
      var status = Z_OK
      unsafe step.withUnsafeMutableBufferPointer { target in
        // SAFETY: zlib does not write to its input, though the C type is not const.
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress.map { unsafe $0 + position }
        )
        unsafe stream.avail_in = UInt32(available)
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(target.count)
        status = unsafe CZlib.deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        written = unsafe target.count - Int(stream.avail_out)
      }
      position += unsafe available - Int(stream.avail_in)
      output.append(contentsOf: step[..<written])
      if status == Z_STREAM_END { return nil }
      guard status == Z_OK || status == Z_BUF_ERROR else {
        return .codecFailed(format: .gzip, reason: "code \(status)")
      }
    }
  }

  /// The CRC-32 of the bytes, as gzip and Parquet pages use it.
  static func crc32(_ bytes: Span<UInt8>) -> UInt32 {
    // SAFETY: the pointer and the count come from one buffer that lives through the call.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      UInt32(truncatingIfNeeded: unsafe CZlib.crc32_z(0, buffer.baseAddress, buffer.count))
    }
  }
}
