internal import Glibc
public import LodeNumerics

/// A fitted ``CoxRegression``.
public struct CoxModel: Sendable, Hashable, Codable {
  /// What one covariate does.
  public struct Term: Sendable, Hashable, Codable {
    /// The name of the covariate.
    public let name: String
    /// ln of the factor on the rate of leaving, for one unit more.
    public let coefficient: Double
    /// Its standard error; nil where the sample does not bound the coefficient.
    public let standardError: Double?
    /// The two-sided p-value of no effect, by Wald's test; nil without an error.
    public let pValue: Double?

    /// The factor on the rate of leaving, for one unit more.
    public var hazardRatio: Double { exp(coefficient) }
  }

  /// Why a covariate has no coefficient, or none to trust.
  public enum Flaw: String, Sendable, Hashable, Codable {
    /// It is the same for all customers: left out.
    case constant
    /// It is a combination of covariates before it: left out.
    case collinear
    /// The likelihood goes on rising with its coefficient, as it tells exactly who leaves.
    case separated
  }

  /// A covariate with a flaw.
  public struct Problem: Sendable, Hashable, Codable {
    /// The name of the covariate.
    public let name: String
    /// What is wrong with it.
    public let flaw: Flaw
  }

  /// The covariates in use.
  public let terms: [Term]
  /// The covariates with flaws, in their order.
  public let problems: [Problem]
  /// The mean of each covariate in use: the baseline is that of a customer with these.
  public let means: [Double]
  /// The covariance of the coefficients; empty if some are not identified.
  public let covariance: Matrix
  /// The log partial likelihood.
  public let logLikelihood: Double
  /// The log partial likelihood without covariates.
  public let nullLogLikelihood: Double
  /// The share of pairs in the right order, 0…1; nil without pairs or with late entries.
  public let concordance: Double?
  /// The number of steps.
  public let steps: Int
  /// How good the point is; not identified with separated covariates.
  public let status: LifetimeFit.Status
  /// The times at which somebody left, ascending.
  public let baselineTimes: [Double]
  /// The cumulative hazard at mean covariates at each of these times (Breslow).
  public let baselineHazard: [Double]

  init(
    names: [String],
    _ sample: SurvivalSample,
    _ design: CoxDesign,
    _ likelihood: CoxLikelihood,
    _ maximum: NewtonMaximizer.Maximum,
    null: Double
  ) {
    let p = design.kept.count
    let negated = Matrix(
      rowCount: p,
      columnCount: p,
      elements: maximum.value.hessian.elements.map { -$0 }
    )
    let inverse = Cholesky(negated)?.inverse()
    // In units of a standard deviation: known to no power of e⁵⁰ is not known at all.
    let vague = (0..<p).filter { (inverse?[$0, $0] ?? .infinity) > 2500 }
    terms = (0..<p)
      .map { j in
        let coefficient = maximum.parameters[j] / design.scales[j]
        let error =
          vague.contains(j) ? nil : inverse.map { $0[j, j].squareRoot() / design.scales[j] }
        return Term(
          name: names[design.kept[j]],
          coefficient: coefficient,
          standardError: error,
          pValue: error.map { Distributions.normalTwoSided(coefficient / $0) }
        )
      }
    var flaws: [(place: Int, flaw: Flaw)] = design.constant.map { ($0, .constant) }
    flaws += design.collinear.map { ($0, .collinear) }
    let isEmpty = !zip(sample.isEvent, sample.weights).contains { $0.0 && $0.1 > 0 }
    if !isEmpty { flaws += vague.map { (design.kept[$0], .separated) } }
    problems = flaws.sorted { $0.place < $1.place }
      .map { Problem(name: names[$0.place], flaw: $0.flaw) }
    means = design.means
    if let inverse, vague.isEmpty {
      covariance = Matrix(
        rowCount: p,
        columnCount: p,
        elements: inverse.elements.enumerated()
          .map { $1 / design.scales[$0 / p] / design.scales[$0 % p] }
      )
    } else {
      covariance = Matrix(rowCount: 0, columnCount: 0, elements: [])
    }
    logLikelihood = maximum.value.value
    nullLogLikelihood = null
    concordance = likelihood.concordance(at: maximum.parameters)
    steps = maximum.steps
    status = !vague.isEmpty || isEmpty ? .notIdentified : maximum.converged ? .converged : .stopped
    (baselineTimes, baselineHazard) = likelihood.baseline(at: maximum.parameters)
  }

  /// ln of the factor on the rate of leaving, against a customer with mean covariates.
  ///
  /// - Parameter covariates: one figure for each of ``terms``.
  /// - Returns: the linear predictor.
  public func logHazardRatio(_ covariates: [Double]) -> Double {
    precondition(covariates.count == terms.count, "\(covariates.count) of \(terms.count) figures")
    return terms.indices.reduce(0) {
      $0 + terms[$1].coefficient * (covariates[$1] - means[$1])
    }
  }

  /// The chance of a customer to stay beyond a time, 0…1.
  ///
  /// - Parameters:
  ///   - covariates: one figure for each of ``terms``.
  ///   - time: the time, in the unit of the sample.
  /// - Returns: the chance.
  public func survival(_ covariates: [Double], at time: Double) -> Double {
    let step = baselineTimes.lastIndex { $0 <= time }
    return step.map { exp(-baselineHazard[$0] * exp(logHazardRatio(covariates))) } ?? 1
  }
}
