import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Lifetime models")
struct LifetimeModelsTests {
  /// Customers as BG/NBD sees them, in weeks, bought and dropped out at random.
  static func customers(
    _ count: Int,
    seed: UInt64,
    _ variant: BetaGeometric.Variant,
    inDays: Bool = true
  )
    -> [PurchaseSummary]
  {
    (0..<count)
      .map { customer in
        var random = CounterRandom(seed: seed, stream: UInt64(customer))
        let rate = random.gamma(shape: 0.8, rate: 5)
        let (one, two) = (random.gamma(shape: 1.2, rate: 1), random.gamma(shape: 2.4, rate: 1))
        let chance = one / (one + two)
        let age = 26 + Double(customer % 27)
        var (time, last, repeats) = (0.0, 0.0, 0)
        if variant == .modified, random.uniform() < chance {
          return PurchaseSummary(frequency: 0, recency: 0, age: age)
        }
        while true {
          time += random.exponential(rate: rate)
          guard time < age else { break }
          repeats += 1
          last = time
          if random.uniform() < chance { break }
        }
        // In whole days, so that customers with equal summaries meet.
        let recency = inDays ? (last * 7).rounded(.up) / 7 : last
        return PurchaseSummary(frequency: repeats, recency: recency, age: age)
      }
  }

  @Test("predictions with the published parameters are the published ones")
  func published() {
    // Fader, Hardie & Lee (2005), CDNOW (printed: r .243, alpha 4.414, a .793, b 2.426): E[X(t)] of
    // a new customer, and a customer with x = 2, t = 30.43, T = 38.86 in 39 weeks.
    let model = BetaGeometric(.standard, parameters: [0.242594, 4.413598, 0.792919, 2.425895])
    let times = [1.0, 3, 31.8571, 32, 78]
    for (time, expected) in zip(times, [0.0532, 0.1506, 1.0405, 1.0437, 1.8576]) {
      // The printed sheet sums a cut series: relative 1e-3, as in the tests of lifetimes 0.11.3.
      #expect(abs(model.expectedPurchases(ofNewCustomerWithin: time) / expected - 1) < 1e-3)
    }
    let customer = PurchaseSummary(frequency: 2, recency: 30.43, age: 38.86)
    #expect(abs(model.expectedPurchases(customer, within: 39) - 1.226) < 6e-4)
    // R BTYD: Pareto/NBD with r .5534, alpha 10.5802, s .6061, beta 11.6562.
    let pareto = ParetoNBD(parameters: [0.5534, 10.5802, 0.6061, 11.6562])
    let heavy = PurchaseSummary(frequency: 26, recency: 30.86, age: 31)
    #expect(abs(pareto.expectedPurchases(heavy, within: 52) - 25.46) < 0.01)
    #expect(abs(pareto.probabilityAlive(heavy) - 0.9979) < 6e-5)
    // Fader & Hardie (2013), note 025: the mean of the population.
    let values = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
    #expect(abs((values.expectedValue(frequency: 0, meanValue: 0) ?? 0) - 35.22) < 0.01)
  }

  @Test("derivatives agree with differences of the likelihood")
  func derivatives() {
    let groups = PurchaseGroups(Self.customers(300, seed: 3, .standard))
    let point = [0.7, 6.0, 1.3, 2.1]
    let values = groups.summaries.indices.filter { groups.summaries[$0].frequency > 0 }
    let frequencies = values.map { groups.summaries[$0].frequency }
    let money = values.map { 5 + Double($0 % 11) }
    let functions: [(Int, ([Double]) -> NewtonMaximizer.Value)] = [
      (4, { BetaGeometric(.standard, parameters: $0).likelihood(groups) }),
      (4, { BetaGeometric(.modified, parameters: $0).likelihood(groups) }),
      (4, { ParetoNBD(parameters: $0).likelihood(groups) }),
      (3, { GammaGamma(p: $0[0], q: $0[1], v: $0[2]).likelihood(frequencies, money) }),
    ]
    for (count, function) in functions {
      let here = function(Array(point.prefix(count)))
      for i in 0..<count {
        var (low, high) = (Array(point.prefix(count)), Array(point.prefix(count)))
        low[i] *= exponential(-1e-5)
        high[i] *= exponential(1e-5)
        let (below, above) = (function(low), function(high))
        let slope = (above.value - below.value) / 2e-5
        #expect(abs(here.gradient[i] - slope) < 1e-6 * max(1, abs(here.value)))
        for j in 0..<count {
          let curve = (above.gradient[j] - below.gradient[j]) / 2e-5
          #expect(abs(here.hessian[i, j] - curve) < 1e-6 * max(1, abs(here.value)))
        }
      }
    }
  }

