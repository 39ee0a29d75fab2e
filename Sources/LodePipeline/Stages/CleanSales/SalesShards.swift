internal import LodeColumns
internal import LodeRuntime
internal import Synchronization

/// The raw rows of sales, apart by the shard of their customer, in raw order within a shard.
///
/// All that cleaning compares – repeated rows, returns with their sales, the lines of an order – is
/// of one customer, so shards are cleaned side by side and none needs another. A large raw table
/// lies apart already, and one shard after the other is read; a small one is laid apart here.
final class SalesShards: Sendable {
  /// The shards that may have rows.
  let numbers: [Int]

  private let tables: StageInputs
  private let name: String
  private let customer: String
  private let shardCount: Int
  /// The rows of each shard if they were laid apart here, given away once; nil if they are read.
  private let held: Mutex<[Table]?>

  /// Finds how the rows of a raw table lie.
  ///
  /// - Throws: a diagnostic if the table cannot be read.
  init(
    _ tables: StageInputs,
    table name: String,
    customer: String,
    shardCount: Int
  ) throws(Diagnostic) {
    self.tables = tables
    self.name = name
    self.customer = customer
    self.shardCount = shardCount
    if let numbers = try Self.shards(tables, name, customer, shardCount) {
      self.numbers = numbers
      held = Mutex(nil)
    } else {
      let raw = try tables.table(name)
      // A table without the column goes to the first shard, where the cleaning says so.
      let shards =
        shardCount > 1 && raw.column(customer) != nil
        ? try raw.laidApart(byCustomer: customer, into: shardCount) : [raw]
      numbers = Array(shards.indices)
      held = Mutex(shards)
    }
  }

  /// The rows of a shard; those that were laid apart here are given away: asked for again there are
  /// none.
  ///
  /// - Throws: a diagnostic if they cannot be read, or if one is of another shard.
  func take(_ shard: Int) throws(Diagnostic) -> Table {
    let taken = held.withLock { held -> Table? in
      guard let rows = held?[shard] else { return nil }
      held?[shard] = Table(emptyWith: rows.schema)
      return rows
    }
    if let taken { return taken }
    let rows = try tables.table(name, shard: shard)
    guard try Self.isAll(rows.requiredColumn(customer), of: shard, shardCount) else {
      throw Diagnostic(
        .failure,
        at: "table \(name)",
        "its shard \(shard) holds rows of customers of other shards.",
        fix: "run the extract stage again, with --force and its name."
      )
    }
    return rows
  }

  /// The shards of a table that lies apart by the customer, nil if it does not; judged by the first
  /// file of each.
  private static func shards(
    _ tables: StageInputs,
    _ name: String,
    _ customer: String,
    _ shardCount: Int
  ) throws(Diagnostic) -> [Int]? {
    var parts: [Int: Int] = [:]
    for (part, shard) in try tables.partShards(of: name).enumerated() {
      guard let shard else { return nil }
      if parts[shard] == nil { parts[shard] = part }
    }
    guard !parts.isEmpty else { return nil }
    for (shard, part) in parts {
      guard
        let first = try? tables.part(part, of: name, columns: [customer]).requiredColumn(customer),
        isAll(first, of: shard, shardCount)
      else { return nil }
    }
    return parts.keys.sorted()
  }

  private static func isAll(_ customers: Column, of shard: Int, _ shardCount: Int) -> Bool {
    customers.asTexts().shards(count: shardCount).allSatisfy { $0 == shard }
  }
}
