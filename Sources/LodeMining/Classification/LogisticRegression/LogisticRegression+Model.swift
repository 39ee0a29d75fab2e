internal import Glibc
public import LodeNumerics
internal import LodeRuntime

extension LogisticRegression {
  /// A column left out of a fit because other columns already say all it says.
  public struct Alias: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The place of the column among the features.
    public let column: Int
    /// The feature.
    public let name: String
    /// The features that it is a linear combination of; none for a constant column.
    public let combinationOf: [String]

    /// What was left out, and why.
    public var description: String {
      if combinationOf.isEmpty { return "\(name) is constant" }
      return "\(name) is a combination of \(combinationOf.joined(separator: ", "))"
    }
  }

  /// One line of the coefficient table.
  public struct Term: Sendable, Hashable, Codable {
    /// The feature, or `(intercept)`.
    public let name: String
    /// The change of the log-odds for one unit of the feature; 0 when aliased.
    public let coefficient: Double
    /// Whether the column is constant or a sum of earlier columns, and so was left out.
    public let isAliased: Bool
    /// Standard error, test and interval; nil for penalised fits and aliased columns.
    public let inference: Inference?

    /// The coefficient, nil when aliased: "missing" rather than 0, as in R's `glm`.
    public var estimate: Double? { isAliased ? nil : coefficient }
    /// The factor of the odds for one unit of the feature; nil when aliased.
    public var oddsRatio: Double? { isAliased ? nil : exp(coefficient) }
  }

  /// Twice the gain of log-likelihood over a smaller model, chi-square if that one is true.
  public struct LikelihoodRatioTest: Sendable, Hashable, Codable {
    /// Twice the difference of the log-likelihoods.
    public let statistic: Double
    /// The parameters that the smaller model lacks.
    public let degreesOfFreedom: Int

    /// The chance of so large a statistic if the smaller model is true; 1 without a difference.
    public var pValue: Double {
      guard degreesOfFreedom > 0 else { return 1 }
      return Distributions.chiSquareSurvival(
        max(0, statistic),
        degreesOfFreedom: Double(degreesOfFreedom)
      )
    }
  }

  /// How sure a coefficient is.
  public struct Inference: Sendable, Hashable, Codable {
    /// The standard error.
    public let standardError: Double
    /// Coefficient over standard error.
    public let z: Double
    /// The two-sided p-value of z.
    public let pValue: Double
    /// The lower end of the Wald interval.
    public let lowerBound: Double
    /// The upper end of the Wald interval.
    public let upperBound: Double
  }

  /// A fitted logistic regression.
  public struct Model: Sendable, Hashable, Codable {
    /// The log-odds where all features are 0.
    public let intercept: Double
    /// The names of the features, `d` of them.
    public let featureNames: [String]
    /// The change of the log-odds for one unit of each feature; 0 for aliased ones.
    public let coefficients: [Double]
    /// The coefficient table: the intercept, then the features in order.
    public let terms: [Term]
    /// The mean of each feature in the training rows.
    public let means: [Double]
    /// The population standard deviation of each feature in the training rows.
    public let standardDeviations: [Double]
    /// The penalty of the fit.
    public let l2: Double
    /// The training rows.
    public let rowCount: Int
    /// The training rows in which the event happened.
    public let positiveCount: Int
    /// Intercept and features that were not aliased.
    public let parameterCount: Int
    /// The log-likelihood at the coefficients, without penalty.
    public let logLikelihood: Double
    /// The log-likelihood of the base rate alone.
    public let nullLogLikelihood: Double
    /// What the fit maximised: the log-likelihood less the L2 penalty or with Firth's term.
    public let penalizedLogLikelihood: Double
    /// What kind of likelihood the fit maximised.
    public let likelihood: LogisticRegression.Likelihood
    /// The columns left out, and what they are made of.
    public let aliases: [LogisticRegression.Alias]
    /// Newton steps taken.
    public let iterations: Int
    /// Whether the decrement fell below the tolerance.
    public let converged: Bool

    /// Akaike's criterion with ``parameterCount`` parameters.
    public var aic: Double { 2 * Double(parameterCount) - 2 * logLikelihood }
    /// Schwarz's criterion with ``parameterCount`` parameters.
    public var bic: Double { Double(parameterCount) * log(Double(rowCount)) - 2 * logLikelihood }
    /// 1 − log L / log L₀ (McFadden).
    public var pseudoRSquared: Double { 1 - logLikelihood / nullLogLikelihood }
    /// The factor of the odds for one standard deviation of each feature; nil for aliased ones.
    public var oddsRatiosPerStandardDeviation: [Double?] {
      featureNames.indices.map { j in
        terms[j + 1].isAliased ? nil : exp(coefficients[j] * standardDeviations[j])
      }
    }
    /// The test against the base rate alone; nil for penalised fits.
    public var likelihoodRatioTest: LogisticRegression.LikelihoodRatioTest? {
      guard l2 == 0, likelihood == .plain else { return nil }
      return LogisticRegression.LikelihoodRatioTest(
        statistic: 2 * (logLikelihood - nullLogLikelihood),
        degreesOfFreedom: parameterCount - 1
      )
    }

    /// The test of this model against one with some of its features; nil for penalised fits.
    ///
    /// - Precondition: `nested` was fitted to the same rows with a part of the features.
    public func likelihoodRatioTest(
      against nested: Self
    ) -> LogisticRegression.LikelihoodRatioTest? {
      precondition(
        nested.rowCount == rowCount && nested.positiveCount == positiveCount
          && Set(nested.featureNames).isSubset(of: featureNames),
        "\(nested.featureNames) of \(nested.rowCount) rows is not nested in \(featureNames)"
      )
      guard l2 == 0, nested.l2 == 0, likelihood == .plain, nested.likelihood == .plain else {
        return nil
      }
      return LogisticRegression.LikelihoodRatioTest(
        statistic: 2 * (logLikelihood - nested.logLikelihood),
        degreesOfFreedom: parameterCount - nested.parameterCount
      )
    }

    /// The features left out because they are constant or sums of earlier ones.
    public var aliasedFeatures: [String] { terms.filter(\.isAliased).map(\.name) }

    /// The probability of the event for each row of `features`, `m × d`.
    public func probabilities(for features: Matrix) -> [Double] {
      logOdds(for: features).map { 1 / (1 + exp(-$0)) }
    }

    /// The log-odds of the event for each row of `features`, `m × d`.
    public func logOdds(for features: Matrix) -> [Double] {
      precondition(
        features.columnCount == coefficients.count,
        "\(features.columnCount) features for a model of \(coefficients.count)"
      )
      var result = [Double](repeating: intercept, count: features.rowCount)
      var output = result.mutableSpan
      BLAS.multiply(
        features.elements.span,
        rows: features.rowCount,
        columns: features.columnCount,
        vector: coefficients.span,
        keep: 1,
        into: &output
      )
      return result
    }

    /// How much each feature moves one row's log-odds away from the average row's.
    ///
    /// Entry `j` is `βⱼ·(xⱼ − meanⱼ)`; all entries add up to the row's log-odds minus those of a
    /// row of means.
    public func contributions(for row: [Double]) -> [Double] {
      precondition(row.count == coefficients.count, "\(row.count) values for a row")
      return row.indices.map { coefficients[$0] * (row[$0] - means[$0]) }
    }
  }
}

