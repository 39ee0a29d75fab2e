public import LodeRuntime

/// One column to sort by.
public struct SortKey: Hashable, Sendable {
  /// The column's name.
  public let column: String
  /// Whether large values come first.
  public let isDescending: Bool

  /// A key, ascending unless said otherwise.
  public init(_ column: String, isDescending: Bool = false) {
    self.column = column
    self.isDescending = isDescending
  }
}

extension Table {
  /// The rows ordered by the keys, the first key first; equal rows keep their order.
  ///
  /// Missing cells come last, before them NaN, in both directions; texts go by their bytes.
  ///
  /// - Complexity: O(`n`) a key, and O(`t` log `t`) for the `t` distinct texts of a text column.
  /// - Throws: a diagnostic that names the missing column.
  public func sorted(by keys: [SortKey]) throws(Diagnostic) -> Table {
    precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows")
    var ranks: [[Int64]] = []
    for (place, key) in keys.enumerated() {
      ranks += try sortRanks([key])
      // Rows that stand in order by the first keys alone need no ranks of the others.
      switch Self.order(ranks, rowCount) {
      case .strict: return self
      case .withTies: if place == keys.count - 1 { return self }
      case .none:
        ranks += try sortRanks(Array(keys[(place + 1)...]))
        var places = (0..<rowCount).map { UInt32(truncatingIfNeeded: $0) }
        RadixSort.sort(&places, by: ranks)
        return gathering(places.map { Int($0) })
      }
    }
    return self
  }

  /// How rows stand by their ranks.
  private enum RowOrder {
    case strict, withTies, none
  }

  private static func order(_ ranks: [[Int64]], _ rowCount: Int) -> RowOrder {
    guard let first = ranks.first else { return rowCount > 1 ? .withTies : .strict }
    var order = RowOrder.strict
    let cells = first.span
    for row in 1..<max(1, rowCount) where cells[row] <= cells[row - 1] {
      guard cells[row] == cells[row - 1] else { return .none }
      guard let key = ranks.dropFirst().first(where: { $0[row] != $0[row - 1] }) else {
        order = .withTies
        continue
      }
      if key[row] < key[row - 1] { return .none }
    }
    return order
  }

  /// The places of the rows in the order of the keys; equal rows keep their order.
  ///
  /// - Throws: a diagnostic that names the missing column.
  public func sortedRows(by keys: [SortKey]) throws(Diagnostic) -> [Int] {
    try sorted(Array(0..<rowCount), by: keys)
  }

  /// Some places of rows in the order of the keys; equal rows keep their order.
  ///
  /// - Throws: a diagnostic that names the missing column.
  public func sorted(_ rows: [Int], by keys: [SortKey]) throws(Diagnostic) -> [Int] {
    precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows")
    var places = rows.map { UInt32(truncatingIfNeeded: $0) }
    RadixSort.sort(&places, by: try sortRanks(keys))
    return places.map { Int($0) }
  }

  /// The first of some places of rows in the order of the keys, as ``sorted(_:by:)`` has them.
  ///
  /// - Parameters:
  ///   - count: how many places are wanted.
  ///   - rows: the places to choose from.
  ///   - keys: the order.
  /// - Returns: at most `count` places; equal rows keep their order.
  /// - Throws: a diagnostic that names the missing column.
  /// - Complexity: O(rows), and of sorting those that share the upper bits of their first key with
  ///   the last one wanted, or come before it.
  public func first(
    _ count: Int,
    of rows: [Int],
    by keys: [SortKey]
  ) throws(Diagnostic) -> [Int] {
    guard let key = keys.first, count < rows.count / 4 else {
      return Array(try sorted(rows, by: keys).prefix(count))
    }
    let ranks = try requiredColumn(key.column).sortRanks(isDescending: key.isDescending)
    let near = Self.candidates(count, of: rows, ranks)
    var columns: [String] = []
    for key in keys where !columns.contains(key.column) { columns.append(key.column) }
    let few = try selecting(columns).gathering(near).compacted()
    return try few.sorted(Array(near.indices), by: keys).prefix(count).map { near[$0] }
  }

