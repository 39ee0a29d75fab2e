import LodeRuntime
import Testing

@Suite("Fixed-point sums")
struct FixedPointSumTests {
  @Test("the sum has the same bits in any order and grouping", arguments: 0..<20 as Range<UInt64>)
  func orders(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    let numbers = (0..<200).map { _ in (random.uniform() - 0.5) * 1e9 / (random.uniform() + 1e-6) }
    var straight = FixedPointSum()
    for number in numbers { straight.add(number) }
    var shuffled = FixedPointSum()
    for number in numbers.shuffled(using: &random) { shuffled.add(number) }
    var left = FixedPointSum()
    var right = FixedPointSum()
    for (index, number) in numbers.enumerated() {
      if index % 3 == 0 { left.add(number) } else { right.add(number) }
    }
    left.merge(right)
    #expect(straight.scaled == shuffled.scaled && straight.scaled == left.scaled)
    let plain = numbers.reduce(0, +)
    #expect(abs(straight.value - plain) <= 1e-6 * max(1, abs(plain)))
  }

  @Test("whole numbers and halves are exact, large numbers too")
  func exact() {
    var sum = FixedPointSum()
    for number in [1e18, 0.5, -1e18, 0.25] { sum.add(number) }
    #expect(sum.value == 0.75)
    #expect(FixedPointSum().value == 0)
  }
}
