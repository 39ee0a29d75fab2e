public import LodeRuntime

extension Table {
  /// The rows of this table with columns of another table, looked up by equal bytes in one column.
  ///
  /// Every row stays; where the other table has no such row the new cells are missing.
  ///
  /// - Parameters:
  ///   - other: the table to look up; its first row of each key counts.
  ///   - key: the text column that both tables have.
  ///   - names: the columns to take from the other table.
  /// - Returns: this table with the columns added, or replaced where it has them.
  /// - Throws: a diagnostic that names a missing column.
  /// - Complexity: O(rows of both).
  public func joining(
    _ other: Table,
    on key: String,
    taking names: [String]
  ) throws(Diagnostic) -> Table {
    let left = try requiredColumn(key)
    let right = try other.requiredColumn(key)
    var keys = TextDictionaryBuilder()
    var rowOfKey: [Int] = []
    let rightKeys = right.dictionary
    let rightCodes = right.codes
    for row in 0..<other.rowCount where !right.isMissing(row) {
      let code = keys.code(for: Array(rightKeys.utf8(Int(rightCodes[row]))).span)
      if Int(code) == rowOfKey.count { rowOfKey.append(row) }
    }
    let leftKeys = left.dictionary
    let rowOfCode = (0..<leftKeys.count)
      .map { code -> Int? in
        let key = Int(keys.code(for: Array(leftKeys.utf8(code)).span))
        return key < rowOfKey.count ? rowOfKey[key] : nil
      }
    let leftCodes = left.codes
    let rows = (0..<rowCount).map { left.isMissing($0) ? nil : rowOfCode[Int(leftCodes[$0])] }
    var joined = self
    for name in names {
      let column = try other.requiredColumn(name)
      guard let index = other.schema.index(of: name) else { continue }
      joined = joined.setting(other.schema.fields[index], column.gathering(optional: rows))
    }
    return joined
  }
}

extension Column {
  /// The column of the cells in the given rows, missing where the row is nil.
  func gathering(optional rows: [Int?]) -> Column {
    if rows.allSatisfy({ $0 != nil }) { return gathering(rows.compactMap(\.self)) }
    var builder = ColumnBuilder(type)
    for row in rows { builder.append(row.map { self[$0] } ?? .missing) }
    return builder.build()
  }
}
