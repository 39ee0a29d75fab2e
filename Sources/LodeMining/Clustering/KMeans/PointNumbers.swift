internal import LodeNumerics
internal import LodeRuntime

/// The coordinates of points, row after row, in the precision that they came in.
enum PointNumbers: Sendable {
  case doubles([Double])
  case floats([Float])
  /// Floats that are read anew whenever they are wanted.
  case rows(ReadFloatRows)

  /// Whether they are floats.
  var areFloats: Bool {
    if case .doubles = self { false } else { true }
  }

  /// Why rows could not be read; nil as long as all could be.
  var failure: String? {
    if case .rows(let rows) = self { rows.failure } else { nil }
  }

  /// How many numbers there are.
  var count: Int {
    switch self {
    case .doubles(let elements): elements.count
    case .floats(let elements): elements.count
    case .rows(let rows): rows.rowCount * rows.columnCount
    }
  }

  /// Lends rows of `d` columns, in the precision that they came in, to one of two bodies.
  @inline(__always)
  func lend(
    _ rows: Range<Int>,
    columnCount d: Int,
    doubles: (Span<Double>) -> Void,
    floats: (Span<Float>) -> Void
  ) {
    let places = rows.lowerBound * d..<rows.upperBound * d
    switch self {
    case .doubles(let elements): doubles(elements.span.extracting(places))
    case .floats(let elements): floats(elements.span.extracting(places))
    case .rows(let blocks): blocks.lend(rows, floats)
    }
  }

  /// One row of `d` columns as doubles; not for hot loops.
  func row(_ row: Int, columnCount d: Int) -> [Double] {
    var numbers: [Double] = []
    lend(
      row..<row + 1,
      columnCount: d,
      doubles: { span in for j in span.indices { numbers.append(span[j]) } },
      floats: { span in for j in span.indices { numbers.append(Double(span[j])) } }
    )
    return numbers
  }

  /// The ends of columns.
  struct Extents: Sendable {
    /// The lowest number of each column.
    var lowest: [Double]
    /// The highest number of each column.
    var highest: [Double]
    /// Whether some number is NaN or infinite, which the ends need not show.
    var hasNonFinite = false
  }

  /// The lowest and the highest number of each of `d` columns, and whether all are finite.
  func extents(columnCount d: Int) -> Extents {
    var all = Extents(
      lowest: Array(repeating: .infinity, count: d),
      highest: Array(repeating: -.infinity, count: d)
    )
    guard d > 0 else { return all }
    let parts = Parallel.map(rows: count / d, chunkSize: CenteredPoints.chunkSize) { rows in
      var part = Extents(lowest: [], highest: [])
      lend(
        rows,
        columnCount: d,
        doubles: {
          (part.lowest, part.highest) = ExactRowSums.extents($0, columnCount: d)
        },
        floats: {
          (part.lowest, part.highest) = ExactRowSums.extents($0, columnCount: d)
          part.hasNonFinite = hasNonFiniteNumber($0)
        }
      )
      return part
    }
    for part in parts {
      all.hasNonFinite = all.hasNonFinite || part.hasNonFinite
      for j in 0..<d {
        all.lowest[j] = min(all.lowest[j], part.lowest[j])
        all.highest[j] = max(all.highest[j], part.highest[j])
      }
    }
    return all
  }

  /// The place of the first number that is NaN or infinite, nil if all are finite.
  func firstNonFinite(columnCount d: Int) -> (row: Int, column: Int)? {
    for row in 0..<(d == 0 ? 0 : count / d) {
      let numbers = self.row(row, columnCount: d)
      if let column = numbers.firstIndex(where: { !$0.isFinite }) { return (row, column) }
    }
    return nil
  }

  /// The exact sum of each column, by the given powers of two.
  func sums(_ scale: [Double]) -> [Int128] {
    let d = scale.count
    guard d > 0 else { return [] }
    let scales = ExactRowSums.Scales(
      origin: Array(repeating: 0, count: d),
      columns: scale
    )
    let chunkSize = CenteredPoints.chunkSize
    let none = [Int32](repeating: -1, count: chunkSize)
    let one = [Int32](repeating: 0, count: chunkSize)
    let parts = Parallel.map(rows: count / d, chunkSize: chunkSize) { rows in
      var part = ExactRowSums(clusterCount: 1, dimension: d)
      move(
        rows,
        in: &part,
        weights: nil,
        from: none.span.extracting(0..<rows.count),
        to: one.span.extracting(0..<rows.count),
        scales
      )
      return part.sums
    }
    var sums = [Int128](repeating: 0, count: d)
    for part in parts { for j in 0..<d { sums[j] &+= Int128(part[j]) } }
    return sums
  }

  /// Moves some rows from their clusters before to their clusters from now on.
  func move(
    _ rows: Range<Int>,
    in sums: inout ExactRowSums,
    weights: ArraySlice<Double>?,
    from before: Span<Int32>,
    to labels: Span<Int32>,
    _ scales: ExactRowSums.Scales
  ) {
    lend(
      rows,
      columnCount: scales.origin.count,
      doubles: { sums.move($0, weights: weights, from: before, to: labels, scales) },
      floats: { sums.move($0, weights: weights, from: before, to: labels, scales) }
    )
  }

  /// Doubles without `origin`, each rounded to a float; nil if they are floats already.
  func narrowed(without origin: [Double]) -> [Float]? {
    guard case .doubles(let elements) = self else { return nil }
    let d = origin.count
    guard d > 0 else { return [] }
    return narrow(elements.span, origin.span)
  }
}

/// Whether an exponent is that of infinity and NaN; without a branch a number, and by an "or", for
/// which every machine has vectors.
private func hasNonFiniteNumber(_ numbers: Span<Float>) -> Bool {
  var all: UInt32 = 0
  // The highest bit is set if all bits of the exponent are.
  for i in numbers.indices { all |= (numbers[i].bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
  return all >> 31 == 1
}

/// Rows without `origin`, each number rounded to a float.
private func narrow(_ x: Span<Double>, _ origin: Span<Double>) -> [Float] {
  var result = [Float](repeating: 0, count: x.count)
  var output = result.mutableSpan
  for start in stride(from: 0, to: x.count, by: origin.count) {
    for j in origin.indices { output[start + j] = Float(x[start + j] - origin[j]) }
  }
  return result
}
