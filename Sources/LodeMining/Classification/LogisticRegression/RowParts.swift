/// Rows that lie in several arrays, one behind the other.
public struct RowParts: RowBlocks {
  /// The number of columns.
  public let columnCount: Int
  private let parts: [[Double]]
  /// The first row of each part, and the number of all.
  private let starts: [Int]

  /// The rows of all parts.
  ///
  /// - Parameters:
  ///   - parts: whole rows, row-major.
  ///   - columnCount: the columns of each, above 0.
  /// - Precondition: the parts hold whole rows.
  public init(_ parts: [[Double]], columnCount: Int) {
    self.columnCount = columnCount
    self.parts = parts
    var starts = [0]
    for part in parts {
      precondition(
        columnCount > 0 && part.count % columnCount == 0,
        "\(part.count) elements of rows of \(columnCount)"
      )
      starts.append(starts[starts.count - 1] + part.count / columnCount)
    }
    self.starts = starts
  }

  /// The number of rows.
  public var rowCount: Int { starts[parts.count] }

  /// Lends consecutive rows, row-major; copied only where they lie in several parts.
  public func withRows(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) {
    var (part, end) = (0, parts.count)
    while end - part > 1 {
      let middle = (part + end) / 2
      if starts[middle] <= rows.lowerBound { part = middle } else { end = middle }
    }
    func places(_ rows: Range<Int>) -> Range<Int> {
      let first = (rows.lowerBound - starts[part]) * columnCount
      return first..<first + rows.count * columnCount
    }
    if part < parts.count, rows.upperBound <= starts[part + 1] {
      let cells = parts[part]
      body(cells.span.extracting(places(rows)))
      return
    }
    var copied: [Double] = []
    copied.reserveCapacity(rows.count * columnCount)
    var next = rows.lowerBound
    while next < rows.upperBound {
      let stop = min(rows.upperBound, starts[part + 1])
      copied += parts[part][places(next..<stop)]
      next = stop
      part += 1
    }
    body(copied.span)
  }
}

/// Some columns of rows that lie elsewhere.
public struct RowColumns: RowBlocks {
  private let rows: any RowBlocks
  private let columns: [Int]

  /// The columns at the given places, in that order.
  public init(_ columns: [Int], of rows: any RowBlocks) {
    self.columns = columns
    self.rows = rows
  }

  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The number of columns.
  public var columnCount: Int { columns.count }

  /// Lends a copy of some cells of consecutive rows.
  ///
  /// - Throws: why the rows cannot be read.
  public func withRows(_ range: Range<Int>, _ body: (Span<Double>) -> Void) throws {
    let width = rows.columnCount
    try rows.withRows(range) { cells in
      var copied = [Double](repeating: 0, count: range.count * columns.count)
      var output = copied.mutableSpan
      for row in 0..<range.count {
        for place in columns.indices {
          output[row * columns.count + place] = cells[row * width + columns[place]]
        }
      }
      body(copied.span)
    }
  }
}
