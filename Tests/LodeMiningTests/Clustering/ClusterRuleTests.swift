import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Rules that describe clusters, and transitions between runs")
struct ClusterRuleTests {
  private func features(_ rows: [[Double]]) -> FeatureMatrix {
    FeatureMatrix(
      rowNames: rows.indices.map { "c\($0)" },
      featureNames: ["days", "orders"],
      matrix: Matrix(rows: rows)
    )
  }

  private func text(_ rule: ClusterRule) -> String {
    rule.conditions.map { "\($0.feature) \($0.side.rawValue) \($0.threshold)" }
      .joined(separator: " and ")
  }

  @Test("one threshold that separates two clusters is the whole rule")
  func oneCondition() {
    let rows = (0..<40).map { [Double($0 * 10), Double($0 % 5)] }
    let rules = ClusterRuleSearch()
      .rules(
        of: features(rows),
        assignment: (0..<40).map { $0 < 15 ? 0 : 1 },
        clusterCount: 2
      )
    #expect(rules.map(text) == ["days <= 140.0", "days > 140.0"])
    #expect(rules.map(\.f1) == [1, 1])
  }

  @Test("a corner takes two conditions, with precision and recall as counted")
  func corner() {
    var random = CounterRandom(seed: 4)
    let rows = (0..<600).map { _ in [random.uniform() * 300, Double(random.integer(below: 12))] }
    let labels = rows.map { $0[0] > 120 && $0[1] <= 2 ? 0 : 1 }
    let data = features(rows)
    let rule = ClusterRuleSearch().rules(of: data, assignment: labels, clusterCount: 2)[0]
    #expect(rule.conditions.count == 2)
    #expect(rule.f1 > 0.98)
    #expect(
      rule.conditions.last == ClusterRule.Condition(feature: "orders", side: .atMost, threshold: 2)
    )
    let met = rows.indices.filter { row in
      rule.conditions[0].holds(rows[row][0]) && rule.conditions[1].holds(rows[row][1])
    }
    let hits = met.count { labels[$0] == 0 }
    #expect(rule.precision == Double(hits) / Double(met.count))
    #expect(rule.recall == Double(hits) / Double(labels.count { $0 == 0 }))
  }

  @Test("rows in another order and more threads give the same rules")
  func order() {
    let points = clouds(300, dimension: 2, groups: 4, seed: 8)
    let rows = (0..<300).map { points.row($0) }
    let labels = (0..<300).map { $0 % 4 }
    let rules = ClusterRuleSearch()
      .rules(of: features(rows), assignment: labels, clusterCount: 4)
    let back = Array((0..<300).reversed())
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 3
    let again = ClusterRuleSearch()
      .rules(
        of: features(back.map { rows[$0] }),
        assignment: back.map { labels[$0] },
        clusterCount: 4
      )
    #expect(again == rules)
    #expect(rules.allSatisfy { $0.f1 > 0.95 && $0.conditions.count <= 3 })
  }

  @Test("noise adds no condition, an empty cluster has none")
  func noise() {
    let rows = (0..<50).map { [Double($0), Double($0 % 2)] }
    let rules = ClusterRuleSearch()
      .rules(of: features(rows), assignment: rows.map { _ in 0 }, clusterCount: 2)
    #expect(rules[0].conditions.isEmpty && rules[0].precision == 1 && rules[0].recall == 1)
    #expect(rules[1].conditions.isEmpty && rules[1].f1 == 0)
  }

  @Test("segments keep their numbers, one that shares no point with its partner gets a new one")
  func transitions() {
    let transitions = ClusterTransitions(
      previous: [0, 0, 1, 1, nil],
      current: [1, 1, 1, 0, 2],
      previousCount: 3,
      currentCount: 3
    )
    #expect(transitions.counts == [[0, 2, 0], [1, 1, 0], [0, 0, 0]])
    #expect(transitions.newcomers == [0, 0, 1])
    #expect(
      transitions.numbers(partners: [1, 0, 2], previousNumbers: [1, 4, 5], highestNumber: 6)
        == [4, 1, 7]
    )
  }
}
