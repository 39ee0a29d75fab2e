import LodeColumns
import LodeMining
import LodeRuntime
import Testing

/// The four transactions over items 1 to 5 of Agrawal & Srikant (1994), figure 3.
private let agrawal = Baskets([
  ["1", "3", "4"], ["2", "3", "5"], ["1", "2", "3", "5"], ["2", "5"],
])

@Suite("Association")
struct AssociationRulesTests {
  @Test("the baskets of Agrawal and Srikant give their large itemsets")
  func published() throws {
    let model = try FrequentItemsets(minimumSupport: 0.5).fit(agrawal)
    let found = model.itemsets.map { set in
      "\(set.items.map { model.itemNames[Int($0)] }.joined()):\(set.count)"
    }
    #expect(
      found == ["1:2", "2:3", "3:3", "5:3", "13:2", "23:2", "25:3", "35:2", "235:2"]
    )
    #expect(model.minimumCount == 2)
  }

  @Test("measures of one rule by hand")
  func measures() throws {
    let model = try FrequentItemsets(minimumSupport: 0.5).fit(agrawal)
    let outcome = AssociationRules(minimumConfidence: 1).rules(from: model)
    let rule = try #require(outcome.rules.first { $0.left == ["2"] && $0.right == "5" })
    // Both in 3 of 4 baskets, always together.
    #expect(rule.support == 0.75)
    #expect(rule.confidence == 1)
    #expect(rule.lift == 4.0 / 3)
    #expect(rule.leverage == 0.1875)
    #expect(rule.conviction == nil)
    // One of the 4 ways to place 3 baskets among 4.
    #expect(abs(rule.pValue - 0.25) < 1e-14)
  }

  @Test("Fisher's p-value equals scipy's for the groceries rule of lift 19")
  func fisher() throws {
    // scipy 1.17.1: fisher_exact([[12, 7], [315, 9501]], "greater") = 6.116444666375402e-14
    // for {Instant food products, soda} -> {hamburger meat}; the same margins, made up here.
    var baskets = [[String]](repeating: ["a", "b"], count: 12)
    baskets += [[String]](repeating: ["a"], count: 7)
    baskets += [[String]](repeating: ["b"], count: 315)
    baskets += [[String]](repeating: ["c"], count: 9501)
    let model = try FrequentItemsets(minimumSupport: 0.001).fit(Baskets(baskets))
    let rules = AssociationRules(minimumConfidence: 0.5).rules(from: model).rules
    #expect(rules.count == 1)
    #expect(abs(rules[0].lift - 18.995654273297923) < 1e-12)
    #expect(abs(rules[0].pValue / 6.116444666375402e-14 - 1) < 1e-9)
  }

  @Test("the least count is the exact ceiling of support times baskets")
  func threshold() throws {
    // 0.1 · 30 is 3.0000000000000004 in doubles; three baskets are enough.
    let baskets = Baskets((0..<30).map { $0 < 3 ? ["x", "y"] : ["z"] })
    let model = try FrequentItemsets(minimumSupport: 0.1).fit(baskets)
    #expect(model.minimumCount == 3)
    #expect(model.itemsets.count == 4)
    #expect(try FrequentItemsets(minimumSupport: 1e-5).fit(baskets).minimumCount == 1)
  }

  @Test("the miner finds what counting every subset finds", arguments: 0..<10)
  func exhaustive(_ seed: UInt64) throws {
    var random = CounterRandom(seed: seed)
    let lists = (0..<40)
      .map { _ in
        (0..<7).filter { _ in random.uniform() < 0.4 }.map { "item \($0)" }
      }
    let baskets = Baskets(lists)
    let model = try FrequentItemsets(minimumSupport: 0.1).fit(baskets)
    var expected = 0
    for mask in 1..<128 {
      let wanted = (0..<7).filter { mask >> $0 & 1 == 1 }.map { "item \($0)" }
      let count = lists.count { list in wanted.allSatisfy { list.contains($0) } }
      guard count >= 4 else { continue }
      expected += 1
      #expect(
        model.itemsets.contains { set in
          set.count == count && set.items.map { model.itemNames[Int($0)] } == wanted
        }
      )
    }
    #expect(model.itemsets.count == expected)
  }

  @Test("sparse and dense storage agree")
  func sparse() throws {
    // 20,000 baskets with rare items: lists; the same pairs in few baskets: bitmaps.
    let pairs = (0..<60).map { ["a\($0 % 20)", "b\($0 % 20)"] }
    let filler = (0..<19_940).map { ["f\($0)"] }
    let few = try FrequentItemsets(minimumSupport: 0.05).fit(Baskets(pairs))
    let many = try FrequentItemsets(minimumSupport: 0.00015).fit(Baskets(pairs + filler))
    #expect(many.itemsets.map(\.count) == few.itemsets.map(\.count))
    #expect(many.itemsets.count == 60)
  }

  @Test("order lines become baskets, whatever the order of rows")
  func fromTable() throws {
    let table = Table([
      "invoice": Column(texts: ["i1", "i2", "i1", "i1", nil]),
      "product": Column(texts: ["tea", "tea", "cup", "tea", "cup"]),
    ])
    let baskets = try Baskets(table, basket: "invoice", item: "product")
    #expect(baskets == Baskets([["cup", "tea"], ["tea"]]))
  }

  @Test("a search over its budget is refused, never cut in silence")
  func budget() {
    let error = #expect(throws: FrequentItemsets.FitError.self) {
      try FrequentItemsets(minimumSupport: 0.5, maximumCount: 5).fit(agrawal)
    }
    #expect(
      error?.description
        == "more than 5 sets of items occur in at least 2 baskets; raise the minimum support or "
        + "limit the length of sets."
    )
    #expect(throws: FrequentItemsets.FitError.noBaskets) {
      try FrequentItemsets(minimumSupport: 0.5).fit(Baskets([]))
    }
  }

  @Test("a limit on rules keeps the best and says how many there were")
  func truncation() throws {
    let model = try FrequentItemsets(minimumSupport: 0.5).fit(agrawal)
    let all = AssociationRules(minimumConfidence: 0.5).rules(from: model)
    let few = AssociationRules(minimumConfidence: 0.5, maximumCount: 2).rules(from: model)
    #expect(!all.isTruncated)
    #expect(few.isTruncated)
    #expect(few.rules == Array(all.rules.prefix(2)))
    #expect(few.foundCount == all.rules.count)
  }
}
