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
  /// The shards that were written each by itself.
  private let shards = Mutex<[String: [GradualWrite]]>([:])

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
      var gradual = try begun(table, schema, partitionColumn, in: writes)
      defer { writes[table] = gradual }
      try warehouse.append(parts, to: &gradual)
    }
  }

  /// Writes all rows of one shard of a table, sorted; shards may come from several threads.
  ///
  /// - Throws: a diagnostic if the disk is full or cannot be written.
  public func append(_ rows: Table, to table: String, shard: Int) throws(Diagnostic) {
    var own = try writes.withLock { (writes) throws(Diagnostic) -> GradualWrite in
      let gradual = try begun(table, rows.schema, "shard", in: writes)
      writes[table] = gradual
      return gradual
    }
    try warehouse.append([TableWrite.Part(partition: String(shard), rows: rows)], to: &own)
    let written = own
    shards.withLock { $0[table, default: []].append(written) }
  }

  private func begun(
    _ table: String,
    _ schema: Schema,
    _ partitionColumn: String?,
    in writes: [String: GradualWrite]
  ) throws(Diagnostic) -> GradualWrite {
    if let gradual = writes[table] { return gradual }
    return try warehouse.begin(write(table, schema, partitionColumn))
  }

  /// The rows of a table as they lie on disk, those of shards in the order of their paths; nil if
  /// none were spooled.
  ///
  /// - Throws: a diagnostic if the disk does not confirm them.
  public func finished(_ table: String) throws -> StagedWrite? {
    let shards = shards.withLock { $0.removeValue(forKey: table) } ?? []
    return try writes.withLock { writes in
      guard var gradual = writes[table] else { return nil }
      gradual.files += shards.flatMap(\.files)
        .sorted { $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8) }
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
        for write in shards[table] ?? [] { warehouse.discard(write) }
      }
      shards = [:]
    }
  }
}
