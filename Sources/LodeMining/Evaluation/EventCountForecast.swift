internal import Glibc
internal import LodeNumerics

/// How many of the rows will see the event, with an interval.
///
/// The count is a sum of yes/no draws with unequal probabilities (Poisson-binomial): its mean is
/// `Σp`, its variance `Σp(1 − p)`. That is the luck of the draw only. Probabilities that are off
/// together add the variance of ``CalibrationError``, which soon is the larger part: it grows with
/// `n²`, luck with `n`.
///
/// - Source: Wang (1993), "On the number of successes in independent trials", Statistica Sinica 3,
///   §1; the second part is the delta method.
public struct EventCountForecast: Sendable, Hashable, Codable {
  /// How far all probabilities may be off together; the two add up.
  public struct CalibrationError: Sendable, Hashable, Codable {
    /// The standard deviation of the event rate, `s`: variance `(n·s)²`.
    public var rateDeviation: Double
    /// The standard deviation of the log-odds, `s`: variance `(Σp(1 − p)·s)²`.
    public var logOddsDeviation: Double

    /// An error; by default the probabilities are right.
    public init(rateDeviation: Double = 0, logOddsDeviation: Double = 0) {
      self.rateDeviation = rateDeviation
      self.logOddsDeviation = logOddsDeviation
    }
  }

  /// The rows.
  public let rowCount: Int
  /// The expected count, `Σp`.
  public let mean: Double
  /// The variance by luck, `Σp(1 − p)`.
  public let drawVariance: Double
  /// The variance by probabilities that are off together.
  public let calibrationVariance: Double
  /// The lower end of the normal interval, rounded down to a whole count.
  public let lowerBound: Int
  /// The upper end of the normal interval, rounded up to a whole count.
  public let upperBound: Int
  /// The level of the interval, 0…1.
  public let confidenceLevel: Double

  /// The standard deviation of the count.
  public var standardDeviation: Double { (drawVariance + calibrationVariance).squareRoot() }

  /// The forecast of the number of events among rows with `probabilities`.
  ///
  /// - Throws: ``EvaluationError`` for no rows, a number outside 0…1 or a negative deviation.
  public init(
    _ probabilities: [Double],
    calibrationError: CalibrationError = CalibrationError(),
    confidenceLevel: Double = 0.95
  ) throws(EvaluationError) {
    try EvaluationError.check(probabilities: probabilities, rows: probabilities.count)
    try EvaluationError.check(level: confidenceLevel)
    let n = Double(probabilities.count)
    mean = Reductions.sum(probabilities.span)
    let variances = probabilities.map { $0 * (1 - $0) }
    drawVariance = Reductions.sum(variances.span)
    let deviations = [calibrationError.rateDeviation, calibrationError.logOddsDeviation]
    guard deviations.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .badConfiguration(
        reason: "the standard deviations of the calibration error are \(deviations)",
        fix: "give numbers of at least 0"
      )
    }
    let (byRate, byLogOdds) = (n * deviations[0], drawVariance * deviations[1])
    calibrationVariance = byRate * byRate + byLogOdds * byLogOdds
    rowCount = probabilities.count
    self.confidenceLevel = confidenceLevel
    let reach =
      Distributions.normalQuantile((1 + confidenceLevel) / 2)
      * (drawVariance + calibrationVariance).squareRoot()
    // Sums such as 0.1 + 0.2 end a hair above the whole number that they mean.
    let slack = 1e-9 * max(1, mean)
    lowerBound = Int(max(0, (mean - reach + slack).rounded(.down)))
    upperBound = Int(min(n, (mean + reach - slack).rounded(.up)))
  }
}
