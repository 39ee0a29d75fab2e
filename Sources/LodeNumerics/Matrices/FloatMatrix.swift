/// A dense matrix of floats, row after row in one array: half the memory of ``Matrix``.
///
/// - Note: Element `(i, j)` lies at `elements[i * columnCount + j]`.
public struct FloatMatrix: Sendable, Hashable {
  /// The number of rows `n`.
  public let rowCount: Int
  /// The number of columns `d`.
  public let columnCount: Int
  /// All elements, row-major, `n · d` of them.
  public let elements: [Float]

  /// A matrix over its elements in row-major order.
  ///
  /// - Precondition: there are `rowCount * columnCount` elements.
  public init(rowCount: Int, columnCount: Int, elements: [Float]) {
    precondition(
      rowCount >= 0 && columnCount >= 0 && elements.count == rowCount * columnCount,
      "\(elements.count) elements for a \(rowCount) × \(columnCount) matrix"
    )
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.elements = elements
  }

  /// The given numbers, each rounded to the nearest float.
  public init(_ matrix: Matrix) {
    self.init(
      rowCount: matrix.rowCount,
      columnCount: matrix.columnCount,
      elements: matrix.elements.map { Float($0) }
    )
  }

  /// The same numbers as doubles.
  public var widened: Matrix {
    Matrix(rowCount: rowCount, columnCount: columnCount, elements: elements.map { Double($0) })
  }

  /// The rows of the given places, in that order, as doubles.
  public func gathering(rows: [Int]) -> Matrix {
    var gathered: [Double] = []
    gathered.reserveCapacity(rows.count * columnCount)
    for row in rows {
      for j in 0..<columnCount { gathered.append(Double(elements[row * columnCount + j])) }
    }
    return Matrix(rowCount: rows.count, columnCount: columnCount, elements: gathered)
  }

  /// The place of the first element that is NaN or infinite, nil if all are finite.
  public func firstNonFinite() -> (row: Int, column: Int)? {
    let span = elements.span
    let block = 4096
    for start in stride(from: 0, to: span.count, by: block) {
      let part = span.extracting(start..<min(start + block, span.count))
      guard hasNonFinite(part) else { continue }
      for i in part.indices where !part[i].isFinite {
        return ((start + i) / columnCount, (start + i) % columnCount)
      }
    }
    return nil
  }
}

/// Whether an exponent is that of infinity and NaN; without a branch a number, and by an "or", for
/// which every machine has vectors.
private func hasNonFinite(_ numbers: Span<Float>) -> Bool {
  var all: UInt32 = 0
  // The highest bit is set if all bits of the exponent are.
  for i in numbers.indices { all |= (numbers[i].bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
  return all >> 31 == 1
}
