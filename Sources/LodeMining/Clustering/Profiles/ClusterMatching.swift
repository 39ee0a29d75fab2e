public import LodeNumerics

/// Pairs the clusters of two runs so that segments keep their numbers from week to week.
public enum ClusterMatching {
  /// The pairing of least total squared distance between two sets of centroids.
  ///
  /// - Parameters:
  ///   - previous: `p × d`, in the same standardised units as `current`.
  ///   - current: `k × d`.
  /// - Returns: for each current cluster its previous partner, nil for a cluster without one.
  /// - Complexity: O(`max(p, k)³`).
  /// - Source: Kuhn (1955), the Hungarian method, in its shortest-augmenting-path form.
  public static func partners(previous: Matrix, current: Matrix) -> [Int?] {
    precondition(
      previous.columnCount == current.columnCount,
      "centroids of \(previous.columnCount) and \(current.columnCount) features"
    )
    let size = max(previous.rowCount, current.rowCount)
    var costs = [[Double]](repeating: Array(repeating: 0, count: size), count: size)
    for i in 0..<current.rowCount {
      for j in 0..<previous.rowCount {
        let (left, right) = (current.row(i), previous.row(j))
        costs[i][j] = Reductions.squaredDistance(left.span, right.span)
      }
    }
    let columns = cheapestAssignment(costs)
    return (0..<current.rowCount).map { columns[$0] < previous.rowCount ? columns[$0] : nil }
  }

  /// The column of each row in the assignment of least total cost of a square matrix.
  static func cheapestAssignment(_ costs: [[Double]]) -> [Int] {
    let n = costs.count
    // Potentials of rows and columns, one-based; column 0 is the virtual start.
    var rowPotential = [Double](repeating: 0, count: n + 1)
    var columnPotential = [Double](repeating: 0, count: n + 1)
    var rowOfColumn = [Int](repeating: 0, count: n + 1)
    for row in stride(from: 1, through: n, by: 1) {
      rowOfColumn[0] = row
      var column = 0
      var slack = [Double](repeating: .infinity, count: n + 1)
      var previousColumn = [Int](repeating: 0, count: n + 1)
      var isVisited = [Bool](repeating: false, count: n + 1)
      repeat {
        isVisited[column] = true
        let current = rowOfColumn[column]
        var delta = Double.infinity
        var next = 0
        for j in 1...n where !isVisited[j] {
          let reduced = costs[current - 1][j - 1] - rowPotential[current] - columnPotential[j]
          if reduced < slack[j] {
            slack[j] = reduced
            previousColumn[j] = column
          }
          if slack[j] < delta {
            delta = slack[j]
            next = j
          }
        }
        for j in 0...n {
          if isVisited[j] {
            rowPotential[rowOfColumn[j]] += delta
            columnPotential[j] -= delta
          } else {
            slack[j] -= delta
          }
        }
        column = next
      } while rowOfColumn[column] != 0
      while column != 0 {
        rowOfColumn[column] = rowOfColumn[previousColumn[column]]
        column = previousColumn[column]
      }
    }
    var columns = [Int](repeating: 0, count: n)
    for column in stride(from: 1, through: n, by: 1) {
      columns[rowOfColumn[column] - 1] = column - 1
    }
    return columns
  }
}
