internal import Glibc
internal import LodeNumerics

/// The Gamma-Gamma model whose scale depends on what is known of each customer: v = v₀ e^(γ·z).
///
/// A customer of a coefficient above 0 has dearer purchases: the mean of new customers grows by
/// the factor e^γ a unit of the covariate.
///
/// - Source: the scale of Fader & Hardie (2013), note 025, with covariates as in their note of 2007
///   on the models of purchases; no figures of it are published.
public struct CovariateGammaGamma: Sendable, Hashable, Codable {
  /// The names of the covariates that have coefficients.
  public let names: [String]
  /// The others.
  public let leftOut: [LeftOutCovariate]
  /// γ, one coefficient a covariate.
  public let coefficients: [Double]
  private let columns: [Int]
  /// The logarithms of p, q and v of a customer with covariates 0.
  private let logarithms: [Double]

  /// The model of a customer.
  ///
  /// - Parameter covariates: the numbers of the customer, of all covariates in the order of the
  ///   fit, those left out included.
  /// - Returns: the model with the scale of this customer.
  public func model(of covariates: [Double]) -> GammaGamma {
    var scale = logarithms[2]
    for (column, coefficient) in zip(columns, coefficients) {
      scale += coefficient * covariates[column]
    }
    return Self.plain([logarithms[0], logarithms[1], scale])
  }

  private static func plain(_ logarithms: [Double]) -> GammaGamma {
    let parameters = logarithms.map { exp(min(max($0, -30), 30)) }
    return GammaGamma(p: parameters[0], q: parameters[1], v: parameters[2])
  }

  /// The model of highest likelihood and what the fit reached; never fails.
  ///
  /// - Parameters:
  ///   - frequencies: repeat purchases of each customer; customers with none are left out.
  ///   - values: the mean value of each customer's repeat purchases; others than positive ones are
  ///     left out.
  ///   - covariates: what else is known of each customer.
  /// - Returns: the model and the fit of p, q, v and the coefficients.
  public static func fit(
    frequencies: [Int],
    values: [Double],
    _ covariates: CustomerCovariates
  ) -> (model: CovariateGammaGamma, fit: LifetimeFit) {
    precondition(
      frequencies.count == values.count && covariates.profileOfCustomer.count == values.count,
      "\(values.count) values"
    )
    var members = [(x: [Int], z: [Double])](
      repeating: ([], []),
      count: covariates.profiles.count
    )
    for (row, value) in values.enumerated()
    where frequencies[row] > 0 && value > 0 && value.isFinite {
      let profile = Int(covariates.profileOfCustomer[row])
      guard profile >= 0 else { continue }
      members[profile].x.append(frequencies[row])
      members[profile].z.append(value)
    }
    let count = members.reduce(0) { $0 + $1.z.count }
    let mean =
      count == 0 ? 1 : members.reduce(0) { $0 + $1.z.reduce(0, +) } / Double(count)
    // Money by its mean, as without covariates.
    let cells = members.map { (x: $0.x, z: $0.z.map { $0 / mean }) }
    let all = GammaGamma.fit(frequencies: cells.flatMap(\.x), values: cells.flatMap(\.z)).fit
    let search = CovariateSearch(
      names: covariates.names,
      profiles: covariates.profiles,
      weights: cells.map { Double($0.z.count) },
      parameters: all.names,
      effects: [CovariateSearch.Effect(parameter: 2, sign: 1)]
    )
    let maximum = search.maximum(plain: all.parameters.map { log($0) }, from: nil) { cell, point in
      plain(point).likelihood(cells[cell].x, cells[cell].z)
    }
    var (point, map) = search.outer(maximum.parameters)
    point[2] += log(mean)
    let scaled = NewtonMaximizer.Maximum(
      parameters: maximum.parameters,
      value: NewtonMaximizer.Value(
        value: maximum.value.value - Double(count) * log(mean),
        gradient: maximum.value.gradient,
        hessian: maximum.value.hessian
      ),
      steps: maximum.steps,
      converged: maximum.converged
    )
    let fit = LifetimeFit(
      names: search.allNames,
      scaled,
      customerCount: Double(count),
      outer: (point, map, logarithmCount: 3)
    )
    let model = CovariateGammaGamma(
      names: search.names,
      leftOut: search.leftOut,
      coefficients: Array(point.dropFirst(3)),
      columns: search.columns,
      logarithms: Array(point.prefix(3))
    )
    return (model, fit)
  }
}
