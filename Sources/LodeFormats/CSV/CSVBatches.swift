public import LodeColumns
public import LodeRuntime

/// The rows of a delimited file, batch by batch in file order; see ``CSVReader/batches(of:)``.
///
/// - Determinism: the batches depend on the counts that are asked for and on nothing else.
public struct CSVBatches {
  private let source: SourceBytes
  private let plan: CSVPlan
  private var pass: CSVPass
  private var stores: CSVStores
  /// Chunks of which some rows are not taken yet, and how many of the first are.
  private var waiting: [CSVChunk] = []
  private var taken = 0
  private var isDone = false

  init(
    _ source: SourceBytes,
    _ reader: CSVReader,
    _ start: CSVStart,
    _ plan: CSVPlan
  ) throws(Diagnostic) {
    self.source = source
    self.plan = plan
    pass = try CSVPass(source, reader, start, plan, .cells)
    stores = CSVStores(plan)
  }

  /// The columns of all batches.
  public var schema: Schema { Schema(zip(plan.names, plan.types).map { Field($0, $1) }) }

  /// The next rows, with the rejects that were found on the way to them.
  ///
  /// - Parameter rowCount: the rows wanted; there are fewer only at the end of the source.
  /// - Returns: the rows, nil behind the last rows and rejects.
  /// - Throws: a diagnostic when the rest of the source cannot be read.
  /// - Precondition: `rowCount` is above 0.
  public mutating func next(rows rowCount: Int) throws(Diagnostic) -> CSVDocument? {
    precondition(rowCount > 0, "\(rowCount) rows wanted")
    while stores.rowCount < rowCount, try hasMore() {
      var ranges: [Range<Int>] = []
      var missing = rowCount - stores.rowCount
      for (index, chunk) in waiting.enumerated() where missing > 0 {
        let first = index == 0 ? taken : 0
        let range = first..<min(chunk.lines.count, first + missing)
        missing -= range.count
        ranges.append(range)
      }
      stores.reserve(fractionRead: pass.fractionRead, adding: ranges, limit: rowCount)
      stores.append(Array(waiting[..<ranges.count]), rows: ranges)
      let last = ranges.count - 1
      let isLastWhole = ranges[last].upperBound == waiting[last].lines.count
      taken = isLastWhole ? 0 : ranges[last].upperBound
      let done = isLastWhole ? ranges.count : last
      pass.recycle(Array(waiting[..<done]))
      waiting.removeFirst(done)
    }
    // All cells had these types a moment ago.
    guard !stores.wrong(plan.names.map { _ in false }).contains(true) else {
      throw source.changed
    }
    guard stores.rowCount > 0 || !stores.rejects.isEmpty else { return nil }
    return stores.takeDocument()
  }

  /// Whether there are chunks with rows to take, read now if need be.
  private mutating func hasMore() throws(Diagnostic) -> Bool {
    while waiting.isEmpty, !isDone {
      guard let chunks = try pass.next() else {
        isDone = true
        try stores.checkZones(name: source.name)
        break
      }
      for chunk in chunks { stores.takeRecords(of: chunk) }
      waiting = chunks
    }
    return !waiting.isEmpty
  }
}
