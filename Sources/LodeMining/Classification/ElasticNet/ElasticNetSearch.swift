internal import Glibc
internal import LodeNumerics

/// The state of a path of penalties: each fit starts where the one before ended.
struct ElasticNetSearch {
  private let design: LogisticDesign
  private let configuration: LogisticElasticNet
  let nullDeviance: Double
  private var parameters: [Double]
  private var evaluation: LogisticDesign.Evaluation

  init(_ design: LogisticDesign, configuration: LogisticElasticNet) {
    self.design = design
    self.configuration = configuration
    parameters = LogisticObjective(design: design, l2: 0, likelihood: .plain).start()
    evaluation = design.evaluate(parameters)
    nullDeviance = 2 * evaluation.loss
  }

  private var rowCount: Double { Double(design.rowCount) }

  /// Penalties from the one that leaves every coefficient at zero, in even steps of logarithm.
  func path() -> [Double] {
    let steepest = evaluation.gradient.dropFirst().map { abs($0) }.max() ?? 0
    let strongest = steepest / (rowCount * max(configuration.mixing, 1e-3))
    guard strongest > 0 else { return [0] }
    let isWide = design.parameterCount > design.rowCount
    let share = configuration.smallestShare ?? (isWide ? 1e-2 : 1e-4)
    let count = configuration.penaltyCount
    guard count > 1 else { return [strongest] }
    return (0..<count).map { strongest * pow(share, Double($0) / Double(count - 1)) }
  }

  /// The model at one penalty.
  mutating func step(_ penalty: Double) -> LogisticElasticNet.Step {
    let descent = CoordinateDescent(
      lasso: rowCount * penalty * configuration.mixing,
      ridge: rowCount * penalty * (1 - configuration.mixing)
    )
    var iterations = 0
    var violation = descent.violation(parameters, evaluation.gradient) / rowCount
    while violation > configuration.tolerance, iterations < configuration.maximumIterations {
      iterations += 1
      let target = descent.minimum(
        around: parameters,
        gradient: evaluation.gradient,
        information: evaluation.information,
        tolerance: 0.01 * configuration.tolerance * rowCount
      )
      let objective = evaluation.loss + descent.penalty(parameters)
      var length = 1.0
      var next = target
      var reached = design.evaluate(next)
      while !(reached.loss + descent.penalty(next) <= objective + 1e-12 * max(1, objective)),
        length > 1e-6
      {
        length /= 2
        for j in next.indices {
          next[j] = parameters[j] + length * (target[j] - parameters[j])
        }
        reached = design.evaluate(next)
      }
      parameters = next
      evaluation = reached
      violation = descent.violation(parameters, evaluation.gradient) / rowCount
    }
    return finished(penalty, violation, iterations)
  }

  private func finished(
    _ penalty: Double,
    _ violation: Double,
    _ iterations: Int
  ) -> LogisticElasticNet.Step {
    let scale = design.standardization
    var coefficients = [Double](repeating: 0, count: design.columnCount)
    var intercept = parameters[0]
    for (place, column) in design.active.enumerated() where parameters[place + 1] != 0 {
      coefficients[column] = parameters[place + 1] / scale.standardDeviations[column]
      intercept -= coefficients[column] * scale.means[column]
    }
    return LogisticElasticNet.Step(
      penalty: penalty,
      intercept: intercept,
      coefficients: coefficients,
      devianceRatio: 1 - 2 * evaluation.loss / nullDeviance,
      violation: violation,
      iterations: iterations,
      converged: violation <= configuration.tolerance
    )
  }
}

/// Minimises a quadratic with an L1 and an L2 penalty, one coordinate after the other.
struct CoordinateDescent: Sendable {
  /// The factor of Σ|γ|.
  let lasso: Double
  /// The factor of ½·Σγ².
  let ridge: Double

  /// Both penalties; the first parameter, the intercept, is free.
  func penalty(_ parameters: [Double]) -> Double {
    parameters.dropFirst().reduce(0) { $0 + lasso * abs($1) + 0.5 * ridge * $1 * $1 }
  }

