import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeMining

@Suite("Rows that seedings look at")
struct SeedingSampleTests {
  @Test("totals of candidates side by side are those of one after the other", arguments: 1...9)
  func totals(candidateCount: Int) {
    let points = clouds(500, dimension: 3, groups: 4, seed: 8)
    var random = CounterRandom(seed: 3)
    let weights = (0..<500).map { _ in 0.5 + random.uniform() }
    let sample = SeedingSample(CenteredPoints(points, weights: weights), seed: 2)
    var potentials = [Double](repeating: .infinity, count: 500)
    sample.lower(&potentials, to: 17)
    #expect(potentials[17] == 0)
    let candidates = (0..<candidateCount).map { 31 * $0 + 5 }
    let expected = candidates.map { candidate in
      var lowered = potentials
      sample.lower(&lowered, to: candidate)
      return lowered.reduce(0, +)
    }
    #expect(sample.totals(of: candidates, below: potentials) == expected)
  }
}
