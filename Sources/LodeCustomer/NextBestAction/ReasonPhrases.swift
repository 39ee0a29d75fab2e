/// Says in plain words what a feature of a customer is, against what is typical.
public enum ReasonPhrases {
  /// One reason, for example `last order 143 days ago (typical 58)`.
  ///
  /// - Parameters:
  ///   - feature: the feature's name.
  ///   - value: the customer's value, in the feature's own units.
  ///   - typical: the median of all customers.
  ///   - currency: the currency of money features, ISO 4217.
  /// - Returns: a phrase without personal data.
  public static func phrase(
    for feature: String,
    value: Double,
    typical: Double,
    currency: String
  ) -> String {
    let number = short(value)
    let usual = "typical \(short(typical))"
    switch feature {
    case "days_since_last": return "last order \(number) days ago (\(usual))"
    case "orders": return "\(number) order\(value == 1 ? "" : "s") so far (\(usual))"
    case "is_single_order":
      return value > 0 ? "ordered only once" : "has ordered more than once"
    case "value_total":
      return "spent \(number) \(currency) so far (\(usual))"
    case "value_91d": return "spent \(number) \(currency) in the last 91 days (\(usual))"
    case "value_364d": return "spent \(number) \(currency) in the last 364 days (\(usual))"
    case "orders_91d": return "\(number) orders in the last 91 days (\(usual))"
    case "age_days": return "customer for \(number) days (\(usual))"
    case "basket_products": return "\(number) products per order (\(usual))"
    case "gap_ratio":
      return value == 0
        ? "no usual gap between orders yet" : "silent for \(number) × the usual gap (\(usual))"
    case "gap_mean_days":
      return value == 0
        ? "no usual gap between orders yet" : "orders every \(number) days (\(usual))"
    case "spend_trend":
      if value == 0 { return "spend as in the quarter before" }
      return "spend \(value < 0 ? "fell" : "rose") against the quarter before"
    case "returns_share":
      return "\(short(value * 100)) % of spend returned (typical "
        + "\(short(typical * 100)) %)"
    default: return "\(feature.split(separator: "_").joined(separator: " ")) \(number) (\(usual))"
    }
  }

  /// A number with at most one digit behind the point, none from 100 on.
  static func short(_ number: Double) -> String {
    let rounded =
      abs(number) >= 100 ? number.rounded() : (number * 10).rounded() / 10
    let isWhole = rounded == rounded.rounded() && abs(rounded) < 1e15
    return isWhole ? String(Int64(rounded)) : String(rounded)
  }
}
