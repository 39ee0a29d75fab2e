internal import LodeNumerics

/// Models when a customer leaves: the chance of leaving in each period, given that it was reached.
///
/// Every customer gives one row a period under observation (person-period expansion), with the
/// outcome "left in this period"; a logistic regression of these rows on the period and the
/// features is the discrete-time proportional-odds model of survival. It needs no censoring tricks:
/// a customer still there at the end simply gives no row with "yes".
///
/// - Input: `features`, `n × d`, no missing values (may have no columns); for each customer the
///   whole number of periods under observation, from 1, and whether it left in the last of them.
/// - Output: hazards and survival curves by period, coefficients with standard errors.
/// - Determinism: that of ``LogisticRegression``.
/// - Complexity: that of a logistic regression of `Σ periods` rows and `d` + periods columns.
/// - Throws: ``FitError``.
/// - Source: Singer & Willett (2003), "Applied longitudinal data analysis", §10–11; Cox (1972),
///   "Regression models and life-tables", JRSS B 34, §6. Without features the hazards are those of
///   the life table, and survival is the Kaplan–Meier curve on the grid of periods.
public struct DiscreteTimeHazard: Sendable, Hashable, Codable {
  /// The penalty on coefficients per standard deviation; 0 is plain maximum likelihood.
  public var l2: Double
  /// The level of the Wald intervals, 0…1.
  public var confidenceLevel: Double

  /// A configuration.
  public init(l2: Double = 0, confidenceLevel: Double = 0.95) {
    self.l2 = l2
    self.confidenceLevel = confidenceLevel
  }

  /// Why a fit was refused.
  public enum FitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are no customers.
    case noRows
    /// There are more or fewer periods or outcomes than customers.
    case wrongCount(periods: Int, outcomes: Int, rows: Int)
    /// A customer was watched for less than one period; rows count from 0.
    case noPeriod(row: Int, periods: Int)
    /// Nobody left.
    case noEvent(rows: Int)
    /// In every period everybody left or nobody did, so no feature can say who.
    case allOrNone(rows: Int)
    /// The logistic regression of the periods was refused.
    case logistic(LogisticRegression.FitError)

    /// What happened, and how to fix it.
    public var description: String {
      switch self {
      case .noRows: "there are no customers to fit a hazard to."
      case .wrongCount(let periods, let outcomes, let rows):
        "there are \(periods) durations and \(outcomes) outcomes for \(rows) customers; give one "
          + "of each a customer."
      case .noPeriod(let row, let periods):
        "customer \(row + 1) was watched for \(periods) periods; leave out those that were "
          + "watched for less than one."
      case .noEvent(let rows):
        "none of \(rows) customers left, so there is no hazard to fit; watch them for longer."
      case .allOrNone(let rows):
        "in every period all or none of the customers left (\(rows) in all), so no feature can "
          + "say who; use longer or shorter periods."
      case .logistic(let error): error.description
      }
    }
  }

  /// The model of customers watched for `periods`, the last of them with or without an event.
  ///
  /// Where nobody left in a period, or everybody did, the likelihood has its maximum at a hazard of
  /// exactly 0 or 1 whatever the features: such periods are set to it, and their rows say nothing
  /// about the coefficients.
  ///
  /// - Parameters:
  ///   - features: one row a customer.
  ///   - periods: how many periods each customer was watched, at least 1.
  ///   - events: whether the customer left in the last of them.
  /// - Returns: the fitted model.
  /// - Throws: ``FitError``.
  public func fit(
    _ features: FeatureMatrix,
    periods: [Int],
    events: [Bool]
  ) throws(FitError) -> Model {
    let n = features.matrix.rowCount
    guard n > 0 else { throw .noRows }
    guard periods.count == n, events.count == n else {
      throw .wrongCount(periods: periods.count, outcomes: events.count, rows: n)
    }
    if let row = periods.firstIndex(where: { $0 < 1 }) {
      throw .noPeriod(row: row, periods: periods[row])
    }
    guard events.contains(true) else { throw .noEvent(rows: n) }
    let table = LifeTable(periods: periods, events: events)
    let free = table.freePeriods
    guard let base = free.first else {
      guard features.featureNames.isEmpty else { throw .allOrNone(rows: n) }
      return Model(table: table, featureNames: [], fit: nil)
    }
    let expansion = PersonPeriods(features, periods, events, free: free)
    guard expansion.matrix.columnCount > 0 else {
      // One period and no feature: the share itself.
      return Model(table: table, featureNames: [], fit: nil)
    }
    do throws(LogisticRegression.FitError) {
      let fit = try LogisticRegression(l2: l2, confidenceLevel: confidenceLevel)
        .fit(
          expansion.matrix,
          featureNames: free.dropFirst().map { "period \($0 + 1) against \(base + 1)" }
            + features.featureNames,
          outcomes: expansion.outcomes
        )
      return Model(table: table, featureNames: features.featureNames, fit: fit)
    } catch {
      throw .logistic(error)
    }
  }
}

