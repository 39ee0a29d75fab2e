internal import Glibc
internal import LodeNumerics
internal import LodeRuntime

/// The likelihood of customers whose parameters depend on their covariates, and its maximum.
///
/// The logarithm of a parameter is that of a customer with covariates 0 and a sum of coefficients
/// times covariates, so the derivatives by the logarithms of the own parameters of each profile,
/// which the models have, map linearly onto those of the coefficients.
///
/// Within, covariates are centred at their means and divided by their range (by four standard
/// deviations where that is less), so their units do not matter to the search.
struct CovariateSearch: Sendable {
  /// A coefficient of every covariate on one parameter.
  struct Effect: Sendable, Hashable {
    /// The place of the parameter.
    let parameter: Int
    /// 1 where a positive coefficient makes it larger, −1 where smaller.
    let sign: Double
  }

  /// The names of the parameters of one customer.
  let parameters: [String]
  /// What the covariates act on.
  let effects: [Effect]
  /// The names of the covariates that are fitted.
  let names: [String]
  /// Those that are not.
  let leftOut: [LeftOutCovariate]
  /// The places of the fitted ones among all.
  let columns: [Int]
  private let means: [Double]
  private let scales: [Double]
  /// The centred and scaled covariates of each profile.
  private let points: [[Double]]

  /// The number of parameters and coefficients.
  var count: Int { parameters.count + effects.count * columns.count }

  /// Finds out which covariates can have coefficients.
  ///
  /// - Parameters:
  ///   - names: the names of the covariates.
  ///   - profiles: their different rows.
  ///   - weights: the customers of each profile; those of 0 do not count.
  ///   - parameters: the names of the parameters of one customer.
  ///   - effects: what the covariates act on.
  init(
    names: [String],
    profiles: [[Double]],
    weights: [Double],
    parameters: [String],
    effects: [Effect]
  ) {
    (self.parameters, self.effects) = (parameters, effects)
    let total = max(weights.reduce(0, +), 1e-300)
    var columns: [Int] = []
    var leftOut: [LeftOutCovariate] = []
    var (means, scales) = ([Double](), [Double]())
    var basis: [[Double]] = []
    for (place, name) in names.enumerated() {
      let values = profiles.map { $0[place] }
      var (low, high, mean) = (Double.infinity, -Double.infinity, 0.0)
      for (value, weight) in zip(values, weights) where weight > 0 {
        (low, high) = (min(low, value), max(high, value))
        mean += weight / total * value
      }
      guard high > low, (high - low).isFinite, high - low > 1e-12 * max(abs(low), abs(high)) else {
        leftOut.append(LeftOutCovariate(name: name, reason: .constant))
        continue
      }
      let range = high - low
      var rest = values.map { ($0 - mean) / range }
      let before = Self.product(rest, rest, weights)
      // Twice, as one pass of Gram and Schmidt leaves rounding behind.
      for _ in 0..<2 {
        for other in basis {
          let share = Self.product(rest, other, weights)
          for row in rest.indices { rest[row] -= share * other[row] }
        }
      }
      let after = Self.product(rest, rest, weights)
      guard after > 1e-12 * before else {
        leftOut.append(LeftOutCovariate(name: name, reason: .collinear))
        continue
      }
      basis.append(rest.map { $0 / after.squareRoot() })
      columns.append(place)
      means.append(mean)
      scales.append(range * min(1, 4 * (before / total).squareRoot()))
    }
    (self.columns, self.leftOut, self.means, self.scales) = (columns, leftOut, means, scales)
    self.names = columns.map { names[$0] }
    let (kept, centers, widths) = (columns, means, scales)
    points = profiles.map { row in
      kept.indices.map { (row[kept[$0]] - centers[$0]) / widths[$0] }
    }
  }

  private static func product(_ one: [Double], _ other: [Double], _ weights: [Double]) -> Double {
    var sum = 0.0
    for row in weights.indices where weights[row] > 0 {
      sum += weights[row] * one[row] * other[row]
    }
    return sum
  }

  /// The names of parameters and coefficients, for example `alpha` and `alpha:channel=web`.
  var allNames: [String] {
    parameters + effects.flatMap { effect in names.map { "\(parameters[effect.parameter]):\($0)" } }
  }

  /// The parameter that each place acts on, and its factor in a profile.
  private func factors(_ profile: Int) -> [(parameter: Int, factor: Double)] {
    parameters.indices.map { ($0, 1) }
      + effects.flatMap { effect in
        points[profile].map { (effect.parameter, effect.sign * $0) }
      }
  }

