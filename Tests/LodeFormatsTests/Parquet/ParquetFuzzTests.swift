import FoundationEssentials
import LodeColumns
import LodeFormats
import LodeRuntime
import Testing

@Suite("Fuzz: Parquet files with any byte damaged")
struct ParquetFuzzTests {
  static let table = ParquetSamples.everyType(rows: 9)

  /// The options of each kind of file.
  static let kinds: [String: ParquetOptions] = {
    var kinds: [String: ParquetOptions] = [:]
    for format in CompressionFormat.allCases {
      var options = ParquetOptions()
      options.compression = format
      kinds["\(format)"] = options
    }
    var options = ParquetOptions()
    options.compression = .uncompressed
    options.dictionaryByteLimit = 0
    options.bloomFilterColumns = ["id", "customer"]
    options.pageByteCount = 40
    kinds["no dictionary"] = options
    options.compatibility = .plain
    kinds["plain"] = options
    return kinds
  }()

  static func bytes(_ kind: String) throws -> [UInt8] {
    try ParquetWriter.encode(table, options: kinds[kind] ?? ParquetOptions()).bytes
  }

  /// Reads a damaged file in every way; nothing but an error or the right cells may come.
  static func check(_ bytes: [UInt8], _ what: String) {
    let condition = ParquetPredicate.equals("customer", .text("customer-5"))
    guard let file = try? ParquetFile(bytes: bytes) else { return }
    if let rows = try? file.read() {
      #expect(rows.schema == table.schema && rows == readBack, "\(what)")
    }
    if let rows = try? file.read(where: [condition]) {
      #expect(rows.rowCount == 1 && rows.column("customer")?[0] == .text("customer-5"), "\(what)")
    }
  }

  static let readBack: Table? = try? ParquetFile(bytes: bytes("zstd")).read()

  @Test("every changed byte gives an error or the right cells", arguments: kinds.keys.sorted())
  func flips(kind: String) throws {
    let bytes = try Self.bytes(kind)
    let offset = kind.utf8.reduce(0) { $0 + Int($1) }
    // A part of the bytes here, every one by `make fuzz`.
    for place in stride(from: offset % 29, to: bytes.count, by: 29) {
      for mask: UInt8 in [0x01, 0x55, 0xFF] {
        var damaged = bytes
        damaged[place] ^= mask
        Self.check(damaged, "\(kind), byte \(place), mask \(mask)")
      }
    }
  }

  @Test("every cut is refused", arguments: kinds.keys.sorted())
  func cuts(kind: String) throws {
    let bytes = try Self.bytes(kind)
    for end in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: ParquetError.self) { try ParquetFile(bytes: Array(bytes[..<end])) }
    }
  }

  /// Set by `make fuzz`: how long to go on.
  static let seconds = Double(ProcessInfo.processInfo.environment["LODE_FUZZ_SECONDS"] ?? "") ?? 0

  @Test(
    "files damaged at random at several places never end the process",
    .enabled(if: seconds > 0)
  )
  func long() throws {
    let end = ContinuousClock.now + .seconds(Self.seconds)
    let names = Self.kinds.keys.sorted()
    for name in names {
      let bytes = try Self.bytes(name)
      for place in bytes.indices {
        for mask: UInt8 in [0x01, 0x02, 0x08, 0x55, 0x80, 0xFF] where ContinuousClock.now < end {
          var damaged = bytes
          damaged[place] ^= mask
          Self.check(damaged, "\(name), byte \(place), mask \(mask)")
        }
      }
    }
    var random = CounterRandom(seed: 1, stream: 0)
    var round = 0
    while ContinuousClock.now < end {
      var damaged = try Self.bytes(names[round % names.count])
      for _ in 0..<(1 + random.next() % 6) {
        let place = Int(random.next() % UInt64(damaged.count))
        damaged[place] = UInt8(truncatingIfNeeded: random.next())
      }
      // Several bytes at once may fit together; only the process must live on.
      if let file = try? ParquetFile(bytes: damaged) {
        _ = try? file.readContents(verifiesChecksums: round % 2 == 0)
      }
      round += 1
    }
  }
}
