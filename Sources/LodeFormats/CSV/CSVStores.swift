internal import LodeColumns
internal import LodeRuntime
internal import Synchronization

/// The rows of a document, or of a part of it, appended chunk by chunk in file order.
struct CSVStores {
  private let plan: CSVPlan
  private var columns: [CSVColumnStore]
  private(set) var lines = LineNumbers()
  private(set) var rejects: [RejectedRecord] = []
  /// The records so far that are no rows since a cell does not fit, by their place among the
  /// records with the right count of fields.
  private(set) var dropped: [Int] = []
  private var recordCount = 0

  /// No rows.
  init(_ plan: CSVPlan) {
    self.plan = plan
    columns = plan.types.map { CSVColumnStore(type: $0) }
  }

  /// The rows so far.
  var rowCount: Int { lines.count }

  /// Makes room for as many rows as there will be if the rest of the source is like what was read.
  mutating func reserve(fractionRead: Double, adding: [Range<Int>], limit: Int) {
    let known = rowCount + adding.reduce(0) { $0 + $1.count }
    guard known > 0, fractionRead > 0 else { return }
    let estimate = Double(known) / fractionRead * 1.25 + 1024
    let rows = min(limit, estimate < 1e12 ? Int(estimate) : limit)
    for column in columns.indices where plan.isWanted[column] {
      columns[column].reserve(rows, needed: known)
    }
  }

  /// Takes the rejects of a chunk and what else is not about rows.
  mutating func takeRecords(of chunk: CSVChunk) {
    rejects += chunk.rejects
    for record in chunk.dropped { dropped.append(recordCount + record) }
    recordCount += chunk.recordCount
  }

  /// Appends rows of chunks, in their order; columns in parallel.
  mutating func append(_ chunks: [CSVChunk], rows: [Range<Int>]) {
    for (chunk, range) in zip(chunks, rows) {
      lines.append(chunk.lines, rows: range, shiftedBy: chunk.firstLine)
    }
    let box = Mutex(columns)
    columns = []
    let isWanted = plan.isWanted
    _ = Parallel.map(isWanted.count) { column in
      guard isWanted[column] else { return }
      var store = box.withLock { all in
        let store = all[column]
        all[column] = CSVColumnStore(type: store.type)
        return store
      }
      for (chunk, range) in zip(chunks, rows) { store.append(chunk.pieces[column], rows: range) }
      box.withLock { [store] all in all[column] = store }
    }
    columns = box.withLock { $0 }
  }

  /// The columns whose found type does not hold for all their cells.
  ///
  /// - Parameter isUnknown: the columns of whose types nothing is known.
  /// - Returns: a mark a column.
  func wrong(_ isUnknown: [Bool]) -> [Bool] {
    columns.indices.map { index in
      guard plan.isInferred[index], plan.isWanted[index] else { return false }
      let column = columns[index]
      return column.isTooNarrow || column.hasZone && column.lacksZone
        || isUnknown[index] && column.hasTexts
    }
  }

  /// Refuses declared times of which some tell their zone and some do not.
  func checkZones(name: String) throws(Diagnostic) {
    for (index, column) in columns.enumerated() where !plan.isInferred[index] {
      guard column.hasZone, column.lacksZone else { continue }
      throw Diagnostic(
        .failure,
        at: name,
        "column \"\(plan.names[index])\" holds times with a zone and times without one, which "
          + "cannot be put on one clock.",
        fix: "declare it text and convert it in the pipeline, or export all times in UTC."
      )
    }
  }

  /// Takes over the wanted columns of another walk through the same records.
  mutating func take(_ other: consuming CSVStores) {
    for index in columns.indices where other.plan.isWanted[index] {
      other.columns[index].remove(dropped)
      columns[index] = other.columns[index]
    }
  }

  /// The rows so far as a document; the stores have no rows then.
  mutating func takeDocument() -> CSVDocument {
    // What only the walk needed goes first, before texts are spelled.
    for index in columns.indices { columns[index].seal() }
    var taken: [Column] = []
    for index in columns.indices { taken.append(columns[index].takeColumn()) }
    let schema = Schema(zip(plan.names, taken).map { Field($0, $1.type) })
    let document = CSVDocument(table: Table(schema, taken), lines: lines, rejects: rejects)
    lines = LineNumbers()
    rejects = []
    return document
  }
}
