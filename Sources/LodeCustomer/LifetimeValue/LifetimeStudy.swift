internal import LodeRuntime

/// Customers' purchases to fitted models, forecasts, totals and how the models did on holdouts.
public struct LifetimeStudy: Sendable {
  /// What to do.
  public struct Settings: Sendable, Hashable {
    /// The kinds of models to choose from.
    public var kinds: [LifetimeModel.Kind]
    /// The unit of times.
    public var unit: TimeUnit
    /// The days ahead of the forecasts.
    public var horizonDays: Int
    /// The share inside intervals.
    public var level: Double
    /// The days held out; 0 for none, nil for the horizon, at most half of the history.
    public var holdoutDays: Int?
    /// How many resamples the variance from the parameters is taken from; 0 for the delta method.
    public var bootstrap: Int
    /// The seed of the resamples.
    public var seed: UInt64

    /// Settings with the defaults of the pipeline stage.
    public init(
      kinds: [LifetimeModel.Kind] = [.mbgnbd, .bgnbd, .paretonbd],
      unit: TimeUnit = .week,
      horizonDays: Int = 365,
      level: Double = 0.9,
      holdoutDays: Int? = nil,
      bootstrap: Int = 0,
      seed: UInt64 = 1
    ) {
      self.kinds = kinds
      self.unit = unit
      self.horizonDays = horizonDays
      self.level = level
      self.holdoutDays = holdoutDays
      self.bootstrap = bootstrap
      self.seed = seed
    }

    /// The days of a unit.
    public var unitDays: Double {
      switch unit {
      case .day: 1
      case .week: 7
      case .month: 365.0 / 12
      }
    }
  }

  /// The settings.
  public let settings: Settings
  /// The customers.
  public let base: LifetimeBase
  /// The models.
  public let fits: LifetimeFits
  /// The latest holdout; nil if there is none.
  public let holdout: LifetimeTest?
  /// The errors of the totals on all holdouts.
  public let calibration: CalibrationErrors
  /// The forecast of every group of `base`.
  public let forecasts: [PurchaseForecast]
  /// The sums over all customers.
  public let totals: LifetimeTotals

  /// The most holdouts that the error of totals is taken from.
  private static let mostHoldouts = 3

  /// Fits, tests and forecasts.
  ///
  /// Holdouts end on the date and, for the error of totals, each half a holdout earlier while at
  /// least as much history as a holdout lies before them.
  ///
  /// - Parameters:
  ///   - purchases: the purchases of all customers.
  ///   - settings: what to do.
  ///   - day: the first day that is not seen, in days since 1970.
  public init(_ purchases: PurchaseDays, _ settings: Settings, asOf day: Int) {
    self.settings = settings
    base = LifetimeBase(purchases, asOf: day, unit: settings.unit)
    fits = LifetimeFits(base, kinds: settings.kinds)
    let history = day - (purchases.firstDay ?? day)
    let days = settings.holdoutDays ?? min(settings.horizonDays, history / 2)
    let steps = (0..<Self.mostHoldouts)
      .prefix { step in
        days > 0 && history > days
          && (step == 0 || history - step * days / 2 >= 2 * days)
      }
    let later = fits
    let tests =
      Parallel.map(steps.count) { step in
        LifetimeTest(
          purchases,
          settings,
          later: later,
          range: day - step * days / 2 - days..<day - step * days / 2,
          isFull: step == 0
        )
      }
      .compactMap(\.self)
    holdout = tests.first
    var calibration = CalibrationErrors()
    calibration.purchases = CalibrationError(tests.map(\.purchases))
    calibration.buyers = CalibrationError(tests.map(\.buyers))
    calibration.revenue = CalibrationError(tests.compactMap(\.revenue))
    self.calibration = calibration
    let time = Double(settings.horizonDays) / settings.unitDays
    forecasts = base.groups.forecasts(fits.model, within: time, level: settings.level)
    let meanValues = base.meanValues
    totals = LifetimeTotals(
      base.groups,
      forecasts,
      model: fits.model,
      fit: fits.fit,
      within: time,
      money: fits.money.map { [fits] in ($0, fits.values.fit, meanValues) },
      calibration: calibration,
      bootstrap: settings.bootstrap > 0
        ? LifetimeBootstrap(
          fits.model,
          base.groups,
          replicates: settings.bootstrap,
          seed: settings.seed
        ) : nil,
      level: settings.level
    )
  }
}

/// A model fitted before a time held out, and what it said about that time.
public struct LifetimeTest: Sendable {
  /// What a total should have been and was, with the variance that the model explains.
  public typealias Outcome = (expected: Double, actual: Double, variance: Double)

