import LodeCustomer
import LodeRuntime
import Testing

@Suite("Value tiers")
struct ValueTiersTests {
  private func tiers() throws -> ValueTiers {
    try ValueTiers(names: ["top", "high", "low"], cuts: [900, 400])
  }

  @Test("a cut point belongs to the better tier")
  func borders() throws {
    let tiers = try tiers()
    #expect(
      [1000, 900, 899.99, 400, 399.99, 0, -50].map { tiers.tier(of: $0) }
        == [0, 0, 1, 1, 2, 2, 2]
    )
  }

  @Test("migration counts every customer once", arguments: 0..<20 as Range<UInt64>)
  func migration(seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let now = (0..<200).map { _ in random.uniform() * 1200 }
    let before = now.map { _ in random.integer(below: 5) == 0 ? nil : random.uniform() * 1200 }
    let tiers = try tiers()
    let migration = tiers.migration(before: before, now: now)
    #expect(migration.people.flatMap(\.self).reduce(0, +) == 200)
    #expect(migration.people[3].reduce(0, +) == before.count { $0 == nil })
    for tier in 0..<3 {
      #expect(
        migration.people.reduce(0) { $0 + $1[tier] } == now.count { tiers.tier(of: $0) == tier }
      )
    }
    let change = zip(before, now).reduce(0) { $0 + $1.1 - ($1.0 ?? 0) }
    #expect(abs(migration.valueChange.flatMap(\.self).reduce(0, +) - change) < 1e-6)
  }

  @Test("wrong definitions are refused")
  func refusals() {
    #expect(throws: ValueTiers.DefinitionError.countsDiffer(names: 2, cuts: 2)) {
      try ValueTiers(names: ["a", "b"], cuts: [2, 1])
    }
    #expect(throws: ValueTiers.DefinitionError.cutsDoNotFall) {
      try ValueTiers(names: ["a", "b", "c"], cuts: [1, 1])
    }
    #expect(throws: ValueTiers.DefinitionError.namesRepeat) {
      try ValueTiers(names: ["a", "a"], cuts: [1])
    }
  }
}
