internal import Glibc
internal import LodeNumerics
public import LodeRuntime

/// Forecasts the share of events at a coming date from a short history of shares.
///
/// All on log-odds `y = ln((e + ½)/(n − e + ½))` with variance `v = 1/(e + ½) + 1/(n − e + ½)`:
///
/// 1. `τ²`, the variance between dates beyond luck (DerSimonian & Laird).
/// 2. The level: the mean of `y` with weights `2^(−age/halfLife)/(v + τ²)`.
/// 3. The season: for each of `m` earlier years with an observation near the same day, how far
///    step 2, done then with what was known then, would have missed it. The mean miss times
///    `m/(m + shrinkage)` is added: one year is believed half.
///
/// The error is `τ²` + the variance of the level + that of the season.
///
/// - Source: DerSimonian & Laird (1986), "Meta-analysis in clinical trials", Controlled Clinical
///   Trials 7, for `τ²`; the rest is simple on purpose, as histories have five to twenty dates.
public struct BaseRateForecaster: Sendable, Hashable, Codable {
  /// The age at which an observation counts half, in days.
  public var halfLifeInDays: Double
  /// How far from the same day of an earlier year an observation may lie, in days.
  public var seasonToleranceInDays: Int
  /// How many years of seasons weigh as much as the belief that there is none.
  public var seasonShrinkage: Double
  /// The level of the interval, 0…1.
  public var confidenceLevel: Double

  /// A configuration.
  public init(
    halfLifeInDays: Double = 182,
    seasonToleranceInDays: Int = 31,
    seasonShrinkage: Double = 1,
    confidenceLevel: Double = 0.95
  ) {
    self.halfLifeInDays = halfLifeInDays
    self.seasonToleranceInDays = seasonToleranceInDays
    self.seasonShrinkage = seasonShrinkage
    self.confidenceLevel = confidenceLevel
  }

  /// The share of events as it was at one date.
  public struct Observation: Sendable, Hashable, Codable {
    /// The as-of date of the rows.
    public let date: CivilDate
    /// The rows in which the event happened.
    public let events: Int
    /// The rows.
    public let rows: Int

    /// An observation.
    public init(date: CivilDate, events: Int, rows: Int) {
      self.date = date
      self.events = events
      self.rows = rows
    }

    var logOdds: Double { log((Double(events) + 0.5) / (Double(rows - events) + 0.5)) }
    var variance: Double { 1 / (Double(events) + 0.5) + 1 / (Double(rows - events) + 0.5) }
  }

  /// The share of events to expect.
  public struct Forecast: Sendable, Hashable, Codable {
    /// The expected share, between 0 and 1.
    public let rate: Double
    /// The lower end of the interval of the share.
    public let lowerBound: Double
    /// The upper end of the interval of the share.
    public let upperBound: Double
    /// The standard error on log-odds, as ``EventCountForecast/CalibrationError`` takes it.
    public let logOddsStandardError: Double
    /// The share without a season.
    public let level: Double
    /// What the season adds to the log-odds; 0 without earlier years.
    public let seasonalShift: Double
    /// The earlier years that told about the season.
    public let seasonCount: Int
    /// The dates that the forecast rests on.
    public let observationCount: Int
  }

