/// Decodes values in PLAIN encoding, one after the other without padding.
enum PlainValues {
  /// Whole numbers of the stored type, turned into cells.
  static func integers(
    _ cursor: inout ByteCursor,
    count: Int,
    of column: ReadableColumn
  ) throws(ParquetError.Reason) -> [Int64] {
    var numbers: [Int64]
    switch column.physicalType {
    case .int32:
      let short = RawNumbers.numbers(
        cursor.bytes,
        in: try take(&cursor, count: count, size: 4),
        as: Int32.self
      )
      if column.conversion == .unsigned {
        return short.map { Int64(UInt32(bitPattern: $0)) }
      }
      numbers = short.map { Int64($0) }
    case .int64:
      numbers = RawNumbers.numbers(
        cursor.bytes,
        in: try take(&cursor, count: count, size: 8),
        as: Int64.self
      )
    case .fixedLengthByteArray:
      let range = try take(&cursor, count: count, size: column.typeLength)
      numbers = []
      numbers.reserveCapacity(count)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: column.typeLength) {
        numbers.append(try bigEndian(cursor.bytes, start..<(start + column.typeLength)))
      }
    case .byteArray:
      numbers = []
      for _ in 0..<count {
        let length = try cursor.littleEndian(byteCount: 4)
        numbers.append(try bigEndian(cursor.bytes, try cursor.take(Int(length))))
      }
    default: throw .corrupt("numbers of type \(column.physicalType)")
    }
    try convert(&numbers, column.conversion)
    return numbers
  }

  /// Doubles, stored in 32 or 64 bits.
  static func doubles(
    _ cursor: inout ByteCursor,
    count: Int,
    of column: ReadableColumn
  ) throws(ParquetError.Reason) -> [Double] {
    if column.physicalType == .float {
      let range = try take(&cursor, count: count, size: 4)
      return RawNumbers.numbers(cursor.bytes, in: range, as: Float.self).map { Double($0) }
    }
    let range = try take(&cursor, count: count, size: 8)
    return RawNumbers.numbers(cursor.bytes, in: range, as: Double.self)
  }

  /// Booleans, eight a byte from the low bit up.
  static func booleans(
    _ cursor: inout ByteCursor,
    count: Int
  ) throws(ParquetError.Reason) -> [Bool] {
    let range = try cursor.take((count + 7) / 8)
    let bytes = cursor.bytes
    return (0..<count).map { bytes[range.lowerBound + $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
  }

  private static func take(
    _ cursor: inout ByteCursor,
    count: Int,
    size: Int
  ) throws(ParquetError.Reason) -> Range<Int> {
    let (total, hasOverflowed) = count.multipliedReportingOverflow(by: size)
    guard !hasOverflowed else { throw .truncated }
    return try cursor.take(total)
  }

  /// A signed number of any length, the high byte first, that must fit 64 bits.
  private static func bigEndian(
    _ bytes: [UInt8],
    _ range: Range<Int>
  ) throws(ParquetError.Reason) -> Int64 {
    guard let first = range.first else { return 0 }
    let isNegative = bytes[first] & 0x80 != 0
    let filling: UInt8 = isNegative ? 0xFF : 0
    var number: Int64 = isNegative ? -1 : 0
    let surplus = max(0, range.count - 8)
    for index in range.prefix(surplus) where bytes[index] != filling {
      throw .unsupported("a decimal of more than 18 digits")
    }
    for index in range.dropFirst(surplus) { number = number << 8 | Int64(bytes[index]) }
    guard (number < 0) == isNegative else {
      throw .unsupported("a decimal of more than 18 digits")
    }
    return number
  }

  private static func convert(
    _ numbers: inout [Int64],
    _ conversion: ReadableColumn.Conversion
  ) throws(ParquetError.Reason) {
    switch conversion {
    case .none: return
    case .multiplied(let factor):
      for index in numbers.indices {
        let (product, hasOverflowed) = numbers[index].multipliedReportingOverflow(by: factor)
        guard !hasOverflowed else { throw .unsupported("a time beyond 64 bits of microseconds") }
        numbers[index] = product
      }
    case .divided(let divisor):
      for index in numbers.indices {
        guard numbers[index] % divisor == 0 else {
          throw .unsupported("times finer than a microsecond")
        }
        numbers[index] /= divisor
      }
    case .unsigned:
      for number in numbers where number < 0 {
        throw .unsupported("an unsigned number above \(Int64.max)")
      }
    }
  }
}
