import LodeMining
import LodeNumerics
import Testing

@testable import LodePipeline

@Suite("Labelled rows of several shards")
struct ChurnRowsTests {
  /// Cell `c` of row `r` is 10·r + c; the shards hold 2, 0, 1 and 3 rows.
  private func rows() -> ChurnRows {
    var all = ChurnRows(columns: ["a", "b", "c", "base"], featureCount: 3)
    var next = 0
    for count in [2, 0, 1, 3] {
      var shard = ChurnRows(columns: ["a", "b", "c", "base"], featureCount: 3)
      shard.add((next..<next + count).flatMap { row in (0..<4).map { Double(10 * row + $0) } })
      shard.customers = (next..<next + count).map { UInt64($0) }
      shard.dates = Array(repeating: 0, count: count)
      shard.churned = (next..<next + count).map { $0 % 2 == 0 }
      all.append(shard)
      next += count
    }
    return all
  }

  @Test("rows are found in their shards, in any order")
  func places() {
    let rows = rows()
    #expect(rows.count == 6)
    #expect(rows.matrix([5, 0, 2, 3]).elements == [50, 51, 52, 0, 1, 2, 20, 21, 22, 30, 31, 32])
    #expect(rows.values(3, [1, 2, 5, 4]) == [13, 23, 53, 43])
    #expect(rows.outcomes([0, 1, 5]) == [true, false, false])
  }

  @Test("the features that a model uses are those of the matrix of all rows")
  func features() {
    for chosen in [[0, 1, 2], [0, 2], [1]] {
      var rows = rows()
      let expected = rows.matrix(Array(0..<6)).gathering(columns: chosen).elements
      let taken = rows.takeFeatures(chosen)
      var cells: [Double] = []
      taken.withRows(0..<6) { span in for place in span.indices { cells.append(span[place]) } }
      #expect(cells == expected && taken.rowCount == 6 && taken.columnCount == chosen.count)
      #expect(rows.count == 6 && rows.outcomes([4]) == [true])
    }
  }
}