/// How many customers reached each period, and how many left in it.
public struct LifeTable: Sendable, Hashable, Codable {
  /// The customers watched in each period; the first entry is period 1.
  public let atRiskCounts: [Int]
  /// The customers who left in each period.
  public let eventCounts: [Int]

  /// The table of customers watched for `periods` of at least 1.
  public init(periods: [Int], events: [Bool]) {
    precondition(periods.count == events.count, "\(periods.count) durations, \(events.count)")
    let last = periods.max() ?? 0
    var ends = [Int](repeating: 0, count: last + 1)
    var eventCounts = [Int](repeating: 0, count: last)
    for (period, event) in zip(periods, events) {
      ends[period] += 1
      if event { eventCounts[period - 1] += 1 }
    }
    var left = periods.count
    var atRiskCounts: [Int] = []
    for period in 0..<last {
      left -= ends[period]
      atRiskCounts.append(left)
    }
    self.atRiskCounts = atRiskCounts
    self.eventCounts = eventCounts
  }

  /// The share of those watched who left, by period.
  public var hazards: [Double] {
    zip(eventCounts, atRiskCounts).map { Double($0) / Double(max($1, 1)) }
  }

  /// The share still there at the end of each period: the Kaplan–Meier curve on this grid.
  public var survival: [Double] { Self.survival(hazards) }

  /// The periods, from 0, in which some left and some stayed.
  var freePeriods: [Int] {
    eventCounts.indices.filter { eventCounts[$0] > 0 && eventCounts[$0] < atRiskCounts[$0] }
  }

  /// The running product of 1 − hazard.
  static func survival(_ hazards: [Double]) -> [Double] {
    var left = 1.0
    return hazards.map { hazard in
      left *= 1 - hazard
      return left
    }
  }
}

/// One row a customer and period: indicators of the free periods but the first, then features.
private struct PersonPeriods {
  let matrix: Matrix
  let outcomes: [Bool]

  init(_ features: FeatureMatrix, _ periods: [Int], _ events: [Bool], free: [Int]) {
    let d = features.featureNames.count
    let width = free.count - 1 + d
    var places = [Int](repeating: -1, count: periods.max() ?? 0)
    for (place, period) in free.enumerated() { places[period] = place }
    var elements: [Double] = []
    var outcomes: [Bool] = []
    for row in periods.indices {
      let values = features.matrix.row(row)
      for period in 0..<periods[row] where places[period] >= 0 {
        for place in 1..<max(free.count, 1) { elements.append(place == places[period] ? 1 : 0) }
        elements += values
        outcomes.append(events[row] && period == periods[row] - 1)
      }
    }
    matrix = Matrix(rowCount: outcomes.count, columnCount: width, elements: elements)
    self.outcomes = outcomes
  }
}
