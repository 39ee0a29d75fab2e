import LodeColumns
import LodeFormats
import Testing

@Suite("Damaged Parquet files")
struct ParquetDamageTests {
  static let table = ParquetSamples.everyType(rows: 12)

  /// The cells of a damaged file, nil if it was refused.
  static func read(_ bytes: [UInt8]) -> [[Cell]]? {
    guard let file = try? ParquetFile(bytes: bytes), let table = try? file.read() else {
      return nil
    }
    return ParquetSamples.rows(of: table)
  }

  @Test(
    "a file cut at any place is refused",
    arguments: [CompressionFormat.zstd, .uncompressed]
  )
  func cuts(format: CompressionFormat) throws {
    var options = ParquetOptions()
    options.compression = format
    let bytes = try ParquetWriter.encode(Self.table, options: options).bytes
    for end in bytes.indices {
      #expect(throws: ParquetError.self) {
        try ParquetFile(bytes: Array(bytes[..<end])).read()
      }
    }
  }

  @Test(
    "a changed byte in a page is refused, whichever byte it is",
    arguments: [CompressionFormat.zstd, .snappy, .uncompressed]
  )
  func pages(format: CompressionFormat) throws {
    var options = ParquetOptions()
    options.compression = format
    options.writesPageIndex = false
    let bytes = try ParquetWriter.encode(Self.table, options: options).bytes
    let rows = ParquetSamples.rows(of: Self.table)
    var equalCount = 0
    let footerLength = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    for place in 4..<(bytes.count - 8 - footerLength) {
      var damaged = bytes
      damaged[place] ^= 0x55
      guard let cells = Self.read(damaged) else { continue }
      #expect(cells == rows, "byte \(place)")
      equalCount += 1
    }
    // Only bytes that carry no meaning for reading may be changed without notice.
    #expect(equalCount < 200)
  }

  @Test("no changed byte in the footer ends the process", arguments: [0x01, 0x80, 0xFF] as [UInt8])
  func footer(mask: UInt8) throws {
    let bytes = try ParquetWriter.encode(ParquetSamples.everyType(rows: 3)).bytes
    let footerLength = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    for place in (bytes.count - 8 - footerLength)..<bytes.count {
      var damaged = bytes
      damaged[place] ^= mask
      _ = Self.read(damaged)
    }
  }

  @Test("no changed byte of a page ends the process when checksums are not looked at")
  func withoutChecksums() throws {
    var options = ParquetOptions()
    options.compression = .uncompressed
    let bytes = try ParquetWriter.encode(ParquetSamples.everyType(rows: 20), options: options).bytes
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0xFF
      _ = try? ParquetFile(bytes: damaged).read(verifiesChecksums: false)
    }
  }

  @Test("an error says what, where and how to fix it")
  func message() throws {
    var bytes = try ParquetWriter.encode(Self.table).bytes
    #expect(throws: ParquetError(.notParquet, file: "orders.csv")) {
      try ParquetFile(bytes: Array("order,customer\n1,2\n".utf8), name: "orders.csv")
    }
    bytes[40] ^= 1
    do {
      _ = try ParquetFile(bytes: bytes, name: "orders.parquet").read()
      Issue.record("a damaged page was read")
    } catch {
      #expect(
        error.description == """
          orders.parquet: column "id", row group 0, page 0: a page does not have the checksum \
          written beside it; the file is damaged.
            fix: copy or write the file again.
          """
      )
    }
  }

  @Test("an encrypted file is named as such")
  func encrypted() {
    let magic = Array("PARE".utf8)
    let error = ParquetError(.encrypted, file: "secret.parquet")
    #expect(throws: error) {
      try ParquetFile(bytes: magic + Array(repeating: 7, count: 40) + magic, name: "secret.parquet")
    }
    #expect(
      error.description == """
        secret.parquet: the file is encrypted.
          fix: write the file again without it.
        """
    )
  }

  @Test("a file that is not there is named with the words of the system")
  func absent() {
    #expect(
      throws: ParquetError(.unreadable("No such file or directory"), file: "/nonexistent/a.parquet")
    ) {
      try ParquetFile(opening: "/nonexistent/a.parquet")
    }
  }
}
