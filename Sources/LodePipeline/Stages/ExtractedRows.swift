internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime
internal import LodeWarehouse

/// The rows that an extract stage has read, each with its file and line, and those it refused.
///
/// Full batches go to disk at once if there is a spool, so that no more than two are in memory: one
/// is written while the next one is read.
struct ExtractedRows {
  private let into: String
  private let personal: [String]
  private let spool: RowSpool?
  /// By which column rows that are spooled go to how many shards; nil: they stay in their order.
  private let layingApart: (column: String, count: Int)?
  private var pending: [Table] = []
  private var pendingCount = 0
  private var spooledCount = 0
  /// The batch that is being written.
  private var flushing: BackgroundValue<Void, any Error>?
  private var schema: Schema?
  private(set) var quarantine = QuarantineRows()
  /// All records, bad ones included.
  private(set) var rowsRead = 0

  /// No rows of the table `into`.
  init(
    into: String,
    personal: [String],
    spool: RowSpool?,
    layingApart: (column: String, count: Int)? = nil
  ) {
    self.into = into
    self.layingApart = layingApart
    self.personal = personal
    self.spool = spool
  }

  /// The rows to ask a reader for.
  var room: Int { spool.map { $0.batchRows - pendingCount } ?? 1_000_000 }

  /// Makes sure that a file has the columns of the files before it.
  ///
  /// - Throws: a diagnostic that names the columns of both.
  mutating func begin(_ columns: Schema, of file: String) throws(Diagnostic) {
    if let taken = ["_file", "_line"].first(where: { columns.index(of: $0) != nil }) {
      throw Diagnostic(
        .failure,
        at: file,
        "the file has a column \"\(taken)\", a name that Lode needs for the place of a row.",
        fix: "rename the column in the file."
      )
    }
    let fields = columns.fields.map { field in
      Field(field.name, field.type, isPersonal: personal.contains(field.name))
    }
    let own = Schema(fields + [Field("_file", .text), Field("_line", .integer)])
    if let schema, schema != own {
      throw Diagnostic(
        .failure,
        at: file,
        "its columns (\(Self.words(own))) differ from those of the first file "
          + "(\(Self.words(schema))).",
        fix: "declare the types in from.types, or read the files by two stages."
      )
    }
    schema = own
  }

  /// Adds rows and rejects of a file.
  ///
  /// - Throws: a diagnostic for other columns than before, or if the disk is full.
  mutating func append(_ document: CSVDocument, of file: String) throws {
    try begin(document.table.schema, of: file)
    for reject in document.rejects {
      quarantine.append(
        source: into,
        file: file,
        line: Int64(reject.line),
        offset: Int64(reject.offset),
        reasons: reject.reasons,
        message: reject.message,
        raw: reject.raw
      )
    }
    rowsRead += document.recordCount
    guard let schema, document.table.rowCount > 0 else { return }
    var builder = TextDictionaryBuilder()
    _ = builder.code(for: file)
    let codes = [UInt32](repeating: 0, count: document.table.rowCount)
    let files = Column(type: .text, storage: .texts(codes: codes, dictionary: builder.build()))
    let lines = Column(integers: document.lines.integers())
    pending.append(Table(schema, document.table.columns + [files, lines]))
    pendingCount += document.table.rowCount
    if let spool, pendingCount >= spool.batchRows { try flush() }
  }

  /// The table of all rows.
  ///
  /// - Throws: a diagnostic if the disk is full.
  mutating func finish() throws -> OutputTable {
    let columns = schema ?? Schema([])
    if spooledCount == 0 {
      let all = pending.isEmpty ? [Table(emptyWith: columns)] : pending
      return OutputTable(into, Table.concatenating(all))
    }
    if pendingCount > 0 { try flush() }
    try flushing?.value()
    return OutputTable(into, spooled: columns, rowCount: spooledCount)
  }

  /// Waits until nothing is being written any more, whether or not that succeeds.
  func settle() { _ = try? flushing?.value() }

  private mutating func flush() throws {
    guard let spool else { return }
    try flushing?.value()
    let (batches, layingApart, into) = (pending, layingApart, into)
    flushing = BackgroundValue {
      let batch = Table.concatenating(batches)
      if let (column, count) = layingApart, batch.column(column) != nil {
        try spool.append(shards: try batch.laidApart(byCustomer: column, into: count), to: into)
      } else {
        try spool.append(batch, to: into)
      }
    }
    pending = []
    spooledCount += pendingCount
    pendingCount = 0
  }

  /// The columns with their types, for messages.
  static func words(_ schema: Schema) -> String {
    schema.fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
  }
}
