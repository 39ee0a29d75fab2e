import Glibc
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Logistic regression of rows that are read in every pass")
struct LogisticRowsTests {
  /// Copies of rows of a matrix, or an error from some row on.
  private struct CopiedRows: RowBlocks {
    struct Gone: Error, CustomStringConvertible {
      var description: String { "the disk is gone." }
    }

    let matrix: Matrix
    var readableCount = Int.max

    var rowCount: Int { matrix.rowCount }
    var columnCount: Int { matrix.columnCount }

    func withRows(_ rows: Range<Int>, _ body: (Span<Double>) -> Void) throws {
      guard rows.upperBound <= readableCount else { throw Gone() }
      let d = matrix.columnCount
      let copy = Array(matrix.elements[rows.lowerBound * d..<rows.upperBound * d])
      body(copy.span)
    }
  }

  private func sample(_ n: Int, _ d: Int) -> (matrix: Matrix, names: [String], outcomes: [Bool]) {
    var random = CounterRandom(seed: 31)
    var elements: [Double] = []
    var outcomes: [Bool] = []
    for _ in 0..<n {
      let row = (0..<d).map { Double($0) * 10 + random.normal() }
      elements += row
      outcomes.append(random.uniform() < 1 / (1 + exp(-row[0])))
    }
    let matrix = Matrix(rowCount: n, columnCount: d, elements: elements)
    return (matrix, (0..<d).map { "x\($0)" }, outcomes)
  }

  @Test("they give the model of a matrix to the bit", arguments: [0, 1.0])
  func sameBits(l2: Double) throws {
    let sample = sample(3000, 9)
    let regression = LogisticRegression(l2: l2)
    let held = try regression.fit(
      sample.matrix,
      featureNames: sample.names,
      outcomes: sample.outcomes
    )
    let read = try regression.fit(
      rows: CopiedRows(matrix: sample.matrix),
      featureNames: sample.names,
      outcomes: sample.outcomes
    )
    #expect(read == held)
    #expect(held.converged)
  }

  @Test("so do many rows, of which a sample gives the start")
  func sameBitsFromSample() throws {
    let sample = sample(100_003, 2)
    let regression = LogisticRegression()
    let held = try regression.fit(
      sample.matrix,
      featureNames: sample.names,
      outcomes: sample.outcomes
    )
    let read = try regression.fit(
      rows: CopiedRows(matrix: sample.matrix),
      featureNames: sample.names,
      outcomes: sample.outcomes
    )
    #expect(read == held)
  }

  @Test("rows that cannot be read end the fit with their reason", arguments: [0, 1000])
  func unreadable(readableCount: Int) {
    let sample = sample(3000, 3)
    let failure = LogisticRegression.FitError.unreadable(reason: "the disk is gone.")
    #expect(throws: failure) {
      try LogisticRegression(l2: 1)
        .fit(
          rows: CopiedRows(matrix: sample.matrix, readableCount: readableCount),
          featureNames: sample.names,
          outcomes: sample.outcomes
        )
    }
    #expect(
      failure.description
        == "the rows of a logistic regression cannot be read: the disk is gone."
    )
  }

  @Test("a missing number is told by its row")
  func notFinite() {
    let sample = sample(3000, 3)
    var matrix = sample.matrix
    matrix.set(.nan, row: 2000, column: 1)
    let rows = CopiedRows(matrix: matrix)
    #expect(throws: LogisticRegression.FitError.notFinite(row: 2000, feature: "x1")) {
      try LogisticRegression()
        .fit(rows: rows, featureNames: sample.names, outcomes: sample.outcomes)
    }
  }

  @Test("rows in several arrays, and some columns of them, give the model of one matrix")
  func parts() throws {
    let (matrix, names, outcomes) = sample(3000, 4)
    let cuts = [0, 1, 1, 700, 1023, 2999, 3000]
    let parts = zip(cuts, cuts.dropFirst())
      .map { Array(matrix.elements[($0 * 4)..<($1 * 4)]) }
    let rows = RowParts(parts, columnCount: 4)
    #expect(rows.rowCount == 3000)
    for range in [0..<0, 0..<1, 1..<700, 0..<3000, 690..<1030, 2998..<3000, 3000..<3000] {
      var seen: [Double] = []
      rows.withRows(range) { cells in for cell in cells.indices { seen.append(cells[cell]) } }
      #expect(seen == Array(matrix.elements[(range.lowerBound * 4)..<(range.upperBound * 4)]))
    }
    let logistic = LogisticRegression(l2: 0.5)
    let whole = try logistic.fit(matrix, featureNames: names, outcomes: outcomes)
    #expect(try logistic.fit(rows: rows, featureNames: names, outcomes: outcomes) == whole)

    let two = [3, 1]
    let chosen = matrix.gathering(columns: two)
    let some = try logistic.fit(
      rows: RowColumns(two, of: rows),
      featureNames: two.map { names[$0] },
      outcomes: outcomes
    )
    let expected = try logistic.fit(
      chosen,
      featureNames: two.map { names[$0] },
      outcomes: outcomes
    )
    #expect(some == expected)
    #expect(try rows.everyRow(7) == matrix.gathering(rows: Array(stride(from: 0, to: 3000, by: 7))))
  }
}
