public import LodeNumerics

/// Models the probability of a yes/no outcome as a logistic function of features.
///
/// Maximum likelihood by Newton's method (iteratively reweighted least squares) with an optional
/// L2 penalty. The fit works on standardised columns inside and reports in the units given.
///
/// - Input: `features`, shape `n × d`, any units, no missing values; `outcomes`, length `n`.
/// - Output: coefficients with standard errors, z, p and Wald intervals (not with an L2 penalty);
///   log-likelihoods in nats; aliased columns by name. ``LogisticInference`` adds robust errors
///   and profile intervals, ``Collinearity`` variance inflation.
/// - Throws: ``FitError/separated(_:)`` where features predict some outcomes without error.
/// - Determinism: rows are summed in fixed blocks, so the thread count never changes a bit.
/// - Complexity: O(`n·d²`) per iteration; memory O(`d²`) beside the input.
/// - Source: McCullagh & Nelder (1989), "Generalized linear models", §2.5 and §4.4.
/// - Agrees with: statsmodels `Logit` (unpenalised) and scikit-learn
///   `LogisticRegression(C=1/l2)` on standardised features.
public struct LogisticRegression: Sendable, Hashable, Codable {
  /// The penalty `λ` in `−log L + ½·λ·Σγ²`, with `γ` the coefficients per standard deviation.
  ///
  /// The intercept is not penalised. `λ = 1` is scikit-learn's `C = 1` on standardised features;
  /// 0 is plain maximum likelihood.
  public var l2: Double
  /// The most Newton steps.
  public var maximumIterations: Int
  /// Half the squared Newton decrement, relative to the log-likelihood, that ends the fit.
  public var tolerance: Double
  /// The level of the Wald intervals, 0…1.
  public var confidenceLevel: Double
  /// What is maximised.
  public var likelihood: Likelihood
  /// How it is maximised.
  public var solver: Solver

  /// What a fit maximises.
  public enum Likelihood: String, Sendable, Hashable, Codable, CaseIterable {
    /// The likelihood of the outcomes, with the L2 penalty if there is one.
    case plain
    /// The likelihood times the root of the determinant of the information (Jeffreys' prior).
    ///
    /// It has a finite maximum even where features separate the outcomes, and less bias in small
    /// samples. It takes no L2 penalty.
    ///
    /// - Source: Firth (1993), "Bias reduction of maximum likelihood estimates", Biometrika 80.
    case firth
  }

  /// How a fit finds its maximum; all ways end at the same place.
  public enum Solver: String, Sendable, Hashable, Codable, CaseIterable {
    /// Newton; from 100,000 rows on with a start from every twentieth row; limited memory above
    /// 500 unknowns.
    case automatic
    /// Newton's method from the base rate.
    case newton
    /// Limited-memory BFGS with one Newton step at the end.
    case limitedMemory
  }

  /// A configuration.
  public init(
    l2: Double = 0,
    maximumIterations: Int = 60,
    tolerance: Double = 1e-14,
    confidenceLevel: Double = 0.95,
    likelihood: Likelihood = .plain,
    solver: Solver = .automatic
  ) {
    self.likelihood = likelihood
    self.solver = solver
    self.l2 = l2
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.confidenceLevel = confidenceLevel
  }

