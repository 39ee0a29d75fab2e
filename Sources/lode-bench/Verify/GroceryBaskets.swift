internal import LodeFormats
internal import LodeMining

/// Frequent itemsets and rules of the Groceries baskets.
struct GroceryBaskets {
  let file: String

  /// - Source: mining_vectors.json, association_groceries; 463 and 410 are also the figures of the
  ///   texts on arules.
  func check(_ list: inout CheckList) throws {
    let text = String(decoding: try FileBytes.read(file), as: UTF8.self)
    // One basket a line, as many items as it has: no table, so lines are split here.
    let lists = text.split(whereSeparator: \.isNewline)
      .map { line in line.split(separator: ",").map(String.init) }
    let baskets = Baskets(lists)
    list.equal("baskets", 9_835, baskets.count)
    list.equal("items", 169, baskets.itemNames.count)
    list.equal("item occurrences", 43_367, baskets.items.count)
    try checkItemsets(baskets, 0.01, lengths: [88, 213, 32], &list)
    try checkItemsets(baskets, 0.005, lengths: [120, 605, 264, 12], &list)
    try checkItemsets(baskets, 0.001, lengths: [157, 2981, 6831, 3137, 376, 10], &list)
    try checkRules(baskets, support: 0.006, confidence: 0.25, count: 463, &list)
    try checkRules(baskets, support: 0.001, confidence: 0.8, count: 410, &list)
    try checkRules(baskets, support: 0.01, confidence: 0.5, count: 15, &list)
    let best = try rules(baskets, support: 0.001, confidence: 0.8).rules.first
    let words = best.map { "\($0.left.joined(separator: "+")) -> \($0.right) \($0.count)" }
    list.equal("best lift, rule", "liquor+red/blush wine -> bottled beer 19", words ?? "none")
    list.equal("best lift", 11.235269, best?.lift ?? 0, places: 6)
  }

  private func checkItemsets(
    _ baskets: Baskets,
    _ support: Double,
    lengths: [Int],
    _ list: inout CheckList
  ) throws {
    let model = try FrequentItemsets(minimumSupport: support).fit(baskets)
    let counts = lengths.indices.map { length in
      model.itemsets.count { $0.items.count == length + 1 }
    }
    list.equal("itemsets at \(support)", lengths.reduce(0, +), model.itemsets.count)
    list.equal("itemsets at \(support) by length", "\(lengths)", "\(counts)")
  }

  private func checkRules(
    _ baskets: Baskets,
    support: Double,
    confidence: Double,
    count: Int,
    _ list: inout CheckList
  ) throws {
    let found = try rules(baskets, support: support, confidence: confidence)
    list.equal("rules at \(support), confidence \(confidence)", count, found.rules.count)
  }

  private func rules(
    _ baskets: Baskets,
    support: Double,
    confidence: Double
  ) throws -> AssociationRules.Outcome {
    let model = try FrequentItemsets(minimumSupport: support).fit(baskets)
    return AssociationRules(minimumConfidence: confidence).rules(from: model)
  }
}
