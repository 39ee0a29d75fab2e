import FoundationEssentials
import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

/// One way to cluster points, as the contract sees it.
struct ClusteringCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Fits points, `n × d`, with a seed.
  let fit: @Sendable (Matrix, UInt64) throws -> KMeans.Model

  var testDescription: String { name }

  /// All of them; what is added here is subject to the contract.
  static let all: [ClusteringCase] =
    KMeans.Precision.allCases.flatMap { precision in
      KMeans.Seeding.allCases.map { seeding in
        ClusteringCase(name: "k-means \(precision) \(seeding)") { points, seed in
          try KMeans(
            clusterCount: 4,
            seedingCount: 2,
            seed: seed,
            precision: precision,
            seeding: seeding
          )
          .fit(points)
        }
      }
    } + [
      ClusteringCase(name: "mini-batch k-means, one batch and again") { points, seed in
        var learner = MiniBatchKMeans(KMeans(clusterCount: 4, seedingCount: 2, seed: seed))
        try learner.learn(points)
        try learner.learn(points)
        return try learner.model(of: [points])
      },
      ClusteringCase(name: "k-means within sizes") { points, seed in
        let model = try KMeans(clusterCount: 4, seedingCount: 2, seed: seed).fit(points)
        let even = points.rowCount / 4
        return try ClusterSizeLimits(minimumSize: even - 20, maximumSize: even + 20)
          .model(model, points: points)
      },
      ClusteringCase(name: "choice of the number of clusters") { points, seed in
        let kMeans = KMeans(clusterCount: 3, seedingCount: 1, seed: seed)
        return try ClusterCountChoice(
          maximumCount: 4,
          kMeans: kMeans,
          silhouette: Silhouette(rowLimit: 100),
          stability: ClusterStability(resampleCount: 2, rowLimit: 100)
        )
        .choose(points).model
      },
    ]
}

@Suite("The contract of clusterings", .serialized)
struct ClusteringContractTests {
  /// Enough rows for two chunks of the work.
  private static let points = clouds(4400, dimension: 2, groups: 4, seed: 77)
  private static let few = clouds(300, dimension: 3, groups: 5, seed: 78)

  @Test(
    "a model decoded is the model encoded, and predicts the same",
    arguments: ClusteringCase.all
  )
  func coding(_ clustering: ClusteringCase) throws {
    let model = try clustering.fit(Self.few, 1)
    let decoded = try JSONDecoder()
      .decode(KMeans.Model.self, from: JSONEncoder().encode(model))
    #expect(decoded == model)
    #expect(decoded.predict(Self.few) == model.predict(Self.few))
  }

  @Test("1, 2, 3 and 8 threads give the same bits", arguments: ClusteringCase.all)
  func threads(_ clustering: ClusteringCase) throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let one = try clustering.fit(Self.points, 1)
    for threads in [2, 3, 8] {
      Parallel.threadCount = threads
      #expect(try clustering.fit(Self.points, 1) == one, "\(threads) threads")
    }
  }

  @Test("rows in another order get the same centroids and labels", arguments: ClusteringCase.all)
  func rowOrder(_ clustering: ClusteringCase) throws {
    let model = try clustering.fit(Self.few, 1)
    // A walk with a stride that shares no factor with 300.
    let order = (0..<300).map { $0 * 7 % 300 }
    let other = try clustering.fit(Self.few.gathering(rows: order), 1)
    #expect(other.centroids == model.centroids)
    #expect(other.inertia == model.inertia)
    #expect(other.assignment == order.map { model.assignment[$0] })
  }

  @Test("no rows are refused, not a crash", arguments: ClusteringCase.all)
  func empty(_ clustering: ClusteringCase) {
    #expect(throws: KMeans.FitError.self) {
      try clustering.fit(Matrix(rowCount: 0, columnCount: 3, elements: []), 1)
    }
  }

  @Test("the same seed gives the same model", arguments: ClusteringCase.all)
  func seeds(_ clustering: ClusteringCase) throws {
    for seed in [UInt64(0), 9, .max] {
      #expect(try clustering.fit(Self.few, seed) == clustering.fit(Self.few, seed))
    }
  }
}
