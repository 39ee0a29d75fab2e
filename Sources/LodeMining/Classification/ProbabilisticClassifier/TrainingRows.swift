internal import LodeRuntime

/// The rows of a fit of a classifier, checked.
struct TrainingRows: Sendable {
  let features: FeatureColumns
  let outcomes: [Bool]
  /// The group of each row.
  let groups: [Int]
  let positiveCount: Int
  let unusedColumns: [UnusedColumn]

  /// Checks rows and columns.
  ///
  /// - Throws: ``ClassifierError`` for no rows, one class, infinite cells, nothing that varies.
  init(
    _ features: FeatureColumns,
    outcomes: [Bool],
    groups: [Int]?
  ) throws(ClassifierError) {
    let n = features.rowCount
    guard outcomes.count == n else {
      throw .wrongCount(of: "outcomes", count: outcomes.count, rows: n)
    }
    if let groups, groups.count != n {
      throw .wrongCount(of: "groups", count: groups.count, rows: n)
    }
    guard n > 0 else { throw .noRows }
    positiveCount = outcomes.count { $0 }
    guard positiveCount > 0, positiveCount < n else {
      throw .oneClass(rows: n, outcome: positiveCount > 0)
    }
    var unused: [UnusedColumn] = []
    for column in features.columns {
      if case .numeric(let numbers) = column.values,
        let row = numbers.firstIndex(where: \.isInfinite)
      {
        throw .notFinite(column: column.name, row: row)
      }
      if let reason = column.uselessness {
        unused.append(UnusedColumn(name: column.name, reason: reason))
      }
    }
    guard unused.count < features.columns.count else { throw .noUsableColumn(unused) }
    self.features = features
    self.outcomes = outcomes
    self.groups = groups ?? Array(0..<n)
    unusedColumns = unused
  }

  /// The fold of each row: a function of its group and the seed alone.
  func folds(count: Int, seed: UInt64) -> [Int] {
    groups.map { group in
      var random = CounterRandom(seed: seed, stream: UInt64(bitPattern: Int64(group)))
      return random.integer(below: count)
    }
  }

  /// Some of the rows; nil if they are all of one class.
  func subset(_ rows: [Int]) -> TrainingRows? {
    try? TrainingRows(
      features.gathering(rows: rows),
      outcomes: rows.map { outcomes[$0] },
      groups: rows.map { groups[$0] }
    )
  }
}

extension FeatureColumns.Column {
  /// Why the column cannot say anything; nil if it can.
  ///
  /// A column of equal values with gaps can: a gap may mean something.
  var uselessness: UnusedColumn.Reason? {
    switch values {
    case .numeric(let numbers):
      guard let first = numbers.first(where: { !$0.isNaN }) else { return .allMissing }
      return numbers.allSatisfy { $0 == first } ? .constant : nil
    case .categorical(_, let codes):
      guard let first = codes.first(where: { $0 >= 0 }) else { return .allMissing }
      return codes.allSatisfy { $0 == first } ? .constant : nil
    }
  }
}

extension FeatureColumns {
  /// The column that a model knows by this name.
  ///
  /// - Throws: ``ClassifierError`` when it is not there or of the other kind.
  func required(_ name: String, isCategorical: Bool) throws(ClassifierError) -> Column {
    guard let column = column(name) else { throw .missingColumn(name: name, known: names) }
    let isText =
      switch column.values {
      case .numeric: false
      case .categorical: true
      }
    guard isText == isCategorical else { throw .wrongKind(column: name, isCategorical: isText) }
    return column
  }
}
