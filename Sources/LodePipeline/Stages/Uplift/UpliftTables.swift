internal import LodeColumns
internal import LodeMining
internal import LodeNumerics

/// The tables of the uplift stage.
enum UpliftTables {
  /// One number of the summary.
  private struct Measure {
    let name: String
    var value: Double?
    var lower: Double?
    var upper: Double?
    var pValue: Double?
    var note: String?
  }

  /// One row a number, with interval and p-value where it has them; the last row is the verdict.
  ///
  /// - Parameters:
  ///   - test: the predictions and what they are worth.
  ///   - check: the randomization; its ratio counts only where a share was planned.
  ///   - hasPlan: whether a share of treated rows was planned.
  ///   - amounts: the difference of mean amounts; nil where outcomes are yes or no.
  ///   - level: of the intervals, 0…1.
  /// - Returns: the table `…_summary`.
  static func summary(
    _ test: UpliftTest,
    _ check: RandomizationCheck,
    hasPlan: Bool,
    amounts: (difference: Double, lower: Double, upper: Double)?,
    level: Double
  ) -> Table {
    var measures = ranking(test)
    if let amounts {
      measures.append(
        Measure(
          name: "amount_effect",
          value: amounts.difference,
          lower: amounts.lower,
          upper: amounts.upper,
          note: "the mean amount of the treated less that of the controls, all rows"
        )
      )
    }
    measures += [
      Measure(
        name: "treated_share",
        value: Double(check.treatedCount) / Double(check.treatedCount + check.controlCount),
        pValue: hasPlan ? check.pValue : nil,
        note: hasPlan ? "planned: \(check.plannedShare)" : "no share was planned"
      ),
      Measure(
        name: "imbalanced_features",
        value: Double(check.imbalanced.count),
        note: check.imbalanced.joined(separator: ", ")
      ),
      Measure(name: "interval_level", value: level),
      Measure(name: "verdict", note: test.evaluation.sentence),
    ]
    return Table([
      "measure": Column(texts: measures.map(\.name)),
      "value": Column(optional: measures.map(\.value)),
      "lower": Column(optional: measures.map(\.lower)),
      "upper": Column(optional: measures.map(\.upper)),
      "p_value": Column(optional: measures.map(\.pValue)),
      "note": Column(texts: measures.map { $0.note.flatMap { $0.isEmpty ? nil : $0 } }),
    ])
  }

  /// The arms, the effect on all, and what the ranking adds.
  private static func ranking(_ test: UpliftTest) -> [Measure] {
    let (evaluation, curve) = (test.evaluation, test.evaluation.curve)
    let all = curve.all
    let effect = evaluation.effect
    var measures = [
      Measure(name: "treated_rows", value: Double(all.treated), note: test.design),
      Measure(name: "control_rows", value: Double(all.controls)),
      Measure(name: "treated_rate", value: Double(all.treatedEvents) / Double(all.treated)),
      Measure(name: "control_rate", value: Double(all.controlEvents) / Double(all.controls)),
      Measure(
        name: "effect",
        value: effect.difference,
        lower: effect.lowerBound,
        upper: effect.upperBound,
        note: "the rate of the treated less that of the controls"
      ),
      Measure(
        name: "qini_coefficient",
        value: curve.qiniCoefficient,
        lower: evaluation.lowerBound,
        upper: evaluation.upperBound,
        pValue: evaluation.pValue,
        note: formula(curve.ties)
      ),
      Measure(name: "qini_area", value: curve.qiniArea),
      Measure(name: "auuc", value: curve.auuc),
      Measure(name: "auuc_above_random", value: curve.auucAboveRandom),
    ]
    for percent in [10, 20, 30, 50] {
      let name = "effect_in_best_\(percent)_percent"
      measures.append(Measure(name: name, value: curve.uplift(atShare: Double(percent) / 100)))
    }
    return measures
  }

  /// The formulas, true for the ties as they were taken.
  private static func formula(_ ties: UpliftCurve.Ties) -> String {
    ties == .grouped
      ? UpliftCurve.formula
      : UpliftCurve.formula.replacing(
        "Rows of equal predicted uplift enter together.",
        with: "Rows of equal predicted uplift enter in row order."
      )
  }

  /// One row a tenth of the tested rows, the highest predicted uplift first.
  static func bins(_ evaluation: UpliftEvaluation) -> Table {
    let bins = evaluation.bins
    return Table([
      "bin": Column(integers: bins.map { Int64($0.bin) }),
      "treated_rows": Column(integers: bins.map { Int64($0.counts.treated) }),
      "treated_events": Column(integers: bins.map { Int64($0.counts.treatedEvents) }),
      "control_rows": Column(integers: bins.map { Int64($0.counts.controls) }),
      "control_events": Column(integers: bins.map { Int64($0.counts.controlEvents) }),
      "mean_predicted_uplift": Column(doubles: bins.map(\.meanPredictedUplift)),
      "effect": Column(optional: bins.map(\.effect.difference)),
      "effect_lower": Column(optional: bins.map(\.effect.lowerBound)),
      "effect_upper": Column(optional: bins.map(\.effect.upperBound)),
    ])
  }

  /// One row a feature: its mean in both arms.
  static func balance(_ check: RandomizationCheck) -> Table {
    let balances = check.balances
    return Table([
      "feature": Column(texts: balances.map(\.name)),
      "treated_mean": Column(doubles: balances.map(\.treatedMean)),
      "control_mean": Column(doubles: balances.map(\.controlMean)),
      "standardized_difference": Column(optional: balances.map(\.standardizedDifference)),
      "is_imbalanced": Column(
        type: .boolean,
        storage: .booleans(balances.map(\.isImbalanced))
      ),
    ])
  }

  /// The difference of mean amounts with its normal interval.
  ///
  /// - Parameters:
  ///   - amounts: one a row.
  ///   - treated: one a row, both arms there.
  ///   - level: of the interval, 0…1.
  /// - Returns: units of the amounts; the interval is nil-free: with one row in an arm it is a
  ///   point.
  static func amountEffect(
    _ amounts: [Double],
    treated: [Bool],
    level: Double
  ) -> (difference: Double, lower: Double, upper: Double) {
    let arms = [true, false]
      .map { arm in
        let rows = treated.indices.filter { treated[$0] == arm }.map { amounts[$0] }
        let mean = Reductions.mean(rows.span)
        let squares = Reductions.squaredDeviation(rows.span, from: mean)
        let n = Double(rows.count)
        return (mean: mean, variance: n > 1 ? squares / (n - 1) / n : 0)
      }
    let difference = arms[0].mean - arms[1].mean
    let reach =
      Distributions.normalQuantile((1 + level) / 2)
      * (arms[0].variance + arms[1].variance).squareRoot()
    return (difference, difference - reach, difference + reach)
  }
}
