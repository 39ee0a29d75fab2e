internal import Glibc
public import LodeNumerics

/// Logistic regressions along a path of L1 and L2 penalties, from the strongest to the weakest.
///
/// Use it to choose among many features: the L1 part sets coefficients to exactly zero. The fit
/// works on standardised columns and leaves the intercept free.
///
/// - Input: `features`, shape `n × d`, any units, no missing values; `outcomes`, length `n`.
/// - Output: a model for each penalty `λ`, minimising
///   `−log L / n + λ·(α·Σ|γ| + ½·(1 − α)·Σγ²)`, `γ` the coefficients per standard deviation.
/// - Determinism: coordinates are visited in order; the thread count never changes a bit.
/// - Complexity: about three passes of O(`n·d²`) a penalty, and O(`d²`) a sweep.
/// - Throws: ``LogisticRegression/FitError``.
/// - Source: Friedman, Hastie & Tibshirani (2010), "Regularization paths for generalized linear
///   models via coordinate descent", Journal of Statistical Software 33(1), §3.
/// - Agrees with: R's `glmnet(family = "binomial")` and scikit-learn with
///   `penalty="elasticnet"`, `C = 1/(n·λ)` on standardised features.
public struct LogisticElasticNet: Sendable, Hashable, Codable {
  /// The share `α` of the L1 penalty, 0…1: 1 is the lasso, 0 ridge regression.
  public var mixing: Double
  /// The penalties `λ`, strongest first; nil takes a path from the strongest that matters.
  public var penalties: [Double]?
  /// The number of penalties of a path of its own.
  public var penaltyCount: Int
  /// The weakest penalty over the strongest; nil takes 10⁻⁴, or 10⁻² with more columns than rows.
  public var smallestShare: Double?
  /// The most Newton steps a penalty.
  public var maximumIterations: Int
  /// The largest violation of the optimality conditions, in the unit of `λ`, that ends a fit.
  public var tolerance: Double

  /// A configuration.
  public init(
    mixing: Double = 1,
    penalties: [Double]? = nil,
    penaltyCount: Int = 100,
    smallestShare: Double? = nil,
    maximumIterations: Int = 60,
    tolerance: Double = 1e-10
  ) {
    self.mixing = mixing
    self.penalties = penalties
    self.penaltyCount = penaltyCount
    self.smallestShare = smallestShare
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
  }

  /// The model at one penalty.
  public struct Step: Sendable, Hashable, Codable {
    /// The penalty `λ`.
    public let penalty: Double
    /// The log-odds where all features are 0.
    public let intercept: Double
    /// The change of the log-odds for one unit of each feature.
    public let coefficients: [Double]
    /// The share of the null deviance that the model explains.
    public let devianceRatio: Double
    /// The largest violation of the optimality conditions, in the unit of `λ`.
    public let violation: Double
    /// Newton steps taken.
    public let iterations: Int
    /// Whether the violation fell below the tolerance.
    public let converged: Bool

    /// The number of features with a coefficient.
    public var nonzeroCount: Int { coefficients.count { $0 != 0 } }
  }

  /// The models of a path.
  public struct Model: Sendable, Hashable, Codable {
    /// The names of the features, `d` of them.
    public let featureNames: [String]
    /// The mean of each feature in the training rows.
    public let means: [Double]
    /// The population standard deviation of each feature in the training rows.
    public let standardDeviations: [Double]
    /// The share `α` of the L1 penalty.
    public let mixing: Double
    /// −2·log-likelihood of the base rate alone.
    public let nullDeviance: Double
    /// The models, strongest penalty first; the path ends early where 99.9 % are explained.
    public let steps: [Step]

    /// The probability of the event for each row of `features`, `m × d`, at one step of the path.
    public func probabilities(for features: Matrix, step: Int) -> [Double] {
      precondition(features.columnCount == featureNames.count, "other features")
      let chosen = steps[step]
      return (0..<features.rowCount)
        .map { row in
          features.withRow(row) { values in
            1 / (1 + exp(-(chosen.intercept + Reductions.dot(values, chosen.coefficients.span))))
          }
        }
    }
  }

  /// The path of models of `outcomes` by the columns of `matrix`, `n × d`.
  ///
  /// - Parameters:
  ///   - matrix: the features, `n × d`.
  ///   - featureNames: one name a column.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the models; a step whose iterations ran out says so.
  /// - Throws: ``LogisticRegression/FitError``.
  public func fit(
    _ matrix: Matrix,
    featureNames: [String],
    outcomes: [Bool]
  ) throws(LogisticRegression.FitError) -> Model {
    guard (0...1).contains(mixing), penaltyCount >= 1, maximumIterations >= 1, tolerance > 0,
      (penalties ?? []).allSatisfy({ $0 >= 0 && $0.isFinite }),
      (smallestShare ?? 0.5) > 0, (smallestShare ?? 0.5) < 1
    else {
      throw .badConfiguration(
        reason: "mixing \(mixing), \(penaltyCount) penalties or tolerance \(tolerance) is out of "
          + "range"
      )
    }
    let design = try LogisticRegression()
      .design(matrix, featureNames, outcomes, keepsCollinear: true)
    var search = ElasticNetSearch(design, configuration: self)
    let path = penalties?.sorted(by: >) ?? search.path()
    var steps: [Step] = []
    for penalty in path {
      let step = search.step(penalty)
      steps.append(step)
      if step.devianceRatio > 0.999 { break }
    }
    return Model(
      featureNames: featureNames,
      means: design.standardization.means,
      standardDeviations: design.standardization.standardDeviations,
      mixing: mixing,
      nullDeviance: search.nullDeviance,
      steps: steps
    )
  }
}
