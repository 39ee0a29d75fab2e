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

  /// ``modelColumns`` of the rows of a table on the scale of the model, row after row.
  ///
  /// - Throws: ``FeatureError`` for text, or a value that the scale is not defined for.
  func elements(_ table: Table) throws -> [Double] {
    let names = modelColumns
    let scales =
      selection.transformations
      + Array(repeating: .identity, count: names.count - selection.names.count)
    var cells = [Double](repeating: 0, count: table.rowCount * names.count)
    for (place, name) in names.enumerated() {
      let column = try table.requiredColumn(name)
      guard column.type != .text else { throw FeatureError.notNumeric(column: name) }
      for (row, value) in column.numbers().enumerated() where !value.isNaN {
        guard let scaled = scales[place].apply(value) else {
          throw FeatureError.outOfDomain(column: name, row: row, value: value)
        }
        cells[row * names.count + place] = scaled
      }
    }
    return cells
  }
}

extension ChurnStage {
  /// The features of the model of the rows of a table, on its scale.
  func matrix(_ table: Table) throws -> Matrix {
    var rows = ChurnRows(columns: modelColumns, featureCount: selection.names.count)
    rows.elements = try elements(table)
    rows.churned = Array(repeating: false, count: table.rowCount)
    return rows.takeMatrix(Array(selection.names.indices))
  }
}
