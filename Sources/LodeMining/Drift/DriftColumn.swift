internal import LodeNumerics
internal import LodeRuntime

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

  /// The columns of features with categories and gaps.
  public static func columns(of features: FeatureColumns) -> [DriftColumn] {
    Parallel.map(features.columns.count) { place in
      let column = features.columns[place]
      switch column.values {
      case .numeric(let numbers): return DriftColumn(column.name, .numbers(numbers.map { $0 }))
      case .categorical(let levels, let codes):
        return DriftColumn(
          column.name,
          .categories(codes.map { $0 < 0 ? nil : levels[Int($0)] })
        )
      }
    }
  }

  /// The columns of a feature matrix, all numbers.
  public static func columns(of features: FeatureMatrix) -> [DriftColumn] {
    features.featureNames.enumerated()
      .map { DriftColumn($1, .numbers(features.matrix.column($0))) }
  }
}
