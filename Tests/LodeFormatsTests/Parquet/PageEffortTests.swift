import LodeColumns
import LodeRuntime
import Testing

@testable import LodeFormats

@Suite("How hard pages are compressed, and which doubles are coded")
struct PageEffortTests {
  private func page(_ byte: (inout CounterRandom) -> UInt8) -> [UInt8] {
    var random = CounterRandom(seed: 5)
    return (0..<100_000).map { _ in byte(&random) }
  }

  @Test("the normal effort is taken where bytes are unlike frequent, the light one for noise")
  func effort() throws {
    let noise = page { UInt8(truncatingIfNeeded: $0.next()) }
    let skewed = page { UInt8(truncatingIfNeeded: ($0.next() % 16) * ($0.next() % 3)) }
    #expect(try PageCodec.zstd.effort(for: noise, gain: 0.02) == .light)
    #expect(try PageCodec.zstd.effort(for: skewed, gain: 0.02) == .normal)
    // Numbers of 16 need half their bits and more; no effort makes them nine tenths smaller.
    #expect(try PageCodec.zstd.effort(for: skewed, gain: 0.9) == .light)
    #expect(try PageCodec.zstd.effort(for: Array(noise.prefix(1000)), gain: 0.02) == .normal)
    #expect(try PageCodec.snappy.effort(for: noise, gain: 0.02) == .normal)
    for bytes in [noise, skewed] {
      for effort in [PageCodec.Effort.light, .normal] {
        let compressed = try PageCodec.zstd.compress(bytes, effort)
        #expect(try PageCodec.zstd.decompress(compressed, size: bytes.count) == bytes)
      }
    }
  }

  @Test("doubles of few values are coded, others stay as they are")
  func doubles() throws {
    var random = CounterRandom(seed: 7)
    func encoding(_ values: [Double]) throws -> PageEncoding {
      let column = Column(doubles: values)
      let encoder = ChunkEncoder(
        column,
        rows: 0..<values.count,
        options: ParquetOptions(),
        hasBloomFilter: false
      )
      return try encoder.encode().encoding
    }
    let few = (0..<20_000).map { _ in Double(random.next() % 300) / 7 }
    let many = (0..<20_000).map { _ in Double(random.next() % 6000) / 7 }
    #expect(try encoding(few) == .rleDictionary)
    #expect(try encoding(many) == .plain)
  }

  @Test("numbers are coded where their distinct values soon come to an end, not where they grow")
  func numbers() throws {
    var random = CounterRandom(seed: 9)
    func encoding(_ numbers: [Int64], leastGain: Double = 0.01) throws -> PageEncoding {
      var options = ParquetOptions()
      options.leastGain = leastGain
      let encoder = ChunkEncoder(
        Column(integers: numbers),
        rows: 0..<numbers.count,
        options: options,
        hasBloomFilter: false
      )
      return try encoder.encode().encoding
    }
    let known = (0..<3000).map { _ in Int64(truncatingIfNeeded: random.next() >> 24) }
    let ending = (0..<60_000).map { _ in known[Int(random.next() % 3000)] }
    let growing = (0..<60_000).map { _ in Int64(truncatingIfNeeded: random.next() >> 40) }
    #expect(try encoding(ending) == .rleDictionary)
    #expect(try encoding(growing) != .rleDictionary)
    // Five equal ones in a row: zstd finds them best where they are whole.
    let repeated = (0..<60_000).map { known[$0 / 5 % 3000] & 0x3FFF }
    #expect(try encoding(repeated) == .plain)
    #expect(try encoding(repeated, leastGain: 0.25) == .rleDictionary)
  }

  @Test("contexts that are used again give the bytes of new ones, from many threads at once")
  func contexts() throws {
    let pages = (0..<24)
      .map { seed in
        var random = CounterRandom(seed: UInt64(seed))
        return (0..<(1 << (seed % 12 + 4))).map { _ in UInt8(random.next() % 7) }
      }
    let first = try pages.map { try PageCodec.zstd.compress($0, .light) }
    let again = try Parallel.map(pages.count * 8) { index in
      let page = pages[index % pages.count]
      // What the context did before must not show.
      _ = try PageCodec.zstd.compress(pages[(index * 7) % pages.count], .normal)
      let compressed = try PageCodec.zstd.compress(page, .light)
      #expect(throws: (any Error).self) {
        try PageCodec.zstd.decompress(Array(compressed.dropLast()), size: page.count)
      }
      #expect(try PageCodec.zstd.decompress(compressed, size: page.count) == page)
      return compressed
    }
    for (index, compressed) in again.enumerated() {
      #expect(compressed == first[index % pages.count])
    }
  }
}
