internal import LodeRuntime

/// Finds the delimiter of a document.
enum CSVDialect {
  private static let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]
  /// The bytes that are looked at first.
  static let sampleBytes = 1 << 20
  /// The most bytes that are looked at for the end of a first record.
  private static let sampleLimit = 64 << 20
  private static let sampleRecords = 1000

  /// The delimiter that splits the first records into the most equal counts of fields.
  ///
  /// A delimiter must split the first record. If there is none, the document has one column.
  ///
  /// - Parameters:
  ///   - bytes: the start of the document.
  ///   - start: the start of its first record.
  ///   - isWhole: whether the bytes are the whole document.
  ///   - name: the name of the file, for messages.
  /// - Returns: the delimiter, nil if more bytes are needed to tell.
  /// - Throws: a diagnostic if two delimiters split all records evenly.
  static func delimiter(
    _ bytes: [UInt8],
    from start: Int,
    isWhole: Bool,
    name: String
  ) throws(Diagnostic) -> UInt8? {
    var best: (score: Int, delimiter: UInt8)?
    var perfect: [UInt8] = []
    for delimiter in candidates {
      let sample = min(bytes.count, sampleBytes)
      var counts = fieldCounts(bytes, start, delimiter, reach: sample, isWhole)
      if counts.isEmpty {
        counts = fieldCounts(bytes, start, delimiter, reach: bytes.count, isWhole)
      }
      if counts.isEmpty, !isWhole, bytes.count < sampleLimit { return nil }
      guard let first = counts.first, first > 1 else { continue }
      let agreeing = counts.count { $0 == first }
      if agreeing == counts.count && counts.count > 1 { perfect.append(delimiter) }
      let score = agreeing * 1000 / counts.count * 1000 + min(first, 999)
      if best.map({ score > $0.score }) ?? true { best = (score, delimiter) }
    }
    guard perfect.count < 2 else {
      let words = perfect.map { $0 == 0x09 ? "tab" : "\"\(Unicode.Scalar($0))\"" }
      throw Diagnostic(
        .failure,
        at: name,
        "\(words.joined(separator: " and ")) both split every line into equally many fields.",
        fix: "say which one it is, for example delimiter: \(words[0])."
      )
    }
    return best?.delimiter ?? UInt8(ascii: ",")
  }

  private static func fieldCounts(
    _ bytes: [UInt8],
    _ start: Int,
    _ delimiter: UInt8,
    reach: Int,
    _ isWhole: Bool
  ) -> [Int] {
    var scanner = CSVScanner(
      delimiter: delimiter,
      position: start,
      isEnd: isWhole && reach == bytes.count
    )
    var block = CSVRecordBlock(columnCount: 0, capacity: 1)
    var records: [CSVMalformedRecord] = []
    let window = bytes.span.extracting(0..<reach)
    while records.count < sampleRecords {
      let next = min(reach, scanner.position + 4096)
      guard scanner.position < reach else { break }
      guard case .limit = scanner.fill(&block, window, limit: next, malformed: &records) else {
        break
      }
    }
    return records.map(\.fieldCount)
  }
}
