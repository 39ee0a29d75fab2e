internal import LodeNumerics
internal import LodeRuntime

/// The coordinates of points, row after row, in the precision that they came in.
enum PointNumbers: Sendable {
  case doubles([Double])
  case floats([Float])

  /// Whether they are floats.
  var areFloats: Bool {
    if case .floats = self { true } else { false }
  }

  /// How many numbers there are.
  var count: Int {
    switch self {
    case .doubles(let elements): elements.count
    case .floats(let elements): elements.count
    }
  }

  /// One number; not for hot loops.
  subscript(place: Int) -> Double {
    switch self {
    case .doubles(let elements): elements[place]
    case .floats(let elements): Double(elements[place])
    }
  }

  /// The lowest and the highest number of each of `d` columns.
  func extents(columnCount d: Int) -> (lowest: [Double], highest: [Double]) {
    var lowest = [Double](repeating: .infinity, count: d)
    var highest = [Double](repeating: -.infinity, count: d)
    guard d > 0 else { return (lowest, highest) }
    let parts = Parallel.map(rows: count / d, chunkSize: CenteredPoints.chunkSize) { rows in
      let places = rows.lowerBound * d..<rows.upperBound * d
      return switch self {
      case .doubles(let elements):
        ExactRowSums.extents(elements.span.extracting(places), columnCount: d)
      case .floats(let elements):
        ExactRowSums.extents(elements.span.extracting(places), columnCount: d)
      }
    }
    for part in parts {
      for j in 0..<d {
        lowest[j] = min(lowest[j], part.lowest[j])
        highest[j] = max(highest[j], part.highest[j])
      }
    }
    return (lowest, highest)
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
    let d = scales.origin.count
    let places = rows.lowerBound * d..<rows.upperBound * d
    switch self {
    case .doubles(let elements):
      sums.move(
        elements.span.extracting(places),
        weights: weights,
        from: before,
        to: labels,
        scales
      )
    case .floats(let elements):
      sums.move(
        elements.span.extracting(places),
        weights: weights,
        from: before,
        to: labels,
        scales
      )
    }
  }

  /// Doubles without `origin`, each rounded to a float; nil if they are floats already.
  func narrowed(without origin: [Double]) -> [Float]? {
    guard case .doubles(let elements) = self else { return nil }
    let d = origin.count
    guard d > 0 else { return [] }
    return narrow(elements.span, origin.span)
  }
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
