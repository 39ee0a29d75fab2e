internal import LodeNumerics

/// Logistic fits of one design with an L2 penalty of its own weight a column, each from the last.
///
/// - Source: the Newton steps of ``LogisticRegression``, on the same kernels.
struct RidgeFit {
  let design: LogisticDesign
  private let matrix: Matrix
  /// The weight of the penalty on each active column, per standard deviation.
  private let weights: [Double]
  private(set) var parameters: [Double]

  /// A fit of the columns of `matrix`.
  ///
  /// The penalty on a column is `½·λ·γ²` per standard deviation; on an indicator it is that of an
  /// indicator of half the rows, so that rare levels are drawn to the mean like in a mixed model.
  init(_ matrix: Matrix, terms: [BasisTerm], outcomes: [Bool]) {
    self.matrix = matrix
    design = LogisticDesign(
      matrix,
      featureNames: terms.map(\.description),
      outcomes: outcomes,
      keepsCollinear: true
    )
    let deviations = design.standardization.standardDeviations
    weights = design.active.map { column in
      let variance = deviations[column] * deviations[column]
      return terms[column].isIndicator ? 0.25 / variance : 1
    }
    parameters = LogisticObjective(design: design, l2: 0, likelihood: .plain).start()
  }

  /// The decrement, relative to the loss, that ends a fit whose coefficients are shown.
  static let fineTolerance = 1e-10
  /// The decrement that is enough to compare penalties and to look at residuals.
  static let roughTolerance = 1e-6

  /// Moves to the minimum of `−log L + ½·λ·Σ weight·γ²`.
  ///
  /// The last step is taken after the decrement fell below the tolerance, and squares what is left.
  ///
  /// - Parameters:
  ///   - l2: the penalty `λ`, above 0.
  ///   - tolerance: half the decrement, relative to the loss, that ends the fit.
  /// - Returns: whether it fell below the tolerance within 40 steps.
  /// - Throws: ``ClassifierError/notSolvable(reason:)`` when the information is singular.
  @discardableResult
  mutating func fit(l2: Double, tolerance: Double) throws(ClassifierError) -> Bool {
    var evaluation = design.evaluate(parameters)
    for _ in 0..<40 {
      let value = evaluation.loss + penalty(parameters, l2)
      var information = Matrix(symmetric: evaluation.information, size: parameters.count)
      var gradient = evaluation.gradient
      for (place, weight) in weights.enumerated() {
        let j = place + 1
        gradient[j] -= l2 * weight * parameters[j]
        information.set(information[j, j] + l2 * weight, row: j, column: j)
      }
      guard let factor = Cholesky(information) else {
        throw .notSolvable(reason: "the information is singular with l2 \(l2); raise it")
      }
      let step = factor.solve(gradient)
      let decrement = Reductions.dot(gradient.span, step.span)
      let size = max(1, evaluation.loss)
      if decrement / 2 <= tolerance * size {
        parameters = zip(parameters, step).map { $0 + $1 }
        return true
      }
      var length = 1.0
      var next = parameters
      repeat {
        next = zip(parameters, step).map { $0 + length * $1 }
        evaluation = design.evaluate(next)
        length /= 2
      } while !(evaluation.loss + penalty(next, l2) <= value + 1e-12 * size) && length > 1e-6
      parameters = next
    }
    return false
  }

  private func penalty(_ parameters: [Double], _ l2: Double) -> Double {
    var sum = 0.0
    for (place, weight) in weights.enumerated() {
      sum += weight * parameters[place + 1] * parameters[place + 1]
    }
    return 0.5 * l2 * sum
  }

  /// The change of the log-odds for one unit of each column, 0 for constant ones.
  var coefficients: [Double] {
    var coefficients = [Double](repeating: 0, count: design.columnCount)
    for (place, column) in design.active.enumerated() {
      let deviation = design.standardization.standardDeviations[column]
      coefficients[column] = parameters[place + 1] / deviation
    }
    return coefficients
  }

  /// The log-odds of the rows of another matrix of the same columns.
  func logOdds(_ other: Matrix) -> [Double] {
    let slopes = coefficients
    var origin = parameters[0]
    for (slope, mean) in zip(slopes, design.standardization.means) { origin -= slope * mean }
    return (0..<other.rowCount)
      .map { row in other.withRow(row) { origin + Reductions.dot($0, slopes.span) } }
  }

  /// The log-odds of the rows of the fit.
  func logOdds() -> [Double] { logOdds(matrix) }
}
