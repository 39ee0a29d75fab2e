public import LodeRuntime

/// The groups of the rows of a table: a dense code per row, groups in order of first occurrence.
public struct Grouping: Hashable, Sendable {
  /// The group of each row, `0..<count`.
  public let groupOfRow: [UInt32]
  /// The first row of each group.
  public let firstRows: [Int]

  /// The number of groups.
  public var count: Int { firstRows.count }

  /// The rows of each group, in row order.
  public func rows() -> [[Int]] {
    var rows = [[Int]](repeating: [], count: count)
    for (row, group) in groupOfRow.enumerated() { rows[Int(group)].append(row) }
    return rows
  }
}

extension Table {
  /// Groups rows by equal cells in the named columns; missing cells are equal to each other.
  ///
  /// - Complexity: O(`rows` × `columns`) expected.
  /// - Throws: a diagnostic that names the missing column.
  public func grouping(by names: [String]) throws(Diagnostic) -> Grouping {
    guard let codes = try keyCodes(of: names) else {
      // Without a column to tell them apart all rows are one group.
      return Grouping(
        groupOfRow: Array(repeating: 0, count: rowCount),
        firstRows: rowCount > 0 ? [0] : []
      )
    }
    return Grouping(groupOfRow: codes.rowCodes, firstRows: codes.firstRows.map { Int($0) })
  }

  /// The groups in runs of rows; nil for no columns.
  func keyCodes(of names: [String]) throws(Diagnostic) -> KeyCodes? {
    var columns: [Column] = []
    for name in names { columns.append(try requiredColumn(name)) }
    if let codes = KeyCodes(mixing: columns) { return codes }
    var codes: KeyCodes?
    for column in columns {
      let next = KeyCodes(column)
      codes = codes.map { KeyCodes($0, next) } ?? next
    }
    return codes
  }
}
