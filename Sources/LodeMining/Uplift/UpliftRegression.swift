public import LodeNumerics

/// Predicts how much a treatment changes the chance of an outcome, by logistic regressions.
///
/// - Input: `features`, shape `n × d`; `treated` and `outcomes`, one a row. The treatment must have
///   been given at random: check it with ``RandomizationCheck``.
/// - Output: `uplift = P(outcome | treated) − P(outcome | control)`, −1…1, a row.
/// - Throws: ``EvaluationError`` for one arm, one class in an arm, or impossible features.
/// - Determinism: that of ``LogisticRegression``.
/// - Complexity: one or two fits of ``LogisticRegression``.
/// - Source: Radcliffe & Surry (1999), "Differential response analysis" (two models); Lo (2002),
///   "The true lift model", SIGKDD Explorations 4 (interactions); Jaśkowski & Jaroszewicz (2012),
///   "Uplift modeling for clinical trial data" (class transformation).
/// - Agrees with: scikit-learn `LogisticRegression(C=1/l2)` on features standardised over both
///   arms.
public struct UpliftRegression: Sendable, Hashable, Codable {
  /// How the difference is modelled.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// One regression for each arm.
    case twoModels
    /// One regression with the treatment and its product with each feature.
    ///
    /// The penalty pulls the differences between the arms to 0, not the arms themselves.
    case interaction
    /// One regression of "treated and yes, or control and no"; the uplift is `2p − 1`.
    ///
    /// It needs arms of equal size: at a treated share `e` it is off by `(2e − 1)(P₁ + P₀ − 1)`, so
    /// shares outside 0.49…0.51 are refused.
    case classTransformation
  }

  /// How the difference is modelled.
  public var method: Method
  /// The penalty on squared coefficients per standard deviation over both arms, as in
  /// ``LogisticRegression/l2``.
  ///
  /// 1 by default: two unpenalised models exaggerate the difference of their noise.
  public var l2: Double

  /// A configuration.
  public init(method: Method = .twoModels, l2: Double = 1) {
    self.method = method
    self.l2 = l2
  }

  /// Log-odds that are linear in standardised features.
  struct Line: Sendable, Hashable, Codable {
    let intercept: Double
    /// One a feature, per standard deviation.
    let coefficients: [Double]

    func probabilities(_ standardized: Matrix) -> [Double] {
      let d = coefficients.count
      return (0..<standardized.rowCount)
        .map { row in
          var sum = intercept
          for j in 0..<d { sum += coefficients[j] * standardized.elements[row * d + j] }
          return LogOdds.probability(sum)
        }
    }
  }

  /// A fitted uplift model.
  public struct Model: Sendable, Hashable, Codable {
    /// How the difference is modelled.
    public let method: UpliftRegression.Method
    /// The names of the features.
    public let featureNames: [String]
    /// The means and deviations of the features over both arms.
    public let standardization: Standardization
    /// The treated rows of the fit.
    public let treatedCount: Int
    /// The control rows of the fit.
    public let controlCount: Int
    /// Whether all fits inside ended at their maximum.
    public let converged: Bool
    /// Log-odds of the outcome when treated, or of the transformed class.
    let first: UpliftRegression.Line
    /// Log-odds of the outcome as a control; nil for a class transformation.
    let second: UpliftRegression.Line?

    /// The predicted uplift for each row of `features`, `m × d`, in −1…1.
    public func uplift(for features: Matrix) -> [Double] {
      let rows = standardization.encode(features)
      let first = first.probabilities(rows)
      guard let second else { return first.map { 2 * $0 - 1 } }
      return zip(first, second.probabilities(rows)).map { $0 - $1 }
    }

    /// The chance of the outcome for each row when treated; nil for a class transformation.
    public func treatedProbabilities(for features: Matrix) -> [Double]? {
      second == nil ? nil : first.probabilities(standardization.encode(features))
    }
  }

  /// The uplift model of `outcomes` by `treated` and the columns of `matrix`, `n × d`.
  ///
  /// - Parameters:
  ///   - matrix: the features, `n × d`, none missing.
  ///   - featureNames: one name a column.
  ///   - treated: whether the row got the treatment.
  ///   - outcomes: whether the event happened.
  /// - Returns: the fitted model.
  /// - Throws: ``EvaluationError``.
  public func fit(
    _ matrix: Matrix,
    featureNames: [String],
    treated: [Bool],
    outcomes: [Bool]
  ) throws(EvaluationError) -> Model {
    guard outcomes.count == matrix.rowCount else {
      throw .wrongCount(of: "outcomes", count: outcomes.count, rows: matrix.rowCount)
    }
    try UpliftCurve.checkArms(treated, rows: matrix.rowCount)
    if let place = matrix.firstNonFinite() {
      throw .notFinite("feature \(featureNames[place.column])", row: place.row)
    }
    let standardization = Standardization(matrix)
    let rows = standardization.encode(matrix)
    let lines: (first: Line, second: Line?, converged: Bool)
    switch method {
    case .twoModels: lines = try twoModels(rows, featureNames, treated, outcomes)
    case .interaction: lines = try interaction(rows, featureNames, treated, outcomes)
    case .classTransformation: lines = try transformed(rows, featureNames, treated, outcomes)
    }
    let treatedCount = treated.count { $0 }
    return Model(
      method: method,
      featureNames: featureNames,
      standardization: standardization,
      treatedCount: treatedCount,
      controlCount: treated.count - treatedCount,
      converged: lines.converged,
      first: lines.first,
      second: lines.second
    )
  }

  private func twoModels(
    _ rows: Matrix,
    _ names: [String],
    _ treated: [Bool],
    _ outcomes: [Bool]
  ) throws(EvaluationError) -> (first: Line, second: Line?, converged: Bool) {
    let arms = [true, false].map { arm in treated.indices.filter { treated[$0] == arm } }
    var models: [LogisticRegression.Model] = []
    for (places, name) in zip(arms, ["treated", "control"]) {
      let outcomes = places.map { outcomes[$0] }
      if Set(outcomes).count < 2 {
        throw .badConfiguration(
          reason: "all \(outcomes.count) \(name) rows have the outcome "
            + (outcomes[0] ? "yes" : "no"),
          fix: "take more rows or another outcome, or use interactions"
        )
      }
      models.append(try regression(rows.gathering(rows: places), names, outcomes))
    }
    let lines = models.map { Line(intercept: $0.intercept, coefficients: $0.coefficients) }
    return (lines[0], lines[1], models.allSatisfy(\.converged))
  }

  private func interaction(
    _ rows: Matrix,
    _ names: [String],
    _ treated: [Bool],
    _ outcomes: [Bool]
  ) throws(EvaluationError) -> (first: Line, second: Line?, converged: Bool) {
    let d = rows.columnCount
    var elements: [Double] = []
    elements.reserveCapacity(rows.rowCount * (2 * d + 1))
    for row in 0..<rows.rowCount {
      let features = rows.row(row)
      elements += features
      elements.append(treated[row] ? 1 : 0)
      elements += treated[row] ? features : Array(repeating: 0, count: d)
    }
    let model = try regression(
      Matrix(rowCount: rows.rowCount, columnCount: 2 * d + 1, elements: elements),
      names + ["treated"] + names.map { "treated × \($0)" },
      outcomes
    )
    let base = Array(model.coefficients[..<d])
    let added = model.coefficients[(d + 1)...]
    let first = Line(
      intercept: model.intercept + model.coefficients[d],
      coefficients: zip(base, added).map { $0 + $1 }
    )
    return (first, Line(intercept: model.intercept, coefficients: base), model.converged)
  }

  private func transformed(
    _ rows: Matrix,
    _ names: [String],
    _ treated: [Bool],
    _ outcomes: [Bool]
  ) throws(EvaluationError) -> (first: Line, second: Line?, converged: Bool) {
    let share = Double(treated.count { $0 }) / Double(treated.count)
    guard (0.49...0.51).contains(share) else {
      throw .badConfiguration(
        reason: "the class transformation needs arms of equal size, but the treated share is "
          + "\(share)",
        fix: "use two models or interactions"
      )
    }
    let model = try regression(rows, names, zip(treated, outcomes).map { $0 == $1 })
    let line = Line(intercept: model.intercept, coefficients: model.coefficients)
    return (line, nil, model.converged)
  }

  private func regression(
    _ rows: Matrix,
    _ names: [String],
    _ outcomes: [Bool]
  ) throws(EvaluationError) -> LogisticRegression.Model {
    do throws(LogisticRegression.FitError) {
      return try LogisticRegression(l2: l2)
        .fit(rows, featureNames: names, outcomes: outcomes, penalizesUnits: true)
    } catch {
      throw .fit(error)
    }
  }
}
