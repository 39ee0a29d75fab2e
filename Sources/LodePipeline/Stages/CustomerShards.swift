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
  /// - Complexity: O(cells), columns in parallel.
  func laidApart(byCustomer column: String, into count: Int) throws(Diagnostic) -> [Table] {
    parted(by: try requiredColumn(column).asTexts().shards(count: count), into: count)
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
