internal import LodeNumerics

/// One feature, or the score, of all rows of a sample.
public struct DriftColumn: Sendable, Hashable {
  /// The values, one a row.
  public enum Values: Sendable, Hashable {
    /// Numbers; nil and NaN are missing.
    case numbers([Double?])
    /// Categories; nil is missing.
    case categories([String?])

    var count: Int {
      switch self {
      case .numbers(let numbers): numbers.count
      case .categories(let names): names.count
      }
    }
  }

  /// The name of the feature.
  public let name: String
  /// Its values.
  public let values: Values

  /// A column.
  public init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// The columns of a feature matrix, all numbers.
  public static func columns(of features: FeatureMatrix) -> [DriftColumn] {
    features.featureNames.enumerated()
      .map { DriftColumn($1, .numbers(features.matrix.column($0))) }
  }
}
