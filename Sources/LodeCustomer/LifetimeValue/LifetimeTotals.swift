internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// A sum over customers with a prediction interval and where its width comes from.
public struct LifetimeTotal: Sendable, Hashable, Codable {
  /// The expected sum.
  public let expected: Double
  /// The variance of what customers do, parameters known.
  public let individualVariance: Double
  /// The variance from the uncertainty of the parameters; nil where these are not identified.
  public let parameterVariance: Double?
  /// The variance from the error that the model had on holdouts beyond both of these.
  public let calibrationVariance: Double
  /// The prediction interval, within what the sum can be; nil without the variances.
  public let interval: ClosedRange<Double>?

  /// A sum of the given parts.
  ///
  /// - Parameters:
  ///   - expected: the expected sum.
  ///   - individual: the variance of what customers do; nil where the model has none.
  ///   - parameters: the variance from the parameters; nil where these are not identified.
  ///   - calibration: the relative error of the model beyond both, as seen on holdouts.
  ///   - level: the share of sums inside the interval.
  ///   - largest: the largest sum that can be, as the number of customers is for those who buy.
  init(
    expected: Double,
    individual: Double?,
    parameters: Double?,
    calibration: CalibrationError,
    level: Double,
    largest: Double = .infinity
  ) {
    self.expected = expected
    individualVariance = individual ?? .nan
    parameterVariance = parameters
    calibrationVariance = calibration.relativeVariance * expected * expected
    guard let individual, let parameters, expected.isFinite else {
      interval = nil
      return
    }
    let variance = max(0, individual + parameters + calibrationVariance)
    let share = variance > 0 ? calibrationVariance / variance : 0
    let degrees = share > 0 ? calibration.degrees / (share * share) : .infinity
    let width = CalibrationError.quantile(level, degrees: degrees) * variance.squareRoot()
    guard width.isFinite else {
      interval = nil
      return
    }
    func possible(_ bound: Double) -> Double { min(max(0, bound), max(0, largest)) }
    interval = possible(expected - width)...possible(expected + width)
  }
}

/// How far totals were off on holdouts, beyond what chance and parameters explain.
public struct CalibrationError: Sendable, Hashable, Codable {
  /// The variance of the relative error; 0 for a model taken at its word.
  public var relativeVariance = 0.0
  /// On how many holdouts it rests: the fewer, the wider the interval, by Student's distribution.
  public var degrees = Double.infinity

  /// No error.
  public init() {}

  /// The error seen on holdouts.
  ///
  /// - Parameter holdouts: what was expected, what came, and the variance that the model explains.
  public init(_ holdouts: [(expected: Double, actual: Double, variance: Double)]) {
    let sound = holdouts.filter { $0.expected > 0 && $0.variance.isFinite }
    guard !sound.isEmpty else { return }
    let excess = sound.map { holdout in
      let error = holdout.actual - holdout.expected
      return (error * error - holdout.variance) / (holdout.expected * holdout.expected)
    }
    relativeVariance = max(0, excess.reduce(0, +) / Double(excess.count))
    degrees = Double(sound.count)
  }

  /// The half width of the central interval of Student's distribution, in standard deviations.
  ///
  /// - Source: degrees of freedom by Satterthwaite (1946), Biometrics Bulletin 2(6), where the
  ///   other variances count as known.
  static func quantile(_ level: Double, degrees: Double) -> Double {
    guard degrees.isFinite, degrees < 1e5 else {
      return Distributions.normalQuantile(0.5 + level / 2)
    }
    var (low, high) = (0.0, 1.0)
    while Distributions.studentTwoSided(high, degreesOfFreedom: degrees) > 1 - level { high *= 2 }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let isInside = Distributions.studentTwoSided(middle, degreesOfFreedom: degrees) > 1 - level
      if isInside { low = middle } else { high = middle }
    }
    return high
  }
}

/// The errors of the three totals.
public struct CalibrationErrors: Sendable, Hashable, Codable {
  /// Of the number of purchases.
  public var purchases = CalibrationError()
  /// Of the number of buyers.
  public var buyers = CalibrationError()
  /// Of the value.
  public var revenue = CalibrationError()

  /// No errors.
  public init() {}
}

