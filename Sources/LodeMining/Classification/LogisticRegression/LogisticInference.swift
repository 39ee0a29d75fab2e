internal import Glibc
public import LodeNumerics

/// Errors and intervals of a fitted logistic regression that need its rows again.
///
/// - Input: the model and the very rows it was fitted to.
/// - Output: standard errors that hold where the model is wrong (sandwich) or rows come in groups
///   (clustered), and intervals from the likelihood itself (profile).
/// - Complexity: one pass over the rows for errors; about ten Newton steps a bound of an interval.
/// - Agrees with: statsmodels `cov_type="HC0"` (its `"HC1"` of a Logit is the same) and
///   `"cluster"`; R's `confint` of a `glm` and `logistf`.
public struct LogisticInference: Sendable {
  /// What standard errors rest on.
  public enum Errors: Sendable, Hashable {
    /// The information matrix: right where the model is.
    case information
    /// Squared scores around it, `H⁻¹·Σ s·sᵀ·H⁻¹`: right where only the log-odds are linear.
    case robust
    /// The same times n / (n − p), the small-sample form that Stata and economists use (HC1).
    case robustHC1
    /// Scores summed over the rows of a group first; one group code a row.
    ///
    /// Times G / (G − 1) · (n − 1) / (n − p) for `G` groups.
    case clustered([Int])
  }

  /// Why there is no inference.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A penalised fit has no errors of this kind.
    case penalized(l2: Double)
    /// There are more or fewer rows than the model was fitted to.
    case otherRows(rows: Int, expected: Int)
    /// One group cannot vary.
    case oneGroup
    /// The information matrix cannot be inverted.
    case singular

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .penalized(let l2):
        "the model was fitted with the penalty l2 = \(l2), which biases it on purpose; fit it "
          + "with l2 = 0, or use a bootstrap."
      case .otherRows(let rows, let expected):
        "\(rows) rows for a model of \(expected); give the rows it was fitted to."
      case .oneGroup: "errors by group need at least two groups; give one group code a row."
      case .singular: "the information matrix is singular; drop nearly equal features."
      }
    }
  }

  /// The model.
  public let model: LogisticRegression.Model
  let objective: LogisticObjective
  let best: LogisticObjective.Point
  let factor: Cholesky

  /// The inference of `model`, fitted to `features`, `n × d`, and `outcomes`, length `n`.
  ///
  /// - Throws: ``Failure``.
  public init(
    _ model: LogisticRegression.Model,
    features: Matrix,
    outcomes: [Bool]
  ) throws(Failure) {
    guard model.l2 == 0 else { throw .penalized(l2: model.l2) }
    guard features.rowCount == model.rowCount, outcomes.count == model.rowCount else {
      throw .otherRows(rows: features.rowCount, expected: model.rowCount)
    }
    precondition(features.columnCount == model.coefficients.count, "other features")
    let design = LogisticDesign(features, outcomes: outcomes, model: model)
    var parameters = [model.intercept]
    for column in design.active {
      parameters.append(model.coefficients[column] * model.standardDeviations[column])
      parameters[0] += model.coefficients[column] * model.means[column]
    }
    objective = LogisticObjective(design: design, l2: 0, likelihood: model.likelihood)
    best = objective.point(at: parameters)
    guard let factor = best.factor else { throw .singular }
    self.factor = factor
    self.model = model
  }

  /// Errors, tests and Wald intervals of the model's terms, in their order; nil for aliased ones.
  ///
  /// - Parameters:
  ///   - errors: what the standard errors rest on.
  ///   - confidenceLevel: the level of the intervals, 0…1.
  /// - Returns: one entry a term.
  /// - Throws: ``Failure/oneGroup``.
  public func terms(
    _ errors: Errors,
    confidenceLevel: Double = 0.95
  ) throws(Failure) -> [LogisticRegression.Inference?] {
    let errors = objective.design.standardErrors(try covariance(errors))
    return zip(model.terms, errors)
      .map { term, error in
        error.map {
          LogisticRegression.Inference(
            term.coefficient,
            standardError: $0,
            confidenceLevel: confidenceLevel
          )
        }
      }
  }

  /// The covariance of the standardised parameters.
  private func covariance(_ errors: Errors) throws(Failure) -> Matrix {
    let bread = factor.inverse()
    let (n, p) = (Double(model.rowCount), Double(objective.parameterCount))
    var filling: Matrix
    var scale = 1.0
    switch errors {
    case .information: return bread
    case .robust: filling = objective.design.scoreSquares(best.parameters)
    case .robustHC1:
      filling = objective.design.scoreSquares(best.parameters)
      scale = n / (n - p)
    case .clustered(let codes):
      precondition(codes.count == model.rowCount, "\(codes.count) codes for \(n) rows")
      let groups = Array(Set(codes)).sorted()
      guard groups.count > 1 else { throw .oneGroup }
      let place = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0) })
      let sums = objective.design.scoreSums(
        best.parameters,
        groups: codes.map { place[$0, default: 0] },
        groupCount: groups.count
      )
      filling = sums.gram()
      let count = Double(groups.count)
      scale = count / (count - 1) * (n - 1) / (n - p)
    }
    let product = bread.multiplied(by: filling).multiplied(by: bread)
    return Matrix(
      rowCount: product.rowCount,
      columnCount: product.columnCount,
      elements: product.elements.map { $0 * scale }
    )
  }
}
