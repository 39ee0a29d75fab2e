internal import LodeColumns
internal import LodeWarehouse

extension TableViewer {
  /// What the cells of a table are like: a line a column with rows, missing and distinct cells,
  /// extremes, quartiles, mean and the most frequent cells.
  ///
  /// Everything is exact. Distinct cells are counted by their codes and bits; quartiles are cells
  /// at the nearest rank (the smallest that at least that share of the cells does not exceed), by
  /// a sort. Texts are ordered by their bytes. One column is in memory at a time.
  ///
  /// - Parameters:
  ///   - name: the table, perhaps with a version.
  ///   - showsPersonal: whether the cells of personal columns may be shown; masked as `***` if not.
  /// - Returns: the text.
  /// - Throws: a diagnostic for an unknown table or a file that cannot be read.
  public func profile(_ name: String, showsPersonal: Bool) throws -> String {
    let snapshot = try snapshot(name)
    var profiles: [ColumnProfile] = []
    for field in snapshot.schema.fields {
      let rows = try snapshot.table(columns: [field.name])
      profiles.append(try ColumnProfile(rows, isMasked: field.isPersonal && !showsPersonal))
    }
    return Self.csv(
      Table([
        "column": Column(texts: profiles.map(\.name)),
        "type": Column(texts: profiles.map(\.type)),
        "rows": Column(integers: profiles.map { Int64($0.rowCount) }),
        "missing": Column(integers: profiles.map { Int64($0.missingCount) }),
        "distinct": Column(integers: profiles.map { Int64($0.distinctCount) }),
        "min": Column(texts: profiles.map(\.minimum)),
        "p25": Column(texts: profiles.map(\.lowerQuartile)),
        "median": Column(texts: profiles.map(\.median)),
        "p75": Column(texts: profiles.map(\.upperQuartile)),
        "max": Column(texts: profiles.map(\.maximum)),
        "mean": Column(texts: profiles.map(\.mean)),
        "most_frequent": Column(texts: profiles.map(\.mostFrequent)),
      ])
    )
  }
}

/// One column in figures; texts are nil where there is nothing to say.
private struct ColumnProfile {
  let name: String
  let type: String
  let rowCount: Int
  let missingCount: Int
  let distinctCount: Int
  private(set) var minimum: String?
  private(set) var lowerQuartile: String?
  private(set) var median: String?
  private(set) var upperQuartile: String?
  private(set) var maximum: String?
  private(set) var mean: String?
  private(set) var mostFrequent: String?

  /// The figures of a table of one column.
  init(_ rows: Table, isMasked: Bool) throws {
    let column = rows.columns[0]
    name = rows.schema.names[0]
    type = column.type.description
    rowCount = rows.rowCount
    missingCount = column.missingCount
    let groups = try rows.grouping(by: [name])
    distinctCount = groups.count - (missingCount > 0 ? 1 : 0)
    guard distinctCount > 0 else { return }
    guard !isMasked else {
      (minimum, lowerQuartile, median, upperQuartile) = ("***", "***", "***", "***")
      (maximum, mean, mostFrequent) = ("***", "***", "***")
      return
    }
    var counts = [Int](repeating: 0, count: groups.count)
    for group in groups.groupOfRow { counts[Int(group)] += 1 }
    let cells = Self.ordered(column, groups)
    let total = rowCount - missingCount
    func cell(atShare numerator: Int, of denominator: Int) -> String {
      var left = (total * numerator + denominator - 1) / denominator
      for group in cells {
        left -= counts[group]
        if left <= 0 { return column[groups.firstRows[group]].description }
      }
      return ""
    }
    minimum = cell(atShare: 0, of: 4)
    maximum = cell(atShare: 4, of: 4)
    if column.type != .text && column.type != .boolean {
      lowerQuartile = cell(atShare: 1, of: 4)
      median = cell(atShare: 2, of: 4)
      upperQuartile = cell(atShare: 3, of: 4)
    }
    mean = Self.mean(column, total)
    mostFrequent = cells.enumerated()
      .sorted { (counts[$1.element], $0.offset) < (counts[$0.element], $1.offset) }
      .prefix(3)
      .map { "\(column[groups.firstRows[$0.element]]) (\(counts[$0.element]))" }
      .joined(separator: "; ")
  }

  /// The groups of equal cells in the order of their cells, without that of missing cells.
  private static func ordered(_ column: Column, _ groups: Grouping) -> [Int] {
    let present = (0..<groups.count).filter { !column.isMissing(groups.firstRows[$0]) }
    switch column.storage {
    case .integers(let cells):
      return present.sorted { cells[groups.firstRows[$0]] < cells[groups.firstRows[$1]] }
    case .doubles(let cells):
      return present.sorted { left, right in
        let (a, b) = (cells[groups.firstRows[left]], cells[groups.firstRows[right]])
        return a.isNaN ? false : b.isNaN || a < b
      }
    case .booleans(let cells):
      return present.sorted { !cells[groups.firstRows[$0]] && cells[groups.firstRows[$1]] }
    case .texts(let codes, let dictionary):
      let ranks = dictionary.ranks()
      return present.sorted {
        ranks[Int(codes[groups.firstRows[$0]])] < ranks[Int(codes[groups.firstRows[$1]])]
      }
    }
  }

  /// The mean of numbers: whole numbers and decimals are summed exactly; nil for other types.
  private static func mean(_ column: Column, _ total: Int) -> String? {
    let mean: Double
    switch (column.type, column.storage) {
    case (.integer, .integers(let cells)), (.decimal, .integers(let cells)):
      var sum: Int128 = 0
      for row in cells.indices where !column.isMissing(row) { sum += Int128(cells[row]) }
      mean = Double(sum) / Double(powerOfTen(column.type.scale)) / Double(total)
    case (.double, .doubles(let cells)):
      var sum = 0.0
      for row in cells.indices where !column.isMissing(row) { sum += cells[row] }
      mean = sum / Double(total)
    default: return nil
    }
    return Cell.doubleText(mean)
  }
}
