import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Limits on the sizes of clusters")
struct ClusterSizeLimitsTests {
  /// The least inertia of all assignments within the limits, by trying all of them.
  private func bruteForce(
    _ points: Matrix,
    _ centroids: Matrix,
    _ limits: ClosedRange<Int>
  ) -> Double {
    let (n, k) = (points.rowCount, centroids.rowCount)
    var best = Double.infinity
    var labels = [Int](repeating: 0, count: n)
    while true {
      let sizes = (0..<k).map { cluster in labels.count { $0 == cluster } }
      if sizes.allSatisfy({ limits.contains($0) }) {
        best = min(best, inertia(points, centroids, labels))
      }
      var place = 0
      while place < n, labels[place] == k - 1 {
        labels[place] = 0
        place += 1
      }
      if place == n { return best }
      labels[place] += 1
    }
  }

  private func inertia(_ points: Matrix, _ centroids: Matrix, _ labels: [Int]) -> Double {
    labels.indices.reduce(0) { sum, row in
      sum
        + (0..<points.columnCount)
        .reduce(0) { square, j in
          let difference = points[row, j] - centroids[labels[row], j]
          return square + difference * difference
        }
    }
  }

  @Test("no assignment within the limits has less inertia", arguments: 0..<12)
  func bruteForce(_ seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let points = Matrix(rows: (0..<7).map { _ in [random.normal(), random.normal()] })
    let centroids = Matrix(rows: (0..<3).map { _ in [random.normal(), random.normal()] })
    for limits in [2...3, 0...3, 2...7, 1...5, 2...4] {
      let labels =
        try ClusterSizeLimits(minimumSize: limits.lowerBound, maximumSize: limits.upperBound)
        .assignment(of: points, to: centroids)
      for cluster in 0..<3 { #expect(limits.contains(labels.count { $0 == cluster })) }
      let least = bruteForce(points, centroids, limits)
      #expect(abs(inertia(points, centroids, labels) - least) < 1e-9, "\(limits)")
    }
  }

  @Test("a mended model keeps the limits, its centroids are means, its inertia is no less")
  func mended() throws {
    let points = clouds(400, dimension: 2, groups: 3, seed: 17)
    let model = try KMeans(clusterCount: 5, seedingCount: 2).fit(points)
    let even = try ClusterSizeLimits(minimumSize: 70, maximumSize: 90).model(model, points: points)
    #expect(even.sizes.allSatisfy { (70...90).contains($0) })
    #expect(even.inertia >= model.inertia)
    #expect(even.converged)
    for cluster in 0..<5 {
      let rows = even.assignment.indices.filter { even.assignment[$0] == cluster }
      for j in 0..<2 {
        let mean = rows.reduce(0) { $0 + points[$1, j] } / Double(rows.count)
        #expect(abs(even.centroids[cluster, j] - mean) < 1e-9)
      }
    }
    #expect(abs(inertia(points, even.centroids, even.assignment) / even.inertia - 1) < 1e-9)
  }

  @Test("a model within the limits stays as it is, impossible limits are refused")
  func borders() throws {
    let points = clouds(60, dimension: 2, groups: 3, seed: 17)
    let model = try KMeans(clusterCount: 3, seedingCount: 2).fit(points)
    #expect(try ClusterSizeLimits(minimumSize: 20).model(model, points: points) == model)
    let impossible = ClusterSizeLimits(maximumSize: 19)
    #expect(
      throws: KMeans.FitError.badConfiguration(
        reason: "60 rows cannot form 3 clusters of 0 to 19"
      )
    ) { try impossible.model(model, points: points) }
  }
}
