public import LodeRuntime

extension Table {
  /// The rows of this table with columns of another table, looked up by equal bytes in one column.
  ///
  /// Every row stays; where the other table has no such row the new cells are missing.
  ///
  /// - Parameters:
  ///   - other: the table to look up; its first row of each key counts.
  ///   - key: the text column that both tables have.
  ///   - names: the columns to take from the other table.
  /// - Returns: this table with the columns added, or replaced where it has them.
  /// - Throws: a diagnostic that names a missing column.
  /// - Complexity: O(rows of both).
  public func joining(
    _ other: Table,
    on key: String,
    taking names: [String]
  ) throws(Diagnostic) -> Table {
    let rows = try requiredColumn(key).rows(in: try other.requiredColumn(key))
    var joined = self
    for name in names {
      let column = try other.requiredColumn(name)
      guard let index = other.schema.index(of: name) else { continue }
      joined = joined.setting(other.schema.fields[index], column.gathering(known: rows))
    }
    return joined
  }
}

extension Column {
  /// The row of another column that holds the same text, for each cell: the first one, and −1 where
  /// there is none or the cell is missing.
  ///
  /// - Parameter other: a text column, as this one.
  /// - Returns: a row a cell.
  /// - Complexity: O(cells of both), without a look-up where both hold their texts in one order.
  public func rows(in other: Column) -> [Int] {
    if let rows = rowsInStep(with: other) { return rows }
    var keys = TextDictionaryBuilder()
    var rowOfKey: [Int] = []
    let (texts, codes) = (other.dictionary, other.codes)
    for row in codes.indices where !other.isMissing(row) {
      let code = keys.code(for: texts.bytes.span.extracting(texts.range(Int(codes[row]))))
      if Int(code) == rowOfKey.count { rowOfKey.append(row) }
    }
    let own = dictionary
    let rowOfCode = (0..<own.count)
      .map { code in
        let key = Int(keys.code(for: own.bytes.span.extracting(own.range(code))))
        return key < rowOfKey.count ? rowOfKey[key] : -1
      }
    let cells = self.codes
    return cells.indices.map { isMissing($0) ? -1 : rowOfCode[Int(cells[$0])] }
  }

  /// The rows if both columns hold different texts in one order, as tables of the same shards do;
  /// nil if that is not so.
  private func rowsInStep(with other: Column) -> [Int]? {
    guard validity == nil, other.validity == nil, count >= other.count else { return nil }
    let (cells, others) = (codes, other.codes)
    let (texts, otherTexts) = (dictionary, other.dictionary)
    // A text that occurs twice here would be met once only.
    var isSeen = [Bool](repeating: false, count: texts.count)
    var rows = [Int](repeating: -1, count: cells.count)
    var next = 0
    for row in cells.indices {
      let code = Int(cells[row])
      if isSeen[code] { return nil }
      isSeen[code] = true
      guard next < others.count else { continue }
      if texts.holds(code, sameAs: Int(others[next]), of: otherTexts) {
        rows[row] = next
        next += 1
      }
    }
    return next == others.count ? rows : nil
  }

  /// The cells of the given rows, missing where the row is −1, as of ``rows(in:)``.
  public func gathering(known rows: [Int]) -> Column {
    guard rows.contains(-1) else { return gathering(rows) }
    guard count > 0 else {
      var builder = ColumnBuilder(type)
      for _ in rows { builder.append(.missing) }
      return builder.build()
    }
    let cells = gathering(rows.map { max($0, 0) })
    let known = rows.map { $0 >= 0 }
    let validity = cells.validity.map { validity in zip(validity, known).map { $0 && $1 } } ?? known
    return Column(type: type, storage: cells.storage, validity: validity).neutral()
  }

  /// The same cells with neutral values where they are missing.
  private func neutral() -> Column {
    guard let validity else { return self }
    func neutral<Cell>(_ cells: [Cell], _ value: Cell) -> [Cell] {
      zip(cells, validity).map { $1 ? $0 : value }
    }
    let storage: Storage
    switch self.storage {
    case .integers(let cells): storage = .integers(neutral(cells, 0))
    case .doubles(let cells): storage = .doubles(neutral(cells, 0))
    case .booleans(let cells): storage = .booleans(neutral(cells, false))
    case .texts(let codes, let dictionary):
      storage = .texts(codes: neutral(codes, 0), dictionary: dictionary)
    }
    return Column(type: type, storage: storage, validity: validity)
  }
}
