/// The 64-bit xxHash, equal to Spark's `xxhash64` for UTF-8 text and for 64-bit integers.
///
/// - Source: Collet, "xxHash fast digest algorithm", specification 0.1.1, XXH64.
public enum XXHash64 {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The seed that Spark's `xxhash64` function uses.
  public static let sparkSeed: UInt64 = 42

  /// The digest of the bytes of `text` in UTF-8.
  public static func hash(_ text: String, seed: UInt64 = sparkSeed) -> UInt64 {
    hash(Array(text.utf8).span, seed: seed)
  }

  /// The digest of a 64-bit integer as Spark computes it (the eight bytes, little end first).
  public static func hash(_ integer: Int64, seed: UInt64 = sparkSeed) -> UInt64 {
    var digest = seed &+ prime5 &+ 8
    digest ^= round(0, UInt64(bitPattern: integer))
    digest = rotate(digest, 27) &* prime1 &+ prime4
    return avalanche(digest)
  }

  /// The digest of `bytes`.
  ///
  /// - Complexity: O(`bytes.count`).
  public static func hash(_ bytes: Span<UInt8>, seed: UInt64 = sparkSeed) -> UInt64 {
    var position = 0
    var digest: UInt64
    if bytes.count >= 32 {
      digest = bulk(bytes, seed: seed, position: &position)
    } else {
      digest = seed &+ prime5
    }
    digest &+= UInt64(bytes.count)
    while position + 8 <= bytes.count {
      digest ^= round(0, word64(bytes, position))
      digest = rotate(digest, 27) &* prime1 &+ prime4
      position += 8
    }
    if position + 4 <= bytes.count {
      digest ^= word32(bytes, position) &* prime1
      digest = rotate(digest, 23) &* prime2 &+ prime3
      position += 4
    }
    while position < bytes.count {
      digest ^= UInt64(bytes[position]) &* prime5
      digest = rotate(digest, 11) &* prime1
      position += 1
    }
    return avalanche(digest)
  }

  /// The shard of a key: `pmod(hash, shardCount)` on the signed hash, as Spark computes it.
  public static func shard(ofHash hash: UInt64, shardCount: Int) -> Int {
    let signed = Int64(bitPattern: hash)
    let remainder = signed % Int64(shardCount)
    return Int(remainder < 0 ? remainder + Int64(shardCount) : remainder)
  }

  private static func bulk(_ bytes: Span<UInt8>, seed: UInt64, position: inout Int) -> UInt64 {
    var v1 = seed &+ prime1 &+ prime2
    var v2 = seed &+ prime2
    var v3 = seed
    var v4 = seed &- prime1
    while position + 32 <= bytes.count {
      v1 = round(v1, word64(bytes, position))
      v2 = round(v2, word64(bytes, position + 8))
      v3 = round(v3, word64(bytes, position + 16))
      v4 = round(v4, word64(bytes, position + 24))
      position += 32
    }
    var digest = rotate(v1, 1) &+ rotate(v2, 7) &+ rotate(v3, 12) &+ rotate(v4, 18)
    for lane in [v1, v2, v3, v4] { digest = (digest ^ round(0, lane)) &* prime1 &+ prime4 }
    return digest
  }

  private static func round(_ accumulator: UInt64, _ input: UInt64) -> UInt64 {
    rotate(accumulator &+ input &* prime2, 31) &* prime1
  }

  private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    (value << bits) | (value >> (64 - bits))
  }

  private static func avalanche(_ input: UInt64) -> UInt64 {
    var digest = input
    digest ^= digest >> 33
    digest = digest &* prime2
    digest ^= digest >> 29
    digest = digest &* prime3
    return digest ^ (digest >> 32)
  }

  private static func word64(_ bytes: Span<UInt8>, _ position: Int) -> UInt64 {
    var word: UInt64 = 0
    for offset in 0..<8 { word |= UInt64(bytes[position + offset]) << UInt64(8 * offset) }
    return word
  }

  private static func word32(_ bytes: Span<UInt8>, _ position: Int) -> UInt64 {
    var word: UInt64 = 0
    for offset in 0..<4 { word |= UInt64(bytes[position + offset]) << UInt64(8 * offset) }
    return word
  }
}
