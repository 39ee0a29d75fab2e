import LodeRuntime
import Testing

@testable import LodeFormats

@Suite("Encodings of Parquet pages")
struct EncodingTests {
  static func deltas(_ numbers: [Int64]) -> [UInt8] {
    var bytes: [UInt8] = []
    DeltaBinaryPacked.encode(numbers.span, into: &bytes)
    return bytes
  }

  @Test("the second example of the format's text for deltas, byte by byte")
  func deltaExample() throws {
    // 7, 5, 3, 1, 2, 3, 4, 5: first value 7, deltas -2 -2 -2 1 1 1 1, least -2,
    // 0 0 0 3 3 3 3 above it in two bits: 0b11000000, 0b00111111, then zeros to 32 values.
    let expected: [UInt8] =
      [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0]
    #expect(Self.deltas([7, 5, 3, 1, 2, 3, 4, 5]) == expected)
    var cursor = ByteCursor(expected)
    #expect(
      try DeltaBinaryPacked.decode(&cursor, count: 8, bits: 64) == [7, 5, 3, 1, 2, 3, 4, 5]
    )
    #expect(cursor.remaining == 0)
  }

  @Test("deltas come back for any numbers", arguments: 0..<40)
  func deltaRoundTrip(seed: Int) throws {
    var random = CounterRandom(seed: UInt64(seed), stream: 1)
    let count = [0, 1, 2, 31, 32, 33, 128, 129, 130, 300][seed % 10]
    let shift = UInt64(seed * 7 % 64)
    let numbers = (0..<count)
      .map { _ in
        Int64(bitPattern: random.next() >> shift) &* (random.next() & 1 == 0 ? 1 : -1)
      }
    var cursor = ByteCursor(Self.deltas(numbers))
    #expect(try DeltaBinaryPacked.decode(&cursor, count: count, bits: 64) == numbers)
    #expect(cursor.remaining == 0)
  }

  @Test("packed numbers of every width come back from every bit", arguments: 0...64)
  func bitPacking(width: Int) {
    var random = CounterRandom(seed: 5, stream: UInt64(width))
    for count in [0, 1, 7, 8, 9, 64, 65] {
      let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
      let numbers = (0..<count).map { _ in random.next() & mask }
      var bytes: [UInt8] = [0xAA]
      BitPacking.pack(numbers.span, width: width, into: &bytes)
      #expect(bytes.count == 1 + (count * width + 7) / 8)
      var back = [UInt64](repeating: 0, count: count)
      BitPacking.unpack(bytes, from: 1, width: width, into: &back, at: 0..<count)
      #expect(back == numbers)
    }
  }

  @Test("beginnings shared with the text before are put back (DELTA_BYTE_ARRAY)")
  func deltaTexts() throws {
    // The example of the format's text: axis, axle, babble, babyhood.
    var bytes = Self.deltas([0, 2, 0, 3]) + Self.deltas([4, 2, 6, 5])
    bytes += Array("axislebabbleyhood".utf8)
    var cursor = ByteCursor(bytes)
    let strings = try ByteStrings.delta(&cursor, count: 4)
    let texts = strings.ranges.map { String(decoding: strings.bytes[$0], as: UTF8.self) }
    #expect(texts == ["axis", "axle", "babble", "babyhood"])
    var wrong = ByteCursor(Self.deltas([1]) + Self.deltas([4]) + Array("axis".utf8))
    #expect(throws: ParquetError.Reason.corrupt("a beginning of 1 bytes of a text of 0")) {
      try ByteStrings.delta(&wrong, count: 1)
    }
  }

  @Test("split streams of bytes are put together (BYTE_STREAM_SPLIT)")
  func streams() throws {
    // The example of the format's text: AA BB CC DD, 00 11 22 33, A3 B4 C5 D6.
    var cursor = ByteCursor(
      [0xAA, 0x00, 0xA3, 0xBB, 0x11, 0xB4, 0xCC, 0x22, 0xC5, 0xDD, 0x33, 0xD6]
    )
    let plain = try ByteStreamSplit.decode(&cursor, count: 3, size: 4)
    #expect(
      plain.bytes == [
        0xAA, 0xBB, 0xCC, 0xDD, 0x00, 0x11, 0x22, 0x33, 0xA3, 0xB4, 0xC5, 0xD6,
      ]
    )
  }

  @Test("deprecated packed levels are read from the high bit down")
  func packedLevels() throws {
    var cursor = ByteCursor([0b1010_0000])
    #expect(
      try DefinitionLevels.pageV1(&cursor, count: 3, .bitPacked) == [true, false, true]
    )
  }

  @Test("Hadoop's LZ4 frames and bare blocks are both read")
  func hadoop() throws {
    let text = Array(String(repeating: "lode ", count: 100).utf8)
    let block = try LZ4.encode(text.span)
    func bigEndian(_ number: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    let frame = bigEndian(text.count) + bigEndian(block.count) + block
    #expect(try LZ4.decodeHadoop(frame, size: 500) == text)
    #expect(try LZ4.decodeHadoop(frame + frame, size: 1000) == text + text)
    #expect(try LZ4.decodeHadoop(block, size: 500) == text)
    #expect(throws: CompressionError.self) { try LZ4.decodeHadoop(frame, size: 499) }
    #expect(throws: CompressionError.self) { try LZ4.decode(block.span, size: 1 << 30) }
  }
}
