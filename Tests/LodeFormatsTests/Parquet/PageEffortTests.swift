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
}
