/// The values of a page as its physical type holds them.
enum PhysicalValues {
  /// Numbers of 32 or 64 bits, sign-extended.
  case integers([Int64])
  /// Floating-point numbers.
  case doubles([Double])
  /// Booleans.
  case booleans([Bool])
  /// Runs of bytes, of one length or of several.
  case strings(ByteStrings)

  /// Decodes values that are not codes of a dictionary.
  ///
  /// - Throws: `truncated`, `corrupt`, or `unsupported` for an encoding that the type cannot have.
  static func decode(
    _ cursor: inout ByteCursor,
    _ encoding: PageEncoding,
    count: Int,
    of column: ReadableColumn
  ) throws(ParquetError.Reason) -> PhysicalValues {
    switch (column.physicalType, encoding) {
    case (_, .plain): return try plain(&cursor, count: count, of: column)
    case (.int32, .deltaBinaryPacked):
      return .integers(try DeltaBinaryPacked.decode(&cursor, count: count, bits: 32))
    case (.int64, .deltaBinaryPacked):
      return .integers(try DeltaBinaryPacked.decode(&cursor, count: count, bits: 64))
    case (.int32, .byteStreamSplit), (.int64, .byteStreamSplit), (.float, .byteStreamSplit),
      (.double, .byteStreamSplit), (.fixedLengthByteArray, .byteStreamSplit):
      var plainCursor = try ByteStreamSplit.decode(&cursor, count: count, size: size(of: column))
      return try plain(&plainCursor, count: count, of: column)
    case (.byteArray, .deltaLengthByteArray):
      return .strings(try ByteStrings.deltaLength(&cursor, count: count))
    case (.byteArray, .deltaByteArray):
      return .strings(try ByteStrings.delta(&cursor, count: count))
    case (.fixedLengthByteArray, .deltaByteArray):
      let strings = try ByteStrings.delta(&cursor, count: count)
      guard strings.ranges.allSatisfy({ $0.count == column.typeLength }) else {
        throw .corrupt("values of other than \(column.typeLength) bytes")
      }
      return .strings(strings)
    case (.boolean, .rle):
      let length = try cursor.littleEndian32()
      var inner = try cursor.cursor(over: Int(length))
      return .booleans(try RunLength.decode(&inner, count: count, width: 1).map { $0 == 1 })
    default: throw .unsupported("\(encoding.name) encoding of \(column.physicalType.name)")
    }
  }

  private static func plain(
    _ cursor: inout ByteCursor,
    count: Int,
    of column: ReadableColumn
  ) throws(ParquetError.Reason) -> PhysicalValues {
    switch column.physicalType {
    case .byteArray: return .strings(try ByteStrings.plain(&cursor, count: count))
    case .fixedLengthByteArray, .int96:
      return .strings(try ByteStrings.fixed(&cursor, count: count, length: column.typeLength))
    case .boolean:
      let range = try cursor.take((count + 7) / 8)
      let bytes = cursor.bytes
      return .booleans(
        (0..<count).map { bytes[range.lowerBound + $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
      )
    case .int32, .int64, .float, .double: break
    }
    let (total, hasOverflowed) = count.multipliedReportingOverflow(by: size(of: column))
    guard !hasOverflowed else { throw .truncated }
    let range = try cursor.take(total)
    let bytes = cursor.bytes
    switch column.physicalType {
    case .int32:
      return .integers(RawNumbers.numbers(bytes, in: range, as: Int32.self).map { Int64($0) })
    case .int64: return .integers(RawNumbers.numbers(bytes, in: range, as: Int64.self))
    case .float:
      return .doubles(RawNumbers.numbers(bytes, in: range, as: Float.self).map { Double($0) })
    default: return .doubles(RawNumbers.numbers(bytes, in: range, as: Double.self))
    }
  }

  private static func size(of column: ReadableColumn) -> Int {
    switch column.physicalType {
    case .int32, .float: 4
    case .fixedLengthByteArray, .int96: column.typeLength
    default: 8
    }
  }
}
