internal import LodeColumns
internal import LodeRuntime
internal import LodeWarehouse

/// The rows that a stage made of one shard: on disk already, or in memory where nothing is spooled.
struct ShardedRows: Sendable {
  let schema: Schema
  let rowCount: Int
  /// The rows; nil if they are on disk.
  let rows: Table?
}

extension StageContext {
  /// Hands over the rows of one shard of a table.
  ///
  /// With a spool they are sorted and brought to disk at once, else they are kept as they are.
  ///
  /// - Parameters:
  ///   - rows: the rows.
  ///   - name: the table.
  ///   - shard: their shard; nil if they may belong to several.
  ///   - order: the order of rows inside a shard.
  /// - Returns: what ``OutputTable`` needs to know of them.
  /// - Throws: a diagnostic for an unknown column or a full disk.
  func handOver(
    _ rows: Table,
    to name: String,
    shard: Int?,
    order: [SortKey]
  ) throws(Diagnostic) -> ShardedRows {
    guard let spool, let shard else {
      return ShardedRows(schema: rows.schema, rowCount: rows.rowCount, rows: rows)
    }
    if rows.rowCount > 0 {
      try spool.append(try rows.sorted(by: order), to: name, shard: shard)
    }
    return ShardedRows(schema: rows.schema, rowCount: rows.rowCount, rows: nil)
  }
}

extension OutputTable {
  /// A table of shards that were handed over.
  ///
  /// - Precondition: at least one shard, all of one schema.
  init(
    _ name: String,
    _ shards: [ShardedRows],
    shardedBy column: String,
    order: [SortKey]
  ) {
    let held = shards.compactMap(\.rows)
    if held.count == shards.count {
      self.init(name, Table.concatenating(held), shardedBy: column, order: order)
    } else {
      precondition(held.isEmpty, "some shards of \(name) are on disk and some are not")
      self.init(
        name,
        spooled: shards[0].schema,
        rowCount: shards.reduce(0) { $0 + $1.rowCount },
        shardedBy: column
      )
    }
  }
}
