public import LodeColumns
internal import LodeRuntime
internal import Synchronization

/// Takes rows of tables to disk batch by batch, so that a table may be longer than memory.
///
/// What is spooled belongs to no version of a table until it is committed.
public final class RowSpool: Sendable {
  /// The rows of a full batch: a data file, and a row group of it.
  public let batchRows: Int

  private let warehouse: Warehouse
  private let write: @Sendable (String, Schema) -> TableWrite
  private let writes = Mutex<[String: GradualWrite]>([:])

  /// A spool without rows.
  ///
  /// - Parameters:
  ///   - warehouse: where the tables are.
  ///   - batchRows: the rows of a full batch.
  ///   - write: makes the empty write of a table of some name and columns.
  public init(
    _ warehouse: Warehouse,
    batchRows: Int = 1_000_000,
    write: @escaping @Sendable (String, Schema) -> TableWrite
  ) {
    precondition(batchRows > 0, "batches of \(batchRows) rows")
    self.warehouse = warehouse
    self.batchRows = batchRows
    self.write = write
  }

  /// Writes the next rows of a table.
  ///
  /// - Throws: a diagnostic if the disk is full or cannot be written.
  public func append(_ rows: Table, to table: String) throws {
    try writes.withLock { writes in
      var gradual = try writes[table] ?? warehouse.begin(write(table, rows.schema))
      defer { writes[table] = gradual }
      try warehouse.append(rows, to: &gradual)
    }
  }

  /// The rows of a table as they lie on disk; nil if none were spooled.
  ///
  /// - Throws: a diagnostic if the disk does not confirm them.
  public func finished(_ table: String) throws -> StagedWrite? {
    try writes.withLock { writes in
      guard let gradual = writes[table] else { return nil }
      let staged = try warehouse.finish(gradual)
      writes[table] = nil
      return staged
    }
  }

  /// Removes what nobody took over.
  public func discard() {
    writes.withLock { writes in
      for table in writes.keys.sorted() {
        if let write = writes[table] { warehouse.discard(write) }
      }
      writes = [:]
    }
  }
}