  /// The days held out.
  public let range: Range<Int>
  /// The number of customers known before.
  public let customerCount: Int
  /// The judgements of the model and of the baselines; none if not asked for.
  public let scores: [LifetimeHoldout.Score]
  /// The model by frequency; none if not asked for.
  public let groups: [LifetimeHoldout.FrequencyGroup]
  /// The totals with the intervals that the model alone gives.
  public let totals: LifetimeTotals
  /// The number of purchases.
  public let purchases: Outcome
  /// The number of buyers.
  public let buyers: Outcome
  /// The value; nil without a model of values.
  public let revenue: Outcome?

  /// Fits on what lies before a time and looks at it; nil without customers before it.
  ///
  /// - Parameters:
  ///   - purchases: the purchases of all customers.
  ///   - settings: the settings of the study.
  ///   - later: the fits of a later date; those of the test have the kind that was chosen there.
  ///   - range: the days held out, in days since 1970.
  ///   - isFull: whether scores and groups are wanted.
  public init?(
    _ purchases: PurchaseDays,
    _ settings: LifetimeStudy.Settings,
    later: LifetimeFits,
    range: Range<Int>,
    isFull: Bool
  ) {
    let base = LifetimeBase(purchases, asOf: range.lowerBound, unit: settings.unit)
    guard !base.records.isEmpty else { return nil }
    self.range = range
    customerCount = base.records.count
    let kind = later.model.kind
    let fits = LifetimeFits(base, kinds: [kind], from: later)
    let time = Double(range.count) / settings.unitDays
    let forecasts = base.groups.forecasts(fits.model, within: time, level: settings.level)
    let all = purchases.purchases(in: range)
    let actual = base.places.map { all[$0] }
    let totals = LifetimeTotals(
      base.groups,
      forecasts,
      model: fits.model,
      fit: fits.fit,
      within: time,
      money: fits.money.map { ($0, fits.values.fit, base.meanValues) },
      level: settings.level
    )
    self.totals = totals
    func outcome(_ total: LifetimeTotal, _ came: Double) -> Outcome {
      (total.expected, came, total.individualVariance + (total.parameterVariance ?? 0))
    }
    let counts = actual.map(\.count)
    self.purchases = outcome(totals.purchases, Double(counts.reduce(0, +)))
    buyers = outcome(totals.buyers, Double(counts.count { $0 > 0 }))
    revenue = totals.revenue.map { outcome($0, actual.reduce(0) { $0 + $1.value }) }
    guard isFull else {
      (scores, groups) = ([], [])
      return
    }
    let judge = LifetimeHoldout(actual: counts)
    let figures = base.groups.groupOfCustomer.map { $0 < 0 ? 0 : forecasts[Int($0)].mean }
    let before = purchases.purchases(in: range.lowerBound - range.count..<range.lowerBound)
    scores =
      [judge.score(kind.rawValue, figures)]
      + LifetimeBaselines(base, time: time)
      .scores(judge, lastPeriod: base.places.map { Double(before[$0].count) })
    groups = judge.byFrequency(base.records.map(\.summary.frequency), predicted: figures)
  }
}

/// What simple rules predict.
struct LifetimeBaselines: Sendable {
  let base: LifetimeBase
  let time: Double

  init(_ base: LifetimeBase, time: Double) {
    self.base = base
    self.time = time
  }

  /// The judgements of all rules.
  func scores(_ judge: LifetimeHoldout, lastPeriod: [Double]) -> [LifetimeHoldout.Score] {
    let summaries = base.records.map(\.summary)
    let repeats = summaries.reduce(0) { $0 + Double($1.frequency) }
    let ages = summaries.reduce(0) { $0 + $1.age }
    let rate = repeats / max(ages, 1e-12)
    let rules: [@Sendable () -> LifetimeHoldout.Score] = [
      { judge.score("zero", Array(repeating: 0, count: summaries.count)) },
      { judge.score("same_for_all", Array(repeating: rate * time, count: summaries.count)) },
      {
        judge.score("own_rate", summaries.map { Double($0.frequency) / max($0.age, 1e-12) * time })
      },
      { judge.score("last_period", lastPeriod) },
      { judge.score("rfm", rfm(), isCount: false) },
      { judge.score("recency", summaries.map { $0.recency - $0.age }, isCount: false) },
      { judge.score("frequency", summaries.map { Double($0.frequency) }, isCount: false) },
    ]
    return Parallel.map(rules.count) { rules[$0]() }
  }

  /// The sum of the fifths of recency, frequency and value.
  private func rfm() -> [Double] {
    let scores = RFMScores.scores(
      daysSinceLast: base.records.map { $0.summary.age - $0.summary.recency },
      orders: base.records.map { Double($0.summary.frequency + 1) },
      value: base.records.map(\.totalValue)
    )
    return scores.map { Double($0.recency + $0.frequency + $0.monetary) }
  }
}