  /// By how much the conditions of a minimum are missed.
  ///
  /// - Parameters:
  ///   - parameters: where, the intercept first.
  ///   - gradient: of the log-likelihood there, without penalties.
  /// - Returns: the largest distance of minus the gradient from the slopes of the penalty.
  func violation(_ parameters: [Double], _ gradient: [Double]) -> Double {
    var worst = abs(gradient[0])
    for j in parameters.indices.dropFirst() {
      let slope = gradient[j] - ridge * parameters[j]
      let miss: Double
      if parameters[j] == 0 {
        miss = max(0, abs(slope) - lasso)
      } else {
        miss = abs(slope - (parameters[j] > 0 ? lasso : -lasso))
      }
      worst = max(worst, miss)
    }
    return worst
  }

  /// The minimum of the quadratic with the given derivatives at `center`, plus the penalties.
  ///
  /// Sweeps over all coordinates alternate with sweeps over those that are not zero. Whenever the
  /// signs have settled the equations of the non-zero ones are solved at once: collinear columns
  /// would take thousands of sweeps.
  ///
  /// - Parameters:
  ///   - center: the place of the quadratic, the intercept first.
  ///   - gradient: of the log-likelihood there.
  ///   - information: minus its second derivatives, `d × d`, of which the upper triangle is read.
  ///   - tolerance: the violation that ends the descent.
  /// - Returns: the minimum.
  func minimum(
    around center: [Double],
    gradient: [Double],
    information: [Double],
    tolerance: Double
  ) -> [Double] {
    let d = center.count
    let matrix = Matrix(symmetric: information, size: d)
    let curvature = matrix.elements
    var parameters = center
    var slopes = gradient
    for _ in 0..<200 {
      for round in 0..<20 {
        for j in 0..<d where round == 0 || parameters[j] != 0 {
          sweep(j, curvature, &parameters, &slopes)
        }
      }
      if let solved = solved(center, gradient, matrix, signs: parameters) {
        parameters = solved
        slopes = gradient
        for j in 0..<d where parameters[j] != center[j] {
          let change = parameters[j] - center[j]
          for i in 0..<d { slopes[i] -= curvature[j * d + i] * change }
        }
      }
      if violation(parameters, slopes) <= tolerance { break }
    }
    return parameters
  }

  /// One coordinate to its minimum, the others held.
  private func sweep(
    _ j: Int,
    _ curvature: [Double],
    _ parameters: inout [Double],
    _ slopes: inout [Double]
  ) {
    let d = parameters.count
    let own = curvature[j * d + j]
    guard own > 0 else { return }
    let pull = slopes[j] + own * parameters[j]
    let value: Double
    if j == 0 {
      value = pull / own
    } else if abs(pull) <= lasso {
      value = 0
    } else {
      value = (pull - (pull > 0 ? lasso : -lasso)) / (own + ridge)
    }
    let change = value - parameters[j]
    guard change != 0 else { return }
    parameters[j] = value
    for i in 0..<d { slopes[i] -= curvature[j * d + i] * change }
  }

  /// The minimum with the zeros and signs of `signs`; nil if a sign would change.
  private func solved(
    _ center: [Double],
    _ gradient: [Double],
    _ matrix: Matrix,
    signs: [Double]
  ) -> [Double]? {
    let kept = signs.indices.filter { $0 == 0 || signs[$0] != 0 }
    var system = matrix.submatrix(kept)
    var right: [Double] = []
    // H·γ = g + H·center − lasso·sign, of the rows kept; γ is zero elsewhere.
    for (place, i) in kept.enumerated() {
      var sum = gradient[i]
      for j in center.indices { sum += matrix[i, j] * center[j] }
      if i > 0 {
        sum -= signs[i] > 0 ? lasso : -lasso
        system.set(system[place, place] + ridge, row: place, column: place)
      }
      right.append(sum)
    }
    guard let solution = Cholesky(system)?.solve(right) else { return nil }
    var parameters = [Double](repeating: 0, count: signs.count)
    for (value, i) in zip(solution, kept) {
      let isKept = i == 0 || lasso == 0 || (value > 0) == (signs[i] > 0)
      guard isKept, value != 0 || i == 0 else { return nil }
      parameters[i] = value
    }
    return parameters
  }
}
