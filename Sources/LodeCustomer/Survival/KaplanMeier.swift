internal import Glibc
internal import LodeNumerics

/// The survival curve of Kaplan and Meier: the share that stays beyond each time.
///
/// - Input: a ``SurvivalSample``, with weights and late entries.
/// - Output: one element for each time at which somebody left; times in the unit of the sample.
/// - Complexity: O(`n log n`).
/// - Source: Kaplan & Meier (1958), JASA 53; error of Greenwood (1926); band on the scale of
///   log(−log S) after Kalbfleisch & Prentice (2002), "The Statistical Analysis of Failure Time
///   Data", 2nd ed., §1.4.
/// - Agrees with: lifelines 0.27.8 `KaplanMeierFitter`, R `survfit(conf.type = "log-log")`.
public struct KaplanMeier: Sendable, Hashable, Codable {
  /// The times at which somebody left, ascending.
  public let times: [Double]
  /// Those at risk just before each time.
  public let atRisk: [Double]
  /// Those who left at each time.
  public let events: [Double]
  /// The share that stays beyond each time, 0…1.
  public let survival: [Double]
  /// Greenwood's standard error of ``survival``.
  public let standardErrors: [Double]
  /// The lower end of the pointwise band.
  public let lower: [Double]
  /// The upper end of the pointwise band; where nobody is left, that of the time before.
  public let upper: [Double]
  /// The cumulative hazard after Nelson and Aalen at each time.
  public let cumulativeHazard: [Double]

  /// The curve of a sample; without events it is 1 everywhere.
  ///
  /// With late entries the curve is that of customers who stay at least until the first entry;
  /// few at risk at early times make all of it uncertain.
  ///
  /// - Parameters:
  ///   - sample: the customers.
  ///   - level: the share of samples whose band covers the truth at a time.
  public init(_ sample: SurvivalSample, level: Double = 0.95) {
    self.init(sample, rows: Array(sample.durations.indices), level: level)
  }

  /// The curve of some rows of a sample.
  ///
  /// - Parameters:
  ///   - sample: the customers.
  ///   - rows: the rows that count.
  ///   - level: the share of samples whose band covers the truth at a time.
  public init(_ sample: SurvivalSample, rows: [Int], level: Double = 0.95) {
    precondition(level > 0 && level < 1, "a band of level \(level)")
    let steps = sample.steps(of: rows)
    let z = Distributions.normalQuantile(0.5 + level / 2)
    var (survival, errors, lower, upper): ([Double], [Double], [Double], [Double])
    (survival, errors, lower, upper) = ([], [], [], [])
    var hazards: [Double] = []
    var (chance, variance, hazard) = (1.0, 0.0, 0.0)
    for step in steps {
      let left = step.atRisk - step.events
      chance *= left / step.atRisk
      hazard += step.events / step.atRisk
      variance += left > 0 ? step.events / (step.atRisk * left) : 0
      survival.append(chance)
      hazards.append(hazard)
      errors.append(chance * variance.squareRoot())
      if chance > 0 {
        let logChance = log(chance)
        let width = z * variance.squareRoot() / abs(logChance)
        lower.append(exp(logChance * exp(width)))
        upper.append(exp(logChance * exp(-width)))
      } else {
        lower.append(0)
        upper.append(upper.last ?? 1)
      }
    }
    times = steps.map(\.time)
    atRisk = steps.map(\.atRisk)
    events = steps.map(\.events)
    (self.survival, standardErrors, self.lower, self.upper) = (survival, errors, lower, upper)
    cumulativeHazard = hazards
  }

  /// The share that stays beyond a time, 0…1; after the last event its level goes on.
  public func survival(at time: Double) -> Double {
    step(at: time).map { survival[$0] } ?? 1
  }

  /// The pointwise band of ``survival(at:)``.
  public func band(at time: Double) -> ClosedRange<Double> {
    step(at: time).map { lower[$0]...upper[$0] } ?? 1...1
  }

  /// The last time of events up to a time.
  private func step(at time: Double) -> Int? {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  /// The first time at which at most half stay; nil if more than half stay to the end.
  public var median: Double? { firstTime(survival) }

  /// The interval of the ``median``: where the band crosses one half; nil ends are not reached.
  public var medianBand: (low: Double?, high: Double?) { (firstTime(lower), firstTime(upper)) }

  private func firstTime(_ curve: [Double]) -> Double? {
    curve.firstIndex { $0 <= 0.5 + 1e-12 }.map { times[$0] }
  }

  /// The mean time stayed within a horizon (RMST): the area under the curve.
  ///
  /// - Parameter horizon: the end of the area, 0 or later; it should not lie beyond the data.
  /// - Returns: the mean, in the unit of times, and its standard error.
  /// - Source: Klein & Moeschberger (2003), "Survival Analysis", 2nd ed., §4.5.
  public func restrictedMean(until horizon: Double) -> (mean: Double, standardError: Double) {
    precondition(horizon >= 0 && horizon.isFinite, "a horizon of \(horizon)")
    let inside = times.prefix { $0 < horizon }.count
    // Areas from each event to the horizon, from the last.
    var (area, variance) = (0.0, 0.0)
    var end = horizon
    for step in stride(from: inside - 1, through: 0, by: -1) {
      area += survival[step] * (end - times[step])
      end = times[step]
      let left = atRisk[step] - events[step]
      if left > 0 { variance += area * area * events[step] / (atRisk[step] * left) }
    }
    return (area + end, variance.squareRoot())
  }
}
