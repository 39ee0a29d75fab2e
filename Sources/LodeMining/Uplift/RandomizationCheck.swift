public import LodeNumerics

/// Whether the arms of a trial look as if customers had been assigned at random.
///
/// The *standardised mean difference* of a feature is `(x̄₁ − x̄₀)/√((s₁² + s₀²)/2)`; above 0.1 in
/// size the arms differ. The *sample ratio* is tested by chi-square with one degree of freedom
/// against the planned share; a mismatch means that rows were lost or doubled on the way, and no
/// result of the trial is to be trusted.
///
/// - Complexity: O(`n·d`).
/// - Source: Austin (2009), "Balance diagnostics", Statistics in Medicine 28, for 0.1; Fabijan et
///   al. (2019), "Diagnosing sample ratio mismatch", KDD, for the test and its strict level.
public struct RandomizationCheck: Sendable, Hashable, Codable {
  /// One feature.
  public struct Balance: Sendable, Hashable, Codable {
    /// The name of the feature.
    public let name: String
    /// The mean of the treated.
    public let treatedMean: Double
    /// The mean of the controls.
    public let controlMean: Double
    /// The difference in pooled standard deviations; 0 where nothing varies, nil where only the
    /// means differ.
    public let standardizedDifference: Double?

    /// Whether the arms differ: above 0.1 in size.
    public var isImbalanced: Bool { standardizedDifference.map { abs($0) > 0.1 } ?? true }
  }

  /// The level below which a sample ratio counts as a mismatch.
  public static let mismatchLevel = 0.001

  /// The features in their order.
  public let balances: [Balance]
  /// The treated rows.
  public let treatedCount: Int
  /// The control rows.
  public let controlCount: Int
  /// The planned share of treated rows, 0…1.
  public let plannedShare: Double
  /// The chi-square statistic of the sample ratio.
  public let chiSquare: Double
  /// Its p-value.
  public let pValue: Double

  /// Whether rows of one arm are missing or doubled.
  public var hasSampleRatioMismatch: Bool { pValue < Self.mismatchLevel }
  /// The features in which the arms differ.
  public var imbalanced: [String] { balances.filter(\.isImbalanced).map(\.name) }
  /// Whether the ratio and all features are as they should be.
  public var isSound: Bool { !hasSampleRatioMismatch && imbalanced.isEmpty }

  /// The check of a trial.
  ///
  /// - Parameters:
  ///   - matrix: features known before the treatment, `n × d`.
  ///   - featureNames: one name a column.
  ///   - treated: whether the row got the treatment.
  ///   - plannedShare: the share that was to be treated.
  /// - Throws: ``EvaluationError`` for no rows, one arm, features that are not finite, or a share
  ///   outside 0…1.
  public init(
    _ matrix: Matrix,
    featureNames: [String],
    treated: [Bool],
    plannedShare: Double = 0.5
  ) throws(EvaluationError) {
    precondition(
      featureNames.count == matrix.columnCount,
      "\(featureNames.count) names for \(matrix.columnCount) features"
    )
    try UpliftCurve.checkArms(treated, rows: matrix.rowCount)
    guard plannedShare > 0, plannedShare < 1 else {
      throw .badConfiguration(
        reason: "the planned share of treated rows is \(plannedShare)",
        fix: "give one between 0 and 1"
      )
    }
    if let place = matrix.firstNonFinite() {
      throw .notFinite("feature \(featureNames[place.column])", row: place.row)
    }
    let arms = [true, false]
      .map { arm in
        let rows = matrix.gathering(rows: treated.indices.filter { treated[$0] == arm })
        return ColumnMoments(rows.elements, columnCount: matrix.columnCount)
      }
    balances = featureNames.enumerated()
      .map { j, name in
        let gap = arms[0].means[j] - arms[1].means[j]
        let deviation = ((arms[0].variances[j] + arms[1].variances[j]) / 2).squareRoot()
        return Balance(
          name: name,
          treatedMean: arms[0].means[j],
          controlMean: arms[1].means[j],
          standardizedDifference: deviation > 0 ? gap / deviation : (gap == 0 ? 0 : nil)
        )
      }
    treatedCount = treated.count { $0 }
    controlCount = treated.count - treatedCount
    self.plannedShare = plannedShare
    let n = Double(treated.count)
    let gap = Double(treatedCount) - n * plannedShare
    chiSquare = gap * gap / (n * plannedShare * (1 - plannedShare))
    pValue = Distributions.chiSquareSurvival(chiSquare, degreesOfFreedom: 1)
  }
}
