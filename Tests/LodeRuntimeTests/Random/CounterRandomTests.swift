import LodeRuntime
import Testing

@Suite("Counter-based random numbers")
struct CounterRandomTests {
  private static let count = 20_000

  private func moments(_ draw: (inout CounterRandom) -> Double) -> (mean: Double, variance: Double)
  {
    var random = CounterRandom(seed: 11, stream: 5)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<Self.count {
      let number = draw(&random)
      sum += number
      squares += number * number
    }
    let mean = sum / Double(Self.count)
    return (mean, squares / Double(Self.count) - mean * mean)
  }

  /// Source: the finaliser of SplitMix64 over a keyed counter, written again in Python 3 from the
  /// formula of the doc comment.
  @Test("the first numbers of a stream are pinned")
  func pinned() {
    var first = CounterRandom(seed: 0)
    #expect(
      (0..<3).map { _ in first.next() }
        == [0x568a_9b0b_1a2c_05ec, 0x44e5_b8b1_47ef_718b, 0x4585_63ab_5552_1133]
    )
    var second = CounterRandom(seed: 42, stream: 7)
    #expect(
      (0..<3).map { _ in second.next() }
        == [0x3067_3df7_5572_f4c3, 0x7813_2b0a_88bd_cbce, 0x486e_43a4_fd18_b117]
    )
  }

  // Tolerances: five standard errors of the mean of 20,000 numbers, and 5 % for variances.
  @Test("uniform numbers have mean 1/2 and variance 1/12, within 0…1")
  func uniform() {
    let (mean, variance) = moments { $0.uniform() }
    #expect(abs(mean - 0.5) < 0.0103)
    #expect(abs(variance * 12 - 1) < 0.05)
    var random = CounterRandom(seed: 3)
    #expect((0..<1000).allSatisfy { _ in (0..<1).contains(random.uniform()) })
  }

  @Test("normal numbers have mean 0 and variance 1")
  func normal() {
    let (mean, variance) = moments { $0.normal() }
    #expect(abs(mean) < 0.0354)
    #expect(abs(variance - 1) < 0.05)
  }

  @Test("exponential numbers have mean 1 / rate")
  func exponential() {
    let (mean, variance) = moments { $0.exponential(rate: 4) }
    #expect(abs(mean - 0.25) < 0.0089)
    #expect(abs(variance * 16 - 1) < 0.1)
  }

  @Test("gamma numbers have mean shape / rate", arguments: [(0.4, 2.0), (3.0, 0.5)])
  func gamma(shape: Double, rate: Double) {
    let (mean, variance) = moments { $0.gamma(shape: shape, rate: rate) }
    #expect(
      abs(mean - shape / rate) < 5 * (shape / (rate * rate) / Double(Self.count)).squareRoot()
    )
    #expect(abs(variance * rate * rate / shape - 1) < 0.1)
  }

  @Test("Poisson counts have mean and variance alike", arguments: [0.7, 12.0, 75.0])
  func poisson(mean expected: Double) {
    let (mean, variance) = moments { Double($0.poisson(mean: expected)) }
    #expect(abs(mean - expected) < 5 * (expected / Double(Self.count)).squareRoot())
    #expect(abs(variance / expected - 1) < 0.06)
  }

  @Test("a Poisson mean of zero gives zero")
  func noEvents() {
    var random = CounterRandom(seed: 1)
    #expect(random.poisson(mean: 0) == 0)
  }

  @Test("integers below a bound are evenly spread")
  func integers() {
    var random = CounterRandom(seed: 9)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<14_000 { counts[random.integer(below: 7)] += 1 }
    // Five standard deviations of a binomial count of 14,000 with p = 1/7 are 207.
    #expect(counts.allSatisfy { abs($0 - 2000) < 207 })
  }

  @Test("choices follow their weights, and weight zero is never chosen")
  func choices() {
    var random = CounterRandom(seed: 21)
    var counts = [0, 0, 0]
    for _ in 0..<10_000 { counts[random.choice(weights: [1, 0, 3])] += 1 }
    #expect(counts[1] == 0)
    #expect(abs(counts[0] - 2500) < 217)
  }

  @Test("streams of one seed are uncorrelated and differ", arguments: [1, 2, 1000] as [UInt64])
  func streams(other: UInt64) {
    var left = CounterRandom(seed: 4)
    var right = CounterRandom(seed: 4, stream: other)
    var product = 0.0
    for _ in 0..<10_000 { product += (left.uniform() - 0.5) * (right.uniform() - 0.5) }
    // The standard error of the correlation of 10,000 independent pairs is 0.01.
    #expect(abs(product / 10_000 * 12) < 0.05)
  }
}