  /// The logarithms of the parameters of a profile.
  private func logarithms(_ point: [Double], _ profile: Int) -> [Double] {
    var sums = Array(point.prefix(parameters.count))
    for (place, (parameter, factor)) in factors(profile).enumerated()
    where place >= parameters.count {
      sums[parameter] += factor * point[place]
    }
    return sums
  }

  /// The sum over profiles of a log-likelihood with its derivatives.
  ///
  /// - Parameters:
  ///   - point: parameters and coefficients of the search.
  ///   - likelihood: that of the customers of a profile by the logarithms of their parameters.
  /// - Returns: the sum with derivatives by `point`.
  func value(
    _ point: [Double],
    _ likelihood: @Sendable (_ profile: Int, _ logarithms: [Double]) -> NewtonMaximizer.Value
  ) -> NewtonMaximizer.Value {
    let (n, p) = (count, parameters.count)
    let parts = Parallel.map(rows: points.count, chunkSize: 32) { profiles in
      var part = NewtonMaximizer.Value(
        value: 0,
        gradient: Array(repeating: 0, count: n),
        hessian: Matrix(rowCount: 0, columnCount: 0, elements: [])
      )
      var hessian = [Double](repeating: 0, count: n * n)
      for profile in profiles {
        let own = likelihood(profile, logarithms(point, profile))
        let factors = factors(profile)
        part.value += own.value
        let curves = own.hessian.elements
        for (i, (row, left)) in factors.enumerated() {
          part.gradient[i] += left * own.gradient[row]
          for (j, (column, right)) in factors.enumerated() {
            hessian[i * n + j] += left * right * curves[row * p + column]
          }
        }
      }
      part.hessian = Matrix(rowCount: n, columnCount: n, elements: hessian)
      return part
    }
    var total = NewtonMaximizer.Value(
      value: 0,
      gradient: Array(repeating: 0, count: n),
      hessian: Matrix(rowCount: n, columnCount: n)
    )
    var hessian = [Double](repeating: 0, count: n * n)
    for part in parts {
      total.value += part.value
      for i in 0..<n { total.gradient[i] += part.gradient[i] }
      for i in 0..<n * n { hessian[i] += part.hessian.elements[i] }
    }
    total.hessian = Matrix(rowCount: n, columnCount: n, elements: hessian)
    return total
  }

  /// The highest point, from the logarithms of the parameters of customers without covariates, or
  /// from such logarithms and coefficients of another fit of the same covariates.
  func maximum(
    plain: [Double],
    from start: [Double]?,
    _ likelihood: @Sendable (_ profile: Int, _ logarithms: [Double]) -> NewtonMaximizer.Value
  ) -> NewtonMaximizer.Maximum {
    var point = plain.map { min(max($0, -8), 8) } + Array(repeating: 0, count: count - plain.count)
    if let start, start.count == count { point = inner(start) }
    return NewtonMaximizer(maximumSteps: 40)
      .maximize(from: point, border: LifetimeFit.largestLogarithm) { value($0, likelihood) }
  }

  /// Parameters of a customer with covariates 0, as logarithms, and coefficients in the units of
  /// the covariates; the matrix takes a point of the search there.
  func outer(_ point: [Double]) -> (point: [Double], map: Matrix) {
    let n = count
    var map = [Double](repeating: 0, count: n * n)
    for i in parameters.indices { map[i * n + i] = 1 }
    for (block, effect) in effects.enumerated() {
      for column in columns.indices {
        let place = parameters.count + block * columns.count + column
        map[place * n + place] = 1 / scales[column]
        map[effect.parameter * n + place] = -effect.sign * means[column] / scales[column]
      }
    }
    let outer = (0..<n).map { i in (0..<n).reduce(0) { $0 + map[i * n + $1] * point[$1] } }
    return (outer, Matrix(rowCount: n, columnCount: n, elements: map))
  }

  /// The way back.
  private func inner(_ point: [Double]) -> [Double] {
    var inner = point
    for (block, effect) in effects.enumerated() {
      for column in columns.indices {
        let place = parameters.count + block * columns.count + column
        inner[place] = point[place] * scales[column]
        inner[effect.parameter] += effect.sign * means[column] * point[place]
      }
    }
    return inner
  }
}

/// A covariate that has no coefficients, and why.
public struct LeftOutCovariate: Sendable, Hashable, Codable {
  /// Why a covariate is left out.
  public enum Reason: String, Sendable, Hashable, Codable {
    /// It is the same for all customers.
    case constant
    /// Those named before it say the same.
    case collinear
  }

  /// The name of the covariate.
  public let name: String
  /// Why it has no coefficients.
  public let reason: Reason
}
