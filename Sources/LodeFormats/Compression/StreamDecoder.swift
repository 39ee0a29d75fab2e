/// Undoes a compressed stream piece by piece.
protocol StreamDecoder: AnyObject {
  /// Undoes some bytes.
  ///
  /// - Parameters:
  ///   - bytes: a piece of the stream.
  ///   - start: the first byte of the piece that was not used before.
  ///   - output: the array that takes the content from its start on; it keeps its length.
  /// - Returns: how many bytes were used, and how many were written.
  /// - Throws: ``CompressionError`` for damaged data.
  func decode(
    _ bytes: Span<UInt8>,
    from start: Int,
    into output: inout [UInt8]
  ) throws(CompressionError) -> (used: Int, written: Int)

  /// Makes sure that the stream is whole, when all its bytes have been used.
  ///
  /// - Throws: ``CompressionError/truncated(format:)`` if it is not.
  func finish() throws(CompressionError)
}
