internal import LodeColumns
internal import LodeRuntime

extension Table {
  /// The rows of each shard of customers, in their order, with dictionaries of their own texts.
  ///
  /// - Parameters:
  ///   - column: the customers; ids that are whole numbers go by their digits, as in clean tables.
  ///   - count: the number of shards.
  /// - Returns: a table a shard, also for those without rows.
  /// - Throws: a diagnostic for a column that is not there.
  /// - Complexity: O(cells), shards in parallel.
  func laidApart(byCustomer column: String, into count: Int) throws(Diagnostic) -> [Table] {
    let shards = try requiredColumn(column).asTexts().shards(count: count)
    var rows = [[Int]](repeating: [], count: count)
    for shard in rows.indices { rows[shard].reserveCapacity(rowCount / count * 5 / 4) }
    for (row, shard) in shards.enumerated() { rows[shard].append(row) }
    let rowsOfShard = rows
    return Parallel.map(count) { gathering(rowsOfShard[$0]).compacted() }
  }
}

extension Column {
  /// Ids as texts: whole numbers in digits, texts as they are.
  func asTexts() -> Column {
    guard type != .text else { return self }
    var builder = ColumnBuilder(.text)
    for row in 0..<count {
      let cell = self[row]
      builder.append(text: cell == .missing ? nil : cell.description)
    }
    return builder.build()
  }
}
