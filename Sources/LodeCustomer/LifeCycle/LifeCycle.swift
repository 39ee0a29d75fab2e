/// Where a customer stands in the life cycle, and the rules that say so.
///
/// The states of the theory, from a stranger to a partner and back: who only visits is a surfer,
/// who is registered a prospect; a first order makes a first-time customer, more make an active,
/// loyal or partner one; who stays away for longer than the own rhythm explains is lapsing, then
/// lost, and reactivated when coming back.
public enum LifeCycleState: String, Sendable, Hashable, Codable, CaseIterable {
  /// Known by visits only.
  case surfer
  /// Known by name, without an order.
  case prospect
  /// One day with orders.
  case firstTime = "first_time"
  /// More than one, none of the states below.
  case active
  /// Enough orders in the last 364 days.
  case loyal
  /// As loyal, with many orders or with someone brought in.
  case partner
  /// Away for longer than the own rhythm explains.
  case lapsing
  /// Away for so long that few come back.
  case lost
  /// Back after having been lost, with one order day since.
  case reactivated
}

/// The rules of the life cycle.
public struct LifeCycleRules: Sendable, Hashable, Codable {
  /// The expected gaps without an order behind which a customer is lapsing.
  public var lapseGaps = 2.0
  /// The least days without an order behind which a customer is lapsing.
  public var leastLapseDays = 45
  /// The expected gaps without an order behind which a customer is lost.
  public var lostGaps = 4.0
  /// The least days without an order behind which a customer is lost.
  public var leastLostDays = 180
  /// The days without an order behind which every customer is lost.
  public var mostLostDays = 730
  /// Days with orders in the last 364 that make a customer loyal.
  public var loyalOrderDays = 4
  /// Days with orders in the last 364 that make a customer a partner.
  public var partnerOrderDays = 12
  /// The gaps that the mean of all customers counts for beside a customer's own.
  public var priorGaps = 2.0

  /// The standard rules.
  public init() {}

  /// The gap that a customer is expected to leave: the mean of the own gaps, drawn towards that of
  /// all customers by ``priorGaps`` gaps.
  ///
  /// - Parameters:
  ///   - days: the days with orders, rising.
  ///   - meanGap: the mean gap of all customers, in days.
  /// - Returns: days.
  public func expectedGap(_ days: ArraySlice<Int>, meanGap: Double) -> Double {
    guard let first = days.first, let last = days.last else { return meanGap }
    let own = Double(days.count - 1)
    return (Double(last - first) + priorGaps * meanGap) / (own + priorGaps)
  }

  /// The first day since the last order on which a customer is lapsing, and lost.
  func limits(_ expectedGap: Double) -> (lapse: Int, lost: Int) {
    let lost = min(max(Int(lostGaps * expectedGap), leastLostDays), mostLostDays)
    let lapse = min(max(Int(lapseGaps * expectedGap), leastLapseDays), lost)
    return (lapse, lost)
  }

  /// The state at the start of a day.
  ///
  /// - Parameters:
  ///   - day: the day; what happens on it is not seen.
  ///   - person: all that is known of the person.
  ///   - meanGap: the mean gap of all customers, in days.
  /// - Returns: the state; without any order a prospect where no visit is known before the day.
  /// - Complexity: O(orders).
  public func state(at day: Int, of person: LifeCyclePerson, meanGap: Double) -> LifeCycleState {
    let seen = person.orderDays.prefix { $0 < day }
    guard let last = seen.last else { return person.isRegistered(at: day) ? .prospect : .surfer }
    let (lapse, lost) = limits(expectedGap(seen, meanGap: meanGap))
    let away = day - last
    if away > lost { return .lost }
    if away > lapse { return .lapsing }
    guard seen.count > 1 else { return .firstTime }
    let before = seen.dropLast()
    let lostBefore = limits(expectedGap(before, meanGap: meanGap)).lost
    if let previous = before.last, last - previous > lostBefore { return .reactivated }
    let recent = seen.count { day - $0 <= 364 }
    let hasReferred = person.referralDay.map { $0 < day } == true
    if recent >= partnerOrderDays || (hasReferred && recent >= loyalOrderDays) { return .partner }
    return recent >= loyalOrderDays ? .loyal : .active
  }

  /// The first day of the state that holds at a day, and the state before it.
  ///
  /// A surfer is one from the day of the first visit on, a prospect from that of the registration;
  /// the other states begin with the first day at whose start they hold.
  ///
  /// - Parameters:
  ///   - day: the day; what happens on it is not seen.
  ///   - person: all that is known of the person.
  ///   - meanGap: the mean gap of all customers, in days.
  /// - Returns: the day, and the state until then, nil for none; nil if no day is known.
  public func entry(
    at day: Int,
    of person: LifeCyclePerson,
    meanGap: Double
  ) -> (since: Int, before: LifeCycleState?)? {
    let now = state(at: day, of: person, meanGap: meanGap)
    let visited = person.visitDay.flatMap { $0 < day ? $0 : nil }
    if now == .surfer { return visited.map { ($0, nil) } }
    if now == .prospect {
      return person.registrationDay.flatMap { registered in
        guard registered < day else { return nil }
        return (registered, (visited ?? registered) < registered ? .surfer : nil)
      }
    }
    for change in changes(before: day, person, meanGap: meanGap) {
      let before = state(at: change - 1, of: person, meanGap: meanGap)
      if before != now { return (change, before) }
    }
    return nil
  }

  /// The days, falling, on which the state of a customer may change: behind an order, behind a
  /// limit, behind the year of an order, and behind the first referral.
  private func changes(before day: Int, _ person: LifeCyclePerson, meanGap: Double) -> [Int] {
    let seen = person.orderDays.prefix { $0 < day }
    var changes: Set<Int> = []
    for place in seen.indices {
      let (lapse, lost) = limits(expectedGap(seen[...place], meanGap: meanGap))
      for change in [1, lapse + 1, lost + 1, 365].map({ seen[place] + $0 }) where change <= day {
        changes.insert(change)
      }
    }
    if let referral = person.referralDay, referral < day { changes.insert(referral + 1) }
    return changes.sorted(by: >)
  }
}
