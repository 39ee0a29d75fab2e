internal import LodeRuntime

/// A split-block Bloom filter: tells of most values that a column chunk does not hold them.
///
/// - Source: Apache Parquet, "Bloom Filter"; hash XXH64 with seed 0 over the value in PLAIN
///   encoding without a length.
struct BloomFilter {
  private static let salts: [UInt32] = [
    0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947,
    0x5C6B_FB31,
  ]

  /// Eight words a block.
  private var words: [UInt32]

  /// An empty filter that errs in about one of a hundred values.
  init(distinctCount: Int) {
    var byteCount = 32
    while byteCount < distinctCount * 10 / 8, byteCount < 1 << 24 { byteCount *= 2 }
    words = [UInt32](repeating: 0, count: byteCount / 4)
  }

  /// Adds a value by its hash.
  mutating func insert(_ hash: UInt64) {
    let block = blockStart(hash)
    for (place, mask) in Self.masks(hash).enumerated() { words[block + place] |= mask }
  }

  /// Whether a value of this hash may have been added.
  func mayContain(_ hash: UInt64) -> Bool {
    let block = blockStart(hash)
    return Self.masks(hash).enumerated().allSatisfy { words[block + $0.offset] & $0.element != 0 }
  }

  /// The hash of a number of eight bytes.
  static func hash(_ number: Int64) -> UInt64 { XXHash64.hash(number, seed: 0) }

  /// The hash of a run of bytes.
  static func hash(_ bytes: [UInt8]) -> UInt64 { XXHash64.hash(bytes.span, seed: 0) }

  private func blockStart(_ hash: UInt64) -> Int {
    Int(((hash >> 32) &* UInt64(words.count / 8)) >> 32) * 8
  }

  private static func masks(_ hash: UInt64) -> [UInt32] {
    let key = UInt32(truncatingIfNeeded: hash)
    return salts.map { 1 << ((key &* $0) >> 27) }
  }

  /// The header and the bits.
  var bytes: [UInt8] {
    var writer = ThriftWriter()
    writer.structure { header in
      header.int32(1, words.count * 4)
      for id in 2...4 { header.structure(id) { union in union.structure(1) { _ in } } }
    }
    var bytes = writer.bytes
    RawNumbers.append(words, to: &bytes)
    return bytes
  }

  /// Reads a filter.
  ///
  /// - Returns: nil for a kind of filter that is not known.
  /// - Throws: `truncated` or `corrupt`.
  init?(_ bytes: [UInt8]) throws(ParquetError.Reason) {
    let header = try Self.header(of: bytes)
    guard header.isKnown else { return nil }
    guard header.byteCount >= 32, header.byteCount % 32 == 0 else {
      throw .corrupt("a Bloom filter of \(header.byteCount) bytes")
    }
    var cursor = ByteCursor(bytes, in: header.end..<bytes.count)
    words = RawNumbers.numbers(bytes, in: try cursor.take(header.byteCount), as: UInt32.self)
  }

  /// What the header says: the bytes of the bits, where they begin, whether the kind is known.
  static func header(
    of bytes: [UInt8]
  ) throws(ParquetError.Reason) -> (byteCount: Int, end: Int, isKnown: Bool) {
    var reader = ThriftReader(ByteCursor(bytes))
    var byteCount = 0
    var kinds: Set<Int> = []
    var last = 0
    while let field = try reader.nextField(after: &last) {
      switch field.id {
      case 1: byteCount = try reader.integer(field)
      case 2, 3, 4:
        try reader.requireStructure(field)
        var inner = 0
        while let kind = try reader.nextField(after: &inner) {
          if kind.id == 1 { kinds.insert(field.id) }
          try reader.skip(kind)
        }
      default: try reader.skip(field)
      }
    }
    return (byteCount, reader.position, kinds == [2, 3, 4])
  }
}
