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
    /// Windows code page 1258 (Vietnamese); its seven unused bytes are refused.
    case windows1258 = "windows-1258"
    /// ISO 8859-1.
    case latin1 = "latin-1"
    /// UTF-16; a byte-order mark says in which order its bytes are.
    case utf16 = "utf-16"
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
  /// The sign between groups of three digits, if numbers are written with one.
  public var thousandsSeparator: UInt8?
  /// How days are written; nil is `YYYY-MM-DD`.
  public var dateFormat: CSVDateFormat?
  /// The bytes of a chunk; results never depend on it.
  package var chunkSize = 4 << 20

  /// A reader with the usual options: UTF-8, header line, delimiter found, types found.
  public init() {}

  /// Reads the bytes of a file, plain, gzip or zstd.
  ///
  /// - Parameters:
  ///   - bytes: the file as it lies on disk.
  ///   - name: the name of the file, for messages.
  /// - Returns: the table, a line for each row, and the rejects.
  /// - Throws: a diagnostic when the file as a whole cannot be read.
  public func read(fileBytes bytes: consuming [UInt8], name: String) throws(Diagnostic)
    -> CSVDocument
  {
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
  public func read(bytes input: consuming [UInt8], name: String) throws(Diagnostic) -> CSVDocument {
    let bytes = try decoded(input, name: name)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = bytes.starts(with: mark) ? mark.count : 0
    guard bytes.count > start else {
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
    let delimiter: UInt8
    if let declared = self.delimiter {
      delimiter = declared
    } else {
      delimiter = try CSVDialect.delimiter(bytes, from: start, name: name)
    }
    var scanner = CSVScanner(delimiter: delimiter, position: start, isEnd: true)
    guard let first = scanner.nextFields(bytes.span) else {
      guard scanner.position < bytes.count else {
        throw Diagnostic(
          .failure,
          at: name,
          "the file holds blank lines only.",
          fix: "export it again with a header line, even if there are no rows."
        )
      }
      throw CSVParse.unclosed(line: scanner.line + 1, name: name)
    }
    let names: [String]
    if let columnNames {
      names = columnNames
      try checkNames(names, at: name, "the option header")
      scanner = CSVScanner(delimiter: delimiter, position: start, isEnd: true)
    } else {
      names = try header(first, bytes, name: name)
    }
    try checkTypes(names, name: name)
    var parse = CSVParse(
      plan: plan(names, delimiter: delimiter),
      bytes: bytes,
      start: scanner.position,
      line: scanner.line + 1,
      chunkSize: chunkSize,
      name: name
    )
    return try parse.document()
  }

  private func plan(_ names: [String], delimiter: UInt8) -> CSVPlan {
    CSVPlan(
      delimiter: delimiter,
      names: names,
      types: names.map { types[$0] ?? .text },
      isInferred: names.map { types[$0] == nil },
      personal: personalColumns,
      parser: CellParser(
        separator: decimalSeparator,
        thousands: thousandsSeparator,
        dates: dateFormat
      ),
      isWanted: names.map { _ in true }
    )
  }

  private func decoded(_ input: consuming [UInt8], name: String) throws(Diagnostic) -> [UInt8] {
    let bytes = input
    if encoding == .utf16 { return try UTF16Encoding.utf8(from: bytes, name: name) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Diagnostic(
        .failure,
        at: name,
        "the file starts with a UTF-16 byte-order mark.",
        fix: "declare it: encoding: \"utf-16\", or save the file as UTF-8."
      )
    }
    guard encoding != .utf8 else { return bytes }
    return try SingleByteEncoding.utf8(from: bytes, encoding, name: name)
  }

  private func header(
    _ first: CSVFirstRecord,
    _ bytes: [UInt8],
    name: String
  ) throws(Diagnostic) -> [String] {
    let place = "\(name):\(first.record.line + 1)"
    var damage = UTF8Check.damage(bytes, first.record.offset..<first.record.end).map(\.words)
    if first.record.isBadlyQuoted { damage.insert("text behind a closing quote", at: 0) }
    if let words = damage.first {
      throw Diagnostic(
        .failure,
        at: place,
        "the header cannot be read: \(words).",
        fix: "correct the header line of the file."
      )
    }
    let cells = first.fields.map { String(decoding: $0, as: UTF8.self) }
    let looksLikeData = cells.contains { cell in
      let startsLikeNumber = cell.utf8.first.map { "+-.0123456789".utf8.contains($0) } ?? false
      return startsLikeNumber && Double(cell) != nil || CivilDate(String(cell.prefix(10))) != nil
    }
    guard !looksLikeData else {
      throw Diagnostic(
        .failure,
        at: place,
        "the first line looks like data, not like a header of column names.",
        fix: "add a header line, or name the columns: header: [\"customer\", \"date\", \"amount\"]."
      )
    }
    if let unnamed = cells.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      let isLast = unnamed > 0 && unnamed == cells.count - 1
      throw Diagnostic(
        .failure,
        at: place,
        "column \(unnamed + 1) of the header has no name"
          + (isLast ? " (the line ends with a delimiter)." : "."),
        fix: "name the column in the file."
      )
    }
    try checkNames(cells, at: place, "the header")
    return cells
  }

  /// Refuses names that cannot be those of a table.
  private func checkNames(
    _ names: [String],
    at place: String,
    _ subject: String
  ) throws(Diagnostic) {
    guard let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) else {
      return
    }
    throw Diagnostic(
      .failure,
      at: place,
      "\(subject) names the column \"\(names[twice])\" twice.",
      fix: "rename one of the two\(columnNames == nil ? " in the file" : "")."
    )
  }

  private func checkTypes(_ names: [String], name: String) throws(Diagnostic) {
    for declared in types.keys.sorted() where !names.contains(declared) {
      throw Diagnostic(
        .failure,
        at: "\(name):1",
        "the header has no column \"\(declared)\", whose type is declared"
          + "\(Suggestion.ending(for: declared, in: names))",
        fix: "correct the name in types; the columns are \(names.joined(separator: ", "))."
      )
    }
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
  public internal(set) var line: Int
  /// The byte at which it starts, counted from 0 in the uncompressed text in UTF-8.
  public let offset: Int
  /// All reasons, as codes: `ragged`, `bad_utf8`, `bad_quoting`, `zero_byte`, `bad_integer`, ….
  public let reasons: [String]
  /// The first column that does not fit, nil if the record as a whole does not.
  public let column: String?
  /// What is wrong, in words, with the value.
  public let message: String
  /// The raw text; bytes that are not UTF-8 are shown as U+FFFD.
  public let raw: String
}
