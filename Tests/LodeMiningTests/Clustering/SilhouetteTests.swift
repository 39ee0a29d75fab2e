import LodeMining
import LodeNumerics
import Testing

@Suite("Silhouette, adjusted Rand index and stability")
struct SilhouetteTests {
  @Test("two pairs on a line have the silhouette worked out by hand")
  func workedExample() {
    // 0: a 1, b 5.5, so 9/11; 1: a 1, b 4.5, so 7/9; 5 and 6 mirror them.
    let points = Matrix(rows: [[0], [1], [5], [6]])
    let score = Silhouette().scores(points, assignments: [[0, 0, 1, 1]])[0]
    #expect(abs(score.value - (9.0 / 11 + 7.0 / 9) / 2) < 1e-11)
    #expect(score.variant == .exact)
    #expect(score.variant.rawValue == "silhouette")
    #expect(score.pointCount == 4)
  }

  @Test("a point alone counts 0, and one cluster has no silhouette")
  func borders() {
    let points = Matrix(rows: [[0], [1], [5]])
    let scores = Silhouette().scores(points, assignments: [[0, 0, 1], [0, 0, 0]])
    // 0: a 1, b 5; 1: a 1, b 4; 5 is alone.
    #expect(abs(scores[0].value - (0.8 + 0.75) / 3) < 1e-11)
    #expect(scores[1].value.isNaN)
  }

  @Test("a sample says so, does not depend on the order of rows and comes near the whole")
  func sample() {
    let points = clouds(900, dimension: 2, groups: 3, seed: 12)
    let labels = (0..<900).map { $0 % 3 }
    let whole = Silhouette(rowLimit: 900).scores(points, assignments: [labels])[0]
    let sampled = Silhouette(rowLimit: 150).scores(points, assignments: [labels])[0]
    #expect(whole.variant == .exact)
    #expect(sampled.variant == .sampled)
    #expect(sampled.pointCount == 150)
    #expect(abs(sampled.value - whole.value) < 0.03)
    let reversed = Array((0..<900).reversed())
    let again =
      Silhouette(rowLimit: 150)
      .scores(points.gathering(rows: reversed), assignments: [reversed.map { labels[$0] }])[0]
    #expect(again == sampled)
  }

  @Test("the adjusted Rand index knows equal, partly equal and unrelated groups")
  func rand() {
    #expect(AdjustedRandIndex.value([0, 0, 1, 1], [1, 1, 0, 0]) == 1)
    // Pairs: 1 in both, 2 and 1 in each, 6 in all: (1 − 1/3) / (1.5 − 1/3).
    #expect(abs(AdjustedRandIndex.value([0, 0, 1, 1], [0, 0, 1, 2]) - 4.0 / 7) < 1e-15)
    #expect(abs(AdjustedRandIndex.value([0, 0, 1, 1], [0, 1, 0, 1]) + 0.5) < 1e-15)
    #expect(AdjustedRandIndex.value([0, 0], [0, 0]) == 1)
  }

  @Test("clear clouds come back in every resample, too many clusters do not")
  func stability() throws {
    let points = clouds(240, dimension: 2, groups: 3, seed: 12)
    let measure = ClusterStability(resampleCount: 5)
    let right = KMeans(clusterCount: 3, seedingCount: 3)
    let model = try right.fit(points)
    #expect(try measure.value(model, points: points, kMeans: right) == 1)
    let wrong = KMeans(clusterCount: 7, seedingCount: 3)
    let other = try wrong.fit(points)
    let value = try measure.value(other, points: points, kMeans: wrong)
    #expect(value < 0.9)
    let reversed = Array((0..<240).reversed())
    let turned = points.gathering(rows: reversed)
    let again = try measure.value(wrong.fit(turned), points: turned, kMeans: wrong)
    #expect(again == value)
  }
}
