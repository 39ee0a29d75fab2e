/// A place in a run of bytes from a file; every step is checked against the end.
struct ByteCursor {
  /// All bytes, of which the cursor sees `position..<end`.
  let bytes: [UInt8]
  /// The next byte to read.
  private(set) var position: Int
  /// Where the cursor's part of the bytes ends.
  let end: Int

  /// A cursor over a part of the bytes.
  ///
  /// - Precondition: the range lies within the bytes.
  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    let range = range ?? 0..<bytes.count
    precondition(range.upperBound <= bytes.count, "\(range) of \(bytes.count) bytes")
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The number of bytes left.
  var remaining: Int { end - position }

  /// The next byte.
  mutating func byte() throws(ParquetError.Reason) -> UInt8 {
    guard position < end else { throw .truncated }
    let byte = bytes[position]
    position += 1
    return byte
  }

  /// Steps over `count` bytes and returns where they lie.
  mutating func take(_ count: Int) throws(ParquetError.Reason) -> Range<Int> {
    guard count >= 0 else { throw .corrupt("a length of \(count)") }
    guard count <= remaining else { throw .truncated }
    let start = position
    position += count
    return start..<position
  }

  /// A cursor over the next `count` bytes, which are stepped over.
  mutating func cursor(over count: Int) throws(ParquetError.Reason) -> ByteCursor {
    ByteCursor(bytes, in: try take(count))
  }

  /// An unsigned number of seven bits a byte, the low bits first.
  mutating func variableInteger() throws(ParquetError.Reason) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw .corrupt("a number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// An unsigned number of `count` bytes, the low byte first.
  ///
  /// - Precondition: at most eight bytes.
  mutating func littleEndian(byteCount count: Int) throws(ParquetError.Reason) -> UInt64 {
    let range = try take(count)
    var value: UInt64 = 0
    for (place, index) in range.enumerated() { value |= UInt64(bytes[index]) << UInt64(8 * place) }
    return value
  }

  /// An unsigned number of four bytes, the low byte first.
  mutating func littleEndian32() throws(ParquetError.Reason) -> UInt32 {
    guard remaining >= 4 else { throw .truncated }
    let start = position
    position += 4
    return UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
      | UInt32(bytes[start + 3]) << 24
  }
}
