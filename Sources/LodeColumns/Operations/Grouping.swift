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
    var hashes = [UInt64](repeating: 0, count: rowCount)
    for name in names {
      let column = try requiredColumn(name)
      let cells = column.groupKeys()
      mix(cells, into: &hashes)
      keys.append(cells)
      if let validity = column.validity {
        keys.append(validity.map { $0 ? 0 : 1 })
        mix(keys[keys.count - 1], into: &hashes)
      }
    }
    return Grouping(rowsWith: keys, hashes: hashes)
  }
}

extension Grouping {
  /// Groups rows by equal keys, found by their hashes in an open table.
  init(rowsWith keys: [[Int64]], hashes: [UInt64]) {
    let rowCount = hashes.count
    var slotCount = 16
    while slotCount < rowCount * 2 { slotCount *= 2 }
    var slots = [Int32](repeating: -1, count: slotCount)
    var groupOfRow = [Int](repeating: 0, count: rowCount)
    var firstRows: [Int] = []
    for row in 0..<rowCount {
      var slot = Int(truncatingIfNeeded: hashes[row]) & (slotCount - 1)
      while true {
        let group = Int(slots[slot])
        if group < 0 {
          slots[slot] = Int32(firstRows.count)
          groupOfRow[row] = firstRows.count
          firstRows.append(row)
          break
        }
        if haveEqualKeys(keys, row, firstRows[group]) {
          groupOfRow[row] = group
          break
        }
        slot = (slot + 1) & (slotCount - 1)
      }
    }
    self.init(groupOfRow: groupOfRow, firstRows: firstRows)
  }
}

/// Whether two rows have the same key in every column.
private func haveEqualKeys(_ keys: [[Int64]], _ left: Int, _ right: Int) -> Bool {
  for column in keys where column[left] != column[right] { return false }
  return true
}

/// Mixes one key a row into the hash of the row.
private func mix(_ cells: [Int64], into hashes: inout [UInt64]) {
  for row in cells.indices {
    var hash = (hashes[row] ^ UInt64(bitPattern: cells[row])) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 32
    hashes[row] = hash &* 0xD6E8_FEB8_6659_FD93
    hashes[row] ^= hashes[row] >> 29
  }
}

extension Column {
  /// A 64-bit key for each cell, equal exactly for equal cells of this column; 0 where missing.
  func groupKeys() -> [Int64] {
    var keys: [Int64]
    switch storage {
    case .integers(let cells): keys = cells
    case .booleans(let cells): keys = cells.map { $0 ? 1 : 0 }
    case .doubles(let cells): keys = cells.map { Int64(bitPattern: ($0 + 0).bitPattern) }
    case .texts(let codes, _): keys = codes.map { Int64($0) }
    }
    if let validity {
      for row in validity.indices where !validity[row] { keys[row] = 0 }
    }
    return keys
  }
}
