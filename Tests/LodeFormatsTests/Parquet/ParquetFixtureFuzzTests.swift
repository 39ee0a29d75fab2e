import Foundation
import LodeColumns
import LodeFormats
import Testing

@Suite("Fuzz: Parquet files of pyarrow with any byte damaged")
struct ParquetFixtureFuzzTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/parquet")

  static let names = [
    "encodings-v1", "encodings-v2", "fallback-v1", "dictionary-v2-none", "dictionary-v2-snappy",
    "dictionary-v2-gzip", "dictionary-v2-brotli", "dictionary-v2-lz4", "dictionary-v2-zstd",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent("\(name).parquet")))
  }

  /// The columns with floating-point numbers by their bits, so that NaN is equal to itself.
  static func exactly(_ table: Table) -> [Column] {
    table.columns.map { column in
      guard case .doubles(let cells) = column.storage else { return column }
      let bits = cells.map { Int64(bitPattern: $0.bitPattern) }
      return Column(type: .integer, storage: .integers(bits), validity: column.validity)
    }
  }

  @Test("the first and the last row are those of the writer", arguments: names)
  func whole(name: String) throws {
    let table = try ParquetFile(bytes: Self.bytes(name)).read()
    #expect(table.rowCount == (name == "fallback-v1" ? 60 : 12))
    #expect(table.column("i32")?.isMissing(3) == true)
    let unique = try #require(table.column("unique"))
    for row in 0..<table.rowCount where row % 4 != 3 {
      let digits = String(row)
      let padded = String(repeating: "0", count: 7 - digits.count) + digits
      #expect(unique[row].description.hasPrefix("customer-\(padded)-0."))
    }
  }

  @Test("every changed byte of a page gives an error or the right cells", arguments: names)
  func flips(name: String) throws {
    let bytes = try Self.bytes(name)
    let right = Self.exactly(try ParquetFile(bytes: bytes).read())
    let footerLength = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    let footerStart = bytes.count - 8 - footerLength
    let step = ParquetFuzzTests.seconds > 0 ? 1 : 53
    for place in stride(from: name.utf8.count % step, to: bytes.count, by: step) {
      for mask: UInt8 in [0x01, 0x55, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] ^= mask
        guard let file = try? ParquetFile(bytes: damaged), let table = try? file.read() else {
          continue
        }
        // The footers of pyarrow have no checksum: only the process must live on.
        if place < footerStart {
          #expect(Self.exactly(table) == right, "\(name), byte \(place), mask \(mask)")
        }
      }
      var damaged = bytes
      damaged[place] ^= 0xFF
      _ = try? ParquetFile(bytes: damaged).readContents(verifiesChecksums: false)
    }
  }
}
