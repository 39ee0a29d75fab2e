import LodeColumns
import LodeRuntime
import Testing

@testable import LodeFormats

@Suite("Values of other writers as cells of lode")
struct ParquetTypesTests {
  /// The cells of byte strings of one length under a form.
  static func cells(
    _ values: [[UInt8]],
    _ form: CellForm
  ) throws(ConversionFailure) -> CellValues {
    var texts = TextDictionaryBuilder()
    var ranges: [Range<Int>] = []
    var start = 0
    for value in values {
      ranges.append(start..<(start + value.count))
      start += value.count
    }
    let strings = ByteStrings(bytes: values.flatMap(\.self), ranges: ranges)
    return try CellValues(.strings(strings), form, texts: &texts)
  }

  static func integers(_ values: CellValues) -> [Int64] {
    guard case .integers(let numbers) = values else { return [] }
    return numbers
  }

  @Test("decimals of many bytes are read if they have 18 digits, whatever their length")
  func decimals() throws {
    let values: [[UInt8]] = [
      [0x01, 0x00], [0xFF], [], [0, 0, 0, 0, 0, 0, 0, 0, 0, 5],
      Array(repeating: 0xFF, count: 16),
    ]
    #expect(Self.integers(try Self.cells(values, .bigEndian)) == [256, -1, 0, 5, -1])
    do {
      _ = try Self.cells([[1], [1, 0, 0, 0, 0, 0, 0, 0, 0]], .bigEndian)
      Issue.record("2^64 was read")
    } catch {
      #expect(error.index == 1 && error.words == "holds a decimal of more than 18 digits")
    }
  }

  @Test("INT96 is a Julian day and nanoseconds: 2,440,588 is the day of the epoch")
  func int96() throws {
    // One second and a microsecond after midnight: 1,000,001,000 = 0x3B9ACDE8 nanoseconds.
    let time: [UInt8] = [0xE8, 0xCD, 0x9A, 0x3B, 0, 0, 0, 0, 0x8C, 0x3D, 0x25, 0]
    #expect(Self.integers(try Self.cells([time], .int96)) == [1_000_001])
    do {
      _ = try Self.cells([[1] + time.dropFirst()], .int96)
      Issue.record("a nanosecond was lost")
    } catch {
      #expect(error.words.hasPrefix("holds a time finer than a microsecond"))
    }
  }

  @Test("floating-point numbers of two bytes: 1, -2, the least, the greatest, infinity, -0")
  func halves() throws {
    let patterns: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x8000, 0x7E00]
    let bytes = patterns.map { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    guard case .doubles(let numbers) = try Self.cells(bytes, .float16) else { return }
    #expect(Array(numbers[..<5]) == [1, -2, 0x1p-24, 65_504, .infinity])
    #expect(numbers[5].sign == .minus && numbers[5] == 0 && numbers[6].isNaN)
  }

  @Test("bytes become text without a loss; identifiers take their usual form")
  func texts() throws {
    func shown(_ bytes: [UInt8], _ form: TextForm) throws -> String {
      try form.texts(of: TextDictionary(bytes: bytes, offsets: [0, bytes.count]))[0]
    }
    #expect(try shown(Array("Köln".utf8), .binary) == "Köln")
    #expect(try shown([0xFF, 0x00], .binary) == "\\xff00")
    #expect(try shown(Array("\\xff".utf8), .binary) == "\\x5c786666")
    #expect(
      try shown(Array(0..<16), .uuid) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    )
    #expect(throws: ParquetError.Reason.unrepresentable("a text is not UTF-8")) {
      try shown([0xFF], .text)
    }
  }

  @Test("runs that are fewer than declared are refused before memory is asked for")
  func declaredCounts() {
    var levels = ByteCursor([0x02, 1])
    #expect(throws: ParquetError.Reason.truncated) {
      try RunLength.decode(&levels, count: 1 << 40, width: 1)
    }
    // 2^40 deltas in blocks of 128.
    var deltas = ByteCursor([0x80, 1, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 0, 0, 0, 0, 0])
    #expect(throws: ParquetError.Reason.truncated) {
      try DeltaBinaryPacked.decode(&deltas, count: 1 << 40, bits: 64)
    }
  }

  @Test("a file written piece by piece is read back whole")
  func stream() throws {
    let table = ParquetSamples.everyType(rows: 30)
    var stream = ParquetStream(table.schema)
    var bytes = try stream.append(table.gathering(Array(0..<10)))
    bytes += try stream.append(table.gathering(Array(10..<30)))
    bytes += stream.finish()
    let file = try ParquetFile(bytes: bytes)
    #expect(file.rowGroupCount == 2)
    #expect(ParquetSamples.rows(of: try file.read()) == ParquetSamples.rows(of: table))
  }

  @Test("the checksum of the footer counts only in files of lode, not in copies of its pairs")
  func copiedSeal() throws {
    let table = ParquetSamples.everyType(rows: 3)
    var options = ParquetOptions()
    options.createdBy = "another program"
    options.keyValues = [(FooterSeal.key, "12345678"), (FooterSeal.indexKey, "4:12345678")]
    let file = try ParquetFile(bytes: ParquetWriter.encode(table, options: options).bytes)
    let condition = ParquetPredicate.equals("customer", .text("customer-1"))
    #expect(try file.read(where: [condition]).rowCount == 1)
  }
}
