/// Cohorts of subscribers who renew or leave once a period, added up for the models of renewal.
///
/// Cohorts may have been watched for different numbers of periods: whoever is still there at the
/// end of the own cohort counts as a survivor of that many periods.
public struct RenewalCohorts: Sendable, Hashable, Codable {
  /// The customers lost in each period from the first.
  public let lost: [Double]
  /// The customers last seen alive after 0, 1, 2, … periods; one element more than ``lost``.
  public let survivors: [Double]
  /// The number of cohorts left out because their counts rise, are negative or not finite.
  public let flawedCount: Int

  /// The number of customers of all cohorts.
  public var customerCount: Double { lost.reduce(0, +) + survivors.reduce(0, +) }

  /// Adds up cohorts.
  ///
  /// - Parameter cohorts: the customers of each cohort at its start and after each period; whole
  ///   numbers or shares, the error of the fit is that of as many customers as they add up to.
  public init(_ cohorts: [[Double]]) {
    let periods = max(0, (cohorts.map(\.count).max() ?? 1) - 1)
    var lost = [Double](repeating: 0, count: periods)
    var survivors = [Double](repeating: 0, count: periods + 1)
    var flawedCount = 0
    for cohort in cohorts {
      guard let last = cohort.last, Self.isSound(cohort) else {
        flawedCount += 1
        continue
      }
      for period in 1..<max(1, cohort.count) {
        lost[period - 1] += cohort[period - 1] - cohort[period]
      }
      survivors[cohort.count - 1] += last
    }
    (self.lost, self.survivors, self.flawedCount) = (lost, survivors, flawedCount)
  }

  private static func isSound(_ cohort: [Double]) -> Bool {
    cohort.allSatisfy { $0 >= 0 && $0.isFinite } && zip(cohort, cohort.dropFirst()).allSatisfy(>=)
  }

  /// The share of customers lost in the periods at risk, kept within 1 % and 99 %: a first guess.
  var meanChurn: Double {
    var risk = 0.0
    for (period, count) in lost.enumerated() { risk += count * Double(period + 1) }
    for (period, count) in survivors.enumerated() { risk += count * Double(period) }
    return risk > 0 ? min(max(lost.reduce(0, +) / risk, 0.01), 0.99) : 0.5
  }
}

/// A sum over periods ahead, each worth less than the one before.
///
/// - Parameters:
///   - discount: the rate of a period, above 0.
///   - survival: the chance to be there in a period ahead, not rising, 1 at 0.
/// - Returns: the sum from period 0 until what is left is below 10⁻¹³ of it; after 2,000,000
///   periods, for rates below about 0.002 %, the rest counts with the chance of the last period.
func discountedSum(discount: Double, _ survival: (Int) -> Double) -> Double {
  let factor = 1 / (1 + discount)
  var (sum, weight, period) = (0.0, 1.0, 0)
  while true {
    let chance = survival(period)
    let rest = chance * weight * (1 + discount) / discount
    if rest <= 1e-13 * sum || period == 2_000_000 { return sum + (rest > 1e-13 * sum ? rest : 0) }
    sum += chance * weight
    weight *= factor
    period += 1
  }
}
