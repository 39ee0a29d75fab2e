/// Joins features that say the same thing, so that a customer gets distinct reasons.
///
/// Single coefficients of related features are hard to read (one corrects the other); the sum over
/// a group is not. Each group has one phrase, from the facts that people can check.
public enum ReasonGroups {
  /// Facts of one customer: the value of each feature and the median of all customers.
  public typealias Facts = [String: (value: Double, typical: Double)]

  /// The group of a feature, see ``FeatureRegistry``; a feature of no group is one of its own.
  public static func group(of feature: String) -> String {
    FeatureRegistry.definition(feature)?.group ?? feature
  }

  /// The phrase of a group, for example `last order 46 days ago, 3.1 × the usual gap`.
  ///
  /// - Parameters:
  ///   - group: the group.
  ///   - facts: what is known of the customer.
  ///   - currency: the currency of money features, ISO 4217.
  /// - Returns: a phrase without personal data.
  public static func phrase(for group: String, facts: Facts, currency: String) -> String {
    func number(_ feature: String) -> Double { facts[feature]?.value ?? 0 }
    func short(_ feature: String) -> String { ReasonPhrases.short(number(feature)) }
    func usual(_ feature: String) -> String {
      "typical \(ReasonPhrases.short(facts[feature]?.typical ?? 0))"
    }
    switch group {
    case "recency":
      let last = "last order \(short("days_since_last")) days ago"
      return number("gap_ratio") > 0
        ? "\(last), \(short("gap_ratio")) × the usual gap" : "\(last) (\(usual("days_since_last")))"
    case "frequency":
      return number("orders") <= 1
        ? "ordered only once" : "\(short("orders")) orders so far (\(usual("orders")))"
    case "spend":
      return "spent \(short("value_91d")) \(currency) in the last 91 days, "
        + "\(short("value_previous_91d")) in the 91 before"
    case "basket":
      return "\(short("basket_products")) products per order (\(usual("basket_products")))"
    case "tenure": return "customer for \(short("age_days")) days (\(usual("age_days")))"
    default:
      return ReasonPhrases.phrase(
        for: group,
        value: number(group),
        typical: facts[group]?.typical ?? 0,
        currency: currency
      )
    }
  }
}
