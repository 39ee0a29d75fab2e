internal import Glibc
internal import LodeNumerics

/// ln(p / (1 − p)).
func logit(_ probability: Double) -> Double {
  log(probability / (1 - probability))
}

extension LogisticRegression {
  /// Where a fit went, in standardised coordinates with the constant first.
  struct FitPath {
    var point: LogisticObjective.Point
    /// The inverse of the penalised information at the end.
    var covariance: Matrix
    /// The diagonal of the inverse information at the start, where no feature has an effect.
    var startVariances: [Double]
    var iterations: Int
    var converged: Bool
  }

  /// Above this number of unknowns the information matrix is built once only, at the end.
  static let newtonLimit = 500
  /// From this number of rows on, every twentieth row gives the start.
  static let sampledRowCount = 100_000
  private static let sampleStep = 20

  /// The best parameters by the solver of the configuration.
  func path(_ objective: LogisticObjective) throws(FitError) -> FitPath {
    guard likelihood == .plain else { return try newton(objective, from: objective.start()) }
    switch solver {
    case .newton: return try newton(objective, from: objective.start())
    case .limitedMemory: return try limitedMemory(objective)
    case .automatic:
      let p = objective.parameterCount
      if p > Self.newtonLimit { return try limitedMemory(objective) }
      let n = objective.design.rowCount
      if n >= Self.sampledRowCount, n / Self.sampleStep >= 50 * p,
        let path = sampledStart(objective)
      {
        return path
      }
      return try newton(objective, from: objective.start())
    }
  }

  /// Newton steps with step halving, until the decrement is nothing.
  func newton(
    _ objective: LogisticObjective,
    from start: [Double]
  ) throws(FitError) -> FitPath {
    var point = objective.point(at: start)
    guard let startFactor = point.factor else { throw .singular }
    let startInverse = startFactor.inverse()
    var factor = startFactor
    var iterations = 0
    var converged = false
    // Firth's steps take the information for the curvature, which it is not quite: so they learn
    // from one another, and go on for longer.
    let isFirth = likelihood == .firth
    let tolerance = isFirth ? tolerance * 1e-6 : tolerance
    var memory = CurvatureMemory(size: 10)
    while iterations < maximumIterations, !converged {
      iterations += 1
      let step =
        isFirth
        ? memory.direction(point.gradient) { factor.solve($0) } : factor.solve(point.gradient)
      let decrement = Reductions.dot(point.gradient.span, step.span)
      let size = max(1, point.loss)
      converged = decrement / 2 <= tolerance * size
      var length = 1.0
      var next = point
      repeat {
        let parameters = zip(point.parameters, step).map { $0 + length * $1 }
        next = objective.point(at: parameters)
        length /= 2
      } while !(next.value <= point.value + 1e-12 * size) && length > 1e-6
      guard let nextFactor = next.factor else {
        // Weights that all vanish: some feature tells the outcomes apart.
        guard l2 == 0 else { throw .singular }
        throw .separated(Separation(objective.design, next.parameters, suspects: []))
      }
      if isFirth {
        memory.add(
          step: zip(next.parameters, point.parameters).map { $0 - $1 },
          change: zip(point.gradient, next.gradient).map { $0 - $1 }
        )
      }
      point = next
      factor = nextFactor
    }
    return FitPath(
      point: point,
      covariance: factor.inverse(),
      startVariances: startInverse.diagonal,
      iterations: iterations,
      converged: converged
    )
  }

