public import LodeNumerics

/// What a fit of a lifetime model reached.
public struct LifetimeFit: Sendable, Hashable, Codable {
  /// How good the point is.
  public enum Status: String, Sendable, Hashable, Codable {
    /// A maximum with a curvature in all directions.
    case converged
    /// The likelihood rises towards a border: the data do not say what some parameters are.
    case notIdentified = "not_identified"
    /// The search stopped before a maximum.
    case stopped
  }

  /// The names of the parameters.
  public let names: [String]
  /// The parameters, times in the unit of the summaries: positive ones, then the coefficients of
  /// covariates if there are any.
  public let parameters: [Double]
  /// The standard error of each parameter, from the observed information; NaN where not identified.
  public let standardErrors: [Double]
  /// The covariance of the parameters, `p × p`; empty where they are not identified.
  public let covariance: Matrix
  /// The log-likelihood of all customers in the unit of the summaries.
  public let logLikelihood: Double
  /// The number of customers.
  public let customerCount: Double
  /// The number of steps.
  public let steps: Int
  /// How good the point is.
  public let status: Status
  /// How many parameters are positive; the others are coefficients.
  let positiveCount: Int

  /// The fit at the end of a search over the logarithms of the parameters.
  ///
  /// - Parameters:
  ///   - names: the names of the parameters.
  ///   - maximum: the end of the search.
  ///   - customerCount: the number of customers.
  ///   - outer: where parameters of the search are not those of the model: the latter, the matrix
  ///     that takes the former to them, and how many of them are logarithms; nil for all.
  init(
    names: [String],
    _ maximum: NewtonMaximizer.Maximum,
    customerCount: Double,
    outer: (point: [Double], map: Matrix, logarithmCount: Int)? = nil
  ) {
    let p = names.count
    let logarithmCount = outer?.logarithmCount ?? p
    let point = outer?.point ?? maximum.parameters
    let parameters = point.enumerated()
      .map { $0.offset < logarithmCount ? exponential($0.element) : $0.element }
    self.names = names
    self.parameters = parameters
    positiveCount = logarithmCount
    logLikelihood = maximum.value.value
    self.customerCount = customerCount
    steps = maximum.steps
    let negated = Matrix(
      rowCount: p,
      columnCount: p,
      elements: maximum.value.hessian.elements.map { -$0 }
    )
    let isAtBorder = maximum.parameters.contains { abs($0) > Self.largestLogarithm }
    guard !isAtBorder, let factor = Cholesky(negated) else {
      standardErrors = Array(repeating: .nan, count: p)
      covariance = Matrix(rowCount: 0, columnCount: 0, elements: [])
      // Of coefficients, a level of whom nobody bought again has some without any curvature.
      status = isAtBorder || maximum.converged || outer != nil ? .notIdentified : .stopped
      return
    }
    let inverse = factor.inverse()
    var elements = outer.map { Self.product($0.map, inverse) } ?? inverse.elements
    let slopes = parameters.indices.map { $0 < logarithmCount ? parameters[$0] : 1 }
    for i in 0..<p { for j in 0..<p { elements[i * p + j] *= slopes[i] * slopes[j] } }
    covariance = Matrix(rowCount: p, columnCount: p, elements: elements)
    standardErrors = (0..<p).map { elements[$0 * p + $0].squareRoot() }
    // A parameter whose logarithm is known to no power of e³ is not known at all.
    let isVague = (0..<p).contains { inverse[$0, $0] > 9 }
    status = isVague ? .notIdentified : maximum.converged ? .converged : .stopped
  }

  /// A·C·Aᵀ, row-major.
  private static func product(_ map: Matrix, _ covariance: Matrix) -> [Double] {
    let p = covariance.rowCount
    var half = [Double](repeating: 0, count: p * p)
    var whole = half
    for i in 0..<p {
      for j in 0..<p {
        for k in 0..<p { half[i * p + j] += map[i, k] * covariance[k, j] }
      }
    }
    for i in 0..<p {
      for j in 0..<p {
        for k in 0..<p { whole[i * p + j] += half[i * p + k] * map[j, k] }
      }
    }
    return whole
  }

  /// A change of a parameter that is small beside it, or, of a coefficient, beside its error.
  func step(_ place: Int, _ share: Double) -> Double {
    guard place >= positiveCount else { return parameters[place] * share }
    return max(abs(parameters[place]), standardErrors[place]) * share
  }

  /// Beyond e¹² or below e⁻¹² a parameter is on its way to a border.
  static let largestLogarithm = 12.0

  /// The logarithm of a parameter to start from; one at a border comes back a little.
  static func start(_ parameter: Double) -> Double {
    let logarithm = naturalLogarithm(parameter)
    return min(max(logarithm, -largestLogarithm + 1), largestLogarithm - 1)
  }

  /// The interval of a figure of the parameters, by the delta method.
  ///
  /// - Parameters:
  ///   - figure: a smooth function of the parameters.
  ///   - level: the share of samples whose interval covers the truth, 0.9 for 90 %.
  /// - Returns: the interval; nil where the parameters are not identified.
  /// - Source: Casella & Berger (2002), "Statistical Inference", 2nd ed., §5.5.4.
  public func interval(
    of figure: ([Double]) -> Double,
    level: Double = 0.9
  ) -> ClosedRange<Double>? {
    guard covariance.rowCount == parameters.count, status == .converged else { return nil }
    var slopes: [Double] = []
    for i in parameters.indices {
      let step = step(i, 1e-5)
      var (low, high) = (parameters, parameters)
      low[i] -= step
      high[i] += step
      slopes.append((figure(high) - figure(low)) / (2 * step))
    }
    var variance = 0.0
    for i in slopes.indices {
      for j in slopes.indices { variance += slopes[i] * slopes[j] * covariance[i, j] }
    }
    let center = figure(parameters)
    let width = Distributions.normalQuantile(0.5 + level / 2) * max(0, variance).squareRoot()
    guard center.isFinite, width.isFinite else { return nil }
    return center - width...center + width
  }
}
