/// The line of each row of a document, counted from 1: rising numbers, kept as runs of neighbours.
///
/// A document with a row a line needs one run, however long it is.
public struct LineNumbers: Sendable, Hashable, RandomAccessCollection {
  /// The first row of each run, and its line.
  private var firstRows: [Int] = []
  private var firstLines: [Int] = []
  /// The number of rows.
  public private(set) var count = 0

  /// No rows.
  public init() {}

  /// The first row.
  public var startIndex: Int { 0 }
  /// The place behind the last row.
  public var endIndex: Int { count }

  /// The line of a row.
  ///
  /// - Complexity: O(log runs).
  public subscript(row: Int) -> Int {
    precondition(row >= 0 && row < count, "row \(row) of \(count)")
    let run = run(of: row)
    return firstLines[run] + row - firstRows[run]
  }

  /// The lines of a range of rows as whole numbers.
  ///
  /// - Complexity: O(rows).
  public func integers() -> [Int64] {
    var lines: [Int64] = []
    lines.reserveCapacity(count)
    for run in firstRows.indices {
      let first = firstLines[run]
      for row in 0..<length(run) { lines.append(Int64(first + row)) }
    }
    return lines
  }

  /// Adds rows that start on neighbouring lines.
  ///
  /// - Precondition: the lines lie behind those that are there.
  package mutating func append(from line: Int, count added: Int = 1) {
    guard added > 0 else { return }
    let next = firstLines.last.map { $0 + count - (firstRows.last ?? 0) }
    precondition(next.map { line >= $0 } ?? true, "line \(line) behind line \((next ?? 1) - 1)")
    if next != line {
      firstRows.append(count)
      firstLines.append(line)
    }
    count += added
  }

  /// Adds rows of other lines, counted on from a line.
  mutating func append(_ other: LineNumbers, rows: Range<Int>, shiftedBy shift: Int) {
    guard !rows.isEmpty else { return }
    for run in other.run(of: rows.lowerBound)..<other.firstRows.count {
      let first = Swift.max(rows.lowerBound, other.firstRows[run])
      let end = Swift.min(rows.upperBound, other.firstRows[run] + other.length(run))
      guard first < end else { return }
      append(from: other.firstLines[run] + first - other.firstRows[run] + shift, count: end - first)
    }
  }

  /// Forgets rows, which are sorted.
  mutating func remove(_ rows: [Int]) {
    var kept = LineNumbers()
    var start = 0
    for row in rows {
      kept.append(self, rows: start..<row, shiftedBy: 0)
      start = row + 1
    }
    kept.append(self, rows: start..<count, shiftedBy: 0)
    self = kept
  }

  private func length(_ run: Int) -> Int {
    (run + 1 < firstRows.count ? firstRows[run + 1] : count) - firstRows[run]
  }

  /// The run that holds a row.
  private func run(of row: Int) -> Int {
    var (low, high) = (0, firstRows.count)
    while low + 1 < high {
      let middle = (low + high) / 2
      if firstRows[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }
}