  /// The best parameters by way of a sample; nil where the sample is no guide.
  ///
  /// Newton's method on every twentieth row gives a start and a metric. Passes for the gradient
  /// alone, a fifth of the work of a Newton step, follow in that metric, bettered by what they
  /// learn. One pass over all rows for the information and one Newton step end the fit.
  private func sampledStart(_ objective: LogisticObjective) -> FitPath? {
    let sample = objective.sampled(every: Self.sampleStep)
    var configuration = self
    configuration.tolerance = 1e-7
    guard let rough = try? configuration.newton(sample, from: sample.start()), rough.converged,
      let metric = rough.point.factor, separatedColumns(rough, sample.design).isEmpty
    else { return nil }
    let ratio = Double(sample.design.rowCount) / Double(objective.design.rowCount)
    var memory = CurvatureMemory(size: 10)
    var point = objective.slope(at: rough.point.parameters)
    var iterations = 0
    var before = Double.infinity
    // The last Newton step squares what is left; the information, taken before it, is then right
    // to about 10⁻⁶ (10⁻⁷ with the default tolerance).
    let limit = min(tolerance / 10, 1e-12)
    while true {
      iterations += 1
      let step = memory.direction(point.gradient) { metric.solve($0).map { $0 * ratio } }
      let decrement = Reductions.dot(point.gradient.span, step.span)
      if decrement / 2 <= limit * max(1, point.loss) { break }
      guard decrement < before / 4, iterations < 20 else { return nil }
      before = decrement
      let next = objective.slope(at: zip(point.parameters, step).map { $0 + $1 })
      guard next.value <= point.value + 1e-12 * max(1, point.loss) else { return nil }
      memory.add(step: step, change: zip(point.gradient, next.gradient).map { $0 - $1 })
      point = next
    }
    let variances = rough.startVariances.map { $0 * ratio }
    return polished(objective, point.parameters, variances, iterations, converged: true)
  }

  /// Limited-memory BFGS with a last Newton step, for many unknowns.
  private func limitedMemory(_ objective: LogisticObjective) throws(FitError) -> FitPath {
    let start = objective.start()
    guard let first = objective.point(at: start).factor else { throw .singular }
    let variances = first.inverse().diagonal
    let share = Double(objective.design.positiveCount) / Double(objective.design.rowCount)
    let curvature = share * (1 - share) * Double(objective.design.rowCount)
    let scale = 1 / (curvature + l2)
    let end = LBFGS(maximumIterations: 50 * maximumIterations, tolerance: tolerance)
      .minimize(from: start, scale: scale) { parameters in
        let point = objective.slope(at: parameters)
        return (point.value, point.gradient.map { -$0 })
      }
    guard
      let path = polished(
        objective,
        end.parameters,
        variances,
        end.iterations,
        converged: end.converged
      )
    else {
      guard l2 == 0 else { throw .singular }
      throw .separated(Separation(objective.design, end.parameters, suspects: []))
    }
    return path
  }

  /// The path that ends with one Newton step from `parameters`, without a further pass.
  ///
  /// The step is so small that the information does not change over it, and the loss falls by
  /// half the decrement.
  private func polished(
    _ objective: LogisticObjective,
    _ parameters: [Double],
    _ startVariances: [Double],
    _ iterations: Int,
    converged: Bool
  ) -> FitPath? {
    var point = objective.point(at: parameters)
    guard let factor = point.factor else { return nil }
    let step = factor.solve(point.gradient)
    let decrement = Reductions.dot(point.gradient.span, step.span)
    point.parameters = zip(parameters, step).map { $0 + $1 }
    point.value -= decrement / 2
    point.loss = point.value - objective.penaltySum(point.parameters)
    return FitPath(
      point: point,
      covariance: factor.inverse(),
      startVariances: startVariances,
      iterations: iterations + 1,
      converged: converged
    )
  }

  /// The places of active columns whose coefficients run to infinity.
  ///
  /// The information on a coefficient at the end is compared with that at the start, where every
  /// row has the same weight. A share below a millionth says that almost every row that could
  /// speak for the column is predicted without error. Where less than a hundredth is left, as
  /// after a fit of loose tolerance, the values of the column are asked themselves.
  func separatedColumns(_ path: FitPath, _ design: LogisticDesign) -> [Int] {
    path.startVariances.indices.dropFirst()
      .filter { j in
        let share = path.startVariances[j] / path.covariance[j, j]
        guard share < 1e-2 else { return false }
        return share < 1e-6 || Separation.rule(design, place: j - 1) != nil
      }
      .map { $0 - 1 }
  }
}

extension Matrix {
  /// The entries on the diagonal.
  var diagonal: [Double] { (0..<min(rowCount, columnCount)).map { self[$0, $0] } }
}
