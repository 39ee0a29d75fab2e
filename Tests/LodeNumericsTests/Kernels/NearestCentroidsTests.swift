import LodeNumerics
import LodeRuntime
import Testing

@Suite("Nearest centroids")
struct NearestCentroidsTests {
  /// The instructions that this machine has.
  static let instructions = NearestCentroids.Instructions.allCases.filter {
    $0.rawValue <= NearestCentroids.Instructions.best.rawValue
  }

  @Test(
    "every kernel finds what a plain loop finds, for sizes that fill no vector",
    arguments: instructions,
    [false, true]
  )
  func againstPlainLoop(
    _ instructions: NearestCentroids.Instructions,
    areFloats: Bool
  ) {
    var random = CounterRandom(seed: 4)
    for (count, dimension, clusterCount) in [
      (1, 1, 1), (7, 3, 2), (16, 4, 9), (33, 8, 5), (40, 9, 17), (65, 21, 8), (130, 50, 33),
    ] {
      let rows = (0..<count * dimension).map { _ in random.normal() + 3 }
      let origin = (0..<dimension).map { _ in 3.0 }
      let centroids = (0..<clusterCount * dimension).map { _ in random.normal() }
      let search = NearestCentroids(
        centroids,
        origin: origin,
        instructions: instructions
      )
      let labels = areFloats ? labels(search, rows.map { Float($0) }) : labels(search, rows)
      for row in 0..<count {
        let distances = (0..<clusterCount)
          .map { cluster in
            (0..<dimension)
              .reduce(0.0) { sum, j in
                let difference =
                  rows[row * dimension + j] - origin[j] - centroids[cluster * dimension + j]
                return sum + difference * difference
              }
          }
        let least = distances.min() ?? 0
        #expect(distances[Int(labels[row])] <= least * (1 + 1e-5))
      }
    }
  }

  private func labels(_ search: NearestCentroids, _ rows: [Double]) -> [Int32] {
    var labels = [Int32](repeating: -1, count: rows.count / search.origin.count)
    var output = labels.mutableSpan
    search.label(rows.span, into: &output)
    #expect(search.labels(of: rows.span) == labels)
    return labels
  }

  private func labels(_ search: NearestCentroids, _ rows: [Float]) -> [Int32] {
    search.labels(of: rows.span)
  }

  @Test("of equally near centroids the lowest is taken", arguments: instructions)
  func ties(_ instructions: NearestCentroids.Instructions) {
    let centroids = [Double](repeating: 1, count: 20)
    let search = NearestCentroids(centroids, origin: [0], instructions: instructions)
    var labels = [Int32](repeating: -1, count: 11)
    var output = labels.mutableSpan
    search.label([Double](repeating: 0.5, count: 11).span, into: &output)
    #expect(labels == Array(repeating: 0, count: 11))
  }
}
