/// Whole numbers as differences from one to the next, packed in small blocks.
///
/// - Source: Apache Parquet, "Encodings", delta encoding (DELTA_BINARY_PACKED = 5).
enum DeltaBinaryPacked {
  private static let blockSize = 128
  private static let miniblockSize = 32

  /// Reads exactly `count` numbers of a type of `bits` bits.
  ///
  /// - Returns: the numbers, sign-extended.
  /// - Throws: `truncated` or `corrupt`.
  static func decode(
    _ cursor: inout ByteCursor,
    count: Int,
    bits: Int
  ) throws(ParquetError.Reason) -> [Int64] {
    let blockSize = try cursor.variableInteger()
    let miniblockCount = try cursor.variableInteger()
    let total = try cursor.variableInteger()
    guard (8...(1 << 24)).contains(blockSize), miniblockCount > 0, miniblockCount <= blockSize,
      blockSize % miniblockCount == 0, (blockSize / miniblockCount) % 8 == 0
    else { throw .corrupt("blocks of \(blockSize) deltas in \(miniblockCount) parts") }
    guard total == UInt64(count) else {
      throw .corrupt("\(total) deltas for \(count) values")
    }
    var value = signed(try cursor.variableInteger())
    guard count > 0 else { return [] }
    // Every block has a least delta and a width a part, even if all else is nothing.
    let blockCount = (UInt64(count) - 1 + blockSize - 1) / blockSize
    guard blockCount * (1 + miniblockCount) <= UInt64(cursor.remaining) else { throw .truncated }
    var values = [Int64](repeating: 0, count: count)
    values[0] = value
    var next = 1
    let miniblockSize = Int(blockSize / miniblockCount)
    var deltas = [UInt64](repeating: 0, count: min(miniblockSize, count))
    while next < count {
      let least = signed(try cursor.variableInteger())
      let widths = try cursor.take(Int(miniblockCount))
      for index in widths {
        guard next < count else { break }
        let width = Int(cursor.bytes[index])
        guard width <= 64 else { throw .corrupt("deltas of \(width) bits") }
        let wanted = min(miniblockSize, count - next)
        let needed = (wanted * width + 7) / 8
        // The last part is filled up to its full length, which some writers leave out.
        let taken = max(needed, min(miniblockSize * width / 8, cursor.remaining))
        let range = try cursor.take(taken)
        BitPacking.unpack(
          cursor.bytes,
          from: range.lowerBound,
          width: width,
          into: &deltas,
          at: 0..<wanted
        )
        for place in 0..<wanted {
          value = value &+ least &+ Int64(bitPattern: deltas[place])
          values[next + place] = value
        }
        next += wanted
      }
    }
    if bits == 32 {
      for index in values.indices {
        values[index] = Int64(Int32(truncatingIfNeeded: values[index]))
      }
    }
    return values
  }

  /// Appends numbers: blocks of 128 deltas in four parts.
  static func encode(_ values: Span<Int64>, into bytes: inout [UInt8]) {
    RunLength.appendVariable(UInt64(blockSize), to: &bytes)
    RunLength.appendVariable(UInt64(blockSize / miniblockSize), to: &bytes)
    RunLength.appendVariable(UInt64(values.count), to: &bytes)
    RunLength.appendVariable(zigzag(values.count > 0 ? values[0] : 0), to: &bytes)
    var deltas = [UInt64](repeating: 0, count: blockSize)
    var start = 1
    while start < values.count {
      let count = min(blockSize, values.count - start)
      var least = Int64.max
      for place in 0..<count {
        let delta = values[start + place] &- values[start + place - 1]
        deltas[place] = UInt64(bitPattern: delta)
        least = min(least, delta)
      }
      for place in 0..<count { deltas[place] &-= UInt64(bitPattern: least) }
      for place in count..<blockSize { deltas[place] = 0 }
      RunLength.appendVariable(zigzag(least), to: &bytes)
      var widths: [Int] = []
      for part in stride(from: 0, to: blockSize, by: miniblockSize) {
        var all: UInt64 = 0
        for place in part..<(part + miniblockSize) { all |= deltas[place] }
        widths.append(UInt64.bitWidth - all.leadingZeroBitCount)
        bytes.append(UInt8(UInt64.bitWidth - all.leadingZeroBitCount))
      }
      for (part, width) in widths.enumerated() where part * miniblockSize < count {
        let range = (part * miniblockSize)..<((part + 1) * miniblockSize)
        BitPacking.pack(deltas.span.extracting(range), width: width, into: &bytes)
      }
      start += count
    }
  }

  private static func signed(_ raw: UInt64) -> Int64 {
    Int64(bitPattern: raw >> 1) ^ -Int64(raw & 1)
  }

  private static func zigzag(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: (value << 1) ^ (value >> 63))
  }
}
