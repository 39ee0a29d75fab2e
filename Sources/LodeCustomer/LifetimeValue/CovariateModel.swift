internal import Glibc
internal import LodeNumerics

/// A model of repeat purchases whose parameters depend on what is known of each customer.
///
/// For covariates z: α = α₀ e^(−γ₁·z) in all models, β = β₀ e^(−γ₂·z) in Pareto/NBD, and
/// a = a₀ e^(γ₂·z), b = b₀ e^(γ₃·z) in BG/NBD and MBG/NBD. A customer of a coefficient γ₁ above 0
/// buys more often; one of γ₂ above 0 drops out earlier, unless γ₃ is larger still.
///
/// - Source: Fader & Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD
///   and BG/NBD models".
public struct CovariateModel: Sendable, Hashable, Codable {
  /// The kind of the model of each customer.
  public let kind: LifetimeModel.Kind
  /// The names of the covariates that have coefficients.
  public let names: [String]
  /// The others.
  public let leftOut: [LeftOutCovariate]
  /// The places of the covariates with coefficients among all.
  let columns: [Int]
  /// The logarithms of the parameters of a customer with covariates 0.
  let logarithms: [Double]
  /// γ₁, γ₂ and, but for Pareto/NBD, γ₃: one coefficient a covariate each.
  public let coefficients: [[Double]]
  /// What the covariates add to a model without them.
  public let test: LikelihoodRatio?

  /// Twice the gain of the log-likelihood beside the model without covariates.
  public struct LikelihoodRatio: Sendable, Hashable, Codable {
    /// 2 (ln L − ln L₀), 0 or more.
    public let statistic: Double
    /// The number of coefficients.
    public let degreesOfFreedom: Int
    /// The chance of such a gain if no covariate matters, by χ².
    public let pValue: Double
  }

  /// What coefficients act on.
  static func effects(_ kind: LifetimeModel.Kind) -> [CovariateSearch.Effect] {
    typealias Effect = CovariateSearch.Effect
    return kind == .paretonbd
      ? [Effect(parameter: 1, sign: -1), Effect(parameter: 3, sign: -1)]
      : [
        Effect(parameter: 1, sign: -1), Effect(parameter: 2, sign: 1),
        Effect(parameter: 3, sign: 1),
      ]
  }

  /// The model of a customer.
  ///
  /// - Parameter covariates: the numbers of the customer, of all covariates in the order of the
  ///   fit, those left out included.
  /// - Returns: the model with parameters of this customer.
  public func model(of covariates: [Double]) -> LifetimeModel {
    precondition(
      columns.allSatisfy(covariates.indices.contains),
      "\(covariates.count) numbers for covariates at \(columns)"
    )
    var own = logarithms
    for (effect, coefficients) in zip(Self.effects(kind), coefficients) {
      for (column, coefficient) in zip(columns, coefficients) {
        own[effect.parameter] += effect.sign * coefficient * covariates[column]
      }
    }
    return Self.plain(kind, own)
  }

  /// The model of a customer with covariates 0.
  public var reference: LifetimeModel { Self.plain(kind, logarithms) }

  private static func plain(_ kind: LifetimeModel.Kind, _ logarithms: [Double]) -> LifetimeModel {
    LifetimeModel(kind, parameters: logarithms.map { exp(min(max($0, -30), 30)) })
  }

  /// Parameters of a customer with covariates 0, and coefficients.
  public var parameters: [Double] { logarithms.map { exp($0) } + coefficients.flatMap(\.self) }

  /// The model of highest likelihood and what the fit reached; never fails.
  ///
  /// Constant and collinear covariates are left out by name. A coefficient that the data do not
  /// say (nobody of a level bought again) makes the status `notIdentified`.
  ///
  /// - Parameters:
  ///   - kind: the kind of the model of each customer.
  ///   - groups: the customers, grouped by what they did and by covariates.
  ///   - start: parameters and coefficients to start from; nil for those without covariates.
  /// - Returns: the model and the fit of parameters and coefficients.
  /// - Complexity: that of the model without covariates, and O(profiles · (4 + 3·covariates)²) a
  ///   step.
  static func fit(
    _ kind: LifetimeModel.Kind,
    _ groups: PurchaseGroups,
    from start: [Double]? = nil
  ) -> (model: CovariateModel, fit: LifetimeFit) {
    let cells = groups.cells
    let search = CovariateSearch(
      names: groups.covariateNames,
      profiles: cells.map(\.covariates),
      weights: cells.map(\.groups.customerCount),
      parameters: kind.parameterNames,
      effects: effects(kind)
    )
    // All groups, as if nobody had covariates; a fit that starts elsewhere needs none.
    let isNested = start == nil || search.names.isEmpty
    let plain = isNested ? LifetimeModel.plainFit(kind, groups, from: start).fit : nil
    var fit = plain
    var point = (plain?.parameters ?? start ?? []).prefix(4).map { log($0) }
    if !search.names.isEmpty {
      let first = start.map { $0.prefix(4).map { log($0) } + $0.dropFirst(4) }
      let maximum = search.maximum(plain: point, from: first) { profile, logarithms in
        Self.plain(kind, logarithms).likelihood(cells[profile].groups)
      }
      let outer = search.outer(maximum.parameters)
      point = outer.point
      fit = LifetimeFit(
        names: search.allNames,
        maximum,
        customerCount: groups.customerCount,
        outer: (point, outer.map, logarithmCount: 4)
      )
    }
    guard let fit else { preconditionFailure("no fit of \(kind)") }
    let model = CovariateModel(
      kind: kind,
      names: search.names,
      leftOut: search.leftOut,
      columns: search.columns,
      logarithms: Array(point.prefix(4)),
      coefficients: Self.blocks(point.dropFirst(4), of: search.names.count),
      test: plain.map { Self.test(fit, $0, degrees: search.count - 4) }
    )
    return (model, fit)
  }

  private static func test(
    _ fit: LifetimeFit,
    _ plain: LifetimeFit,
    degrees: Int
  ) -> LikelihoodRatio {
    let gain = max(0, 2 * (fit.logLikelihood - plain.logLikelihood))
    return LikelihoodRatio(
      statistic: gain,
      degreesOfFreedom: degrees,
      pValue: degrees > 0 && gain.isFinite
        ? Distributions.chiSquareSurvival(gain, degreesOfFreedom: Double(degrees)) : 1
    )
  }

  /// The same model with other parameters and coefficients.
  func with(parameters: [Double]) -> CovariateModel {
    CovariateModel(
      kind: kind,
      names: names,
      leftOut: leftOut,
      columns: columns,
      logarithms: parameters.prefix(4).map { log($0) },
      coefficients: Self.blocks(parameters.dropFirst(4), of: names.count),
      test: test
    )
  }

  private static func blocks(_ numbers: ArraySlice<Double>, of length: Int) -> [[Double]] {
    guard length > 0 else { return [] }
    return stride(from: numbers.startIndex, to: numbers.endIndex, by: length)
      .map { Array(numbers[$0..<$0 + length]) }
  }
}