extension LogisticRegression.Model {
  /// Brings a Newton path back to the features' own units.
  init(
    _ configuration: LogisticRegression,
    _ path: LogisticRegression.FitPath,
    _ design: LogisticDesign,
    featureNames: [String]
  ) throws(LogisticRegression.FitError) {
    let scale = design.standardization
    let n = design.outcomes.count
    let positives = Double(design.positiveCount)
    var coefficients = [Double](repeating: 0, count: featureNames.count)
    var intercept = path.point.parameters[0]
    for (place, column) in design.active.enumerated() {
      coefficients[column] = path.point.parameters[place + 1] / scale.standardDeviations[column]
      intercept -= coefficients[column] * scale.means[column]
    }
    guard intercept.isFinite, coefficients.allSatisfy(\.isFinite) else { throw .singular }
    let errors = configuration.l2 == 0 ? design.standardErrors(path.covariance) : nil
    func inference(_ coefficient: Double, _ error: Double?) -> LogisticRegression.Inference? {
      error.map {
        LogisticRegression.Inference(
          coefficient,
          standardError: $0,
          confidenceLevel: configuration.confidenceLevel
        )
      }
    }
    let isAliased = Set(design.aliases.map(\.column))
    let share = positives / Double(n)
    let first = LogisticRegression.Term(
      name: "(intercept)",
      coefficient: intercept,
      isAliased: false,
      inference: inference(intercept, errors?[0])
    )
    self.init(
      intercept: intercept,
      featureNames: featureNames,
      coefficients: coefficients,
      terms: [first]
        + featureNames.indices.map { j in
          LogisticRegression.Term(
            name: featureNames[j],
            coefficient: coefficients[j],
            isAliased: isAliased.contains(j),
            inference: inference(coefficients[j], errors?[j + 1])
          )
        },
      means: scale.means,
      standardDeviations: scale.standardDeviations,
      l2: configuration.l2,
      rowCount: n,
      positiveCount: Int(positives),
      parameterCount: design.parameterCount,
      logLikelihood: -path.point.loss,
      nullLogLikelihood: positives * log(share) + (Double(n) - positives) * log(1 - share),
      penalizedLogLikelihood: -path.point.value,
      likelihood: configuration.likelihood,
      aliases: design.aliases,
      iterations: path.iterations,
      converged: path.converged
    )
  }
}

extension LogisticRegression.Inference {
  /// Test and Wald interval of a coefficient.
  init(_ coefficient: Double, standardError: Double, confidenceLevel: Double) {
    let quantile = Distributions.normalQuantile(0.5 + confidenceLevel / 2)
    self.init(
      standardError: standardError,
      z: coefficient / standardError,
      pValue: Distributions.normalTwoSided(coefficient / standardError),
      lowerBound: coefficient - quantile * standardError,
      upperBound: coefficient + quantile * standardError
    )
  }
}

extension LogisticDesign {
  /// The intercept in the features' own units as a sum of standardised parameters.
  var interceptWeights: [Double] {
    [1]
      + active.map { -standardization.means[$0] / standardization.standardDeviations[$0] }
  }

  /// The standard errors of intercept and columns in their own units, nil for those left out.
  ///
  /// The covariance is that of the standardised parameters, `parameterCount²`.
  func standardErrors(_ covariance: Matrix) -> [Double?] {
    var errors = [Double?](repeating: nil, count: columnCount + 1)
    for (place, column) in active.enumerated() {
      errors[column + 1] =
        covariance[place + 1, place + 1].squareRoot()
        / standardization.standardDeviations[column]
    }
    let weights = interceptWeights
    var variance = 0.0
    for i in weights.indices {
      for j in weights.indices { variance += weights[i] * covariance[i, j] * weights[j] }
    }
    errors[0] = variance.squareRoot()
    return errors
  }
}
