internal import LodeColumns
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

extension ChurnStage {
  /// What a model must beat: columns, and whether more of them means a higher risk.
  static let baselines: [(name: String, column: String, sign: Double)] = [
    ("recency", "days_since_last", 1), ("gap_ratio", "gap_ratio", 1),
    ("frequency", "orders_364d", -1),
  ]

  /// The features of the model, then the baselines that are not among them.
  var modelColumns: [String] {
    selection.names
      + Self.baselines.map(\.column).filter { !selection.names.contains($0) }
  }

  /// All columns of features that the stage reads.
  var factColumns: [String] {
    var columns = modelColumns
    for name in ChurnReasons.factColumns where !columns.contains(name) { columns.append(name) }
    return columns
  }

  /// ``modelColumns`` of rows of a table on the scale of the model, row after row.
  ///
  /// - Parameters:
  ///   - table: the features in their own units.
  ///   - rows: the rows to take; nil for all.
  /// - Returns: one number a row and column; missing cells are 0.
  /// - Throws: ``FeatureError`` for text, or a value that the scale is not defined for.
  func elements(_ table: Table, rows: [Int]? = nil) throws -> [Double] {
    try elements(table, rows ?? Array(0..<table.rowCount), names: modelColumns)
  }

  private func elements(_ table: Table, _ rows: [Int], names: [String]) throws -> [Double] {
    let columns = try names.map { try table.requiredColumn($0) }
    for (name, column) in zip(names, columns) where column.type == .text {
      throw FeatureError.notNumeric(column: name)
    }
    // A block of rows stays in the cache while it is filled column by column.
    let blockSize = min(1024, max(rows.count, 1))
    var numbers = [Double](repeating: 0, count: blockSize)
    var cells = [Double](repeating: 0, count: rows.count * names.count)
    for start in stride(from: 0, to: rows.count, by: blockSize) {
      let count = min(blockSize, rows.count - start)
      for (place, column) in columns.enumerated() {
        column.copyNumbers(of: rows.span.extracting(start..<start + count), into: &numbers)
        let scale = place < selection.names.count ? selection.transformations[place] : .identity
        if let wrong = scale.apply(to: &numbers, count: count) {
          let value = numbers[wrong]
          throw FeatureError.outOfDomain(column: names[place], row: start + wrong, value: value)
        }
        fill(&cells, from: start * names.count + place, by: names.count, numbers.span, count)
      }
    }
    return cells
  }
}

/// Writes numbers at a stride, missing ones as 0.
private func fill(
  _ cells: inout [Double],
  from start: Int,
  by width: Int,
  _ numbers: Span<Double>,
  _ count: Int
) {
  var output = cells.mutableSpan
  for row in 0..<count {
    let number = numbers[row]
    output[start + row * width] = number.isNaN ? 0 : number
  }
}

extension ChurnStage {
  /// The features of the model of the rows of a table, on its scale.
  func matrix(_ table: Table) throws -> Matrix {
    let names = selection.names
    return Matrix(
      rowCount: table.rowCount,
      columnCount: names.count,
      elements: try elements(table, Array(0..<table.rowCount), names: names)
    )
  }
}
