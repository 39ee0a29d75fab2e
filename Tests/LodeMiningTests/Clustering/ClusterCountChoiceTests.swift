import LodeMining
import LodeNumerics
import Testing

@Suite("Choice of the number of clusters and their profiles")
struct ClusterCountChoiceTests {
  @Test("the scores of two pairs equal those worked out by hand")
  func scores() throws {
    let points = Matrix(rows: [[0, 0], [0, 2], [10, 0], [10, 2]])
    let model = try KMeans(clusterCount: 2).fit(points)
    let scores = ClusterScores(model, points: points)
    // Between: 4 · 25 = 100 over 1; within: 4 over 2. Spread 1 each, distance 10.
    #expect(scores.calinskiHarabasz == 50)
    #expect(scores.daviesBouldin == 0.2)
    let far = 101.0.squareRoot()
    #expect(abs(scores.simplifiedSilhouette - (far - 1) / far) < 1e-15)
    #expect(scores.smallestShare == 0.5)
  }

  @Test("four clouds are recognised as four")
  func choice() throws {
    let points = clouds(400, dimension: 3, groups: 4, seed: 21)
    let outcome = try ClusterCountChoice().choose(points)
    #expect(outcome.clusterCount == 4)
    #expect(outcome.scores.map(\.clusterCount) == [3, 4, 5, 6, 7, 8])
    #expect(outcome.reason.hasPrefix("4 clusters: mean rank 1.0 of 3 measures among 3 to 8"))
  }

  @Test("a profile names what lies above and below the average")
  func profiles() {
    let features = FeatureMatrix(
      rowNames: ["a", "b", "c", "d"],
      featureNames: ["spend", "age"],
      matrix: Matrix(rows: [[10, 50], [30, 50], [0, 50], [0, 50]])
    )
    let profiles = ClusterProfile.profiles(of: features, assignment: [0, 0, 1, 1], clusterCount: 2)
    #expect(profiles[0].share == 0.5)
    #expect(profiles[0].traits[0].mean == 20)
    #expect(profiles[0].traits[0].index == 200)
    #expect(profiles[0].overIndexed().map(\.feature) == ["spend"])
    #expect(profiles[1].underIndexed().map(\.feature) == ["spend"])
    #expect(profiles[1].overIndexed().isEmpty)
  }

  @Test("clusters keep their partner of last week, a new one has none")
  func matching() {
    let previous = Matrix(rows: [[0, 0], [5, 5]])
    let current = Matrix(rows: [[5.1, 5], [20, 20], [0.2, 0]])
    #expect(ClusterMatching.partners(previous: previous, current: current) == [1, nil, 0])
  }

  @Test("counts that share their points get the models and stabilities of fits of their own")
  func sharedPoints() throws {
    let points = clouds(300, dimension: 2, groups: 3, seed: 4)
    let kMeans = KMeans(clusterCount: 3, seedingCount: 2, seed: 5)
    let stability = ClusterStability(resampleCount: 2, rowLimit: 200, seed: 6)
    let outcome = try ClusterCountChoice(
      minimumCount: 2,
      maximumCount: 4,
      kMeans: kMeans,
      stability: stability
    )
    .choose(points)
    for (place, count) in (2...4).enumerated() {
      var alone = kMeans
      alone.clusterCount = count
      let model = try alone.fit(points)
      #expect(outcome.scores[place].inertia == model.inertia)
      let value = try stability.value(model, points: points, kMeans: kMeans)
      #expect(outcome.stabilities[place] == value)
      if count == outcome.clusterCount { #expect(outcome.model == model) }
    }
  }
}
