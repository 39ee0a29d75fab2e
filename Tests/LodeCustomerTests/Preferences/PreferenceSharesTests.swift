import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Shares of preferences")
struct PreferenceSharesTests {
  /// People whose shares are drawn from a Dirichlet distribution of `strength` around `shares`.
  private func people(_ count: Int, strength: Double, seed: UInt64) -> PreferenceShares {
    let base = [0.5, 0.3, 0.2]
    var random = CounterRandom(seed: seed)
    var shares = PreferenceShares(optionCount: 3)
    for _ in 0..<count {
      let weights = base.map { random.gamma(shape: $0 * strength, rate: 1) }
      var counts = [0, 0, 0]
      for _ in 0..<(2 + random.integer(below: 8)) { counts[random.choice(weights: weights)] += 1 }
      shares.add(counts.enumerated().filter { $1 > 0 }.map { ($0, $1) })
    }
    return shares
  }

  @Test("the strength of what all share is found again", arguments: [0.5, 3, 20])
  func recovery(strength: Double) {
    let shares = people(20_000, strength: strength, seed: 5)
    #expect(abs(shares.priorChoices / strength - 1) < 0.12)
    for (share, truth) in zip(shares.shares, [0.5, 0.3, 0.2]) {
      #expect(abs(share - truth) < 0.015)
    }
  }

  @Test("who is known little is taken for the average, who is known well for themselves")
  func shrinkage() {
    let estimate = people(20_000, strength: 3, seed: 6).estimate
    let (little, much) = (
      estimate.share(1, of: 1, option: 2), estimate.share(100, of: 100, option: 2)
    )
    #expect(little > 0.35 && little < 0.5)
    #expect(much > 0.95)
    let interval = estimate.interval(1, of: 1, option: 2)
    #expect(interval.lower < little && little < interval.upper)
    #expect(interval.upper - interval.lower > 0.4)
    #expect(estimate.interval(100, of: 100, option: 2).lower > 0.9)
  }

  @Test("parts add up, and people who always agree or never differ from chance do no harm")
  func edges() {
    var (left, right, both) = (
      PreferenceShares(optionCount: 2), PreferenceShares(optionCount: 2),
      PreferenceShares(optionCount: 2)
    )
    left.add([(0, 3)])
    right.add([(1, 5)])
    both.add([(0, 3)])
    both.add([(1, 5)])
    left.add(right)
    #expect(left == both)
    #expect(left.priorChoices == 0.01)
    #expect(PreferenceShares(optionCount: 2).priorChoices == 10_000)
    #expect(Entropy.bits([0.25, 0.25, 0.25, 0.25]) == 2 && Entropy.bits([1, 0]) == 0)
  }
}
