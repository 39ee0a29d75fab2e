/// Chooses the next product to offer from basket rules and what a customer already bought.
public enum NextProduct {
  /// A rule: who bought all of `antecedent` often bought `consequent` too.
  public struct Rule: Hashable, Sendable {
    /// The products bought, by id.
    public let antecedent: [String]
    /// The product to offer, by id.
    public let consequent: String
    /// The share of baskets with the antecedent that hold the consequent.
    public let confidence: Double
    /// Confidence over the share of all baskets that hold the consequent.
    public let lift: Double

    /// A rule.
    public init(antecedent: [String], consequent: String, confidence: Double, lift: Double) {
      self.antecedent = antecedent
      self.consequent = consequent
      self.confidence = confidence
      self.lift = lift
    }
  }

  /// The best rule for a customer: antecedent owned, consequent not; highest confidence × lift.
  ///
  /// - Parameters:
  ///   - rules: the rules; ties go to the earlier one.
  ///   - owned: the products that the customer has bought.
  /// - Returns: the place of the rule, nil if none applies.
  public static func best(_ rules: [Rule], owned: Set<String>) -> Int? {
    var best: (index: Int, score: Double)?
    for (index, rule) in rules.enumerated() {
      let score = rule.confidence * rule.lift
      guard best.map({ score > $0.score }) ?? true, !owned.contains(rule.consequent),
        rule.antecedent.allSatisfy({ owned.contains($0) })
      else { continue }
      best = (index, score)
    }
    return best?.index
  }
}
