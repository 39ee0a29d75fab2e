public import LodeRuntime

/// What is worked out of the rows of each group; missing cells count for nothing.
public struct Aggregate: Hashable, Sendable {
  /// The kinds of results.
  public enum Function: Hashable, Sendable {
    /// The number of rows.
    case rowCount
    /// The number of cells that are there.
    case count(String)
    /// The exact sum of whole numbers or money; of doubles the sum in fixed point (2⁻³²).
    case sum(String)
    /// The least cell; texts go by their bytes.
    case minimum(String)
    /// The largest cell; texts go by their bytes.
    case maximum(String)
    /// The number of different cells.
    case distinctCount(String)
  }

  /// The name of the new column.
  public let name: String
  /// What the column holds.
  public let function: Function

  /// A result column.
  public init(_ name: String, _ function: Function) {
    self.name = name
    self.function = function
  }
}

extension Table {
  /// One row a group: the key columns, then the aggregates, groups in order of first occurrence.
  ///
  /// All results are exact, so they do not depend on threads or on the order of rows within a
  /// group. A sum, minimum or maximum of no cells is missing.
  ///
  /// - Parameters:
  ///   - keys: the columns to group by; missing cells are equal to each other.
  ///   - aggregates: the results, each with its name.
  /// - Returns: the table of groups.
  /// - Throws: a diagnostic that names the missing column, a column that cannot be added up, or a
  ///   sum beyond 64 bits.
  /// - Complexity: O(`rows` × (`keys` + `aggregates`)) expected.
  public func aggregated(
    by keys: [String],
    _ aggregates: [Aggregate]
  ) throws(Diagnostic) -> Table {
    let (grouping, values) = try numbered(by: keys, aggregates)
    var table = try selecting(keys).gathering(grouping.firstRows.map { Int($0) })
    let columns = try Parallel.map(aggregates.count) { (index: Int) throws(Diagnostic) -> Column in
      try aggregated(aggregates[index].function, grouping, values)
    }
    for (aggregate, column) in zip(aggregates, columns) {
      table = table.setting(Field(aggregate.name, column.type), column)
    }
    return table
  }

  /// The groups, and numbers for the cells of columns whose different cells are counted, side by
  /// side.
  private func numbered(
    by keys: [String],
    _ aggregates: [Aggregate]
  ) throws(Diagnostic) -> (groups: KeyCodes, values: [String: KeyCodes]) {
    var names: [String] = []
    for aggregate in aggregates {
      guard case .distinctCount(let name) = aggregate.function, !names.contains(name) else {
        continue
      }
      if try requiredColumn(name).type != .text { names.append(name) }
    }
    let counted = names
    let results = try Parallel.map(names.count + 1) { (index: Int) throws(Diagnostic) -> KeyCodes in
      if index > 0 { return KeyCodes(try requiredColumn(counted[index - 1])) }
      return try keyCodes(of: keys)
        ?? KeyCodes(Column(integers: Array(repeating: 0, count: rowCount)))
    }
    var values: [String: KeyCodes] = [:]
    for (name, codes) in zip(names, results.dropFirst()) { values[name] = codes }
    return (results[0], values)
  }

  private func aggregated(
    _ function: Aggregate.Function,
    _ grouping: KeyCodes,
    _ values: [String: KeyCodes]
  ) throws(Diagnostic) -> Column {
    switch function {
    case .rowCount:
      var counts = [Int64](repeating: 0, count: grouping.count)
      grouping.forEachRun { group, rows in counts[group] += Int64(rows.count) }
      return Column(integers: counts)
    case .count(let name):
      let column = try requiredColumn(name)
      return Column(integers: column.presentCounts(grouping))
    case .sum(let name):
      let column = try requiredColumn(name)
      switch column.storage {
      case .integers(let cells) where column.type != .date && column.type != .timestamp:
        guard let sums = grouping.sums(of: cells, column.validity) else {
          throw Diagnostic(
            .failure,
            at: name,
            "a sum of \"\(name)\" is beyond 64 bits.",
            fix: "group by more columns, or take the column as double."
          )
        }
        let type = column.type == .integer ? .integer : ColumnType.money(scale: column.type.scale)
        return column.resulting(type, .integers(sums), grouping)
      case .doubles(let cells):
        return column.resulting(
          .double,
          .doubles(grouping.sums(of: cells, column.validity)),
          grouping
        )
      default:
        throw Diagnostic(
          .contract,
          at: name,
          "\"\(name)\" is \(column.type), which cannot be added up.",
          fix: "sum a number, or count the column."
        )
      }
    case .minimum(let name):
      return try requiredColumn(name).extremes(grouping, isLargest: false)
    case .maximum(let name):
      return try requiredColumn(name).extremes(grouping, isLargest: true)
    case .distinctCount(let name):
      return Column(
        integers: DistinctPairs.counts(grouping, try requiredColumn(name), values[name])
      )
    }
  }
}

