/// Runs of bytes as pages hold them: where each lies in a common array.
struct ByteStrings {
  /// The array in which they lie.
  let bytes: [UInt8]
  /// Where each lies.
  let ranges: [Range<Int>]

  /// Strings each behind its length in four bytes (PLAIN).
  static func plain(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> ByteStrings {
    guard count <= cursor.remaining / 4 else { throw .truncated }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    for _ in 0..<count { ranges.append(try cursor.take(Int(try cursor.littleEndian32()))) }
    return ByteStrings(bytes: cursor.bytes, ranges: ranges)
  }

  /// Strings of one length, one after the other (PLAIN).
  static func fixed(
    _ cursor: inout ByteCursor,
    count: Int,
    length: Int
  ) throws(ParquetError.Reason) -> ByteStrings {
    let (total, hasOverflowed) = count.multipliedReportingOverflow(by: length)
    guard !hasOverflowed else { throw .truncated }
    let all = try cursor.take(total)
    let ranges = (0..<count)
      .map { index in
        (all.lowerBound + index * length)..<(all.lowerBound + (index + 1) * length)
      }
    return ByteStrings(bytes: cursor.bytes, ranges: ranges)
  }

  /// All lengths as deltas, then all strings (DELTA_LENGTH_BYTE_ARRAY).
  static func deltaLength(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> ByteStrings {
    let lengths = try DeltaBinaryPacked.decode(&cursor, count: count, bits: 32)
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    for length in lengths { ranges.append(try cursor.take(Int(length))) }
    return ByteStrings(bytes: cursor.bytes, ranges: ranges)
  }

  /// How much of the string before each string begins with, then the rests (DELTA_BYTE_ARRAY).
  static func delta(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> ByteStrings {
    let prefixes = try DeltaBinaryPacked.decode(&cursor, count: count, bits: 32)
    let rests = try deltaLength(&cursor, count: count)
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    var previous = 0..<0
    for (prefix, rest) in zip(prefixes, rests.ranges) {
      guard prefix >= 0, prefix <= Int64(previous.count) else {
        throw .corrupt("a beginning of \(prefix) bytes of a text of \(previous.count)")
      }
      guard bytes.count + Int(prefix) + rest.count <= ChunkDecoder.pageByteLimit else {
        throw .tooLarge(bytes: bytes.count + Int(prefix) + rest.count)
      }
      let start = bytes.count
      for index in previous.prefix(Int(prefix)) { bytes.append(bytes[index]) }
      bytes.append(contentsOf: rests.bytes[rest])
      previous = start..<bytes.count
      ranges.append(previous)
    }
    return ByteStrings(bytes: bytes, ranges: ranges)
  }
}

/// Values of several bytes with all first bytes first, then all second ones, and so on.
///
/// - Source: Apache Parquet, "Encodings", BYTE_STREAM_SPLIT = 9.
enum ByteStreamSplit {
  /// The bytes of `count` values of `size` bytes in their plain order.
  static func decode(
    _ cursor: inout ByteCursor,
    count: Int,
    size: Int
  ) throws(ParquetError.Reason) -> ByteCursor {
    let (total, hasOverflowed) = count.multipliedReportingOverflow(by: size)
    guard !hasOverflowed else { throw .truncated }
    let range = try cursor.take(total)
    let source = cursor.bytes
    var plain = [UInt8](repeating: 0, count: total)
    for stream in 0..<size {
      let start = range.lowerBound + stream * count
      var target = stream
      for index in start..<(start + count) {
        plain[target] = source[index]
        target += size
      }
    }
    return ByteCursor(plain)
  }
}
