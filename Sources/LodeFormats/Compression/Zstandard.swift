internal import CZstd
internal import Synchronization

/// Zstandard frames (RFC 8878).
///
/// Every use of the C library is in this file; bounds are given to it with each call.
enum Zstandard {
  private static let stepSize = 1 << 18

  /// The content of all frames.
  ///
  /// - Parameters:
  ///   - bytes: the compressed bytes.
  ///   - limit: the most bytes the content may have.
  /// - Returns: the content.
  /// - Throws: ``CompressionError`` for cut, damaged or too long data.
  static func decodeFrames(
    _ bytes: Span<UInt8>,
    limit: Int
  ) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    let decoder = try Decoder()
    var step = [UInt8](repeating: 0, count: stepSize)
    var position = 0
    while true {
      let (used, written) = try decoder.decode(bytes, from: position, into: &step)
      position += used
      guard output.count + written <= limit else { throw .tooLarge(format: .zstd, limit: limit) }
      output.append(contentsOf: step[..<written])
      if position == bytes.count && written < stepSize { break }
    }
    try decoder.finish()
    return output
  }

  /// Undoes all frames, piece by piece.
  @safe final class Decoder: StreamDecoder {
    private let context: OpaquePointer
    /// Whether the last frame has ended.
    private var isBetweenFrames = true

    /// A decoder at the start of a stream.
    ///
    /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
    init() throws(CompressionError) {
      // SAFETY: the context is freed with this object.
      guard let context = unsafe ZSTD_createDCtx() else {
        throw .codecFailed(format: .zstd, reason: "no memory")
      }
      unsafe self.context = unsafe context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    func decode(
      _ bytes: Span<UInt8>,
      from start: Int,
      into output: inout [UInt8]
    ) throws(CompressionError) -> (used: Int, written: Int) {
      var (used, written, status) = (start, 0, 0)
      // SAFETY: the library reads and writes within the buffers whose sizes it is given.
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { target in
          var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: start)
          var sink = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          status = unsafe ZSTD_decompressStream(context, &sink, &source)
          used = unsafe source.pos - start
          written = unsafe sink.pos
        }
      }
      if ZSTD_isError(status) != 0 { throw .corrupt(format: .zstd, reason: name(status)) }
      if used > 0 || written > 0 { isBetweenFrames = status == 0 }
      return (used, written)
    }

    func finish() throws(CompressionError) {
      guard isBetweenFrames else { throw .truncated(format: .zstd) }
    }
  }

  /// The content of a block whose size is known.
  ///
  /// - Throws: ``CompressionError`` unless the content has exactly `size` bytes.
  static func decode(_ bytes: Span<UInt8>, size: Int) throws(CompressionError) -> [UInt8] {
    var status = 0
    let context = try decoders.take()
    defer { decoders.giveBack(context) }
    // SAFETY: the library writes at most `target.count` bytes and reads `input.count`.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
        status = unsafe ZSTD_decompressDCtx(
          context.pointer,
          target.baseAddress,
          size,
          input.baseAddress,
          input.count
        )
        count = ZSTD_isError(status) != 0 ? 0 : status
      }
    }
    if ZSTD_isError(status) != 0 { throw .corrupt(format: .zstd, reason: name(status)) }
    guard status == size else {
      throw .corrupt(format: .zstd, reason: "\(status) bytes where \(size) are declared")
    }
    return output
  }

  /// One frame of the content; equal content gives equal bytes with one version of the library.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  static func encode(_ bytes: Span<UInt8>, level: Int32) throws(CompressionError) -> [UInt8] {
    let capacity = ZSTD_compressBound(bytes.count)
    var status = 0
    let context = try encoders.take()
    defer { encoders.giveBack(context) }
    // SAFETY: the library writes at most `capacity` bytes and reads `input.count`.
    let output = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
        status = unsafe ZSTD_compressCCtx(
          context.pointer,
          target.baseAddress,
          capacity,
          input.baseAddress,
          input.count,
          level
        )
        count = ZSTD_isError(status) != 0 ? 0 : status
      }
    }
    if ZSTD_isError(status) != 0 { throw .codecFailed(format: .zstd, reason: name(status)) }
    return output
  }

  private static let encoders = unsafe ContextPool { unsafe ZSTD_createCCtx() }
  private static let decoders = unsafe ContextPool { unsafe ZSTD_createDCtx() }

  private static func name(_ status: Int) -> String {
    unsafe String(cString: ZSTD_getErrorName(status))
  }
}

/// Memory of the library that is used again from call to call.
///
/// To make it anew for each page takes a tenth of the time of short ones. There is never more of it
/// than calls have run side by side.
@safe private final class ContextPool: Sendable {
  /// A context; one call at a time has it.
  @safe struct Context: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let free = Mutex<[Context]>([])
  // SAFETY: it is only called, and what it makes is handed to one call at a time.
  private let create: @Sendable () -> OpaquePointer?

  init(_ create: @escaping @Sendable () -> OpaquePointer?) {
    unsafe self.create = unsafe create
  }

  /// A context that nobody else has.
  ///
  /// - Throws: ``CompressionError/codecFailed(format:reason:)`` when there is no memory.
  func take() throws(CompressionError) -> Context {
    if let context = free.withLock({ $0.popLast() }) { return context }
    guard let pointer = unsafe create() else {
      throw .codecFailed(format: .zstd, reason: "no memory")
    }
    return unsafe Context(pointer: pointer)
  }

  /// Gives a context back, which the next call may have.
  func giveBack(_ context: Context) { free.withLock { $0.append(context) } }
}
