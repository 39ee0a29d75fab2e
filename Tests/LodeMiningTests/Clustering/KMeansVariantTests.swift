import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("k-means‖ and mini-batch k-means")
struct KMeansVariantTests {
  @Test("k-means‖ finds well separated clouds, whatever the seed", arguments: 0..<8)
  func parallel(_ seed: UInt64) throws {
    let points = clouds(600, dimension: 2, groups: 6, seed: 31)
    let model = try KMeans(clusterCount: 6, seedingCount: 2, seed: seed, seeding: .parallel)
      .fit(points)
    let plain = try KMeans(clusterCount: 6, seed: seed).fit(points)
    #expect(abs(model.inertia / plain.inertia - 1) < 1e-12)
  }

  @Test("k-means‖ gives one start for rows in any order, and knows too few rows")
  func parallelOrder() throws {
    let points = clouds(500, dimension: 3, groups: 9, seed: 2)
    let back = points.gathering(rows: Array((0..<500).reversed()))
    // One pass: the centroids still tell the start.
    let configuration = KMeans(
      clusterCount: 9,
      seedingCount: 1,
      maximumIterations: 1,
      seeding: .parallel
    )
    let model = try configuration.fit(points)
    #expect(try configuration.fit(back).centroids == model.centroids)
    var other = configuration
    other.seed = 1
    #expect(try other.fit(points).centroids != model.centroids)
    #expect(throws: KMeans.FitError.tooFewDistinctRows(distinctRows: 2, clusterCount: 3)) {
      try KMeans(clusterCount: 3, seeding: .parallel).fit(Matrix(rows: [[1], [2], [2], [1]]))
    }
  }

  @Test("weights draw candidates as repeated rows would")
  func parallelWeights() throws {
    let points = Matrix(rows: [[0], [1], [10], [11], [30]])
    let weights = [1.0, 3, 1, 1, 5]
    let model = try KMeans(clusterCount: 3, seeding: .parallel).fit(points, weights: weights)
    #expect(model.assignment[0] == model.assignment[1])
    #expect(model.assignment[2] == model.assignment[3])
    #expect(Set(model.assignment).count == 3)
  }

  @Test("a batch moves each centroid by the share of its new points")
  func batchStep() throws {
    var learner = MiniBatchKMeans(KMeans(clusterCount: 2))
    try learner.learn(Matrix(rows: [[0], [2], [10], [12]]))
    let first = try #require(learner.centroids).elements.sorted()
    #expect(first == [1, 11])
    // Two points at 4 go to the centroid 1 of two points: (0 + 2 + 4 + 4) / 4.
    try learner.learn(Matrix(rows: [[4], [4]]))
    #expect(try #require(learner.centroids).elements.sorted() == [2.5, 11])
    #expect(learner.counts.sorted() == [2, 4])
    let model = try learner.model(of: [Matrix(rows: [[2.5], [11]]), Matrix(rows: [[1.5]])])
    #expect(model.assignment[0] == model.assignment[2])
    #expect(abs(model.inertia - 1) < 1e-12)
  }

  @Test("batches come near k-means on all points, rows inside a batch in any order")
  func batches() throws {
    let points = clouds(3000, dimension: 3, groups: 5, seed: 4)
    func learner(_ turns: Bool) throws -> MiniBatchKMeans {
      var learner = MiniBatchKMeans(KMeans(clusterCount: 5, seedingCount: 3))
      for start in stride(from: 0, to: 3000, by: 300) {
        let rows = Array(start..<start + 300)
        try learner.learn(points.gathering(rows: turns ? rows.reversed() : rows))
      }
      return learner
    }
    let one = try learner(false)
    #expect(try learner(true) == one)
    let model = try one.model(of: [points])
    let whole = try KMeans(clusterCount: 5).fit(points)
    #expect(model.inertia > 0.999999 * whole.inertia && model.inertia < 1.01 * whole.inertia)
  }

  @Test("batches that cannot be learnt from are refused with the reason")
  func refusals() throws {
    var learner = MiniBatchKMeans(KMeans(clusterCount: 2))
    #expect(throws: KMeans.FitError.tooFewRows(rows: 1, clusterCount: 2)) {
      try learner.learn(Matrix(rows: [[1]]))
    }
    #expect(throws: KMeans.FitError.badConfiguration(reason: "no batch has been learnt from")) {
      try learner.model(of: [Matrix(rows: [[1]])])
    }
    try learner.learn(Matrix(rows: [[1], [2]]))
    #expect(
      throws: KMeans.FitError.badConfiguration(
        reason: "a batch has 2 columns, the first had 1"
      )
    ) { try learner.learn(Matrix(rows: [[1, 2]])) }
    #expect(throws: KMeans.FitError.notFinite(row: 0, column: 0)) {
      try learner.learn(Matrix(rows: [[.nan]]))
    }
  }
}
