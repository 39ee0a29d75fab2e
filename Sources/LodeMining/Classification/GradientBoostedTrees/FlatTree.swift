internal import LodeRuntime

/// Bins row after row, so that all columns of a row lie together.
struct BinnedRows: Sendable {
  let bins: [UInt8]
  let width: Int
  let rowCount: Int

  /// The bins of columns of `rowCount` rows, one array a column.
  init(_ columns: [[UInt8]], rowCount: Int) {
    width = columns.count
    self.rowCount = rowCount
    let d = columns.count
    let parts = Parallel.map(rows: rowCount, chunkSize: 16_384) { rows in
      var part = [UInt8](repeating: 0, count: rows.count * d)
      var span = part.mutableSpan
      for j in 0..<d {
        let cells = columns[j]
        let column = cells.span
        var place = j
        for row in rows {
          span[place] = column[row]
          place += d
        }
      }
      return part
    }
    bins = parts.count == 1 ? parts[0] : Array(parts.joined())
  }
}

/// A tree as plain arrays, for walks of many rows.
struct FlatTree: Sendable {
  /// The column of each node, −1 at a leaf.
  private let columns: [Int32]
  /// The right and the left child of each node.
  private let children: [Int32]
  /// Four words of bits a node: which bins go to the left.
  private let leftBins: [UInt64]
  private let values: [Double]

  init(_ tree: DecisionTree) {
    columns = tree.nodes.map { Int32($0.column) }
    children = tree.nodes.flatMap { [Int32($0.right), Int32($0.left)] }
    leftBins = tree.nodes.flatMap { node in (0..<4).map { node.leftBins[$0] } }
    values = tree.nodes.map(\.value)
  }

  /// Adds the value of the leaf of every row to its sum.
  ///
  /// - Parameters:
  ///   - rows: the bins.
  ///   - range: the rows to walk.
  ///   - skipped: rows to leave alone, by their place; nil for none.
  ///   - sums: one a row of `range`.
  func add(
    _ rows: BinnedRows,
    _ range: Range<Int>,
    skipped: [Bool]? = nil,
    to sums: inout [Double]
  ) {
    let (bins, columns, children) = (rows.bins.span, columns.span, children.span)
    let (words, values) = (leftBins.span, values.span)
    var output = sums.mutableSpan
    for row in range {
      if let skipped, skipped[row] { continue }
      let start = row * rows.width
      var node = 0
      var column = columns[0]
      while column >= 0 {
        let bin = bins[start + Int(column)]
        let word = words[node << 2 | Int(bin >> 6)]
        let side = Int(word >> UInt64(bin & 63) & 1)
        node = Int(children[node << 1 | side])
        column = columns[node]
      }
      output[row - range.lowerBound] += values[node]
    }
  }
}
