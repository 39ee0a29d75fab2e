import LodeMining
import LodeNumerics
import LodeRuntime
import Synchronization
import Testing

@Suite("k-means of rows that are read in every pass")
struct KMeansRowsTests {
  /// Copies of rows of a matrix, or an error from some call on.
  private final class CopiedRows: FloatRowBlocks {
    struct Gone: Error, CustomStringConvertible {
      var description: String { "the disk is gone." }
    }

    let matrix: FloatMatrix
    let readableRow: Int
    let readableCalls: Int
    private let calls = Atomic<Int>(0)
    var rowCount: Int { matrix.rowCount }
    var columnCount: Int { matrix.columnCount }

    init(_ matrix: FloatMatrix, readableRow: Int = .max, readableCalls: Int = .max) {
      self.matrix = matrix
      self.readableCalls = readableCalls
      self.readableRow = readableRow
    }

    func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) throws {
      let call = calls.wrappingAdd(1, ordering: .relaxed).newValue
      guard rows.upperBound <= readableRow, call <= readableCalls else { throw Gone() }
      let d = matrix.columnCount
      let copy = Array(matrix.elements[rows.lowerBound * d..<rows.upperBound * d])
      body(copy.span)
    }
  }

  /// Points around some centres.
  private func points(_ n: Int, _ d: Int, seed: UInt64) -> FloatMatrix {
    var random = CounterRandom(seed: seed)
    let elements = (0..<n * d).map { Float(4 * Double($0 / d % 5) + random.normal()) }
    return FloatMatrix(rowCount: n, columnCount: d, elements: elements)
  }

  /// Compares a fit of rows with one of the matrix on 1, 2, 3 and 8 threads.
  private func check(_ kMeans: KMeans, _ points: FloatMatrix, _ start: Matrix?, _ w: [Double]?) {
    func outcome(_ fit: () throws(KMeans.FitError) -> KMeans.Model) -> String {
      do throws(KMeans.FitError) {
        let model = try fit()
        let bits = [model.inertia] + model.centroids.elements
        return "\(bits.map(\.bitPattern)) \(model.iterations) \(model.converged) "
          + "\(model.assignment)"
      } catch {
        return error.description
      }
    }
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let held = outcome { () throws(KMeans.FitError) in
      try kMeans.fit(points, weights: w, initialCentroids: start)
    }
    for threads in [1, 2, 3, 8] {
      Parallel.threadCount = threads
      let read = outcome { () throws(KMeans.FitError) in
        try kMeans.fit(rows: CopiedRows(points), weights: w, initialCentroids: start)
      }
      #expect(read == held)
    }
  }

  @Test("they give the model of a matrix to the bit", arguments: [1, 2, 16])
  func sameBits(dimension: Int) {
    let points = points(9000, dimension, seed: 5)
    let start = points.gathering(rows: [0, 1, 2, 3, 4])
    check(KMeans(clusterCount: 5), points, start, nil)
    check(KMeans(clusterCount: 5, maximumIterations: 2), points, start, nil)
    check(KMeans(clusterCount: 5, tolerance: 0.01), points, start, nil)
    check(KMeans(clusterCount: 5), points, start, (0..<9000).map { Double($0 % 3) + 0.5 })
  }

  @Test("so they do with an empty cluster, which takes the farthest row")
  func emptyClusters() {
    let points = points(5000, 3, seed: 6)
    let start = Matrix(rows: [[1, 1, 1], [900, 0, 0], [0, 800, 0], [8, 8, 8]])
    check(KMeans(clusterCount: 4), points, start, nil)
    let equal = FloatMatrix(
      rowCount: 5000,
      columnCount: 2,
      elements: (0..<10_000).map { Float($0 / 2 % 4) }
    )
    check(KMeans(clusterCount: 3), equal, Matrix(rows: [[0, 0], [50, 50], [60, 60]]), nil)
  }

  @Test("more rows than are worked on at a time count as exactly")
  func waves() throws {
    // Two waves of 64 chunks of 4,096 rows, the second short.
    let places: [Float] = [-4, 0.25, 9]
    let points = FloatMatrix(
      rowCount: 300_000,
      columnCount: 1,
      elements: (0..<300_000).map { places[$0 % 3] }
    )
    let model = try KMeans(clusterCount: 3)
      .fit(points, initialCentroids: Matrix(rows: [[-1], [0], [1]]))
    #expect(model.centroids.elements == [-4, 0.25, 9])
    #expect(model.sizes == [100_000, 100_000, 100_000])
    #expect(model.inertia == 0)
    #expect(model.assignment.suffix(3) == [0, 1, 2])
  }

  @Test("so they do where starts are looked for", arguments: KMeans.Seeding.allCases)
  func seeding(_ seeding: KMeans.Seeding) {
    let points = points(4500, 3, seed: 7)
    check(KMeans(clusterCount: 4, seedingCount: 2, seeding: seeding), points, nil, nil)
    let one = FloatMatrix(rowCount: 5, columnCount: 1, elements: [2, 2, 2, 2, 2])
    check(KMeans(clusterCount: 2, seedingCount: 1, seeding: seeding), one, nil, nil)
  }

  @Test("rows that cannot be read end the fit with their reason", arguments: [0, 4096, 4999])
  func unreadable(readableRow: Int) {
    let points = points(5000, 2, seed: 8)
    let failure = KMeans.FitError.unreadable(reason: "the disk is gone.")
    #expect(failure.description == "the rows of k-means cannot be read: the disk is gone.")
    for seeding in KMeans.Seeding.allCases {
      #expect(throws: failure) {
        try KMeans(clusterCount: 3, seedingCount: 1, seeding: seeding)
          .fit(rows: CopiedRows(points, readableRow: readableRow))
      }
    }
    #expect(throws: failure) {
      try KMeans(clusterCount: 3)
        .fit(
          rows: CopiedRows(points, readableRow: readableRow),
          initialCentroids: points.gathering(rows: [0, 1, 2])
        )
    }
  }

  @Test("so do rows that are gone in the midst of a pass", arguments: [2, 3, 5, 6, 7, 8, 9])
  func unreadableLater(readableCalls: Int) {
    let points = points(5000, 2, seed: 8)
    #expect(throws: KMeans.FitError.unreadable(reason: "the disk is gone.")) {
      try KMeans(clusterCount: 3)
        .fit(
          rows: CopiedRows(points, readableCalls: readableCalls),
          initialCentroids: points.gathering(rows: [0, 0, 0])
        )
    }
  }

  @Test("what is refused in a matrix is refused in rows")
  func refusals() {
    var elements = [Float](repeating: 1, count: 12_000)
    elements[10_001] = .infinity
    let points = FloatMatrix(rowCount: 6000, columnCount: 2, elements: elements)
    #expect(throws: KMeans.FitError.notFinite(row: 5000, column: 1)) {
      try KMeans(clusterCount: 1).fit(rows: CopiedRows(points))
    }
    #expect(throws: KMeans.FitError.tooFewRows(rows: 6000, clusterCount: 6001)) {
      try KMeans(clusterCount: 6001).fit(rows: CopiedRows(points))
    }
    #expect(throws: KMeans.FitError.wrongInitialCentroids(rows: 1, columns: 3)) {
      try KMeans(clusterCount: 1)
        .fit(rows: CopiedRows(points), initialCentroids: Matrix(rows: [[1, 2, 3]]))
    }
  }
}
