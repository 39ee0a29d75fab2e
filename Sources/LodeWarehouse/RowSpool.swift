public import LodeColumns
public import LodeRuntime
internal import Synchronization

/// Takes rows of tables to disk batch by batch, so that a table may be longer than memory.
///
/// What is spooled belongs to no version of a table until it is committed.
public final class RowSpool: Sendable {
  /// The rows of a full batch: a data file, and a row group of it.
  public let batchRows: Int

  private let warehouse: Warehouse
  private let write: @Sendable (String, Schema, _ partitionColumn: String?) -> TableWrite
  private let writes = Mutex<[String: GradualWrite]>([:])
  private let shards = Mutex<[String: [StagedWrite]]>([:])

  /// A spool without rows.
  ///
  /// - Parameters:
  ///   - warehouse: where the tables are.
  ///   - batchRows: the rows of a full batch.
  ///   - write: makes the empty write of a table of some name, columns and partition column.
  public init(
    _ warehouse: Warehouse,
    batchRows: Int = 1_000_000,
    write: @escaping @Sendable (String, Schema, _ partitionColumn: String?) -> TableWrite
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
    try append([TableWrite.Part(rows: rows)], to: table, partitionColumn: nil)
  }

  /// Writes the next rows of a table, laid apart by shard; in each shard they follow those of the
  /// batch before.
  ///
  /// - Parameters:
  ///   - shards: the rows of every shard, also of those without rows.
  ///   - table: the table.
  /// - Throws: a diagnostic if the disk is full or cannot be written.
  public func append(shards: [Table], to table: String) throws {
    let parts = shards.enumerated().filter { $0.element.rowCount > 0 }
      .map { TableWrite.Part(partition: String($0.offset), rows: $0.element) }
    try append(parts, to: table, partitionColumn: "shard")
  }

  private func append(
    _ parts: [TableWrite.Part],
    to table: String,
    partitionColumn: String?
  ) throws {
    guard let schema = parts.first?.rows.schema else { return }
    try writes.withLock { writes in
      var gradual = try writes[table] ?? warehouse.begin(write(table, schema, partitionColumn))
      defer { writes[table] = gradual }
      try warehouse.append(parts, to: &gradual)
    }
  }

  /// Writes all rows of one shard of a table, sorted; shards may come from several threads.
  ///
  /// - Throws: a diagnostic if the disk is full or cannot be written.
  public func append(_ rows: Table, to table: String, shard: Int) throws(Diagnostic) {
    let part = TableWrite.Part(partition: String(shard), rows: rows)
    let staged = try warehouse.stage(write(table, rows.schema, "shard").holding([part]))
    shards.withLock { $0[table, default: []].append(staged) }
  }

  /// The rows of a table as they lie on disk; nil if none were spooled.
  ///
  /// - Throws: a diagnostic if the disk does not confirm them.
  public func finished(_ table: String) throws -> StagedWrite? {
    if let parts = shards.withLock({ $0.removeValue(forKey: table) }) {
      return StagedWrite(joining: parts)
    }
    return try writes.withLock { writes in
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
    shards.withLock { shards in
      for table in shards.keys.sorted() {
        for staged in shards[table] ?? [] { warehouse.discard(staged) }
      }
      shards = [:]
    }
  }
}
