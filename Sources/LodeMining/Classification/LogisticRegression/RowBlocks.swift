public import LodeNumerics
internal import LodeRuntime

/// Rows of numbers that a fit reads in ranges, once a pass: a matrix, or a file of them.
///
/// Ranges may be asked for by several threads at once; a range must give the same numbers each
/// time.
public protocol RowBlocks: Sendable {
  /// The number of rows `n`.
  var rowCount: Int { get }
  /// The number of columns `d`.
  var columnCount: Int { get }

  /// Lends consecutive rows, row-major, for the time of one call of `body`.
  ///
  /// - Parameters:
  ///   - rows: some of `0..<rowCount`; fits ask for a few hundred rows at a time.
  ///   - body: what is done with them; called exactly once unless an error is thrown.
  /// - Throws: why they cannot be read.
  func withRows(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) throws
}

extension RowBlocks {
  /// Lends all rows in their order, a few hundred at a time.
  ///
  /// - Throws: why they cannot be read.
  public func forEachBlock(_ body: (Range<Int>, Span<Double>) -> Void) throws {
    for start in stride(from: 0, to: rowCount, by: 512) {
      let rows = start..<min(start + 512, rowCount)
      try withRows(rows) { body(rows, $0) }
    }
  }

  /// Every `step`-th row from the first one on; the matrix itself where that is all of one.
  ///
  /// - Throws: why they cannot be read.
  public func everyRow(_ step: Int) throws -> Matrix {
    if step == 1, let all = self as? Matrix { return all }
    let d = columnCount
    var elements: [Double] = []
    elements.reserveCapacity((rowCount + step - 1) / step * d)
    for row in stride(from: 0, to: rowCount, by: step) {
      try withRows(row..<row + 1) { cells in for j in 0..<d { elements.append(cells[j]) } }
    }
    return Matrix(rowCount: d == 0 ? 0 : elements.count / d, columnCount: d, elements: elements)
  }
}

extension Matrix: RowBlocks {
  /// Lends consecutive rows, row-major; never throws.
  public func withRows(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) {
    let places = rows.lowerBound * columnCount..<rows.upperBound * columnCount
    body(elements.span.extracting(places))
  }
}

/// The rows of one fit; remembers why they could not be read.
struct ReadRows: Sendable {
  private let blocks: any RowBlocks
  private let memory = FirstMessage()

  init(_ blocks: any RowBlocks) { self.blocks = blocks }

  var rowCount: Int { blocks.rowCount }
  var columnCount: Int { blocks.columnCount }
  /// Why rows were left out; nil as long as all could be read.
  var failure: String? { memory.text }

  /// Lends rows; after a failure nothing is called any more.
  func lend(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) {
    guard failure == nil else { return }
    do {
      try blocks.withRows(rows, body)
    } catch {
      memory.note("\(error)")
    }
  }

  /// Lends rows in parts of at most 512.
  func lendParts(_ rows: Range<Int>, _ body: (Range<Int>, Span<Double>) -> Void) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 512) {
      let part = start..<min(start + 512, rows.upperBound)
      lend(part) { body(part, $0) }
    }
  }

  /// Every `step`-th row from the first one on; zeros after a failure.
  func gathered(every step: Int) -> Matrix {
    do {
      return try blocks.everyRow(step)
    } catch {
      memory.note("\(error)")
      return Matrix(rowCount: (rowCount + step - 1) / step, columnCount: columnCount)
    }
  }

  /// One column.
  func column(_ column: Int) -> [Double] {
    let d = columnCount
    var values: [Double] = []
    values.reserveCapacity(rowCount)
    lendParts(0..<rowCount) { part, span in
      for i in 0..<part.count { values.append(span[i * d + column]) }
    }
    return values
  }

  /// The place of the first number that is NaN or infinite, nil if all are finite.
  func firstNonFinite() -> (row: Int, column: Int)? {
    var place: (row: Int, column: Int)?
    let d = columnCount
    for start in stride(from: 0, to: rowCount, by: 512) where place == nil {
      lend(start..<min(start + 512, rowCount)) { span in
        if let i = span.indices.first(where: { !span[$0].isFinite }) {
          place = (start + i / d, i % d)
        }
      }
    }
    return place
  }
}
