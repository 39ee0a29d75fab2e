public import LodeRuntime

/// The groups of the rows of a table: a dense code per row, groups in order of first occurrence.
public struct Grouping: Hashable, Sendable {
  /// The group of each row, `0..<count`.
  public let groupOfRow: [Int]
  /// The first row of each group.
  public let firstRows: [Int]

  /// The number of groups.
  public var count: Int { firstRows.count }

  /// The rows of each group, in row order.
  public func rows() -> [[Int]] {
    var rows = [[Int]](repeating: [], count: count)
    for (row, group) in groupOfRow.enumerated() { rows[group].append(row) }
    return rows
  }
}

extension Table {
  /// Groups rows by equal cells in the named columns; missing cells are equal to each other.
  ///
  /// - Complexity: O(`rows` × `columns`) expected.
  /// - Throws: a diagnostic that names the missing column.
  public func grouping(by names: [String]) throws(Diagnostic) -> Grouping {
    var keys: [[Int64]] = []
    for name in names { keys.append(try requiredColumn(name).groupKeys()) }
    var groupOfKey: [[Int64]: Int] = [:]
    var groupOfRow: [Int] = []
    groupOfRow.reserveCapacity(rowCount)
    var firstRows: [Int] = []
    for row in 0..<rowCount {
      let key = keys.map { $0[row] }
      let group = groupOfKey[key] ?? firstRows.count
      if group == firstRows.count {
        groupOfKey[key] = group
        firstRows.append(row)
      }
      groupOfRow.append(group)
    }
    return Grouping(groupOfRow: groupOfRow, firstRows: firstRows)
  }
}

extension Column {
  /// A 64-bit key for each cell, equal exactly for equal cells of this column.
  func groupKeys() -> [Int64] {
    var keys: [Int64]
    switch storage {
    case .integers(let cells): keys = cells
    case .booleans(let cells): keys = cells.map { $0 ? 1 : 0 }
    case .doubles(let cells): keys = cells.map { Int64(bitPattern: ($0 + 0).bitPattern) }
    case .texts(let codes, _): keys = codes.map { Int64($0) }
    }
    if let validity {
      for row in validity.indices where !validity[row] { keys[row] = .min }
    }
    return keys
  }
}
