internal import LodeNumerics

extension LogisticRegression {
  /// Features that predict some outcomes without error, so that coefficients run to infinity.
  public struct Separation: Hashable, Sendable, CustomStringConvertible {
    /// How much is predicted without error.
    public enum Extent: String, Sendable, Hashable, Codable {
      /// Every outcome.
      case complete
      /// The outcomes of some rows.
      case partial
    }

    /// A column that separates.
    public struct Column: Sendable, Hashable {
      /// The feature.
      public let feature: String
      /// Which of its values tell the outcome; nil if it does so with others only.
      public let rule: Rule?
    }

    /// Values of one column and the one outcome that they go with.
    public struct Rule: Sendable, Hashable {
      /// Where the value lies.
      public enum Side: String, Sendable, Hashable, Codable {
        /// The value itself.
        case equal = "="
        /// This value or more.
        case atLeast = "≥"
        /// This value or less.
        case atMost = "≤"
      }

      /// Where the value lies.
      public let side: Side
      /// The value, in the feature's own unit.
      public let value: Double
      /// What always happens there.
      public let outcome: Bool
      /// The rows in which it does.
      public let rowCount: Int
    }

    /// How much is predicted without error.
    public let extent: Extent
    /// The columns whose coefficients diverge.
    public let columns: [Column]
    /// The rows predicted without error.
    public let rowCount: Int

    /// What happened, and how to fix it.
    public var description: String {
      let names = columns.map { "\"\($0.feature)\"" }.joined(separator: ", ")
      let rules = columns.compactMap { column in
        column.rule.map {
          "where \(column.feature) \($0.side.rawValue) \(text($0.value)) (\($0.rowCount) rows) the "
            + "outcome is always \($0.outcome ? "yes" : "no")"
        }
      }
      let what = extent == .complete ? "all" : "some"
      let subject = columns.isEmpty ? "the features together" : names
      let verb = columns.count > 1 || columns.isEmpty ? "predict" : "predicts"
      return "\(subject) \(verb) \(what) outcomes without error"
        + (rules.isEmpty ? "" : ": " + rules.joined(separator: "; "))
        + ". Such a coefficient has no finite best value: drop the feature if it leaks the "
        + "outcome, set l2 above 0, or use Firth's likelihood."
    }

    private func text(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
  }
}

extension LogisticRegression.Separation {
  /// The diagnosis of a fit that ran away.
  ///
  /// - Parameters:
  ///   - design: the rows.
  ///   - parameters: where the fit stood when it was stopped: far out in a separating direction.
  ///   - suspects: places among the active columns whose information has vanished; none means
  ///     all.
  init(_ design: LogisticDesign, _ parameters: [Double], suspects: [Int]) {
    let rules = design.active.indices.map { Self.rule(design, place: $0) }
    // Where all is predicted no column has information left, not even noise: those with a rule of
    // their own are to blame, or else the largest coefficients.
    var places = suspects.isEmpty ? Array(rules.indices) : suspects
    if places.contains(where: { rules[$0] != nil }) {
      places.removeAll { rules[$0] == nil }
    } else {
      let largest = places.map { abs(parameters[$0 + 1]) }.max() ?? 0
      places.removeAll { abs(parameters[$0 + 1]) < 0.1 * largest }
    }
    let sure = design.surelyPredicted(parameters)
    rowCount = sure
    extent = sure == design.rowCount ? .complete : .partial
    columns = places.map {
      Column(feature: design.featureNames[design.active[$0]], rule: rules[$0])
    }
  }

  /// The values of an active column that go with one outcome only, where they separate.
  ///
  /// One of two values, or all values from some place on while all below go with the other
  /// outcome.
  static func rule(_ design: LogisticDesign, place: Int) -> Rule? {
    let column = design.active[place]
    let values = design.rows.column(column)
    let outcomes = design.outcomes
    var low = (Double.infinity, Double.infinity)
    var high = (-Double.infinity, -Double.infinity)
    for (value, outcome) in zip(values, outcomes) {
      if outcome {
        low.1 = min(low.1, value)
        high.1 = max(high.1, value)
      } else {
        low.0 = min(low.0, value)
        high.0 = max(high.0, value)
      }
    }
    func rule(_ side: Rule.Side, _ value: Double, _ outcome: Bool) -> Rule {
      let count = values.count {
        switch side {
        case .equal: $0 == value
        case .atLeast: $0 >= value
        case .atMost: $0 <= value
        }
      }
      return Rule(side: side, value: value, outcome: outcome, rowCount: count)
    }
    let (least, most) = (min(low.0, low.1), max(high.0, high.1))
    if values.allSatisfy({ $0 == least || $0 == most }) {
      // Of two values, one that only ever goes with one outcome.
      if high.1 < most { return rule(.equal, most, false) }
      if high.0 < most { return rule(.equal, most, true) }
      if low.1 > least { return rule(.equal, least, false) }
      if low.0 > least { return rule(.equal, least, true) }
      return nil
    }
    func next(above limit: Double) -> Double { values.filter { $0 > limit }.min() ?? limit }
    if low.1 >= high.0 { return rule(.atLeast, next(above: high.0), true) }
    if low.0 >= high.1 { return rule(.atLeast, next(above: high.1), false) }
    return nil
  }
}

extension LogisticDesign {
  /// The rows whose outcome has a probability of at least 1 − 10⁻⁵.
  fileprivate func surelyPredicted(_ parameters: [Double]) -> Int {
    let origin = parameters[0]
    let d = columnCount
    var count = 0
    rows.lendParts(0..<rowCount) { part, elements in
      for (place, row) in part.enumerated() {
        var odds = origin
        for (i, column) in active.enumerated() {
          let value = elements[place * d + column] - standardization.means[column]
          odds += parameters[i + 1] * value / standardization.standardDeviations[column]
        }
        if (outcomes[row] ? odds : -odds) > 11.5 { count += 1 }
      }
    }
    return count
  }
}