/// Purchases, buyers and revenue of all known customers in a time ahead.
///
/// The intervals are prediction intervals: they add the chance in what customers do, the
/// uncertainty of the parameters by the delta method, and the error seen on a holdout.
public struct LifetimeTotals: Sendable, Hashable, Codable {
  /// The number of purchases.
  public let purchases: LifetimeTotal
  /// The number of customers with at least one purchase.
  public let buyers: LifetimeTotal
  /// The value of the purchases; nil without a model of values.
  public let revenue: LifetimeTotal?

  /// What every customer's value adds up to, and how it moves with the model of values.
  struct Values {
    /// The expected value of one purchase, summed over the customers of each group.
    var orderValueOfGroup: [Double]
    /// The expected value of all customers.
    var mean = 0.0
    /// The variance of what customers do; nil where one has none.
    var variance: Double? = 0
    /// The variance from p, q and v; nil where these are not identified.
    var parameterVariance: Double?
  }

  /// The sums of a fitted model.
  ///
  /// - Parameters:
  ///   - customers: the customers in groups.
  ///   - forecasts: the forecast of every group.
  ///   - model: the model.
  ///   - fit: its fit, in the unit of the groups.
  ///   - time: the time ahead of the forecasts.
  ///   - money: the model of values with its fit and the mean value of repeat purchases of every
  ///     customer, nil for none.
  ///   - calibration: relative errors of purchases, buyers and revenue on holdouts beyond what the
  ///     model says.
  ///   - bootstrap: what the variance from the parameters is taken from; nil for the delta method.
  ///   - level: the share of sums inside the intervals.
  public init(
    _ customers: PurchaseGroups,
    _ forecasts: [PurchaseForecast],
    model: LifetimeModel,
    fit: LifetimeFit,
    within time: Double,
    money: (model: GammaGamma, fit: LifetimeFit, meanValues: [Double])?,
    calibration: CalibrationErrors = CalibrationErrors(),
    bootstrap: LifetimeBootstrap? = nil,
    level: Double = 0.9
  ) {
    var (mean, variance, buyers, buyersVariance) = (0.0, 0.0, 0.0, 0.0)
    for (forecast, count) in zip(forecasts, customers.counts) {
      mean += count * forecast.mean
      variance += count * forecast.variance
      buyers += count * forecast.chanceToBuy
      buyersVariance += count * forecast.chanceToBuy * (1 - forecast.chanceToBuy)
    }
    let values = money.map { Self.values(customers, forecasts, $0, level) }
    let weights = values?.orderValueOfGroup ?? Array(repeating: 0, count: forecasts.count)
    let spread = Self.variances(customers, weights, model, fit, time, bootstrap)
    purchases = LifetimeTotal(
      expected: mean,
      individual: variance,
      parameters: spread?.purchases,
      calibration: calibration.purchases,
      level: level
    )
    self.buyers = LifetimeTotal(
      expected: buyers,
      individual: buyersVariance,
      parameters: spread?.buyers,
      calibration: calibration.buyers,
      level: level,
      largest: customers.customerCount
    )
    revenue = values.map { values in
      let own = spread?.revenue
      return LifetimeTotal(
        expected: values.mean,
        individual: values.variance,
        parameters: own.flatMap { own in values.parameterVariance.map { own + $0 } },
        calibration: calibration.revenue,
        level: level
      )
    }
  }

  private typealias Sums = (purchases: Double, buyers: Double, revenue: Double)

  /// The variances of the sums from the parameters of the model; nil where not identified.
  private static func variances(
    _ customers: PurchaseGroups,
    _ weights: [Double],
    _ model: LifetimeModel,
    _ fit: LifetimeFit,
    _ time: Double,
    _ bootstrap: LifetimeBootstrap?
  ) -> Sums? {
    func sums(_ parameters: [Double]) -> Sums {
      let changed = model.with(parameters: parameters)
      let sums = customers.expectedPurchases(changed, within: time, weights: weights)
      return (sums.purchases, sums.buyers, sums.revenue)
    }
    if let bootstrap {
      guard bootstrap.parameters.count >= 10 else { return nil }
      let all = bootstrap.parameters.map(sums)
      func variance(_ part: (Sums) -> Double) -> Double {
        let center = all.reduce(0) { $0 + part($1) } / Double(all.count)
        let squares = all.reduce(0) { $0 + (part($1) - center) * (part($1) - center) }
        return squares / Double(all.count - 1)
      }
      return (variance(\.purchases), variance(\.buyers), variance(\.revenue))
    }
    guard fit.status == .converged else { return nil }
    let slopes = fit.parameters.indices.map { place -> Sums in
      let step = fit.step(place, 1e-4)
      var (low, high) = (fit.parameters, fit.parameters)
      low[place] -= step
      high[place] += step
      let (below, above) = (sums(low), sums(high))
      return (
        (above.purchases - below.purchases) / (2 * step),
        (above.buyers - below.buyers) / (2 * step),
        (above.revenue - below.revenue) / (2 * step)
      )
    }
    guard let purchases = fit.variance(slopes.map(\.purchases)),
      let buyers = fit.variance(slopes.map(\.buyers)),
      let revenue = fit.variance(slopes.map(\.revenue))
    else { return nil }
    return (purchases, buyers, revenue)
  }

