/// The hybrid of run lengths and bit packing, for levels, dictionary codes and booleans.
///
/// - Source: Apache Parquet, "Encodings", RLE/bit-packing hybrid (RLE = 3).
enum RunLength {
  /// The bits that codes up to `largest` need.
  static func width(ofLargest largest: UInt32) -> Int {
    UInt32.bitWidth - largest.leadingZeroBitCount
  }

  /// Reads exactly `count` numbers of `width` bits.
  ///
  /// - Throws: `truncated` or `corrupt`; bytes after the last number are not looked at.
  static func decode(
    _ cursor: inout ByteCursor,
    count: Int,
    width: Int
  ) throws(ParquetError.Reason) -> [UInt32] {
    guard (0...32).contains(width) else { throw .corrupt("codes of \(width) bits") }
    if width == 0 && cursor.remaining == 0 { return Array(repeating: 0, count: count) }
    if count > 1 << 16 { try requireRuns(cursor, count: count, width: width) }
    var values = [UInt32](repeating: 0, count: count)
    var next = 0
    while next < count {
      let header = try cursor.variableInteger()
      let left = count - next
      if header & 1 == 0 {
        let value = try cursor.littleEndian(byteCount: (width + 7) / 8)
        let run = Int(min(header >> 1, UInt64(left)))
        guard run > 0 else { throw .corrupt("a run of no values") }
        guard width == 32 || value >> UInt64(width) == 0 else {
          throw .corrupt("a code of more than \(width) bits")
        }
        let code = UInt32(truncatingIfNeeded: value)
        if code != 0 { for place in next..<(next + run) { values[place] = code } }
        next += run
      } else {
        let groups = header >> 1
        guard groups > 0 else { throw .corrupt("a run of no values") }
        let wanted = groups > UInt64(left) ? left : min(left, Int(groups) * 8)
        // Writers may leave out the padding of the last group.
        let full = groups.multipliedReportingOverflow(by: UInt64(width))
        let declared = full.overflow ? UInt64(Int.max) : full.partialValue
        let needed = (wanted * width + 7) / 8
        let taken = max(needed, Int(min(declared, UInt64(cursor.remaining))))
        let range = try cursor.take(taken)
        BitPacking.unpack(
          cursor.bytes,
          from: range.lowerBound,
          width: width,
          into: &values,
          at: next..<(next + wanted)
        )
        next += wanted
      }
    }
    return values
  }

  /// Checks that the runs have so many numbers, before memory is asked for them.
  private static func requireRuns(
    _ start: ByteCursor,
    count: Int,
    width: Int
  ) throws(ParquetError.Reason) {
    var cursor = start
    var left = UInt64(count)
    while left > 0 {
      let header = try cursor.variableInteger()
      if header & 1 == 0 {
        _ = try cursor.take((width + 7) / 8)
        left -= min(left, header >> 1)
      } else {
        let wanted = min(left, (header >> 1).multipliedReportingOverflow(by: 8).partialValue)
        let full = (header >> 1).multipliedReportingOverflow(by: UInt64(width))
        let declared = full.overflow ? UInt64(Int.max) : full.partialValue
        let needed = (Int(wanted) * width + 7) / 8
        _ = try cursor.take(max(needed, Int(min(declared, UInt64(cursor.remaining)))))
        left -= wanted
      }
      guard header >> 1 > 0 else { throw .corrupt("a run of no values") }
    }
  }

  /// Appends numbers of `width` bits: runs of eight and more by their length, others packed.
  ///
  /// A run of eight fills at least one aligned block of four, so only those are looked for: where
  /// there are no runs, that is a comparison for four values.
  static func encode(_ values: Span<UInt32>, width: Int, into bytes: inout [UInt8]) {
    var literalStart = 0
    var block = 0
    while block + 4 <= values.count {
      let value = values[block]
      guard values[block + 3] == value, values[block + 1] == value, values[block + 2] == value
      else {
        block += 4
        continue
      }
      var start = block
      while start > literalStart && values[start - 1] == value { start -= 1 }
      var end = block + 4
      while end < values.count && values[end] == value { end += 1 }
      // Packed groups hold eight values, so the run fills up the last group.
      let filling = (8 - (start - literalStart) % 8) % 8
      if end - start - filling >= 8 {
        pack(values, literalStart..<(start + filling), width: width, into: &bytes)
        appendVariable(UInt64(end - start - filling) << 1, to: &bytes)
        for place in 0..<((width + 7) / 8) {
          bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * place)))
        }
        literalStart = end
      }
      block = (end + 3) & ~3
    }
    pack(values, literalStart..<values.count, width: width, into: &bytes)
  }

  /// Appends one value of one bit that repeats, the same bytes as of so many values.
  static func encode(repeating value: UInt8, count: Int, into bytes: inout [UInt8]) {
    guard count >= 8 else {
      let values = [UInt32](repeating: UInt32(value), count: count)
      return encode(values.span, width: 1, into: &bytes)
    }
    appendVariable(UInt64(count) << 1, to: &bytes)
    bytes.append(value)
  }

  /// Appends one packed run, its last group filled up with zeros.
  private static func pack(
    _ values: Span<UInt32>,
    _ range: Range<Int>,
    width: Int,
    into bytes: inout [UInt8]
  ) {
    guard !range.isEmpty else { return }
    let groups = (range.count + 7) / 8
    appendVariable(UInt64(groups) << 1 | 1, to: &bytes)
    let end = bytes.count + groups * width
    BitPacking.pack(values.extracting(range), width: width, into: &bytes)
    if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
  }

  /// Appends an unsigned number of seven bits a byte, the low bits first.
  static func appendVariable(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
