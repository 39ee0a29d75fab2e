internal import LodeColumns
internal import LodeRuntime
internal import Synchronization

/// The raw rows of sales, apart by the shard of their customer, in raw order within a shard.
///
/// All that cleaning compares – repeated rows, returns with their sales, the lines of an order – is
/// of one customer, so shards are cleaned side by side and none needs another.
final class SalesShards: Sendable {
  /// Raw rows and the place of each in the whole raw table.
  struct Rows: Sendable {
    let table: Table
    let places: [UInt32]
  }

  /// The number of raw rows.
  let rowCount: Int
  /// The pieces of each shard, from the parts of the raw table in order.
  private let pieces: Mutex<[[Rows]]>

  /// Reads the parts of a raw table and lays their rows apart.
  ///
  /// - Throws: a diagnostic for a customer column that is not there.
  init(
    _ tables: StageInputs,
    table name: String,
    customer column: String,
    shardCount: Int
  ) throws(Diagnostic) {
    let partCount = try tables.partCount(of: name)
    let parts = try Parallel.map(max(1, partCount)) { (part: Int) throws(Diagnostic) -> [Rows] in
      let raw = partCount == 0 ? try tables.table(name) : try tables.part(part, of: name)
      return Self.apart(raw, by: column, shardCount)
    }
    var first: UInt32 = 0
    var pieces = [[Rows]](repeating: [], count: shardCount)
    for part in parts {
      for (shard, piece) in part.enumerated() {
        pieces[shard]
          .append(
            Rows(
              table: piece.table,
              places: first == 0 ? piece.places : piece.places.map { $0 + first }
            )
          )
      }
      first += UInt32(part.reduce(0) { $0 + $1.places.count })
    }
    rowCount = Int(first)
    self.pieces = Mutex(pieces)
  }

  /// The rows of a shard, which are given away: asked for again there are none.
  func take(_ shard: Int) -> Rows {
    let taken = pieces.withLock { pieces in
      let taken = pieces[shard]
      pieces[shard] = taken.prefix(1)
        .map { Rows(table: Table(emptyWith: $0.table.schema), places: []) }
      return taken
    }
    return Rows(
      table: Table.concatenating(taken.map(\.table)),
      places: taken.count == 1 ? taken[0].places : taken.flatMap(\.places)
    )
  }

  /// The rows of a table apart by shard; a table without the column goes to the first, where the
  /// cleaning says so.
  private static func apart(_ raw: Table, by column: String, _ shardCount: Int) -> [Rows] {
    let all = (0..<raw.rowCount).map { UInt32(truncatingIfNeeded: $0) }
    guard shardCount > 1, let customer = raw.column(column) else {
      let none = Rows(table: Table(emptyWith: raw.schema), places: [])
      return [Rows(table: raw, places: all)] + Array(repeating: none, count: shardCount - 1)
    }
    let shards = SalesRows.textColumn(customer).shards(count: shardCount)
    var rows = [[Int]](repeating: [], count: shardCount)
    for (row, shard) in shards.enumerated() { rows[shard].append(row) }
    return rows.map { rows in
      Rows(
        table: raw.gathering(rows).compacted(),
        places: rows.map { UInt32(truncatingIfNeeded: $0) }
      )
    }
  }
}
