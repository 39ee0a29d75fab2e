/// A dense matrix of doubles, row after row in one array.
///
/// - Note: Element `(i, j)` lies at `elements[i * columnCount + j]`. Hot loops take
///   `elements.span`, never the subscript.
public struct Matrix: Sendable, Hashable, Codable {
  /// The number of rows `n`.
  public let rowCount: Int
  /// The number of columns `d`.
  public let columnCount: Int
  /// All elements, row-major, `n · d` of them.
  public private(set) var elements: [Double]

  /// A matrix over its elements in row-major order.
  ///
  /// - Precondition: there are `rowCount * columnCount` elements.
  public init(rowCount: Int, columnCount: Int, elements: [Double]) {
    precondition(
      rowCount >= 0 && columnCount >= 0 && elements.count == rowCount * columnCount,
      "\(elements.count) elements for a \(rowCount) × \(columnCount) matrix"
    )
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.elements = elements
  }

  /// A matrix with one value everywhere.
  public init(rowCount: Int, columnCount: Int, repeating value: Double = 0) {
    self.init(
      rowCount: rowCount,
      columnCount: columnCount,
      elements: Array(repeating: value, count: rowCount * columnCount)
    )
  }

  /// A matrix of the given rows, all of one length.
  public init(rows: [[Double]]) {
    let width = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == width }, "rows of different lengths")
    self.init(rowCount: rows.count, columnCount: width, elements: rows.flatMap(\.self))
  }

  /// A matrix of the given columns, all of one length.
  public init(columns: [[Double]]) {
    let height = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == height }, "columns of different lengths")
    let width = columns.count
    var elements = [Double](repeating: 0, count: height * width)
    var output = elements.mutableSpan
    // Some rows at a time, so that those of one column are in the cache for the next.
    for start in stride(from: 0, to: height, by: 256) {
      for j in columns.indices {
        let column = columns[j]
        for i in start..<min(start + 256, height) { output[i * width + j] = column[i] }
      }
    }
    self.init(rowCount: height, columnCount: columns.count, elements: elements)
  }

  private enum CodingKeys: String, CodingKey {
    case rowCount
    case columnCount
    case elements
  }

  /// Decodes a matrix and refuses a wrong number of elements.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rowCount = try container.decode(Int.self, forKey: .rowCount)
    let columnCount = try container.decode(Int.self, forKey: .columnCount)
    let elements = try container.decode([Double].self, forKey: .elements)
    let (size, overflows) = rowCount.multipliedReportingOverflow(by: columnCount)
    guard rowCount >= 0, columnCount >= 0, !overflows, size == elements.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .elements,
        in: container,
        debugDescription: "\(elements.count) elements for a \(rowCount) × \(columnCount) matrix"
      )
    }
    self.init(rowCount: rowCount, columnCount: columnCount, elements: elements)
  }

  /// Element `(row, column)`; for small matrices and messages, not for hot loops.
  @inlinable
  public subscript(row: Int, column: Int) -> Double {
    precondition(
      row >= 0 && row < rowCount && column >= 0 && column < columnCount,
      "element (\(row), \(column)) of a \(rowCount) × \(columnCount) matrix"
    )
    return elements[row * columnCount + column]
  }

  /// Changes element `(row, column)`.
  public mutating func set(_ value: Double, row: Int, column: Int) {
    precondition(
      row >= 0 && row < rowCount && column >= 0 && column < columnCount,
      "element (\(row), \(column)) of a \(rowCount) × \(columnCount) matrix"
    )
    elements[row * columnCount + column] = value
  }

  /// Lends all elements, row-major.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(elements.span)
  }

  /// Lends all elements for change, row-major.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var span = elements.mutableSpan
    return try body(&span)
  }

  /// Lends one row, `columnCount` elements.
  public func withRow<Result, Failure: Error>(
    _ row: Int,
    _ body: (Span<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(elements.span.extracting(row * columnCount..<(row + 1) * columnCount))
  }

  /// One row as an array.
  public func row(_ row: Int) -> [Double] {
    Array(elements[row * columnCount..<(row + 1) * columnCount])
  }

  /// One column as an array.
  public func column(_ column: Int) -> [Double] {
    precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
    return (0..<rowCount).map { elements[$0 * columnCount + column] }
  }

  /// The rows of the given places, in that order.
  public func gathering(rows: [Int]) -> Matrix {
    var gathered: [Double] = []
    gathered.reserveCapacity(rows.count * columnCount)
    for row in rows {
      gathered.append(contentsOf: elements[row * columnCount..<(row + 1) * columnCount])
    }
    return Matrix(rowCount: rows.count, columnCount: columnCount, elements: gathered)
  }

  /// The columns of the given places, in that order.
  public func gathering(columns: [Int]) -> Matrix {
    var gathered: [Double] = []
    gathered.reserveCapacity(rowCount * columns.count)
    for row in 0..<rowCount {
      for column in columns { gathered.append(elements[row * columnCount + column]) }
    }
    return Matrix(rowCount: rowCount, columnCount: columns.count, elements: gathered)
  }

  /// The place of the first element that is NaN or infinite, nil if all are finite.
  public func firstNonFinite() -> (row: Int, column: Int)? {
    elements.firstIndex { !$0.isFinite }.map { ($0 / columnCount, $0 % columnCount) }
  }

  /// The matrix product of `self`, `n × m`, and `right`, `m × d`.
  public func multiplied(by right: Matrix) -> Matrix {
    precondition(
      columnCount == right.rowCount,
      "\(rowCount) × \(columnCount) times \(right.rowCount) × \(right.columnCount)"
    )
    var product = [Double](repeating: 0, count: rowCount * right.columnCount)
    var output = product.mutableSpan
    BLAS.multiply(
      elements.span,
      right.elements.span,
      shape: .init(rows: rowCount, inner: columnCount, columns: right.columnCount),
      into: &output
    )
    return Matrix(rowCount: rowCount, columnCount: right.columnCount, elements: product)
  }

  /// The matrix product of the transpose of `self` with itself, `d × d`, symmetric.
  public func gram() -> Matrix {
    var product = [Double](repeating: 0, count: columnCount * columnCount)
    var output = product.mutableSpan
    BLAS.addGram(elements.span, rows: rowCount, columns: columnCount, into: &output)
    for i in 0..<columnCount {
      for j in 0..<i { product[i * columnCount + j] = product[j * columnCount + i] }
    }
    return Matrix(rowCount: columnCount, columnCount: columnCount, elements: product)
  }

  /// The transpose.
  public func transposed() -> Matrix {
    var swapped = [Double](repeating: 0, count: elements.count)
    for i in 0..<rowCount {
      for j in 0..<columnCount { swapped[j * rowCount + i] = elements[i * columnCount + j] }
    }
    return Matrix(rowCount: columnCount, columnCount: rowCount, elements: swapped)
  }
}
