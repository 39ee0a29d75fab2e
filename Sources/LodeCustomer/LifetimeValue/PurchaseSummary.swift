internal import Glibc

/// When one customer bought, as the models of repeat purchases see it.
///
/// Orders of one day count once. Times are in one unit for all customers, see ``TimeUnit``.
public struct PurchaseSummary: Sendable, Hashable, Codable {
  /// Repeat purchases after the first, `x`.
  public let frequency: Int
  /// The time from the first to the last purchase, `t_x`; 0 without repeat purchases.
  public let recency: Double
  /// The time from the first purchase to the end of observation, `T`.
  public let age: Double

  /// A summary.
  ///
  /// - Parameters:
  ///   - frequency: `x`.
  ///   - recency: `t_x`.
  ///   - age: `T`.
  public init(frequency: Int, recency: Double, age: Double) {
    self.frequency = frequency
    self.recency = recency
    self.age = age
  }

  /// Whether a customer can have done this.
  @inline(__always)
  var isSound: Bool {
    age > 0 && age.isFinite && recency <= age
      && (frequency > 0 ? recency > 0 : frequency == 0 && recency == 0)
  }

  /// What makes the summary impossible, nil for a good one.
  public var flaw: String? {
    if frequency < 0 { return "a frequency of \(frequency)" }
    if !(age > 0) || !age.isFinite { return "an age of \(age)" }
    if !(recency >= 0) || recency > age { return "a recency of \(recency) at an age of \(age)" }
    if frequency == 0 && recency > 0 { return "a recency of \(recency) without a repeat purchase" }
    if frequency > 0 && recency == 0 { return "\(frequency) repeat purchases with recency 0" }
    return nil
  }
}

/// The unit of times, so that weekly models never meet daily discount rates.
public enum TimeUnit: String, Sendable, Hashable, Codable, CaseIterable {
  /// Days.
  case day
  /// Weeks of seven days.
  case week
  /// Twelfths of a year.
  case month

  /// How many of them a year has.
  public var perYear: Double {
    switch self {
    case .day: 365
    case .week: 52
    case .month: 12
    }
  }
}

/// What money of next year is worth less than money of today.
public struct DiscountRate: Sendable, Hashable, Codable {
  /// The yearly rate, 0.1 for 10 %.
  public let yearly: Double

  /// A yearly rate.
  ///
  /// - Precondition: it is finite and above −1.
  public init(yearly: Double) {
    precondition(yearly.isFinite && yearly > -1, "a yearly rate of \(yearly)")
    self.yearly = yearly
  }

  /// The rate of one unit of time, compounded to the yearly rate.
  public func rate(per unit: TimeUnit) -> Double {
    expm1(log1p(yearly) / unit.perYear)
  }
}
