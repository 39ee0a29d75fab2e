internal import LodeRuntime

/// The parameters that a model takes on resamples of the customers.
///
/// Every replicate draws how often each group of equal customers is there (Poisson with the mean of
/// its count) and fits from the parameters of all: O(groups) a step, however many customers there
/// are. Where likelihoods are not parabolas, as with few customers, these say more than the delta
/// method.
///
/// - Determinism: one random stream a replicate; the same on any thread count.
/// - Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", ch. 6; Poisson weights
///   for the multinomial by Hanley & MacGibbon (2006), Computer Methods and Programs in
///   Biomedicine 83.
public struct LifetimeBootstrap: Sendable, Hashable {
  /// The parameters of each replicate whose fit ended at a finite likelihood.
  public let parameters: [[Double]]
  /// The replicates that were left out.
  public let failedCount: Int

  /// Fits a model to resamples.
  ///
  /// - Parameters:
  ///   - model: the model of all customers, whose kind is fitted and where fits start.
  ///   - groups: the customers.
  ///   - replicates: how many resamples.
  ///   - seed: the seed of all of them.
  public init(
    _ model: LifetimeModel,
    _ groups: PurchaseGroups,
    replicates: Int = 200,
    seed: UInt64
  ) {
    let start = model.parameters
    let fits = Parallel.map(replicates) { replicate -> [Double]? in
      var random = CounterRandom(seed: seed, stream: UInt64(replicate))
      let counts = groups.counts.map { Double(random.poisson(mean: $0)) }
      let fit =
        LifetimeModel.fit(
          model.kind,
          PurchaseGroups(groups, counts: counts),
          from: start
        )
        .fit
      let isSound =
        fit.logLikelihood.isFinite && fit.parameters.allSatisfy(\.isFinite)
        && fit.parameters.prefix(fit.positiveCount).allSatisfy { (1e-9...1e9) ~= $0 }
        && fit.parameters.count == start.count
      return isSound ? fit.parameters : nil
    }
    parameters = fits.compactMap(\.self)
    failedCount = replicates - parameters.count
  }

  /// The interval of a figure of the parameters that holds the given share of replicates.
  ///
  /// - Parameters:
  ///   - figure: a function of the parameters.
  ///   - level: the share of replicates.
  /// - Returns: the interval between percentiles; nil with fewer than ten replicates.
  public func interval(
    of figure: ([Double]) -> Double,
    level: Double = 0.9
  ) -> ClosedRange<Double>? {
    let figures = parameters.map(figure).filter(\.isFinite).sorted()
    guard figures.count >= 10 else { return nil }
    func percentile(_ share: Double) -> Double {
      let place = share * Double(figures.count - 1)
      let low = Int(place)
      let high = min(low + 1, figures.count - 1)
      return figures[low] + (place - Double(low)) * (figures[high] - figures[low])
    }
    return percentile((1 - level) / 2)...percentile((1 + level) / 2)
  }
}

extension LifetimeModel {
  /// The parameters, in the order of ``LifetimeFit/names``.
  public var parameters: [Double] {
    switch self {
    case .betaGeometric(let model): [model.r, model.alpha, model.a, model.b]
    case .pareto(let model): [model.r, model.alpha, model.s, model.beta]
    case .covariates(let model): model.parameters
    }
  }
}
