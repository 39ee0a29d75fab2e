internal import LodeRuntime

/// Customers who buy just as a model says, for tests of intervals.
package struct ModelWorld: Sendable {
  private let kind: LifetimeModel.Kind
  private let seed: UInt64
  private let customers: Int

  /// The date that separates the past from the year ahead, in days since 1970.
  package static let asOf = 10_000

  /// A world.
  ///
  /// - Parameters:
  ///   - kind: the model that is true.
  ///   - seed: the seed of everything.
  ///   - customers: the number of customers.
  package init(_ kind: LifetimeModel.Kind, seed: UInt64, customers: Int) {
    self.kind = kind
    self.seed = seed
    self.customers = customers
  }

  /// The purchases of two years before the date and one after it, in cents.
  ///
  /// Rates are gamma (0.8, 8 weeks), dropouts beta (0.8, 2.5) at purchases or gamma (0.7, 30 weeks)
  /// in time, values of a customer gamma with shape 6 and a rate of gamma (4, 15).
  package func purchases() -> PurchaseDays {
    var purchases: [(customer: Int, day: Int, amount: Int64)] = []
    for customer in 0..<customers {
      var random = CounterRandom(seed: seed, stream: UInt64(customer))
      let rate = random.gamma(shape: 0.8, rate: 8 * 7)
      let (one, two) = (random.gamma(shape: 0.8, rate: 1), random.gamma(shape: 2.5, rate: 1))
      let chance = one / (one + two)
      let life = random.exponential(rate: max(random.gamma(shape: 0.7, rate: 30 * 7), 1e-12))
      let scale = random.gamma(shape: 4, rate: 15)
      let start = Double(Self.asOf - 728 + random.integer(below: 700))
      var time = start
      while time < Double(Self.asOf + 364) {
        let value = random.gamma(shape: 6, rate: scale)
        let day = Int(time.rounded(.down))
        purchases.append((customer, day, Int64((value * 100).rounded(.up))))
        let leaves = random.uniform() < chance
        if kind == .mbgnbd || (kind == .bgnbd && time > start), leaves { break }
        time += random.exponential(rate: rate)
        if kind == .paretonbd, time > start + life { break }
      }
    }
    var days = PurchaseDays()
    days.append((0..<customers).map(String.init), purchases, scale: 2)
    return days
  }
}