  @Test(
    "the parameters behind simulated customers are found within three errors",
    arguments: BetaGeometric.Variant.allCases
  )
  func recovery(_ variant: BetaGeometric.Variant) {
    let groups = PurchaseGroups(Self.customers(20_000, seed: 11, variant, inDays: false))
    let (model, fit) = BetaGeometric.fit(variant, groups)
    #expect(fit.status == .converged)
    let truth = [0.8, 5, 1.2, 2.4]
    for (place, found) in [model.r, model.alpha, model.a, model.b].enumerated() {
      #expect(abs(found - truth[place]) < 3 * fit.standardErrors[place], "\(fit.names[place])")
    }
    let mean = fit.interval { parameters in
      BetaGeometric(variant, parameters: parameters).expectedPurchases(ofNewCustomerWithin: 52)
    }
    #expect(mean?.contains(model.expectedPurchases(ofNewCustomerWithin: 52)) ?? false)
  }

  @Test("grouped customers give what customers one by one give, on any thread count")
  func grouping() {
    let customers = Self.customers(2000, seed: 5, .standard)
    let groups = PurchaseGroups(customers)
    #expect(groups.summaries.count < 1900 && groups.customerCount == 2000)
    // The same customers with ages told apart in the last digits: no two are equal.
    let scattered = PurchaseGroups(
      customers.enumerated()
        .map { place, customer in
          PurchaseSummary(
            frequency: customer.frequency,
            recency: customer.recency,
            age: customer.age * (1 + Double(place) * 1e-15)
          )
        }
    )
    let one = BetaGeometric(.standard, parameters: [0.7, 6, 1.3, 2.1])
    let grouped = one.likelihood(groups).value
    #expect(abs(one.likelihood(scattered).value / grouped - 1) < 1e-10)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let alone = ParetoNBD.fit(groups).fit
    Parallel.threadCount = 3
    #expect(ParetoNBD.fit(groups).fit == alone)
  }

  @Test("everything is finite up to three thousand purchases")
  func heavyCustomers() {
    let models = [[0.24, 4.4, 0.8, 2.4], [0.53, 38, 1, 1], [3, 0.5, 0.05, 30]]
    for parameters in models {
      for x in [0, 1, 30, 300, 3000] {
        for last in [0.5, 90.0, 103.4] {
          let summary = PurchaseSummary(frequency: x, recency: x == 0 ? 0 : last, age: 103.57)
          for variant in BetaGeometric.Variant.allCases {
            let model = BetaGeometric(variant, parameters: parameters)
            let expected = model.expectedPurchases(summary, within: 52)
            #expect(expected.isFinite && expected >= 0)
            #expect((0...1).contains(model.probabilityAlive(summary)))
          }
          let pareto = ParetoNBD(parameters: parameters)
          #expect(pareto.logLikelihood(summary).isFinite)
          #expect((0...1).contains(pareto.probabilityAlive(summary)))
          #expect(pareto.expectedPurchases(summary, within: 52).isFinite)
        }
      }
    }
    // CLVTools issue 132: lifetimes 0.11.3 gives NaN here.
    let stress = ParetoNBD(parameters: [0.53, 38.06, 64.28, 7721.5])
    let customer = PurchaseSummary(frequency: 221, recency: 103.43, age: 103.57)
    #expect(stress.logLikelihood(customer).isFinite && stress.probabilityAlive(customer) > 0.9)
  }

  @Test("few or odd customers give a status, never a crash")
  func degenerate() {
    let one = PurchaseSummary(frequency: 3, recency: 10, age: 20)
    let none = PurchaseSummary(frequency: 0, recency: 0, age: 20)
    let whole = PurchaseSummary(frequency: 2, recency: 20, age: 20)
    for customers in [[], [one], [none, none, none], [whole, whole], [one, none, whole]] {
      let groups = PurchaseGroups(customers)
      for variant in BetaGeometric.Variant.allCases {
        #expect(BetaGeometric.fit(variant, groups).fit.status != .converged)
      }
      #expect(ParetoNBD.fit(groups).fit.status != .converged)
    }
    #expect(GammaGamma.fit(frequencies: [], values: []).fit.status != .converged)
    let flawed = PurchaseGroups([
      PurchaseSummary(frequency: 1, recency: 30, age: 20), one,
      PurchaseSummary(frequency: 0, recency: 0, age: 0),
    ])
    #expect(flawed.flawedCount == 2 && flawed.groupOfCustomer == [-1, 0, -1])
  }

  @Test("a yearly rate compounds from weeks and months")
  func discount() {
    let rate = DiscountRate(yearly: 0.15)
    for unit in TimeUnit.allCases {
      var factor = 1.0
      for _ in 0..<Int(unit.perYear) { factor *= 1 + rate.rate(per: unit) }
      #expect(abs(factor - 1.15) < 1e-12)
    }
  }
}