  /// The values of all customers, and their slopes by the model of values.
  private static func values(
    _ customers: PurchaseGroups,
    _ forecasts: [PurchaseForecast],
    _ money: (model: GammaGamma, fit: LifetimeFit, meanValues: [Double]),
    _ level: Double
  ) -> Values {
    var values = Values(orderValueOfGroup: Array(repeating: 0, count: forecasts.count))
    for (customer, group) in customers.groupOfCustomer.enumerated() where group >= 0 {
      let place = Int(group)
      let forecast = money.model.moments(
        forecasts[place],
        frequency: customers.summaries[place].frequency,
        meanValue: money.meanValues[customer]
      )
      guard let forecast else { continue }
      values.orderValueOfGroup[place] += forecast.orderValue
      values.mean += forecast.mean
      values.variance = values.variance.flatMap { sum in forecast.variance.map { sum + $0 } }
    }
    guard money.fit.status == .converged else { return values }
    func mean(_ parameters: [Double]) -> Double {
      let model = GammaGamma(p: parameters[0], q: parameters[1], v: parameters[2])
      var sum = 0.0
      for (customer, group) in customers.groupOfCustomer.enumerated() where group >= 0 {
        let value = money.meanValues[customer]
        let frequency = value > 0 ? customers.summaries[Int(group)].frequency : 0
        sum +=
          forecasts[Int(group)].mean
          * (model.expectedValue(frequency: frequency, meanValue: value) ?? 0)
      }
      return sum
    }
    let slopes = money.fit.parameters.indices.map { place in
      let step = money.fit.parameters[place] * 1e-4
      var (low, high) = (money.fit.parameters, money.fit.parameters)
      low[place] -= step
      high[place] += step
      return (mean(high) - mean(low)) / (2 * step)
    }
    values.parameterVariance = money.fit.variance(slopes)
    return values
  }
}

extension LifetimeModel {
  /// The kind of the model.
  public var kind: Kind {
    switch self {
    case .betaGeometric(let model): model.variant == .standard ? .bgnbd : .mbgnbd
    case .pareto: .paretonbd
    case .covariates(let model): model.kind
    }
  }
}

extension LifetimeFit {
  /// The variance of a figure with the given slopes by the parameters; nil where not identified.
  func variance(_ slopes: [Double]) -> Double? {
    guard status == .converged, covariance.rowCount == slopes.count else { return nil }
    var variance = 0.0
    for i in slopes.indices {
      for j in slopes.indices { variance += slopes[i] * slopes[j] * covariance[i, j] }
    }
    return variance.isFinite ? max(0, variance) : nil
  }
}

extension GammaGamma {
  /// Mean and variance without the quantiles; nil where no mean exists.
  func moments(
    _ purchases: PurchaseForecast,
    frequency: Int,
    meanValue: Double
  ) -> (orderValue: Double, mean: Double, variance: Double?)? {
    let x = meanValue > 0 ? Double(frequency) : 0
    let (shape, scale) = (q + p * x, v + x * meanValue)
    guard shape > 1 else { return nil }
    let inverse = scale / (shape - 1)
    let mean = purchases.mean * p * inverse
    guard shape > 2 else { return (p * inverse, mean, nil) }
    let square =
      (purchases.mean * p + purchases.meanSquare * p * p) * inverse * scale / (shape - 2)
    return (p * inverse, mean, max(0, square - mean * mean))
  }
}
