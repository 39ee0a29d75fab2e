internal import LodeCustomer

/// Plain names of customer features.
enum FeatureWords {
  /// The name of a feature in words; an unknown one with spaces for underscores.
  static func name(_ feature: String) -> String { FeatureRegistry.words(feature) }
}
