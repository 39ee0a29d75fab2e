internal import LodeNumerics
internal import LodeRuntime

extension AdditiveBasis {
  /// Where the terms of a basis find their cells in some rows.
  struct Cells: Sendable {
    let columns: [FeatureColumns.Column]
    /// Whether a level was there in training, by its place; empty for numeric columns.
    let isKnown: [[Bool]]
    let rowCount: Int
  }

  /// The columns of the basis in `features`.
  ///
  /// - Throws: ``ClassifierError`` when a column is not there or is of the other kind.
  func cells(_ features: FeatureColumns) throws(ClassifierError) -> Cells {
    var found: [FeatureColumns.Column] = []
    var isKnown: [[Bool]] = []
    for column in columns {
      let source = try features.required(column.name, isCategorical: column.levels != nil)
      found.append(source)
      if case .categorical(let levels, _) = source.values {
        let known = Set(column.levels ?? [])
        isKnown.append(levels.map { known.contains($0) })
      } else {
        isKnown.append([])
      }
    }
    return Cells(columns: found, isKnown: isKnown, rowCount: features.rowCount)
  }

  /// The values of one term, NaN where a cell is missing or its level is new.
  func values(_ term: BasisTerm, _ cells: Cells, _ rows: Range<Int>) -> [Double] {
    let first = values(term.first, cells, rows)
    guard let part = term.second else { return first }
    return zip(first, values(part, cells, rows)).map { $0 * $1 }
  }

  private func values(_ part: BasisTerm.Part, _ cells: Cells, _ rows: Range<Int>) -> [Double] {
    switch cells.columns[part.column].values {
    case .numeric(let numbers):
      return Self.values(part.shape, numbers[rows])
    case .categorical(let levels, let codes):
      let isKnown = cells.isKnown[part.column]
      if part.shape == .missing { return codes[rows].map { $0 < 0 ? 1 : 0 } }
      let table = levels.indices.map { code -> Double in
        guard isKnown[code] else { return .nan }
        return switch part.shape {
        case .level(let level): levels[code] == level ? 1 : 0
        case .notLevel(let level): levels[code] == level ? 0 : 1
        default: .nan
        }
      }
      return codes[rows].map { $0 < 0 ? .nan : table[Int($0)] }
    }
  }

  private static func values(
    _ shape: BasisTerm.Shape,
    _ numbers: ArraySlice<Double>
  ) -> [Double] {
    switch shape {
    case .linear: Array(numbers)
    case .hinge(let knot): numbers.map { $0 > knot ? $0 - knot : $0 * 0 }
    case .above(let threshold): numbers.map { $0.isNaN ? $0 : $0 > threshold ? 1 : 0 }
    case .atMost(let threshold): numbers.map { $0.isNaN ? $0 : $0 > threshold ? 0 : 1 }
    case .missing: numbers.map { $0.isNaN ? 1 : 0 }
    case .level, .notLevel: numbers.map { _ in .nan }
    }
  }

  /// The mean of each term over the rows in which it has a value, summed exactly.
  func fills(_ cells: Cells) -> [Double] {
    Parallel.map(terms.count) { place in
      let present = values(terms[place], cells, 0..<cells.rowCount).filter { !$0.isNaN }
      return ColumnMoments(present, columnCount: 1).means[0]
    }
  }

  /// The values of all terms, `n × terms.count`, with `fills` where one has none.
  func matrix(_ cells: Cells, fills: [Double], rows: Range<Int>) -> Matrix {
    let p = terms.count
    let columns = Parallel.map(p) { place in
      values(terms[place], cells, rows).map { $0.isNaN ? fills[place] : $0 }
    }
    var elements = [Double](repeating: 0, count: rows.count * p)
    for (j, column) in columns.enumerated() {
      for i in column.indices { elements[i * p + j] = column[i] }
    }
    return Matrix(rowCount: rows.count, columnCount: p, elements: elements)
  }
}
