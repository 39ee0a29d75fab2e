import LodeNumerics
import LodeRuntime
import Testing

@Suite("Reductions")
struct ReductionsTests {
  @Test("eight lanes and a plain loop agree for every length", arguments: 0..<40)
  func againstPlainLoop(_ length: Int) {
    var random = CounterRandom(seed: 7, stream: UInt64(length))
    let x = (0..<length).map { _ in random.normal() }
    let y = (0..<length).map { _ in random.normal() }
    let sum = x.reduce(0, +)
    let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let distance = zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(abs(Reductions.sum(x.span) - sum) < 1e-12)
    #expect(abs(Reductions.dot(x.span, y.span) - dot) < 1e-12)
    #expect(abs(Reductions.squaredDistance(x.span, y.span) - distance) < 1e-12)
  }

  @Test("the median of an even count is the mean of the middle two")
  func median() {
    #expect(Reductions.median([4, 1, 3, 2]) == 2.5)
    #expect(Reductions.median([5]) == 5)
    #expect(Reductions.median([]).isNaN)
  }

  @Test("quantiles interpolate as numpy's default does")
  func quantile() {
    // numpy.quantile([1, 2, 4, 8], 0.3) = 1.9
    #expect(abs(Reductions.quantile([1, 2, 4, 8], 0.3) - 1.9) < 1e-15)
  }
}
