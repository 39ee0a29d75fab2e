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
    let decoder = try Decoder()
    var step = [UInt8](repeating: 0, count: stepSize)
    var position = 0
    while true {
      let (used, written) = try decoder.decode(bytes, from: position, into: &step)
      position += used
      guard output.count + written <= limit else { throw .tooLarge(format: .gzip, limit: limit) }
      output.append(contentsOf: step[..<written])
      if written == 0 && position == bytes.count { break }
    }
    try decoder.finish()
    return output
  }

  /// Undoes all gzip members or one zlib stream, piece by piece.
  @safe final class Decoder: StreamDecoder {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the last member has ended, so that padding or another member may follow.
    private var isBetweenMembers = false

    /// A decoder at the start of a stream.
    ///
    /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
    init() throws(CompressionError) {
      // SAFETY: the structure is initialised at once, stays at its address, to which zlib holds a
      // pointer, and is freed with this object.
      unsafe stream = UnsafeMutablePointer.allocate(capacity: 1)
      unsafe stream.initialize(to: z_stream())
      // 15 bits of window, + 32: the header says whether it is gzip or zlib.
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      guard unsafe inflateInit2_(stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else {
        throw .codecFailed(format: .gzip, reason: "no memory")
      }
    }

    deinit {
      unsafe inflateEnd(stream)
      unsafe stream.deallocate()
    }

    func decode(
      _ bytes: Span<UInt8>,
      from start: Int,
      into output: inout [UInt8]
    ) throws(CompressionError) -> (used: Int, written: Int) {
      var position = start
      if isBetweenMembers {
        while position < bytes.count, bytes[position] == 0 { position += 1 }
        guard position < bytes.count else { return (position - start, 0) }
        guard unsafe inflateReset(stream) == Z_OK else {
          throw .codecFailed(format: .gzip, reason: "reset refused")
        }
        isBetweenMembers = false
      }
      let available = min(bytes.count - position, blockSize)
      // SAFETY: `inflate` reads `avail_in` bytes at `next_in` and writes `avail_out` bytes at
      // `next_out`; both are set from buffers that live through the call. It does not write to its
      // input, though the C type is not const.
      let status = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { target in
          unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress.map { unsafe $0 + position }
          )
          unsafe stream.pointee.avail_in = UInt32(available)
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = UInt32(target.count)
          return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        }
      }
      position += unsafe available - Int(stream.pointee.avail_in)
      let written = unsafe output.count - Int(stream.pointee.avail_out)
      switch status {
      case Z_STREAM_END: isBetweenMembers = true
      case Z_OK, Z_BUF_ERROR: break
      case Z_MEM_ERROR: throw .codecFailed(format: .gzip, reason: "no memory")
      default:
        let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
        throw .corrupt(format: .gzip, reason: reason ?? "code \(status)")
      }
      return (position - start, written)
    }

    func finish() throws(CompressionError) {
      guard isBetweenMembers else { throw .truncated(format: .gzip) }
    }
  }

  /// One gzip member of the content, without a name and with time 0: equal content, equal bytes.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  static func deflate(_ bytes: Span<UInt8>, level: Int32) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    // SAFETY: as in `decode`: the pointers and counts come from buffers that live through the
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
