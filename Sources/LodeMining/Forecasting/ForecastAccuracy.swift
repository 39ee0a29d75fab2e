/// How far forecasts were from what happened.
public struct ForecastAccuracy: Sendable, Hashable, Codable {
  /// The mean absolute error over that of the (seasonal) naive method in the training part.
  ///
  /// Nil where the training part does not vary. The naive lag is the season length, or 1 where the
  /// training part is no longer than a season.
  /// - Source: Hyndman & Koehler (2006), IJF.
  public let mase: Double?
  /// The mean of 200·|y − f| / (|y| + |f|), 0…200; 0 where both are 0.
  public let smape: Double
  /// The sum of absolute errors over the sum of absolute values; nil where all values are 0.
  public let wape: Double?

  /// The accuracy of `forecast` against `actual`, after `training`.
  public init(_ forecast: [Double], actual: [Double], training: [Double], seasonLength: Int) {
    precondition(forecast.count == actual.count, "\(forecast.count) for \(actual.count) values")
    let count = Double(max(actual.count, 1))
    var absolute = 0.0
    var symmetric = 0.0
    var size = 0.0
    for (f, y) in zip(forecast, actual) {
      absolute += abs(y - f)
      size += abs(y)
      if abs(y) + abs(f) > 0 { symmetric += 200 * abs(y - f) / (abs(y) + abs(f)) }
    }
    let scale = Self.naiveScale(training, seasonLength: seasonLength)
    mase = scale > 0 ? absolute / count / scale : nil
    smape = symmetric / count
    wape = size > 0 ? absolute / size : nil
  }

  /// The mean absolute difference at the season's lag (or at lag 1 for short series), 0 for none.
  static func naiveScale(_ y: [Double], seasonLength: Int) -> Double {
    let lag = y.count > seasonLength ? max(1, seasonLength) : 1
    guard y.count > lag else { return 0 }
    var sum = 0.0
    for t in lag..<y.count { sum += abs(y[t] - y[t - lag]) }
    return sum / Double(y.count - lag)
  }
}
