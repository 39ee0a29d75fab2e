import LodeRuntime
import Testing

@Suite("XXH64")
struct XXHash64Tests {
  /// Source: python-xxhash 4.1.0 (xxHash 0.8.4), `xxh64(text.encode(), seed).intdigest()`; the
  /// digests of the empty text, `a` and `abc` with seed 0 are also those of the specification.
  static let texts: [(text: String, seed: UInt64, digest: UInt64)] = [
    ("", 0, 0xef46_db37_51d8_e999), ("", 42, 0x98b1_582b_0977_e704),
    ("", 2_654_435_761, 0xac75_fda2_929b_17ef),
    ("a", 0, 0xd24e_c4f1_a98c_6e5b), ("a", 42, 0x88e4_fe59_adf7_b0cc),
    ("abc", 0, 0x44bc_2cf5_ad77_0999), ("abc", 42, 0x13c1_d910_7027_70e6),
    ("abc", 2_654_435_761, 0x1318_df30_094a_85fd),
    ("Spark", 42, 0xc466_fc0d_fa0f_f5b7),
    (
      "The quick brown fox jumps over the lazy dog and runs away, 64+ bytes.", 0,
      0x9b64_f89b_f98a_1375
    ),
    (
      "The quick brown fox jumps over the lazy dog and runs away, 64+ bytes.", 42,
      0x8e2c_7aae_5a47_fab7
    ),
    ("München 東京", 42, 0x8458_5043_349c_dab7),
  ]

  @Test("texts have the digests of the reference library", arguments: texts)
  func text(text: String, seed: UInt64, digest: UInt64) {
    #expect(XXHash64.hash(text, seed: seed) == digest)
  }

  /// Source: python-xxhash 4.1.0 with seed 42 over the first bytes of i · 7 mod 256.
  @Test(
    "every path for tails has the digest of the reference library",
    arguments: [
      (1, 0x83a7_b47f_8d92_d727), (3, 0xc1aa_8c80_0b74_2639), (4, 0x1f33_2230_b263_8cb9),
      (7, 0xa3d9_dadc_b39a_4078), (8, 0x0c66_31fd_a619_4569), (12, 0x9831_1769_5075_4183),
      (31, 0xce9c_e149_817c_e82a), (32, 0xa058_da75_ecc0_b760), (33, 0xffc2_7371_24d4_c73e),
      (63, 0x6735_c3ee_faee_e4d7), (64, 0x2e43_7884_6f9f_5b8b), (100, 0x9bb3_9a00_8c03_147c),
    ] as [(Int, UInt64)]
  )
  func tails(count: Int, digest: UInt64) {
    let bytes = (0..<count).map { UInt8($0 * 7 % 256) }
    #expect(XXHash64.hash(bytes.span, seed: 42) == digest)
  }

  /// Source: python-xxhash 4.1.0 with seed 42 over the eight bytes, little end first.
  @Test(
    "integers have the digests of their eight bytes",
    arguments: [
      (0, 0xb71b_47eb_da15_746c), (1, 0x9ed5_0fd5_9358_d232), (-1, 0x358a_e035_bfb4_6fd2),
      (12_345_678_901, 0x10db_6ff7_a74f_ee90), (.min, 0x8860_8019_c494_c1f4),
    ] as [(Int64, UInt64)]
  )
  func integers(integer: Int64, digest: UInt64) {
    #expect(XXHash64.hash(integer) == digest)
  }

  /// Source: PySpark 3.4.1 reference, `xxhash64`: ('ABC') → 4105715581806190027 and ('ABC', 'DEF')
  /// → 3233247871021311208; the digest of one column is the seed of the next.
  @Test("texts have the digests that Spark documents")
  func spark() {
    let first = XXHash64.hash("ABC")
    #expect(Int64(bitPattern: first) == 4_105_715_581_806_190_027)
    #expect(Int64(bitPattern: XXHash64.hash("DEF", seed: first)) == 3_233_247_871_021_311_208)
  }

  @Test("shards are positive remainders of the signed digest")
  func shards() {
    #expect(XXHash64.shard(ofHash: UInt64(bitPattern: -1), shardCount: 8) == 7)
    #expect(XXHash64.shard(ofHash: UInt64(bitPattern: -8), shardCount: 8) == 0)
    #expect(XXHash64.shard(ofHash: 9, shardCount: 8) == 1)
    #expect(XXHash64.shard(ofHash: UInt64(bitPattern: .min), shardCount: 7) == 6)
  }
}
