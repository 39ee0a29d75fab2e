internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// A model of repeat purchases of any kind, with one way to fit it and to ask it.
public enum LifetimeModel: Sendable, Hashable, Codable {
  /// BG/NBD or MBG/NBD.
  case betaGeometric(BetaGeometric)
  /// Pareto/NBD.
  case pareto(ParetoNBD)
  /// One of these with parameters that depend on covariates; asked for a customer of whom only the
  /// purchases are given, it takes the covariates for 0.
  case covariates(CovariateModel)

  /// The kinds of models, by the names that pipeline files use.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// BG/NBD.
    case bgnbd
    /// MBG/NBD.
    case mbgnbd
    /// Pareto/NBD.
    case paretonbd

    /// The names of its parameters.
    var parameterNames: [String] {
      self == .paretonbd ? ["r", "alpha", "s", "beta"] : ["r", "alpha", "a", "b"]
    }
  }

  /// A model with known parameters.
  ///
  /// - Precondition: there are four positive ones, in the order of ``LifetimeFit/names``.
  public init(_ kind: Kind, parameters: [Double]) {
    switch kind {
    case .bgnbd: self = .betaGeometric(BetaGeometric(.standard, parameters: parameters))
    case .mbgnbd: self = .betaGeometric(BetaGeometric(.modified, parameters: parameters))
    case .paretonbd: self = .pareto(ParetoNBD(parameters: parameters))
    }
  }

  /// The model of highest likelihood of a kind; never fails, see ``LifetimeFit/status``.
  ///
  /// Customers with covariates give a model with coefficients, see ``CovariateModel``.
  public static func fit(
    _ kind: Kind,
    _ groups: PurchaseGroups
  ) -> (model: LifetimeModel, fit: LifetimeFit) {
    fit(kind, groups, from: nil)
  }

  /// The same from given parameters on.
  static func fit(
    _ kind: Kind,
    _ groups: PurchaseGroups,
    from start: [Double]?
  ) -> (model: LifetimeModel, fit: LifetimeFit) {
    guard !groups.covariateNames.isEmpty else { return plainFit(kind, groups, from: start) }
    let fitted = CovariateModel.fit(kind, groups, from: start)
    return (.covariates(fitted.model), fitted.fit)
  }

  /// The same as if nobody had covariates.
  static func plainFit(
    _ kind: Kind,
    _ groups: PurchaseGroups,
    from start: [Double]?
  ) -> (model: LifetimeModel, fit: LifetimeFit) {
    switch kind {
    case .bgnbd:
      let fitted = BetaGeometric.fit(.standard, groups, from: start)
      return (.betaGeometric(fitted.model), fitted.fit)
    case .mbgnbd:
      let fitted = BetaGeometric.fit(.modified, groups, from: start)
      return (.betaGeometric(fitted.model), fitted.fit)
    case .paretonbd:
      let fitted = ParetoNBD.fit(groups, from: start)
      return (.pareto(fitted.model), fitted.fit)
    }
  }

  /// The model of a customer with covariates; models without are the same for all.
  public func model(of covariates: [Double]) -> LifetimeModel {
    guard case .covariates(let model) = self else { return self }
    return model.model(of: covariates)
  }

  /// The same model with other parameters, in the order of ``LifetimeFit/names``.
  func with(parameters: [Double]) -> LifetimeModel {
    guard case .covariates(let model) = self else {
      return LifetimeModel(kind, parameters: parameters)
    }
    return .covariates(model.with(parameters: parameters))
  }

  /// The log-likelihood of customers without covariates, with its derivatives by the logarithms of
  /// the parameters.
  func likelihood(_ groups: PurchaseGroups) -> NewtonMaximizer.Value {
    switch self {
    case .betaGeometric(let model): model.likelihood(groups)
    case .pareto(let model): model.likelihood(groups)
    case .covariates(let model): model.reference.likelihood(groups)
    }
  }

  /// The chance that a customer has not dropped out, 0…1.
  public func probabilityAlive(_ summary: PurchaseSummary) -> Double {
    switch self {
    case .betaGeometric(let model): model.probabilityAlive(summary)
    case .pareto(let model): model.probabilityAlive(summary)
    case .covariates(let model): model.reference.probabilityAlive(summary)
    }
  }

  /// The distribution of a customer's purchases in the time after the end of observation.
  public func forecast(
    _ summary: PurchaseSummary,
    within time: Double,
    level: Double = 0.9
  ) -> PurchaseForecast {
    switch self {
    case .betaGeometric(let model): model.forecast(summary, within: time, level: level)
    case .pareto(let model): model.forecast(summary, within: time, level: level)
    case .covariates(let model):
      model.reference.forecast(summary, within: time, level: level)
    }
  }

  /// The expected number of all purchases to come of a customer, discounted to now.
  ///
  /// Of a model with covariates it is that of the reference; ask `model(of:)` for a customer's own.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - discount: the yearly rate, above 0.
  ///   - unit: the unit of the times of the summary and of the model.
  /// - Returns: the expectation, without an end of time.
  public func discountedPurchases(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    probabilityAlive(summary)
      * discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
  }

  /// The same of a customer who is alive, which does not depend on the recency.
  func discountedPurchasesIfAlive(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    switch self {
    case .betaGeometric(let model):
      model.discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
    case .pareto(let model):
      model.discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
    case .covariates(let model):
      model.reference.discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
    }
  }
}

extension BetaGeometric {
  private static let nodes = GaussLegendre(count: 20)

