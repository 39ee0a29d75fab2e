internal import LodeRuntime

extension Table {
  /// The rows of each part, in their order, with dictionaries of their own texts where there are
  /// many.
  ///
  /// Each column is read once from start to end and written to as many places as there are parts;
  /// gathering the rows of one part after the other read every column that many times.
  ///
  /// - Parameters:
  ///   - parts: the part of each row.
  ///   - count: the number of parts.
  /// - Returns: a table a part, also for those without rows.
  /// - Complexity: O(cells), columns in parallel.
  public func parted(by parts: [Int], into count: Int) -> [Table] {
    precondition(parts.count == rowCount, "\(parts.count) parts for \(rowCount) rows")
    var starts = [Int](repeating: 0, count: count + 1)
    for part in parts { starts[part + 1] += 1 }
    for part in 0..<count { starts[part + 1] += starts[part] }
    let places = RowPlaces(parts: parts, starts: starts)
    let columns = Parallel.map(self.columns.count) { self.columns[$0].parted(places) }
    return (0..<count).map { part in Table(schema, columns.map { $0[part] }) }
  }
}

/// Where the rows of parts go: part after part.
private struct RowPlaces: Sendable {
  let parts: [Int]
  /// Where each part starts, and one more.
  let starts: [Int]

  /// The cells of each part.
  func parted<Cell: BitwiseCopyable>(_ cells: [Cell]) -> [[Cell]] {
    guard let first = cells.first else { return starts.dropLast().map { _ in [] } }
    var sorted = [Cell](repeating: first, count: cells.count)
    var next = starts
    var output = sorted.mutableSpan
    var place = next.mutableSpan
    for row in cells.indices {
      let part = parts[row]
      output[place[part]] = cells[row]
      place[part] += 1
    }
    return starts.indices.dropLast().map { Array(sorted[starts[$0]..<starts[$0 + 1]]) }
  }
}

extension Column {
  fileprivate func parted(_ places: RowPlaces) -> [Column] {
    let validity = validity.map { places.parted($0) }
    func columns<Cell>(_ cells: [[Cell]], _ storage: ([Cell]) -> Storage) -> [Column] {
      cells.enumerated()
        .map { part, cells in
          Column(type: type, storage: storage(cells), validity: validity?[part])
        }
    }
    switch storage {
    case .integers(let cells): return columns(places.parted(cells)) { .integers($0) }
    case .doubles(let cells): return columns(places.parted(cells)) { .doubles($0) }
    case .booleans(let cells): return columns(places.parted(cells)) { .booleans($0) }
    case .texts(let codes, let dictionary):
      return columns(places.parted(codes)) { .texts(codes: $0, dictionary: dictionary) }
        .map { $0.count < 8 * dictionary.count ? $0.compacted() : $0 }
    }
  }
}
