import LodeFormats
import Testing

@Suite("Compressed input files")
struct DecompressionTests {
  static let text = Array(
    String(repeating: "customer_id,amount\n4711,12.50\n", count: 20_000).utf8
  )

  @Test("gzip, zstd and plain bytes are told by their first bytes and give the content")
  func roundTrip() throws {
    #expect(try Decompression.contents(of: Compression.gzip(Self.text)) == Self.text)
    #expect(try Decompression.contents(of: Compression.zstd(Self.text)) == Self.text)
    #expect(try Decompression.contents(of: Self.text) == Self.text)
    #expect(try Decompression.contents(of: []) == [])
    #expect(try Decompression.inflateGzip(Compression.gzip([])) == [])
  }

  @Test("all members of a gzip file and all frames of a zstd file are read")
  func members() throws {
    let gzip = try Compression.gzip([1, 2]) + Compression.gzip([]) + Compression.gzip([3])
    #expect(try Decompression.inflateGzip(gzip) == [1, 2, 3])
    #expect(try Decompression.inflateGzip(gzip + [0, 0, 0]) == [1, 2, 3])
    let zstd = try Compression.zstd([1, 2]) + Compression.zstd([]) + Compression.zstd([3])
    #expect(try Decompression.decodeZstd(zstd) == [1, 2, 3])
  }

  @Test("the gzip header names no time, so that equal content gives equal bytes")
  func determinism() throws {
    let bytes = try Compression.gzip(Self.text)
    #expect(Array(bytes[4..<8]) == [0, 0, 0, 0])
    #expect(try Compression.gzip(Self.text) == bytes)
  }

  @Test("a file cut at any place is refused")
  func cuts() throws {
    let short = Array("one,two\n1,2\n".utf8)
    for file in [try Compression.gzip(short), try Compression.zstd(short)] {
      for end in 4..<file.count {
        #expect(throws: CompressionError.self) {
          try Decompression.contents(of: Array(file[..<end]))
        }
      }
    }
  }

  @Test("content beyond the limit is refused with the limit")
  func limit() throws {
    let gzip = try Compression.gzip(Self.text)
    #expect(throws: CompressionError.tooLarge(format: .gzip, limit: 1000)) {
      try Decompression.inflateGzip(gzip, limit: 1000)
    }
    let zstd = try Compression.zstd(Self.text)
    #expect(throws: CompressionError.tooLarge(format: .zstd, limit: 1000)) {
      try Decompression.decodeZstd(zstd, limit: 1000)
    }
    #expect(try Decompression.inflateGzip(gzip, limit: Self.text.count) == Self.text)
  }

  @Test("a damaged gzip member is refused by its checksum")
  func damage() throws {
    var gzip = try Compression.gzip(Self.text)
    gzip[gzip.count - 8] ^= 1
    #expect(
      throws: CompressionError.corrupt(format: .gzip, reason: "incorrect data check")
    ) {
      try Decompression.inflateGzip(gzip)
    }
    let error = CompressionError.truncated(format: .gzip)
    #expect(
      error.description
        == "the gzip data ends too early: it was cut off while being written or copied."
    )
  }
}
