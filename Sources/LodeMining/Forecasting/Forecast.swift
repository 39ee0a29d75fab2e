/// The forecast of one series and what is known about its quality.
public struct Forecast: Sendable, Hashable, Codable {
  /// Where the value of a step will lie, with the given probability.
  public struct Interval: Sendable, Hashable, Codable {
    /// The probability, 0…1.
    public let level: Double
    /// The lower bound.
    public let lower: Double
    /// The upper bound.
    public let upper: Double
  }

  /// One step ahead.
  public struct Step: Sendable, Hashable, Codable {
    /// 1 for the value after the last.
    public let step: Int
    /// The point forecast.
    public let mean: Double
    /// The intervals by ascending level.
    public let intervals: [Interval]
  }

  /// What was special about the series.
  public enum Status: String, Sendable, Hashable, Codable {
    /// Nothing.
    case ok
    /// All values are equal; the intervals have no width.
    case constant
    /// Too few values to choose a method; the last value is repeated.
    case short
  }

  /// How one method did in the backtest.
  public struct MethodScore: Sendable, Hashable, Codable {
    /// The method.
    public let method: ForecastMethod
    /// The mean absolute error over all origins and steps, in units of the series.
    public let meanAbsoluteError: Double
    /// That error over the mean absolute change from one value to the next; nil if none changes.
    public let scaledError: Double?
  }

  /// The test on the last values, which played no part in the choice made before them.
  public struct Holdout: Sendable, Hashable, Codable {
    /// The method that would have been chosen.
    public let method: ForecastMethod
    /// Its accuracy.
    public let accuracy: ForecastAccuracy
    /// The simple method to beat: seasonal naive, or naive for less than a season of training.
    public let benchmark: ForecastMethod
    /// The accuracy of the simple method.
    public let benchmarkAccuracy: ForecastAccuracy
    /// The levels of the intervals.
    public let levels: [Double]
    /// The share of values inside the interval of each level, 0…1.
    public let coverage: [Double]
  }

  /// The steps ahead, nearest first.
  public let steps: [Step]
  /// The chosen method.
  public let method: ForecastMethod
  /// What was special about the series.
  public let status: Status
  /// The backtest of all methods that could be tried, in the order of the candidates.
  public let scores: [MethodScore]
  /// How many origins the backtest used.
  public let originCount: Int
  /// The comparison with a simple method; nil for series too short to hold values out.
  public let holdout: Holdout?
}
