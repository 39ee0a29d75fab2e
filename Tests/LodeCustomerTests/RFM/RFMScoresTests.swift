import LodeCustomer
import LodeRuntime
import Testing

@Suite("RFM scores")
struct RFMScoresTests {
  @Test("ten different customers are scored by fifths, the most recent best")
  func quintiles() {
    let numbers = (1...10).map(Double.init)
    let scores = RFMScores.scores(daysSinceLast: numbers, orders: numbers, value: numbers)
    #expect(scores.map(\.recency) == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1])
    #expect(scores.map(\.monetary) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    #expect(scores[0].cell == "511")
  }

  @Test("equal values have equal scores, all equal have the lowest")
  func ties() {
    let same = [Double](repeating: 2, count: 7)
    let scores = RFMScores.scores(daysSinceLast: same, orders: same, value: [1, 1, 1, 1, 1, 9, 9])
    #expect(Set(scores.map(\.recency)) == [1])
    #expect(scores.map(\.monetary) == [1, 1, 1, 1, 1, 4, 4])
    #expect(RFMScores.scores(daysSinceLast: [], orders: [], value: []).isEmpty)
  }

  @Test("scores do not depend on the order of customers", arguments: 0..<10 as Range<UInt64>)
  func permutation(seed: UInt64) {
    var random = CounterRandom(seed: seed)
    let values = (0..<50).map { _ in Double(random.integer(below: 20)) }
    let order = Array(values.indices).shuffled(using: &random)
    let plain = RFMScores.scores(daysSinceLast: values, orders: values, value: values)
    let moved = order.map { values[$0] }
    let mixed = RFMScores.scores(daysSinceLast: moved, orders: moved, value: moved)
    #expect(order.map { plain[$0] } == mixed)
    #expect(plain.allSatisfy { (1...5).contains($0.recency) && (1...5).contains($0.frequency) })
  }

  @Test("every one of the 125 cells has a group, and the groups are eleven")
  func groups() {
    // Ranks of a value among 1…5 are the values themselves.
    let recency = (0..<125).map { Double($0 / 25) }
    let frequency = (0..<125).map { Double($0 / 5 % 5) }
    let monetary = (0..<125).map { Double($0 % 5) }
    let scores = RFMScores.scores(
      daysSinceLast: recency.map { -$0 },
      orders: frequency,
      value: monetary
    )
    #expect(Set(scores.map(\.cell)).count == 125)
    let groups = Dictionary(grouping: scores, by: \.group)
    #expect(groups.count == 11)
    #expect(groups["champions"]?.contains { $0.cell == "555" } ?? false)
    #expect(groups["cannot lose them"]?.allSatisfy { $0.recency == 1 } ?? false)
    #expect(groups["hibernating"]?.contains { $0.cell == "111" } ?? false)
    #expect(groups["new customers"]?.contains { $0.cell == "511" } ?? false)
  }
}
