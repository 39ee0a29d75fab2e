internal import Glibc
internal import LodeNumerics

/// Rules "who buys these also buys that" from frequent itemsets, with one item on the right.
///
/// - Output: rules by descending lift, then count, then items; each with its measures and Fisher's
///   exact p-value for lift above 1, corrected for all rules tested (Benjamini–Hochberg).
/// - Agrees with: arules `apriori(minlen = 2)` on the Groceries counts.
public struct AssociationRules: Sendable, Hashable, Codable {
  /// The least confidence, 0…1.
  public var minimumConfidence: Double
  /// The least lift; 0 keeps also items that avoid each other.
  public var minimumLift: Double
  /// The most items on the left; nil for no limit.
  public var maximumLeftLength: Int?
  /// The most rules to return, best first; the rest is counted in ``Outcome/foundCount``.
  public var maximumCount: Int

  /// A configuration.
  public init(
    minimumConfidence: Double,
    minimumLift: Double = 0,
    maximumLeftLength: Int? = nil,
    maximumCount: Int = 100_000
  ) {
    self.minimumConfidence = minimumConfidence
    self.minimumLift = minimumLift
    self.maximumLeftLength = maximumLeftLength
    self.maximumCount = maximumCount
  }

  /// One rule.
  public struct Rule: Sendable, Hashable, Codable {
    /// The items on the left, in byte order.
    public let left: [String]
    /// The item on the right.
    public let right: String
    /// The baskets that hold both sides.
    public let count: Int
    /// The baskets that hold the left side.
    public let leftCount: Int
    /// The baskets that hold the right side.
    public let rightCount: Int
    /// The share of baskets that hold both sides, 0…1.
    public let support: Double
    /// The share of baskets with the left side that hold the right side too, 0…1.
    public let confidence: Double
    /// Confidence over the right side's share of all baskets; 1 = no association.
    public let lift: Double
    /// Support minus what independence would give.
    public let leverage: Double
    /// (1 − support of the right side) / (1 − confidence); nil where the rule never fails.
    public let conviction: Double?
    /// Fisher's exact probability of at least this count if the sides were independent.
    public let pValue: Double
    /// The p-value corrected for all single-item rules that the itemsets allow.
    public let qValue: Double
  }

  /// The rules found.
  public struct Outcome: Sendable, Hashable, Codable {
    /// The best rules, at most ``AssociationRules/maximumCount``.
    public let rules: [Rule]
    /// How many rules met the thresholds.
    public let foundCount: Int
    /// Whether rules were cut off by the limit.
    public var isTruncated: Bool { rules.count < foundCount }
  }

  /// The rules of frequent itemsets that meet the thresholds.
  public func rules(from model: FrequentItemsets.Model) -> Outcome {
    let counts = Dictionary(uniqueKeysWithValues: model.itemsets.map { ($0.items, $0.count) })
    var candidates: [Candidate] = []
    for itemset in model.itemsets where itemset.items.count > 1 {
      for place in itemset.items.indices {
        var left = itemset.items
        let right = left.remove(at: place)
        guard let leftCount = counts[left], let rightCount = counts[[right]] else { continue }
        candidates.append(
          Candidate(
            left: left,
            right: right,
            count: itemset.count,
            leftCount: leftCount,
            rightCount: rightCount,
            basketCount: model.basketCount
          )
        )
      }
    }
    // The correction covers all rules that the itemsets allow, not only those that pass the
    // thresholds below: choosing by confidence first would make the q-values too small.
    let pValues = candidates.map { fisherUpperTail($0) }
    let qValues = MultipleTests.benjaminiHochberg(pValues)
    let passing = candidates.indices.filter {
      candidates[$0].confidence >= minimumConfidence && candidates[$0].lift >= minimumLift
        && candidates[$0].left.count <= maximumLeftLength ?? Int.max
    }
    let order = passing.sorted { candidates[$0].precedes(candidates[$1]) }
    let rules = order.prefix(maximumCount)
      .map {
        candidates[$0].rule(model.itemNames, pValue: pValues[$0], qValue: qValues[$0])
      }
    return Outcome(rules: rules, foundCount: passing.count)
  }
}

/// The counts behind one rule.
private struct Candidate {
  let left: [Int32]
  let right: Int32
  let count: Int
  let leftCount: Int
  let rightCount: Int
  let basketCount: Int

  var confidence: Double { Double(count) / Double(leftCount) }
  var lift: Double { confidence / (Double(rightCount) / Double(basketCount)) }

  /// Higher lift first, exactly by cross-multiplied counts; then count, then items.
  func precedes(_ other: Candidate) -> Bool {
    let mine = Int128(count) * Int128(other.leftCount) * Int128(other.rightCount)
    let theirs = Int128(other.count) * Int128(leftCount) * Int128(rightCount)
    if mine != theirs { return mine > theirs }
    if count != other.count { return count > other.count }
    if left != other.left { return left.lexicographicallyPrecedes(other.left) }
    return right < other.right
  }

  func rule(_ names: [String], pValue: Double, qValue: Double) -> AssociationRules.Rule {
    let n = Double(basketCount)
    let rightShare = Double(rightCount) / n
    return AssociationRules.Rule(
      left: left.map { names[Int($0)] },
      right: names[Int(right)],
      count: count,
      leftCount: leftCount,
      rightCount: rightCount,
      support: Double(count) / n,
      confidence: confidence,
      lift: lift,
      leverage: Double(count) / n - Double(leftCount) / n * rightShare,
      conviction: count == leftCount ? nil : (1 - rightShare) / (1 - confidence),
      pValue: pValue,
      qValue: qValue
    )
  }
}

/// P(X ≥ count) for the hypergeometric overlap of two sets of baskets.
///
/// - Source: Fisher (1922); terms by their ratio, from the observed count upwards.
private func fisherUpperTail(_ candidate: Candidate) -> Double {
  let (n, left, right) = (candidate.basketCount, candidate.leftCount, candidate.rightCount)
  let first = candidate.count
  func logChoose(_ total: Int, _ part: Int) -> Double {
    SpecialFunctions.logGamma(Double(total + 1)) - SpecialFunctions.logGamma(Double(part + 1))
      - SpecialFunctions.logGamma(Double(total - part + 1))
  }
  let logFirst =
    logChoose(right, first) + logChoose(n - right, left - first) - logChoose(n, left)
  var term = 1.0
  var sum = 1.0
  var x = first
  while x < min(left, right), term > sum * 1e-17 || x < left * right / n {
    let ratio =
      Double(right - x) * Double(left - x)
      / (Double(x + 1) * Double(n - right - left + x + 1))
    term *= ratio
    sum += term
    x += 1
  }
  return min(1, exp(logFirst + log(sum)))
}
