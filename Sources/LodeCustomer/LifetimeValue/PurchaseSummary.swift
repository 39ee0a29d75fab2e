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

/// Equal summaries with how many customers each stands for.
///
/// Models are fitted and predict a group at a time: a million customers have about a hundred
/// thousand different summaries in days, and much fewer in weeks.
public struct PurchaseGroups: Sendable, Hashable {
  /// The different summaries, in order of first occurrence.
  public let summaries: [PurchaseSummary]
  /// How many customers each stands for.
  public let counts: [Double]
  /// The group of each customer; −1 for a summary with a flaw.
  public let groupOfCustomer: [Int32]
  /// The number of customers left out for a flaw.
  public let flawedCount: Int

  /// The number of customers that are not left out.
  public var customerCount: Double { counts.reduce(0, +) }

  /// Groups the summaries of customers.
  ///
  /// - Complexity: O(customers) expected.
  public init(_ customers: [PurchaseSummary]) {
    var summaries: [PurchaseSummary] = []
    var counts: [Double] = []
    var groups: [Int32] = []
    groups.reserveCapacity(customers.count)
    var slots = [Int32](repeating: -1, count: 1024)
    var flawedCount = 0
    for customer in customers {
      guard customer.flaw == nil else {
        flawedCount += 1
        groups.append(-1)
        continue
      }
      var slot = Self.hash(customer) & (slots.count - 1)
      while slots[slot] >= 0, summaries[Int(slots[slot])] != customer {
        slot = (slot + 1) & (slots.count - 1)
      }
      if slots[slot] < 0 {
        slots[slot] = Int32(truncatingIfNeeded: summaries.count)
        summaries.append(customer)
        counts.append(0)
      }
      let group = slots[slot]
      counts[Int(group)] += 1
      groups.append(group)
      if summaries.count * 2 > slots.count { slots = Self.table(summaries, slots.count * 4) }
    }
    self.summaries = summaries
    self.counts = counts
    self.flawedCount = flawedCount
    groupOfCustomer = groups
  }

  /// The groups with other counts, as of a resample.
  init(_ groups: PurchaseGroups, counts: [Double]) {
    summaries = groups.summaries
    self.counts = counts
    groupOfCustomer = []
    flawedCount = 0
  }

  private static func table(_ summaries: [PurchaseSummary], _ size: Int) -> [Int32] {
    var slots = [Int32](repeating: -1, count: size)
    for (group, summary) in summaries.enumerated() {
      var slot = hash(summary) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(truncatingIfNeeded: group)
    }
    return slots
  }

  private static func hash(_ summary: PurchaseSummary) -> Int {
    var hash = UInt64(bitPattern: Int64(summary.frequency)) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (summary.recency + 0).bitPattern) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    hash = (hash ^ (summary.age + 0).bitPattern) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash ^ (hash >> 29))
  }
}
