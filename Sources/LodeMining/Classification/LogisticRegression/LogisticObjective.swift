internal import LodeNumerics

/// What a logistic fit minimises: −log L with its penalty, seen in standardised coordinates.
struct LogisticObjective: Sendable {
  let design: LogisticDesign
  let l2: Double
  let likelihood: LogisticRegression.Likelihood
  /// What the penalty of each active column is multiplied by; nil for 1.
  var penaltyFactors: [Double]?

  /// What is known at one parameter vector.
  struct Point: Sendable {
    var parameters: [Double]
    /// The objective.
    var value: Double
    /// −log L without any penalty.
    var loss: Double
    /// The direction of ascent: minus the derivative of the objective.
    var gradient: [Double]
    /// The factored information with the penalty; nil where it cannot be inverted.
    var factor: Cholesky?
  }

  var parameterCount: Int { design.parameterCount }

  /// Where no feature has an effect.
  func start() -> [Double] {
    var parameters = [Double](repeating: 0, count: parameterCount)
    let share = Double(design.positiveCount) / Double(design.rowCount)
    parameters[0] = logit(share)
    return parameters
  }

  /// The objective, its gradient and its information at one place: one pass (two for Firth).
  func point(at parameters: [Double]) -> Point {
    let p = parameterCount
    let evaluation = design.evaluate(parameters)
    var information = Matrix(symmetric: evaluation.information, size: p)
    for j in stride(from: 1, to: p, by: 1) {
      information.set(information[j, j] + penalty(j), row: j, column: j)
    }
    let factor = Cholesky(information)
    var point = self.point(evaluation, parameters)
    point.factor = factor
    guard likelihood == .firth else { return point }
    guard let factor else {
      point.value = .infinity
      return point
    }
    point.value -= 0.5 * factor.logDeterminant
    point.gradient = design.firthGradient(parameters, inverseRoot: factor.inverseRoot())
    return point
  }

  /// The objective and its gradient at one place, without Firth's penalty: a cheaper pass.
  func slope(at parameters: [Double]) -> Point {
    point(design.evaluate(parameters, wantsInformation: false), parameters)
  }

  private func point(_ evaluation: LogisticDesign.Evaluation, _ parameters: [Double]) -> Point {
    var gradient = evaluation.gradient
    for j in gradient.indices.dropFirst() { gradient[j] -= penalty(j) * parameters[j] }
    return Point(
      parameters: parameters,
      value: evaluation.loss + penaltySum(parameters),
      loss: evaluation.loss,
      gradient: gradient
    )
  }

  /// The penalty on the square of one parameter, of which 0 is the constant.
  private func penalty(_ parameter: Int) -> Double {
    guard let penaltyFactors else { return l2 }
    return l2 * penaltyFactors[parameter - 1]
  }

  /// Half the penalised squares of the parameters.
  func penaltySum(_ parameters: [Double]) -> Double {
    var squares = 0.0
    for j in parameters.indices.dropFirst() {
      squares += (penaltyFactors?[j - 1] ?? 1) * parameters[j] * parameters[j]
    }
    return 0.5 * l2 * squares
  }

  /// The objective of every `step`-th row, with its share of the penalty.
  func sampled(every step: Int) -> LogisticObjective {
    let sample = design.sampled(every: step)
    return LogisticObjective(
      design: sample,
      l2: l2 * Double(sample.rowCount) / Double(design.rowCount),
      likelihood: likelihood,
      penaltyFactors: penaltyFactors
    )
  }
}

extension Cholesky {
  /// L⁻ᵀ of A = LLᵀ, so that `xᵀA⁻¹x` is the squared length of `xᵀL⁻ᵀ`.
  func inverseRoot() -> Matrix {
    let d = lower.rowCount
    var rows = Matrix(rowCount: d, columnCount: d)
    for column in 0..<d {
      // Column of L⁻¹ by forward substitution; it is a row of L⁻ᵀ.
      var solution = [Double](repeating: 0, count: d)
      for i in column..<d {
        var sum = i == column ? 1.0 : 0
        for k in column..<i { sum -= lower[i, k] * solution[k] }
        solution[i] = sum / lower[i, i]
        rows.set(solution[i], row: column, column: i)
      }
    }
    return rows
  }
}
