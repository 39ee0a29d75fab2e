public import LodeColumns
public import LodeRuntime

/// Reads delimited text: nothing is dropped, guessed from a sample, rounded or padded.
///
/// Quotes, embedded newlines, CRLF, a byte-order mark and gzip are handled; types come from a
/// declaration or from every cell of the file; records that do not fit are returned as rejects with
/// line, offset, reasons and raw text. A source is read by windows: what is held in memory is what
/// it gives, never its bytes.
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
  package var chunkSize = 2 << 20

  /// A reader with the usual options: UTF-8, header line, delimiter found, types found.
  public init() {}

  /// Reads a whole source, plain, gzip or zstd.
  ///
  /// - Parameter source: the file.
  /// - Returns: the table, a line for each row, and the rejects.
  /// - Throws: a diagnostic when the source as a whole cannot be read.
  /// - Complexity: O(bytes), chunks in parallel; memory for the columns and some chunks.
  public func read(_ source: SourceBytes) throws(Diagnostic) -> CSVDocument {
    let start = try CSVStart(source, self)
    let (guess, isUnknown) = start.guess(self)
    var stores = CSVStores(guess)
    try fill(&stores, source, start, guess)
    try stores.checkZones(name: source.name)
    var wrong = guess
    wrong.isWanted = stores.wrong(isUnknown)
    if wrong.isWanted.contains(true) {
      wrong = try narrowed(wrong, source, start)
      var again = CSVStores(wrong)
      try fill(&again, source, start, wrong)
      stores.take(again)
    }
    return stores.takeDocument()
  }

  /// The rows of a source by batches, for sources that are longer than memory.
  ///
  /// Types that are not declared are found by a walk of their own through the whole source.
  ///
  /// - Parameter source: the file.
  /// - Returns: the batches, none read yet.
  /// - Throws: a diagnostic when the source as a whole cannot be read.
  public func batches(of source: SourceBytes) throws(Diagnostic) -> CSVBatches {
    let start = try CSVStart(source, self)
    let (guess, isUnknown) = start.guess(self)
    var check = guess
    check.isWanted = guess.names.indices.map { column in
      guess.isInferred[column] && (guess.types[column] != .text || isUnknown[column])
    }
    var plan = guess
    if check.isWanted.contains(true) {
      var flags = CSVStores(check)
      var pass = try CSVPass(source, self, start, check, .cells)
      while let chunks = try pass.next() {
        flags.append(chunks, rows: chunks.map { _ in 0..<0 })
        pass.recycle(chunks)
      }
      var wrong = guess
      wrong.isWanted = flags.wrong(isUnknown)
      if wrong.isWanted.contains(true) { plan = try narrowed(wrong, source, start) }
      plan.isWanted = plan.names.map { _ in true }
    }
    return try CSVBatches(source, self, start, plan)
  }

  /// Appends all rows of a source.
  private func fill(
    _ stores: inout CSVStores,
    _ source: SourceBytes,
    _ start: CSVStart,
    _ plan: CSVPlan
  ) throws(Diagnostic) {
    var pass = try CSVPass(source, self, start, plan, .cells)
    while let chunks = try pass.next() {
      for chunk in chunks { stores.takeRecords(of: chunk) }
      let rows = chunks.map { 0..<$0.lines.count }
      stores.reserve(fractionRead: pass.fractionRead, adding: rows, limit: .max)
      stores.append(chunks, rows: rows)
      pass.recycle(chunks)
    }
  }

  /// The plan with the types that all cells of the wanted columns have.
  private func narrowed(
    _ plan: CSVPlan,
    _ source: SourceBytes,
    _ start: CSVStart
  ) throws(Diagnostic) -> CSVPlan {
    var all = plan.names.map { _ in CSVTypeInference() }
    var pass = try CSVPass(source, self, start, plan, .types)
    while let chunks = try pass.next() {
      for chunk in chunks {
        for column in all.indices { all[column].merge(chunk.inferences[column]) }
      }
    }
    var narrowed = plan
    for column in all.indices where plan.isWanted[column] {
      narrowed.types[column] = all[column].type
    }
    return narrowed
  }
}

/// What a delimited file holds.
public struct CSVDocument: Sendable {
  /// The rows that fit, columns named by the header.
  public let table: Table
  /// The line on which each row starts, counted from 1.
  public let lines: LineNumbers
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