extension Column {
  /// The number of present cells of each group.
  fileprivate func presentCounts(_ grouping: KeyCodes) -> [Int64] {
    var counts = [Int64](repeating: 0, count: grouping.count)
    let validity = validity
    grouping.forEachRun { group, rows in
      guard let validity else {
        counts[group] += Int64(rows.count)
        return
      }
      for row in rows where validity[row] { counts[group] += 1 }
    }
    return counts
  }

  /// A column with a cell a group, missing where the group has no present cell.
  fileprivate func resulting(
    _ type: ColumnType,
    _ storage: Storage,
    _ grouping: KeyCodes
  ) -> Column {
    guard validity != nil else { return Column(type: type, storage: storage) }
    let isThere = presentCounts(grouping).map { $0 > 0 }
    if case .integers(let cells) = storage {
      // Cells that are missing hold 0, as everywhere.
      let neutral = zip(cells, isThere).map { $1 ? $0 : 0 }
      return Column(type: type, storage: .integers(neutral), validity: isThere)
    }
    return Column(type: type, storage: storage, validity: isThere)
  }

  /// The least or the largest cell of each group.
  fileprivate func extremes(_ grouping: KeyCodes, isLargest: Bool) -> Column {
    if case .integers(let cells) = storage {
      return resulting(
        type,
        .integers(
          grouping.extremes(of: cells, validity, start: isLargest ? .min : .max, isLargest)
        ),
        grouping
      )
    }
    // The row of the extreme cell says what it is, whatever the type.
    let ranks = sortRanks(isDescending: false)
    var best = [Int](repeating: -1, count: grouping.count)
    grouping.forEachRun { group, rows in
      for row in rows where !isMissing(row) {
        let current = best[group]
        let isBetter =
          current < 0
          || (isLargest ? ranks[row] > ranks[current] : ranks[row] < ranks[current])
        if isBetter { best[group] = row }
      }
    }
    let gathered = gathering(best.map { max($0, 0) })
    let isThere = validity == nil ? nil : best.map { $0 >= 0 }
    return Column(type: type, storage: gathered.storage, validity: isThere)
  }
}

extension KeyCodes {
  /// Calls `body` with the group and the rows of every run, in order of rows.
  @inline(__always)
  fileprivate func forEachRun(_ body: (_ group: Int, _ rows: Range<Int>) -> Void) {
    for run in codes.indices { body(Int(codes[run]), rows(ofRun: run)) }
  }

  /// The sum of each group; nil if one is beyond 64 bits.
  fileprivate func sums(of cells: [Int64], _ validity: [Bool]?) -> [Int64]? {
    let values = cells.span
    var isBeyond = false
    func sum(_ left: Int64, _ right: Int64) -> Int64 {
      let (sum, overflow) = left.addingReportingOverflow(right)
      isBeyond = isBeyond || overflow
      return sum
    }
    let sums =
      if let validity {
        folding(from: 0, sum) { validity[$0] ? values[$0] : 0 }
      } else {
        folding(from: 0, sum) { values[$0] }
      }
    return isBeyond ? wideSums(of: cells, validity) : sums
  }

  /// A number for each group, of the numbers of its rows.
  ///
  /// Runs first and groups then, some thousand at a time: so the processor looks up many groups at
  /// once, and does not wait for one of them to learn where a run ends.
  @inline(__always)
  private func folding(
    from start: Int64,
    _ join: (Int64, Int64) -> Int64,
    _ number: (Int) -> Int64
  ) -> [Int64] {
    let blockSize = 2048
    var results = [Int64](repeating: start, count: count)
    var block = [Int64](repeating: 0, count: blockSize)
    var output = results.mutableSpan
    var numbers = block.mutableSpan
    let groups = codes.span
    for first in stride(from: 0, to: groups.count, by: blockSize) {
      let runs = first..<min(first + blockSize, groups.count)
      for run in runs {
        let rows = rows(ofRun: run)
        var result = start
        for row in rows { result = join(result, number(row)) }
        numbers[run - first] = result
      }
      for run in runs {
        let group = Int(groups[run])
        output[group] = join(output[group], numbers[run - first])
      }
    }
    return results
  }

