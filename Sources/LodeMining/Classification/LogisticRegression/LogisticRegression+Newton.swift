internal import Glibc
internal import LodeNumerics

extension LogisticRegression {
  /// Where Newton's method went, in standardised coordinates with the constant first.
  struct NewtonPath {
    var parameters: [Double]
    var evaluation: LogisticDesign.Evaluation
    /// The diagonal of the inverse information at the start, where no feature has an effect.
    var startVariances: [Double]
    /// The inverse of the penalised information at the end.
    var covariance: Matrix
    var iterations: Int
    var converged: Bool
  }

  /// Newton steps with step halving, until the decrement is nothing.
  func newton(_ design: LogisticDesign) throws(FitError) -> NewtonPath {
    let p = design.parameterCount
    let share = design.outcomes.reduce(0, +) / Double(design.outcomes.count)
    var parameters = [Double](repeating: 0, count: p)
    parameters[0] = log(share / (1 - share))
    var evaluation = design.evaluate(parameters)
    var factor = try factored(evaluation, p)
    let startInverse = factor.inverse()
    var iterations = 0
    var converged = false
    while iterations < maximumIterations, !converged {
      iterations += 1
      let gradient = penalizedGradient(evaluation, parameters)
      let step = factor.solve(gradient)
      let decrement = Reductions.dot(gradient.span, step.span)
      let size = max(1, evaluation.loss)
      converged = decrement / 2 <= tolerance * size
      let objective = penalizedLoss(evaluation, parameters)
      var length = 1.0
      var next = parameters
      var nextEvaluation = evaluation
      repeat {
        for i in 0..<p { next[i] = parameters[i] + length * step[i] }
        nextEvaluation = design.evaluate(next)
        length /= 2
      } while !(penalizedLoss(nextEvaluation, next) <= objective + 1e-12 * size) && length > 1e-6
      parameters = next
      evaluation = nextEvaluation
      guard let nextFactor = penalizedFactor(evaluation, p) else {
        // Weights that all vanish: some feature tells the outcomes apart.
        throw l2 == 0 ? .separated(features: ["the features together"]) : .singular
      }
      factor = nextFactor
    }
    return NewtonPath(
      parameters: parameters,
      evaluation: evaluation,
      startVariances: (0..<p).map { startInverse[$0, $0] },
      covariance: factor.inverse(),
      iterations: iterations,
      converged: converged
    )
  }

  /// The active columns whose information has vanished: their coefficients run to infinity.
  ///
  /// The information on a coefficient at the end is compared with that at the start, where every
  /// row has the same weight. A share below a millionth says that almost every row that could
  /// speak for the column is predicted without error.
  func separatedColumns(_ path: NewtonPath) -> [Int] {
    (1..<path.parameters.count)
      .compactMap { j in
        let share = path.startVariances[j] / path.covariance[j, j]
        return share < 1e-6 ? j - 1 : nil
      }
  }

  private func factored(
    _ evaluation: LogisticDesign.Evaluation,
    _ p: Int
  ) throws(FitError) -> Cholesky {
    guard let factor = penalizedFactor(evaluation, p) else { throw .singular }
    return factor
  }

  private func penalizedFactor(_ evaluation: LogisticDesign.Evaluation, _ p: Int) -> Cholesky? {
    var information = Matrix(rowCount: p, columnCount: p, elements: evaluation.information)
    for j in stride(from: 1, to: p, by: 1) {
      information.set(information[j, j] + l2, row: j, column: j)
    }
    return Cholesky(information)
  }

  private func penalizedGradient(
    _ evaluation: LogisticDesign.Evaluation,
    _ parameters: [Double]
  ) -> [Double] {
    parameters.indices.map { j in
      evaluation.gradient[j] - (j == 0 ? 0 : l2 * parameters[j])
    }
  }

  private func penalizedLoss(
    _ evaluation: LogisticDesign.Evaluation,
    _ parameters: [Double]
  ) -> Double {
    let slopes = parameters.dropFirst().reduce(0) { $0 + $1 * $1 }
    return evaluation.loss + 0.5 * l2 * slopes
  }
}
