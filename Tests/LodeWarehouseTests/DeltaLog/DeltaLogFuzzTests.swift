import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeTestSupport
import LodeWarehouse
import Testing

@Suite("Fuzz: Delta logs with any byte damaged")
struct DeltaLogFuzzTests {
  let folder: MemoryFolder
  let warehouse: Warehouse
  let right: [[String]]

  /// Set by `make fuzz`: every third byte instead of a few.
  static let isLong = ProcessInfo.processInfo.environment["LODE_FUZZ_SECONDS"] != nil

  init() throws {
    folder = try MemoryFolder()
    warehouse = try Warehouse(opening: folder.path + "/w", shardCount: 2)
    func part(_ shard: String, _ first: Int) -> TableWrite.Part {
      TableWrite.Part(partition: shard, rows: Samples.orders(from: first, count: 2))
    }
    try warehouse.publish(Samples.write([part("0", 0), part("1", 10)], run: "r1"))
    try warehouse.publish(
      Samples.write([part("1", 20)], replaces: .partitions(["1"]), run: "r2")
    )
    try warehouse.publish(Samples.write([part("0", 30)], replaces: .nothing, run: "r3"))
    right = try Self.rows(warehouse)
  }

  /// The rows of each version with their partitions; every number of the log is looked at too.
  static func rows(_ warehouse: Warehouse) throws -> [[String]] {
    _ = try warehouse.history(of: "orders")
    _ = try warehouse.publishedVersion(of: "orders")
    return try (0..<3)
      .map { version in
        let snapshot = try #require(try warehouse.snapshot(of: "orders", version: version))
        return try snapshot.read()
          .flatMap { part in
            Samples.rows(of: part.rows).map { "\(part.partition ?? "") \($0)" }
              + ["\(part.rows.schema)"]
          }
      }
  }

  private func path(_ version: Int) -> URL {
    URL(filePath: "\(folder.path)/w/tables/orders/_delta_log/0000000000000000000\(version).json")
  }

  /// Reads with another commit in place; gives the words of the refusal.
  private func refusal(_ bytes: [UInt8], version: Int, _ what: String) throws -> String? {
    try Data(bytes).write(to: path(version))
    do {
      let rows = try Self.rows(warehouse)
      #expect(rows == right, "\(what)")
      return nil
    } catch let error as Diagnostic {
      return error.description
    }
  }

  @Test("every changed byte and every cut gives an error or the right rows", arguments: 0..<3)
  func damage(version: Int) throws {
    let bytes = Array(try Data(contentsOf: path(version)))
    let step = Self.isLong ? 3 : 37
    for place in stride(from: version * 7 % step, to: bytes.count, by: step) {
      for mask: UInt8 in [0x01, 0x20, 0xFF] {
        var damaged = bytes
        damaged[place] ^= mask
        let words = try refusal(damaged, version: version, "version \(version), byte \(place)")
        #expect(words != nil, "version \(version), byte \(place), mask \(mask) went unseen")
      }
    }
    for end in stride(from: 0, to: bytes.count - 1, by: step) {
      let words = try refusal(Array(bytes[..<end]), version: version, "cut at \(end)")
      #expect(words != nil, "version \(version), cut at \(end), went unseen")
    }
    #expect(try refusal(bytes, version: version, "as it was") == nil)
  }

  @Test("logs without a seal, as others write them, never end the process", arguments: 0..<3)
  func foreign(version: Int) throws {
    let text = String(decoding: try Data(contentsOf: path(version)), as: UTF8.self)
    let bytes = Array(text.replacing("\"lode.seal", with: "\"other").utf8)
    try Data(bytes).write(to: path(version))
    #expect(try Self.rows(warehouse) == right)
    let values: [UInt8] = Array("09-eE.\"\\{}[],n".utf8) + [0, 0x1F, 0x80, 0xC3, 0xFF]
    let step = Self.isLong ? 3 : 61
    for place in stride(from: version * 11 % step, to: bytes.count, by: step) {
      for value in [values[place % values.count], values[(place + 7) % values.count]] {
        var damaged = bytes
        damaged[place] = value
        try Data(damaged).write(to: path(version))
        _ = try? Self.rows(warehouse)
        if place % 5 == 0 { _ = try? warehouse.check() }
      }
    }
  }

  @Test("numbers that cannot be are refused or read from the file instead")
  func numbers() throws {
    let text = String(decoding: try Data(contentsOf: path(2)), as: UTF8.self)
      .replacing("\"lode.seal", with: "\"other")
    let time = try #require(text.firstMatch(of: /"timestamp":(\d+)/)?.output.1)
    for number in ["9223372036854775807", "-1", "99999999999999999999"] {
      let damaged = text.replacing("\"timestamp\":\(time)", with: "\"timestamp\":\(number)")
      let words = try refusal(Array(damaged.utf8), version: 2, number)
      #expect(words?.contains("00002.json:1: this line of the table's log cannot be read.") == true)
      let rows = text.replacing("numRecords\\\":2", with: "numRecords\\\":\(number)")
      #expect(rows != text)
      #expect(try refusal(Array(rows.utf8), version: 2, number) == nil)
    }
  }
}