  /// The rows among which the first `count` by rank are, by a histogram of the ranks.
  private static func candidates(_ count: Int, of rows: [Int], _ ranks: [Int64]) -> [Int] {
    var (least, most) = (Int64.max, Int64.min)
    for row in rows where ranks[row] < .max - 1 {
      least = min(least, ranks[row])
      most = max(most, ranks[row])
    }
    guard least < most else { return rows }
    let width = UInt64(bitPattern: most &- least)
    let shift = max(0, UInt64.bitWidth - width.leadingZeroBitCount - 16)
    func bucket(_ row: Int) -> Int {
      let rank = min(ranks[row], most)
      return Int(UInt64(bitPattern: rank &- least) >> UInt64(shift))
    }
    var counts = [Int](repeating: 0, count: 1 << 16)
    for row in rows { counts[bucket(row)] += 1 }
    var (last, sum) = (0, counts[0])
    while sum < count {
      last += 1
      sum += counts[last]
    }
    return rows.filter { bucket($0) <= last }
  }

  /// The rows of each shard by the hash of a column, sorted by the keys; empty shards included.
  ///
  /// - Parameters:
  ///   - column: the column that decides the shard, as of ``Column/shards(count:)``.
  ///   - count: the number of shards.
  ///   - keys: the order of the rows inside a shard.
  /// - Returns: the shards in order.
  /// - Throws: a diagnostic that names the missing column.
  /// - Complexity: as of ``sorted(by:)``, shards in parallel.
  public func sharded(
    by column: String,
    into count: Int,
    sortedBy keys: [SortKey]
  ) throws(Diagnostic) -> [Table] {
    precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows")
    var rowsOfShard = [[UInt32]](repeating: [], count: count)
    for (row, shard) in try requiredColumn(column).shards(count: count).enumerated() {
      rowsOfShard[shard].append(UInt32(truncatingIfNeeded: row))
    }
    let (unsorted, ranks) = (rowsOfShard, try sortRanks(keys))
    return Parallel.map(count) { shard in
      var rows = unsorted[shard]
      RadixSort.sort(&rows, by: ranks)
      return gathering(rows.map { Int($0) })
    }
  }

  /// The ranks of all rows by each key.
  private func sortRanks(_ keys: [SortKey]) throws(Diagnostic) -> [[Int64]] {
    var ranks: [[Int64]] = []
    for key in keys {
      ranks.append(
        try requiredColumn(key.column).sortRanks(isDescending: key.isDescending)
      )
    }
    return ranks
  }
}

extension Column {
  /// The largest cell, nil if all are missing; texts go by their bytes.
  public var largestCell: Cell? {
    let ranks = sortRanks(isDescending: false)
    let rows = (0..<count).filter { !isMissing($0) }
    return rows.max { ranks[$0] < ranks[$1] }.map { self[$0] }
  }

  /// A 64-bit rank for each cell: smaller ranks come first, missing cells have the largest.
  func sortRanks(isDescending: Bool) -> [Int64] {
    var ranks: [Int64]
    switch storage {
    case .integers(let cells): ranks = cells
    case .booleans(let cells): ranks = cells.map { $0 ? 1 : 0 }
    case .doubles(let cells): ranks = cells.map(RadixSort.key)
    case .texts(let codes, let dictionary):
      let order = dictionary.ranks()
      ranks = codes.map { Int64(order[Int($0)]) }
    }
    if isDescending { ranks = ranks.map { ~$0 } }
    if case .doubles(let cells) = storage {
      for row in cells.indices where cells[row].isNaN { ranks[row] = .max - 1 }
    }
    if let validity {
      for row in validity.indices where !validity[row] { ranks[row] = .max }
    }
    return ranks
  }
}