  /// The expected number of all purchases to come of a customer, discounted.
  ///
  /// Given alive, the rate of purchases at a time u ahead is r'/α' · E[(1 + pu/α')^−(r'+1)] with
  /// p of beta: 20 points for p, and 20 in ln(1 + u/α') for the time. About three digits.
  ///
  /// - Parameters:
  ///   - summary: what the customer did.
  ///   - discount: the yearly rate, above 0.
  ///   - unit: the unit of the times of the summary and of the model.
  /// - Returns: the expectation.
  /// - Precondition: the rate is above 0.
  /// - Source: Fader, Hardie & Lee (2005), §4, the rate of E[X(t)], discounted all the time.
  public func discountedPurchases(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    probabilityAlive(summary)
      * discountedPurchasesIfAlive(summary, discount: discount, unit: unit)
  }

  /// The same of a customer who is alive.
  func discountedPurchasesIfAlive(
    _ summary: PurchaseSummary,
    discount: DiscountRate,
    unit: TimeUnit
  ) -> Double {
    precondition(discount.yearly > 0, "a yearly rate of \(discount.yearly)")
    let delta = log1p(discount.yearly) / unit.perYear
    let x = Double(summary.frequency)
    let (shape, rate) = (r + x, alpha + summary.age)
    let chances = dropoutPoints(stays: b + x + (variant == .modified ? 1 : 0))
    // Beyond it less than e⁻³⁵ of the discount is left.
    let end = log1p(35 / (delta * rate))
    var sum = 0.0
    for k in 0..<20 {
      let y = end * (Self.nodes.points[k] + 1) / 2
      let grown = expm1(y)
      var bought = 0.0
      for place in 0..<20 {
        bought +=
          chances.weights[place]
          * exp(-(shape + 1) * log1p(chances.points[place] * grown))
      }
      sum += Self.nodes.weights[k] * exp(y - delta * rate * grown) * bought
    }
    return shape * sum * end / 2
  }

  /// Points and weights of the mean over a chance to drop out of beta with `a` and `stays`.
  private func dropoutPoints(
    stays: Double
  ) -> (points: InlineArray<20, Double>, weights: InlineArray<20, Double>) {
    var points = InlineArray<20, Double>(repeating: 0)
    var weights = InlineArray<20, Double>(repeating: 0)
    // p = y^(1/power) flattens the end at 0; the other end is cut where nothing is left.
    let power = min(a, 1)
    let largest = stays > 1 ? -expm1(-(40 + 3 * a) / (stays - 1)) : 1
    let mean = a / (a + stays)
    let deviation = (mean * (1 - mean) / (a + stays + 1)).squareRoot()
    // Chances that are nearly equal lie where 20 points over all of the range would miss them.
    let isNarrow = mean > 9 * deviation
    let start = isNarrow ? mean - 9 * deviation : 0
    let end = isNarrow ? min(mean + 9 * deviation, 1) : pow(largest, power)
    func logarithm(_ p: Double) -> Double { (a - power) * log(p) + (stays - 1) * log1p(-p) }
    let top = isNarrow ? logarithm(mean) : 0
    var total = 0.0
    for k in 0..<20 {
      let p = pow(start + (end - start) * (Self.nodes.points[k] + 1) / 2, 1 / power)
      points[k] = p
      weights[k] = Self.nodes.weights[k] * exp(logarithm(p) - top)
      total += weights[k]
    }
    for k in 0..<20 { weights[k] /= total }
    return (points, weights)
  }
}

extension PurchaseGroups {
  /// The forecast of every group, in the order of ``summaries``.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - time: the time ahead, in the unit of the summaries.
  ///   - level: the share of customers inside the prediction intervals, at least.
  /// - Returns: one forecast a group.
  /// - Complexity: O(groups · purchases in reach), groups in parallel.
  public func forecasts(
    _ model: LifetimeModel,
    within time: Double,
    level: Double = 0.9
  ) -> [PurchaseForecast] {
    if case .covariates(let model) = model {
      return
        cells.flatMap {
          $0.groups.forecasts(model.model(of: $0.covariates), within: time, level: level)
        }
    }
    if case .betaGeometric(let model) = model,
      let series = PurchaseSeriesTable(model, self, within: time, level: level)
    {
      return series.forecasts()
    }
    return
      Parallel.map(rows: summaries.count, chunkSize: 2048) { groups in
        groups.map { model.forecast(summaries[$0], within: time, level: level) }
      }
      .flatMap(\.self)
  }

  /// The discounted purchases to come of every group, in the order of ``summaries``.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - forecasts: the forecasts of the groups by this model, for any time ahead.
  ///   - discount: the yearly rate, above 0.
  ///   - unit: the unit of the times of the summaries and of the model.
  /// - Returns: one expectation a group.
  /// - Complexity: O(pairs of a frequency and an age), pairs in parallel.
  public func discountedPurchases(
    _ model: LifetimeModel,
    _ forecasts: [PurchaseForecast],
    discount: DiscountRate,
    unit: TimeUnit
  ) -> [Double] {
    precondition(forecasts.count == summaries.count, "\(forecasts.count) forecasts")
    if case .covariates(let model) = model {
      var start = 0
      return cells.flatMap { cell in
        let end = start + cell.groups.summaries.count
        defer { start = end }
        return cell.groups.discountedPurchases(
          model.model(of: cell.covariates),
          Array(forecasts[start..<end]),
          discount: discount,
          unit: unit
        )
      }
    }
    let pairs = FrequencyAgePairs(self)
    let firsts = pairs?.firsts ?? Array(summaries.indices)
    let ofPairs =
      Parallel.map(rows: firsts.count, chunkSize: 128) { range in
        range.map {
          model.discountedPurchasesIfAlive(summaries[firsts[$0]], discount: discount, unit: unit)
        }
      }
      .flatMap(\.self)
    return forecasts.indices.map { group in
      let pair = pairs.map { Int($0.places[group]) } ?? group
      return forecasts[group].probabilityAlive * ofPairs[pair]
    }
  }
}