  /// The same where a running sum leaves 64 bits, though the whole sum may not.
  private func wideSums(of cells: [Int64], _ validity: [Bool]?) -> [Int64]? {
    var sums = [Int128](repeating: 0, count: count)
    forEachRun { group, rows in
      for row in rows where validity?[row] ?? true { sums[group] += Int128(cells[row]) }
    }
    var narrow: [Int64] = []
    for sum in sums {
      guard let fitting = Int64(exactly: sum) else { return nil }
      narrow.append(fitting)
    }
    return narrow
  }

  /// The sum of each group in fixed point.
  fileprivate func sums(of cells: [Double], _ validity: [Bool]?) -> [Double] {
    var sums = [FixedPointSum](repeating: FixedPointSum(), count: count)
    forEachRun { group, rows in
      for row in rows where validity?[row] ?? true { sums[group].add(cells[row]) }
    }
    return sums.map(\.value)
  }

  /// The least or the largest number of each group.
  fileprivate func extremes(
    of cells: [Int64],
    _ validity: [Bool]?,
    start: Int64,
    _ isLargest: Bool
  ) -> [Int64] {
    let values = cells.span
    func folded(_ extreme: (Int64, Int64) -> Int64) -> [Int64] {
      if let validity { return folding(from: start, extreme) { validity[$0] ? values[$0] : start } }
      return folding(from: start, extreme) { values[$0] }
    }
    return isLargest ? folded { max($0, $1) } : folded { min($0, $1) }
  }
}

/// Pairs of a group and a value, counted once each.
private enum DistinctPairs {
  /// The number of different values of each group.
  ///
  /// Most values, as the id of an order, occur in one group only: the first group of each value is
  /// noted, and only pairs with another group are looked up in a table.
  static func counts(_ groups: KeyCodes, _ column: Column, _ numbered: KeyCodes?) -> [Int64] {
    if case .texts(let codes, let dictionary) = column.storage {
      return counts(groups, codes.span, nil, bound: dictionary.count, column.validity)
    }
    let codes = numbered ?? KeyCodes(column)
    return counts(groups, codes.codes.span, codes.heads, bound: codes.count, column.validity)
  }

  /// The same; `heads` are the first rows of the runs of values, nil where each row is one.
  private static func counts(
    _ groups: KeyCodes,
    _ codes: Span<UInt32>,
    _ heads: [UInt32]?,
    bound: Int,
    _ validity: [Bool]?
  ) -> [Int64] {
    var owners = [UInt32](repeating: .max, count: bound)
    var others: [Int64] = []
    var output = owners.mutableSpan
    var place = 0
    for run in groups.codes.indices {
      let (group, rows) = (groups.codes[run], groups.rows(ofRun: run))
      guard let heads else {
        for row in rows where validity?[row] ?? true {
          note(group, codes[row], &output, &others)
        }
        continue
      }
      // The runs of values that meet the rows; the last of them may go on behind.
      while place < heads.count, Int(heads[place]) < rows.upperBound {
        let row = max(Int(heads[place]), rows.lowerBound)
        if validity?[row] ?? true { note(group, codes[place], &output, &others) }
        place += 1
      }
      if rows.upperBound < groups.rowCount,
        place == heads.count || Int(heads[place]) > rows.upperBound
      {
        place -= 1
      }
    }
    var counts = [Int64](repeating: 0, count: groups.count)
    for owner in owners where owner != .max { counts[Int(owner)] += 1 }
    guard !others.isEmpty else { return counts }
    let distinct = KeyCodes(Column(integers: others))
    for place in distinct.firstRows { counts[Int(others[Int(place)] >> 32)] += 1 }
    return counts
  }

  /// Notes the first group of a value, and the pair of any other.
  @inline(__always)
  private static func note(
    _ group: UInt32,
    _ code: UInt32,
    _ owners: inout MutableSpan<UInt32>,
    _ others: inout [Int64]
  ) {
    let owner = owners[Int(code)]
    if owner == group { return }
    if owner == .max {
      owners[Int(code)] = group
    } else {
      let pair = Int64(group) << 32 | Int64(code)
      if others.last != pair { others.append(pair) }
    }
  }
}