  /// Why a fit was refused.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The configuration makes no sense.
    case badConfiguration(reason: String)
    /// There are more or fewer outcomes than rows.
    case wrongOutcomeCount(outcomes: Int, rows: Int)
    /// There is nothing to learn from.
    case noRows
    /// All outcomes are equal.
    case oneClass(rows: Int, outcome: Bool)
    /// A missing or infinite feature; rows and columns count from 0.
    case notFinite(row: Int, feature: String)
    /// Some features tell the outcomes apart without error, so their coefficients have no limit.
    case separated(Separation)
    /// The information matrix cannot be inverted.
    case singular
    /// Rows that could not be read; see ``RowBlocks``.
    case unreadable(reason: String)

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .badConfiguration(let reason): "the logistic regression cannot run: \(reason)."
      case .wrongOutcomeCount(let outcomes, let rows):
        "there are \(outcomes) outcomes for \(rows) rows; give one outcome a row."
      case .oneClass(let rows, let outcome):
        "all \(rows) outcomes are \(outcome ? "yes" : "no"), so there is nothing to tell apart; "
          + "widen the window or change the definition of the outcome."
      case .notFinite(let row, let feature):
        "feature \"\(feature)\" is missing or infinite in row \(row + 1); fill or drop it first."
      case .noRows: "there are no rows to fit a logistic regression to."
      case .separated(let separation): separation.description
      case .singular:
        "the information matrix is singular; set l2 above 0 or drop nearly equal features."
      case .unreadable(let reason):
        "the rows of a logistic regression cannot be read: \(reason)"
      }
    }
  }

  /// The model of `outcomes` by `features`.
  ///
  /// - Parameters:
  ///   - features: the features with their names.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the fitted model; `converged` is false when the steps ran out.
  /// - Throws: ``FitError``.
  public func fit(_ features: FeatureMatrix, outcomes: [Bool]) throws(FitError) -> Model {
    try fit(features.matrix, featureNames: features.featureNames, outcomes: outcomes)
  }

  /// The model of `outcomes` by the columns of `matrix`, `n × d`.
  ///
  /// - Parameters:
  ///   - matrix: the features, `n × d`.
  ///   - featureNames: one name a column.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the fitted model; `converged` is false when the steps ran out.
  /// - Throws: ``FitError``.
  public func fit(
    _ matrix: Matrix,
    featureNames: [String],
    outcomes: [Bool]
  ) throws(FitError) -> Model {
    try fit(matrix, featureNames: featureNames, outcomes: outcomes, penalizesUnits: false)
  }

  /// The model of `outcomes` by rows that need not be in memory: each pass reads them anew.
  ///
  /// The model is that of the same rows in a ``Matrix``, to the bit. About ten passes are read,
  /// and every twentieth row is held when there are 100,000 or more.
  ///
  /// - Parameters:
  ///   - rows: the features, `n × d`.
  ///   - featureNames: one name a column.
  ///   - outcomes: whether the event happened, one entry a row.
  /// - Returns: the fitted model; `converged` is false when the steps ran out.
  /// - Throws: ``FitError``.
  public func fit(
    rows: any RowBlocks,
    featureNames: [String],
    outcomes: [Bool]
  ) throws(FitError) -> Model {
    try fit(rows, featureNames: featureNames, outcomes: outcomes, penalizesUnits: false)
  }

  /// The same, where the penalty may be on coefficients per unit instead of per deviation.
  ///
  /// Fits to parts of one sample, standardised as a whole, are then penalised alike.
  func fit(
    _ rows: any RowBlocks,
    featureNames: [String],
    outcomes: [Bool],
    penalizesUnits: Bool
  ) throws(FitError) -> Model {
    let design = try design(rows, featureNames, outcomes, keepsCollinear: l2 > 0)
    let outcome: Result<Model, FitError>
    do throws(FitError) {
      outcome = .success(try fit(design, penalizesUnits: penalizesUnits))
    } catch {
      outcome = .failure(error)
    }
    if let reason = design.rows.failure { throw .unreadable(reason: reason) }
    return try outcome.get()
  }

  private func fit(
    _ design: LogisticDesign,
    penalizesUnits: Bool
  ) throws(FitError) -> Model {
    var objective = LogisticObjective(design: design, l2: l2, likelihood: likelihood)
    if penalizesUnits {
      objective.penaltyFactors = design.active.map { column in
        let deviation = design.standardization.standardDeviations[column]
        return 1 / (deviation * deviation)
      }
    }
    let path = try path(objective)
    if l2 == 0, likelihood == .plain {
      let separated = separatedColumns(path, design)
      guard separated.isEmpty else {
        throw .separated(Separation(design, path.point.parameters, suspects: separated))
      }
    }
    return try Model(self, path, design, featureNames: design.featureNames)
  }

  /// The rows of a fit, checked.
  func design(
    _ rows: any RowBlocks,
    _ featureNames: [String],
    _ outcomes: [Bool],
    keepsCollinear: Bool
  ) throws(FitError) -> LogisticDesign {
    try validate(rows, featureNames, outcomes)
    let design = LogisticDesign(
      rows,
      featureNames: featureNames,
      outcomes: outcomes,
      keepsCollinear: keepsCollinear
    )
    let isFinite = design.isFinite
    if let reason = design.rows.failure { throw .unreadable(reason: reason) }
    guard isFinite else {
      let place = design.rows.firstNonFinite() ?? (0, 0)
      throw .notFinite(row: place.row, feature: featureNames[place.column])
    }
    return design
  }

  private func validate(
    _ rows: any RowBlocks,
    _ featureNames: [String],
    _ outcomes: [Bool]
  ) throws(FitError) {
    precondition(
      featureNames.count == rows.columnCount,
      "\(featureNames.count) names for \(rows.columnCount) features"
    )
    guard l2 == 0 || likelihood == .plain else {
      throw .badConfiguration(reason: "Firth's likelihood takes no L2 penalty, but l2 is \(l2)")
    }
    guard l2 >= 0, l2.isFinite, maximumIterations >= 1, confidenceLevel > 0, confidenceLevel < 1
    else {
      throw .badConfiguration(
        reason: "l2 \(l2), iterations \(maximumIterations) or confidence level "
          + "\(confidenceLevel) is out of range"
      )
    }
    guard outcomes.count == rows.rowCount else {
      throw .wrongOutcomeCount(outcomes: outcomes.count, rows: rows.rowCount)
    }
    guard rows.rowCount > 0 else { throw .noRows }
    let positiveCount = outcomes.count { $0 }
    guard positiveCount > 0, positiveCount < outcomes.count else {
      throw .oneClass(rows: outcomes.count, outcome: positiveCount > 0)
    }
  }
}
