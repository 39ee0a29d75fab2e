/// Plain names of customer features.
enum FeatureWords {
  private static let names: [String: String] = [
    "days_since_last": "days since last order", "orders": "orders so far",
    "frequency": "repeat orders", "value_total": "spent so far",
    "value_364d": "spent in 364 days", "value_91d": "spent in 91 days",
    "orders_91d": "orders in 91 days", "age_days": "days as a customer",
    "is_single_order": "ordered only once", "basket_products": "products per order",
    "gap_ratio": "silence over usual gap", "gap_mean_days": "days between orders",
    "spend_trend": "spend trend", "average_order_value": "value per order",
    "monetary_value": "value per repeat order", "returns_share": "share returned",
    "category_count": "categories bought",
  ]

  /// The name of a feature in words; an unknown one with spaces for underscores.
  static func name(_ feature: String) -> String {
    names[feature] ?? feature.split(separator: "_").joined(separator: " ")
  }
}
