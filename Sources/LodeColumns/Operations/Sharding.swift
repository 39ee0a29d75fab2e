internal import LodeRuntime

extension Column {
  /// The shard of each cell: `pmod(xxhash64(cell, seed 42), shardCount)`, equal to Spark's.
  ///
  /// A missing cell hashes to the seed, as in Spark.
  ///
  /// - Precondition: the column is of type text or stored as integers.
  public func shards(count shardCount: Int) -> [Int] {
    let ofMissing = XXHash64.shard(ofHash: XXHash64.sparkSeed, shardCount: shardCount)
    var shards: [Int]
    switch storage {
    case .texts(let codes, let dictionary):
      let (bytes, offsets) = (dictionary.bytes, dictionary.offsets)
      let shardOfCode = (0..<dictionary.count)
        .map { code in
          let text = bytes.span.extracting(offsets[code]..<offsets[code + 1])
          return XXHash64.shard(ofHash: XXHash64.hash(text), shardCount: shardCount)
        }
      shards = codes.map { shardOfCode[Int($0)] }
    case .integers(let cells):
      shards = cells.map { XXHash64.shard(ofHash: XXHash64.hash($0), shardCount: shardCount) }
    case .doubles, .booleans: preconditionFailure("no shards by a \(type) column")
    }
    if let validity {
      for row in validity.indices where !validity[row] { shards[row] = ofMissing }
    }
    return shards
  }
}
