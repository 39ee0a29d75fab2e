import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Correlation")
struct CorrelationTests {
  private func features(_ columns: [[Double]]) -> FeatureMatrix {
    FeatureMatrix(
      rowNames: columns[0].indices.map { "\($0)" },
      featureNames: columns.indices.map { "x\($0)" },
      matrix: Matrix(columns: columns)
    )
  }

  @Test("Anscombe's first quartet has its published correlation")
  func anscombe() throws {
    let x = [10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    let pair = try Correlation(.pearson).pairs(of: features([x, y]))[0]
    // scipy 1.17.1 pearsonr and spearmanr.
    #expect(abs((pair.coefficient ?? 0) - 0.8164205163448395) < 1e-12)
    #expect(abs((pair.pValue ?? 0) / 0.0021696288730788152 - 1) < 1e-9)
    let ranks = try Correlation(.spearman).pairs(of: features([x, y]))[0]
    #expect(abs((ranks.coefficient ?? 0) - 0.8181818181818182) < 1e-12)
    #expect(abs((ranks.pValue ?? 0) / 0.0020831448404786917 - 1) < 1e-9)
  }

  @Test("Spearman sees a monotone relation as perfect, ties share ranks")
  func monotone() throws {
    let x = [1.0, 2, 3, 4, 5]
    let pair = try Correlation(.spearman).pairs(of: features([x, x.map { $0 * $0 * $0 }]))[0]
    #expect(pair.coefficient == 1)
    #expect(pair.pValue == 0)
    let tied = try Correlation(.spearman).pairs(of: features([[1, 1, 2, 2], [1, 2, 3, 4]]))[0]
    // Ranks 1.5 1.5 3.5 3.5 against 1 2 3 4: 4 / √(4 · 5).
    #expect(abs((tied.coefficient ?? 0) - 4 / 20.0.squareRoot()) < 1e-14)
  }

  @Test("a constant feature has no correlation")
  func constant() throws {
    let pairs = try Correlation(.pearson)
      .pairs(of: features([[1, 2, 3, 5], [7, 7, 7, 7], [2, 1, 4, 3]]))
    #expect(pairs.map { $0.coefficient == nil } == [true, false, true])
    #expect(pairs[0].qValue == nil)
    #expect(pairs[1].qValue == pairs[1].pValue)
  }

  @Test("q-values equal the worked example of Benjamini and Hochberg")
  func falseDiscovery() {
    // Benjamini & Hochberg (1995), section 4.1: 15 p-values, four rejected at 0.05.
    let pValues = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
      0.5719, 0.6528, 0.7590, 1,
    ]
    let qValues = MultipleTests.benjaminiHochberg(pValues.reversed())
    #expect(qValues.count { $0 <= 0.05 } == 4)
    #expect(qValues.last == 0.0001 * 15)
    #expect(qValues[0] == 1)
    #expect(zip(qValues, qValues.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test("a missing value is refused with its place")
  func refusal() {
    #expect(throws: FeatureError.notFinite(column: "x1", row: 0)) {
      try Correlation(.pearson).pairs(of: features([[1, 2], [.nan, 1]]))
    }
  }

  @Test("many rows are multiplied block by block: as by the formula, with one thread as with three")
  func blocks() throws {
    var random = CounterRandom(seed: 3)
    let x = (0..<10_000).map { _ in 1e6 + random.normal() }
    let y = x.map { 0.3 * ($0 - 1e6) + random.normal() }
    let (meanX, meanY) = (x.reduce(0, +) / 1e4, y.reduce(0, +) / 1e4)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for row in x.indices {
      xx += (x[row] - meanX) * (x[row] - meanX)
      xy += (x[row] - meanX) * (y[row] - meanY)
      yy += (y[row] - meanY) * (y[row] - meanY)
    }
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    var found: [Double] = []
    for threads in [1, 3] {
      Parallel.threadCount = threads
      let pairs = try Correlation(.pearson).pairs(of: features([x, y]))
      found.append(try #require(pairs[0].coefficient))
    }
    #expect(found[0] == found[1])
    #expect(abs(found[0] - xy / (xx * yy).squareRoot()) < 1e-9)
  }
}
