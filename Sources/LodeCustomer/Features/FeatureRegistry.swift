/// What is known of one feature of customers: the words of reasons and reports, and its rules.
public struct FeatureDefinition: Sendable, Hashable {
  /// What a feature is counted in.
  public enum Unit: String, Sendable, Hashable {
    /// Whole days.
    case days
    /// Whole things.
    case count
    /// An amount in the currency of the pipeline.
    case money
    /// A number without a unit.
    case ratio
    /// Yes or no.
    case flag
    /// A name.
    case name
    /// A day.
    case date
  }

  /// How much of the past a feature sees.
  public enum Window: Sendable, Hashable {
    /// The last days before the as-of date: comparable between dates.
    case days(Int)
    /// Everything before the as-of date: it grows with the history of the data.
    case lifetime
  }

  /// Whether a model of what happens after the as-of date may see it.
  public enum Leakage: String, Sendable, Hashable {
    /// Made of events before the as-of date only.
    case safe
    /// Safe, but absolute: it tells the date rather than the customer.
    case absolute
    /// A key or a date, no feature.
    case refused
  }

  /// The column.
  public let name: String
  /// The name in words.
  public let words: String
  /// What it is.
  public let meaning: String
  /// What it is counted in.
  public let unit: Unit
  /// How much of the past it sees.
  public let window: Window
  /// Whether models may see it.
  public let leakage: Leakage
  /// The name of its usual scale in a model: `identity`, `logOnePlus` or `signedLogOnePlus`.
  public let scale: String
  /// The features that say the same thing and share one reason; its own name if there are none.
  public let group: String

  init(
    _ name: String,
    _ words: String,
    _ meaning: String,
    _ unit: Unit,
    _ window: Window = .lifetime,
    _ leakage: Leakage = .safe,
    group: String? = nil
  ) {
    self.name = name
    self.words = words
    self.meaning = meaning
    self.unit = unit
    self.window = window
    self.leakage = leakage
    self.group = group ?? name
    scale =
      switch unit {
      case .days, .count: "logOnePlus"
      case .money: "signedLogOnePlus"
      case .ratio, .flag, .name, .date: "identity"
      }
  }
}

/// All features of customers: the one list that models, reasons and reports share.
public enum FeatureRegistry {
  /// The features in the order of the feature table.
  public static let all: [FeatureDefinition] = keys + counts + days + money + mix

  private static let places: [String: Int] = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) }
  )

  /// The definition of a feature, nil for a column that is not in the list.
  public static func definition(_ name: String) -> FeatureDefinition? {
    places[name].map { all[$0] }
  }

  /// The name in words; an unknown column with spaces for underscores.
  public static func words(_ name: String) -> String {
    definition(name)?.words ?? name.split(separator: "_").joined(separator: " ")
  }

  private static let keys: [FeatureDefinition] = [
    .init("customer_id", "customer", "the key", .name, .lifetime, .refused),
    .init("as_of", "as-of date", "the day that no feature sees", .date, .lifetime, .refused),
    .init("first_order_on", "first order", "its day", .date, .lifetime, .refused),
    .init("last_order_on", "last order", "its day", .date, .lifetime, .refused),
  ]

  private static let counts: [FeatureDefinition] = [
    .init("orders", "orders so far", "valid orders", .count, group: "frequency"),
    .init("frequency", "repeat orders", "valid orders but the first", .count, group: "frequency"),
    .init(
      "is_single_order",
      "ordered only once",
      "whether there is one order",
      .flag,
      group: "frequency"
    ),
    .init("orders_28d", "orders in 28 days", "valid orders", .count, .days(28), group: "recency"),
    .init("orders_91d", "orders in 91 days", "valid orders", .count, .days(91), group: "recency"),
    .init(
      "orders_364d",
      "orders in 364 days",
      "valid orders",
      .count,
      .days(364),
      group: "frequency"
    ),
  ]

  private static let days: [FeatureDefinition] = [
    .init(
      "age_days",
      "days as a customer",
      "days since the first order (T)",
      .days,
      .lifetime,
      .absolute,
      group: "tenure"
    ),
    .init(
      "recency_days",
      "days from first to last order",
      "days from the first to the last order (t_x)",
      .days,
      .lifetime,
      .absolute,
      group: "tenure"
    ),
    .init(
      "days_since_last",
      "days since last order",
      "days since the last valid order",
      .days,
      group: "recency"
    ),
    .init(
      "gap_mean_days",
      "days between orders",
      "mean days between orders",
      .days,
      group: "recency"
    ),
    .init(
      "gap_sd_days",
      "spread of days between orders",
      "standard deviation of days between orders",
      .days,
      group: "recency"
    ),
    .init(
      "gap_ratio",
      "silence over usual gap",
      "days since the last order over the mean days between orders",
      .ratio,
      group: "recency"
    ),
  ]

  private static let money: [FeatureDefinition] = [
    spend("value_total", "spent so far", "net spend", .lifetime),
    spend("value_28d", "spent in 28 days", "net spend", .days(28)),
    spend("value_91d", "spent in 91 days", "net spend", .days(91)),
    spend("value_364d", "spent in 364 days", "net spend", .days(364)),
    spend(
      "value_previous_91d",
      "spent in the 91 days before",
      "net spend from 182 to 92 days ago",
      .days(182)
    ),
    spend("monetary_value", "value per repeat order", "mean of orders but the first", .lifetime),
    spend("average_order_value", "value per order", "mean of orders", .lifetime),
    .init(
      "spend_trend",
      "spend trend",
      "last 91 days less the 91 before, over their sum",
      .ratio,
      .days(182),
      group: "spend"
    ),
    .init("returns_share", "share returned", "money back over money spent", .ratio),
  ]

  private static let mix: [FeatureDefinition] = [
    .init("basket_products", "products per order", "mean of orders", .count, group: "basket"),
    .init("product_count", "products bought", "different products", .count, group: "basket"),
    .init("category_count", "categories bought", "different categories", .count, group: "basket"),
    .init("top_category", "category bought most", "by spend", .name),
    .init("top_category_share", "share of the category bought most", "of spend", .ratio),
    .init("top_channel", "channel used most", "by spend", .name),
    .init("top_channel_share", "share of the channel used most", "of spend", .ratio),
  ]

  private static func spend(
    _ name: String,
    _ words: String,
    _ meaning: String,
    _ window: FeatureDefinition.Window
  ) -> FeatureDefinition {
    FeatureDefinition(name, words, meaning, .money, window, group: "spend")
  }
}