  /// The share of events to expect at `date`, from observations before it.
  ///
  /// - Throws: ``EvaluationError`` for a bad configuration, no observation before `date`, counts
  ///   that make no sense, or two observations of one date.
  public func forecast(
    _ history: [Observation],
    at date: CivilDate
  ) throws(EvaluationError) -> Forecast {
    try check(history)
    let past = history.filter { $0.date < date }.sorted { $0.date < $1.date }
    guard let last = past.last else { throw .noRows(of: "observations before \(date)") }
    let spread = Self.spread(past)
    let level = level(past, at: date, spread)
    let lead = date.days(since: last.date)
    var misses: [(miss: Double, variance: Double)] = []
    for year in 1...max(1, date.days(since: past[0].date) / 365 + 1) {
      let day = date.advanced(byDays: -Int((365.25 * Double(year)).rounded()))
      let near = past.filter { abs($0.date.days(since: day)) <= seasonToleranceInDays }
      guard
        let then = near.min(by: {
          (abs($0.date.days(since: day)), $0.date) < (abs($1.date.days(since: day)), $1.date)
        })
      else { continue }
      let known = past.filter { then.date.days(since: $0.date) >= lead }
      guard !known.isEmpty else { continue }
      let before = self.level(known, at: then.date, spread)
      misses.append((then.logOdds - before.mean, then.variance + before.variance))
    }
    let m = Double(misses.count)
    let trust = m == 0 ? 0 : m / (m + seasonShrinkage)
    let shift = m == 0 ? 0 : trust * misses.reduce(0) { $0 + $1.miss } / m
    let seasonVariance =
      m == 0 ? 0 : trust * trust * misses.reduce(0) { $0 + $1.variance } / (m * m)
    let error = (spread + level.variance + seasonVariance).squareRoot()
    let reach = Distributions.normalQuantile((1 + confidenceLevel) / 2) * error
    let center = level.mean + shift
    return Forecast(
      rate: LogOdds.probability(center),
      lowerBound: LogOdds.probability(center - reach),
      upperBound: LogOdds.probability(center + reach),
      logOddsStandardError: error,
      level: LogOdds.probability(level.mean),
      seasonalShift: shift,
      seasonCount: misses.count,
      observationCount: past.count
    )
  }

  /// The weighted mean log-odds of observations before a date, and its variance.
  private func level(
    _ past: [Observation],
    at date: CivilDate,
    _ spread: Double
  ) -> (mean: Double, variance: Double) {
    // Ages count from the newest, so that no weight vanishes.
    let newest = past.map { date.days(since: $0.date) }.min() ?? 0
    let weights = past.map { observation in
      let age = Double(date.days(since: observation.date) - newest)
      return exp2(-age / halfLifeInDays) / (observation.variance + spread)
    }
    let total = weights.reduce(0, +)
    let mean = zip(weights, past).reduce(0) { $0 + $1.0 * $1.1.logOdds } / total
    let variance = zip(weights, past)
      .reduce(0) { $0 + $1.0 * $1.0 * ($1.1.variance + spread) }
    return (mean, variance / (total * total))
  }

  /// The variance of log-odds between dates beyond luck; 0 for one date.
  private static func spread(_ past: [Observation]) -> Double {
    let weights = past.map { 1 / $0.variance }
    let total = weights.reduce(0, +)
    let mean = zip(weights, past).reduce(0) { $0 + $1.0 * $1.1.logOdds } / total
    let q = zip(weights, past)
      .reduce(0) { $0 + $1.0 * ($1.1.logOdds - mean) * ($1.1.logOdds - mean) }
    let scale = total - weights.reduce(0) { $0 + $1 * $1 } / total
    return scale > 0 ? max(0, (q - Double(past.count - 1)) / scale) : 0
  }

  private func check(_ history: [Observation]) throws(EvaluationError) {
    try EvaluationError.check(level: confidenceLevel)
    guard halfLifeInDays > 0, seasonToleranceInDays >= 0, seasonShrinkage >= 0 else {
      throw .badConfiguration(
        reason: "half-life \(halfLifeInDays) days, season tolerance \(seasonToleranceInDays) days "
          + "or season shrinkage \(seasonShrinkage) is out of range",
        fix: "give a half-life above 0 and the others at least 0"
      )
    }
    var seen: Set<CivilDate> = []
    for observation in history {
      guard observation.rows > 0, (0...observation.rows).contains(observation.events) else {
        throw .badConfiguration(
          reason: "\(observation.date) has \(observation.events) events in "
            + "\(observation.rows) rows",
          fix: "give at least one row, and no more events than rows"
        )
      }
      guard seen.insert(observation.date).inserted else {
        throw .badConfiguration(
          reason: "\(observation.date) is in the history twice",
          fix: "add up the counts of one date"
        )
      }
    }
  }
}
