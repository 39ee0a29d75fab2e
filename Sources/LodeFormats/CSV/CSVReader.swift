public import LodeColumns
public import LodeRuntime

/// Reads delimited text: nothing is dropped, guessed from a sample, rounded or padded.
///
/// Quotes, embedded newlines, CRLF, a byte-order mark and gzip are handled; types come from a
/// declaration or from every cell of the file; records that do not fit are returned as rejects with
/// line, reasons and raw text.
public struct CSVReader: Sendable {
  /// How the bytes of a file spell characters.
  public enum TextEncoding: String, CaseIterable, Sendable, Codable {
    /// UTF-8, checked.
    case utf8 = "utf-8"
    /// Windows code page 1252; its five unused bytes are refused.
    case windows1252 = "windows-1252"
    /// ISO 8859-1.
    case latin1 = "latin-1"
  }

  /// The delimiter; nil finds it from the counts of fields.
  public var delimiter: UInt8?
  /// The encoding of the file.
  public var encoding = TextEncoding.utf8
  /// The sign before the fraction of a number.
  public var decimalSeparator = UInt8(ascii: ".")
  /// Types by column name; other columns get the narrowest type that fits all their cells.
  public var types: [String: ColumnType] = [:]
  /// Columns about persons: their values are not shown in messages.
  public var personalColumns: Set<String> = []
  /// The names of the columns where the file has no header line.
  public var columnNames: [String]?

  /// A reader with the usual options: UTF-8, header line, delimiter found, types found.
  public init() {}

  /// Reads the bytes of a file, plain, gzip or zstd.
  ///
  /// - Parameters:
  ///   - bytes: the file as it lies on disk.
  ///   - name: the name of the file, for messages.
  /// - Returns: the table, a line for each row, and the rejects.
  /// - Throws: a diagnostic when the file as a whole cannot be read.
  public func read(fileBytes bytes: [UInt8], name: String) throws(Diagnostic) -> CSVDocument {
    let content: [UInt8]
    do throws(CompressionError) {
      content = try Decompression.contents(of: bytes)
    } catch {
      throw Diagnostic(
        .failure,
        at: name,
        "the compressed file cannot be read: \(error)",
        fix: "fetch the file again."
      )
    }
    return try read(bytes: content, name: name)
  }

  /// Reads the bytes of a document.
  ///
  /// - Parameters:
  ///   - input: the document, uncompressed.
  ///   - name: the name of the file, for messages.
  /// - Returns: the table, a line for each row, and the rejects.
  /// - Throws: a diagnostic when the document as a whole cannot be read.
  /// - Complexity: O(`input.count`), columns in parallel.
  public func read(bytes input: [UInt8], name: String) throws(Diagnostic) -> CSVDocument {
    let bytes = try decoded(input, name: name)
    guard !bytes.isEmpty else {
      throw Diagnostic(
        .failure,
        at: name,
        "the file is empty.",
        fix: "export it again with a header line, even if there are no rows."
      )
    }
    if let zero = bytes.prefix(4096).firstIndex(of: 0) {
      throw Diagnostic(
        .failure,
        at: name,
        "byte \(zero) is zero: this is a binary file, not delimited text.",
        fix: "name a CSV file (plain or gzip); save spreadsheets as CSV UTF-8 first."
      )
    }
    let delimiter = delimiter ?? Self.detectDelimiter(bytes)
    var records = try CSVScanner.scan(bytes, delimiter: delimiter, name: name)
    let names: [String]
    if let columnNames {
      names = columnNames
    } else {
      names = try header(&records, bytes, name: name)
    }
    return try document(records, names: names, bytes: bytes, name: name)
  }

  private func decoded(_ input: [UInt8], name: String) throws(Diagnostic) -> [UInt8] {
    var bytes = input
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes.removeFirst(3)
    } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Diagnostic(
        .failure,
        at: name,
        "the file starts with a UTF-16 byte-order mark.",
        fix: "save it as UTF-8."
      )
    }
    guard encoding != .utf8 else { return bytes }
    return try SingleByteEncoding.utf8(from: bytes, encoding, name: name)
  }

  private func header(
    _ records: inout CSVRecords,
    _ bytes: [UInt8],
    name: String
  ) throws(Diagnostic) -> [String] {
    let cells = records.texts(ofRecord: 0, in: bytes)
    let looksLikeData = cells.contains { cell in
      cell.isEmpty || Double(cell) != nil || CivilDate(String(cell.prefix(10))) != nil
    }
    guard !looksLikeData else {
      throw Diagnostic(
        .failure,
        at: "\(name):1",
        "the first line looks like data, not like a header of column names.",
        fix: "add a header line, or name the columns: header: [\"customer\", \"date\", \"amount\"]."
      )
    }
    if let twice = cells.indices.first(where: { cells[..<$0].contains(cells[$0]) }) {
      throw Diagnostic(
        .failure,
        at: "\(name):1",
        "the header names the column \"\(cells[twice])\" twice.",
        fix: "rename one of the two in the file."
      )
    }
    records.dropFirst()
    return cells
  }

  /// Finds the delimiter whose count of fields agrees best over the first records.
  static func detectDelimiter(_ bytes: [UInt8]) -> UInt8 {
    var best: (score: Int, delimiter: UInt8)?
    for delimiter in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")] {
      let counts = CSVScanner.fieldCounts(bytes, delimiter: delimiter, limit: 100)
      guard let first = counts.first, first > 1 else { continue }
      let agreeing = counts.count { $0 == first }
      let score = agreeing * 1000 / counts.count * 100 + min(first, 99)
      if best.map({ score > $0.score }) ?? true { best = (score, delimiter) }
    }
    return best?.delimiter ?? UInt8(ascii: ",")
  }
}

/// What a delimited file holds.
public struct CSVDocument: Sendable {
  /// The rows that fit, columns named by the header.
  public let table: Table
  /// The line on which each row starts, counted from 1.
  public let lines: [Int]
  /// The records that do not fit, in file order.
  public let rejects: [RejectedRecord]
  /// All records after the header: rows and rejects.
  public var recordCount: Int { table.rowCount + rejects.count }
}

/// A record that could not become a row.
public struct RejectedRecord: Hashable, Sendable {
  /// The line on which it starts, counted from 1.
  public let line: Int
  /// All reasons, as codes: `ragged`, `bad_utf8`, `bad_quoting`, `zero_byte`, `bad_integer`, ….
  public let reasons: [String]
  /// The first column that does not fit, nil if the record as a whole does not.
  public let column: String?
  /// What is wrong, in words, with the value.
  public let message: String
  /// The raw text; bytes that are not UTF-8 are shown as U+FFFD.
  public let raw: String
}
