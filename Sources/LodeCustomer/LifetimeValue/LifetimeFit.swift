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
  /// The parameters, all positive, times in the unit of the summaries.
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

  /// The fit at the end of a search over the logarithms of the parameters.
  ///
  /// - Parameters:
  ///   - names: the names of the parameters.
  ///   - maximum: the end of the search.
  ///   - customerCount: the number of customers.
  init(names: [String], _ maximum: NewtonMaximizer.Maximum, customerCount: Double) {
    let p = names.count
    let parameters = maximum.parameters.map(exponential)
    self.names = names
    self.parameters = parameters
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
      status = isAtBorder || maximum.converged ? .notIdentified : .stopped
      return
    }
    let inverse = factor.inverse()
    var elements = inverse.elements
    for i in 0..<p { for j in 0..<p { elements[i * p + j] *= parameters[i] * parameters[j] } }
    covariance = Matrix(rowCount: p, columnCount: p, elements: elements)
    standardErrors = (0..<p).map { elements[$0 * p + $0].squareRoot() }
    // A parameter whose logarithm is known to no power of e³ is not known at all.
    let isVague = (0..<p).contains { inverse[$0, $0] > 9 }
    status = isVague ? .notIdentified : maximum.converged ? .converged : .stopped
  }

  /// Beyond e¹² or below e⁻¹² a parameter is on its way to a border.
  static let largestLogarithm = 12.0

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
      let step = parameters[i] * 1e-5
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
