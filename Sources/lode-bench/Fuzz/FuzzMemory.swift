internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

/// How much memory the reading of damaged files takes: `fuzz-memory KIND SECONDS`.
///
/// A process reads one small file of the kind, then the same file damaged at random places for some
/// seconds. From before the first damaged file to the end its resident memory may grow by 4 times
/// the size of the file and 64 MB (storage.md, section 3).
struct FuzzMemory {
  let kind: String
  let seconds: Double

  /// Runs the command; the exit code.
  static func run(_ arguments: [String]) throws -> Int32 {
    guard arguments.count == 2, let seconds = Double(arguments[1]) else {
      say("fuzz-memory parquet|csv|gzip|delta SECONDS")
      return Diagnostic.Category.usage.rawValue
    }
    return try FuzzMemory(kind: arguments[0], seconds: seconds).run()
  }

  private func run() throws -> Int32 {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("lode-fuzz-\(ProcessInfo.processInfo.processIdentifier)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (file, read) = try subject(folder)
    read(file)
    let before = try Self.kilobytes("VmRSS")
    let end = ContinuousClock.now + .seconds(seconds)
    var random = CounterRandom(seed: 11, stream: 0)
    var round = 0
    while ContinuousClock.now < end {
      var damaged = file
      for _ in 0..<(1 + random.next() % 3) {
        damaged[Int(random.next() % UInt64(file.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 8 == 7 { damaged.removeLast(Int(random.next() % UInt64(damaged.count))) }
      read(damaged)
      round += 1
    }
    let growth = try Self.kilobytes("VmHWM") - before
    let limit = 4 * file.count / 1024 + 64 * 1024
    let verdict = growth <= limit ? "ok     " : "FAILED "
    say("\(verdict) \(kind): \(round) damaged files of \(file.count) bytes, memory grew by")
    say("        \(growth) kB at most; \(limit) kB are allowed")
    return growth <= limit ? 0 : 1
  }

  private static func kilobytes(_ key: String) throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }

  private static let rows = Table([
    "id": Column(integers: (0..<3000).map { Int64($0) * 7919 % 3001 }),
    "name": Column(texts: (0..<3000).map { "customer-\($0 % 701)" }),
    "score": Column(doubles: (0..<3000).map { Double($0) / 7 }),
  ])

  /// A whole file of the kind and what reads it; errors are what is expected.
  private func subject(_ folder: String) throws -> (file: [UInt8], read: ([UInt8]) -> Void) {
    switch kind {
    case "parquet":
      let file = try ParquetWriter.encode(Self.rows).bytes
      return (file, { bytes in _ = try? ParquetFile(bytes: bytes).read() })
    case "csv":
      let file = CSVWriter().bytes(Self.rows)
      return (file, { bytes in _ = try? CSVReader().read(SourceBytes(bytes, name: "f.csv")) })
    case "gzip":
      let file = try Compression.gzip(CSVWriter().bytes(Self.rows))
      return (file, { bytes in _ = try? CSVReader().read(SourceBytes(bytes, name: "f.csv.gz")) })
    case "delta":
      let warehouse = try Warehouse(opening: folder, shardCount: 2)
      let write = TableWrite(
        name: "t",
        schema: Self.rows.schema,
        parts: [TableWrite.Part(rows: Self.rows)],
        operation: "fuzz",
        runID: "r1"
      )
      _ = try warehouse.commit(try warehouse.stage(write))
      let path = folder + "/tables/t/_delta_log/00000000000000000000.json"
      let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      let unsealed = text.replacing("\"lode.seal", with: "\"other")
      return (
        Array(unsealed.utf8),
        { bytes in
          try? Data(bytes).write(to: URL(filePath: path))
          _ = try? warehouse.snapshot(of: "t")?.table()
          _ = try? warehouse.check()
        }
      )
    default:
      throw Diagnostic(
        .usage,
        "fuzz-memory does not know \"\(kind)\".",
        fix: "write parquet, csv, gzip or delta."
      )
    }
  }
}
