internal import LodeNumerics
public import LodeRuntime

/// The days of each customer of a shard, and their states at several dates.
public struct LifeCycleHistory: Sendable {
  /// The customers in byte order of their ids.
  public private(set) var customers: [String]
  /// What is known of each customer.
  public private(set) var persons: [LifeCyclePerson]

  /// The order days of purchase histories.
  public init(_ histories: PurchaseHistories) {
    customers = histories.customers
    persons = (0..<histories.customerCount)
      .map { customer in
        var days: [Int] = []
        for index in histories.lines.range(of: customer) {
          let day = Timestamp.day(ofMicroseconds: histories.lines.times[index])
          if day != days.last { days.append(day) }
        }
        return LifeCyclePerson(orderDays: days)
      }
  }

  /// Adds what is known of customers besides their orders; those without an order join them.
  public mutating func add(_ known: [String: LifeCyclePerson]) {
    var rest = known
    for place in customers.indices {
      guard var person = rest.removeValue(forKey: customers[place]) else { continue }
      person.orderDays = persons[place].orderDays
      persons[place] = person
    }
    guard !rest.isEmpty else { return }
    let all = Array(zip(customers, persons)) + rest.map { ($0.key, $0.value) }
    let sorted = all.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    customers = sorted.map(\.0)
    persons = sorted.map(\.1)
  }

  /// The sum of the gaps between order days before a date, and how many there are.
  ///
  /// Sums of shards add up; their quotient is the mean gap of all customers.
  public func gaps(before day: CivilDate) -> (days: Int, count: Int) {
    var total = (days: 0, count: 0)
    for person in persons {
      let seen = person.orderDays.prefix { $0 < day.daysSinceEpoch }
      guard let first = seen.first, let last = seen.last else { continue }
      total.days += last - first
      total.count += seen.count - 1
    }
    return total
  }

  /// How many customers went from one state to another between neighbouring dates.
  ///
  /// - Parameters:
  ///   - dates: the dates, rising; a person takes part from the first sign of life on.
  ///   - rules: the rules.
  ///   - meanGap: the mean gap of all customers, in days.
  /// - Returns: counts, `from × to` in the order of ``LifeCycleState/allCases``.
  public func transitions(
    _ dates: [CivilDate],
    rules: LifeCycleRules,
    meanGap: Double
  ) -> [[Int]] {
    let states = LifeCycleState.allCases
    let places = Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, $0) })
    var counts = [[Int]](
      repeating: Array(repeating: 0, count: states.count),
      count: states.count
    )
    for person in persons {
      guard let first = person.firstDay else { continue }
      var previous: Int?
      for date in dates where first < date.daysSinceEpoch {
        let state = rules.state(at: date.daysSinceEpoch, of: person, meanGap: meanGap)
        let place = places[state] ?? 0
        if let previous { counts[previous][place] += 1 }
        previous = place
      }
    }
    return counts
  }
}

/// The odds of the next state, from what was seen of all customers.
public struct LifeCycleOdds: Sendable, Hashable {
  /// How many customers went from one state to another in a step.
  public let counts: [[Int]]
  /// The days of a step.
  public let stepDays: Int

  /// Odds from counts, `from × to` in the order of ``LifeCycleState/allCases``.
  public init(counts: [[Int]], stepDays: Int) {
    self.counts = counts
    self.stepDays = stepDays
  }

  /// The share of customers of a state that are in another a step later: the mean and the 90 %
  /// interval under Jeffreys' prior; nil where nobody was in the state.
  public func share(
    from: LifeCycleState,
    to: LifeCycleState
  ) -> (mean: Double, lower: Double, upper: Double)? {
    let states = LifeCycleState.allCases
    guard let row = states.firstIndex(of: from), let column = states.firstIndex(of: to) else {
      return nil
    }
    let total = counts[row].reduce(0, +)
    guard total > 0 else { return nil }
    let hits = counts[row][column]
    let interval = Distributions.jeffreysInterval(hits, of: total)
    return (Double(hits) / Double(total), interval.lowerBound, interval.upperBound)
  }

  /// The most likely other state a step later with its share; nil where nobody left the state.
  public func mostLikelyChange(from: LifeCycleState) -> (state: LifeCycleState, share: Double)? {
    let others = LifeCycleState.allCases.filter { $0 != from }
      .compactMap { state in share(from: from, to: state).map { (state, $0.mean) } }
    guard let best = others.max(by: { $0.1 < $1.1 }), best.1 > 0 else { return nil }
    return best
  }
}
