/// Which values of a flat column are present.
enum DefinitionLevels {
  /// The marks of a page of version 1, nil if no value is missing.
  static func pageV1(
    _ cursor: inout ByteCursor,
    count: Int,
    _ encoding: PageEncoding
  ) throws(ParquetError.Reason) -> [Bool]? {
    switch encoding {
    case .rle:
      let length = try cursor.littleEndian32()
      var inner = try cursor.cursor(over: Int(length))
      return try decode(&inner, count: count)
    case .bitPacked:
      // The deprecated encoding: one bit a value, from the high bit of each byte down.
      let range = try cursor.take((count + 7) / 8)
      let bytes = cursor.bytes
      return (0..<count).map { bytes[range.lowerBound + $0 / 8] << UInt8($0 % 8) & 0x80 != 0 }
    default: throw .unsupported("levels in \(encoding.name)")
    }
  }

  /// The marks in run lengths, nil if no value is missing.
  static func decode(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> [Bool]? {
    guard count > 0 else { return nil }
    // One run of ones: nothing is missing, and nothing need be unpacked.
    var peek = cursor
    let header = try peek.variableInteger()
    if header & 1 == 0, header >> 1 >= UInt64(count), try peek.byte() == 1 {
      cursor = peek
      return nil
    }
    return try RunLength.decode(&cursor, count: count, width: 1).map { $0 == 1 }
  }
}
