import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Forecasts of purchases and values")
struct PurchaseForecastTests {
  private static let parameters: [(LifetimeModel.Kind, [Double])] = [
    (.bgnbd, [0.243, 4.414, 0.793, 2.426]), (.mbgnbd, [0.525, 6.183, 0.891, 1.614]),
    (.paretonbd, [0.553, 10.578, 0.606, 11.669]),
  ]
  private static let customers = [
    PurchaseSummary(frequency: 0, recency: 0, age: 38.86),
    PurchaseSummary(frequency: 2, recency: 30.43, age: 38.86),
    PurchaseSummary(frequency: 26, recency: 30.86, age: 31),
    PurchaseSummary(frequency: 10, recency: 20, age: 38.86),
  ]

  @Test("the mean is the conditional expectation of the papers")
  func means() throws {
    for customer in Self.customers {
      for (kind, parameters) in Self.parameters {
        let model = LifetimeModel(kind, parameters: parameters)
        let expected =
          switch model {
          case .betaGeometric(let model): model.expectedPurchases(customer, within: 39)
          case .pareto(let model): model.expectedPurchases(customer, within: 39)
          case .covariates: Double.nan
          }
        let mean = model.forecast(customer, within: 39).mean
        #expect(abs(mean - expected) < 1e-9 * expected, "\(kind) \(customer)")
      }
    }
  }

  @Test("sums over customers are those of their forecasts")
  func sums() {
    let customers = LifetimeModelsTests.customers(1000, seed: 8, .standard)
    let groups = PurchaseGroups(customers)
    let weights = groups.counts.enumerated().map { $0.element * Double(1 + $0.offset % 5) }
    for (kind, parameters) in Self.parameters {
      let model = LifetimeModel(kind, parameters: parameters)
      let sums = groups.expectedPurchases(model, within: 39, weights: weights)
      var expected = [0.0, 0, 0]
      for (group, summary) in groups.summaries.enumerated() {
        let forecast = model.forecast(summary, within: 39)
        expected[0] += groups.counts[group] * forecast.mean
        expected[1] += groups.counts[group] * forecast.chanceToBuy
        expected[2] += weights[group] * forecast.mean
      }
      for (one, other) in zip([sums.purchases, sums.buyers, sums.revenue], expected) {
        #expect(abs(one / other - 1) < 1e-12, "\(kind)")
      }
    }
  }

  @Test("means, squares, chances and quantiles are those of simulated futures")
  func simulation() {
    for (kind, parameters) in Self.parameters {
      let model = LifetimeModel(kind, parameters: parameters)
      let customer = Self.customers[1]
      let forecast = model.forecast(customer, within: 39)
      var random = CounterRandom(seed: 11)
      let counts = (0..<20_000)
        .map { _ in Self.future(kind, parameters, customer, forecast.probabilityAlive, &random) }
      let n = Double(counts.count)
      let mean = counts.reduce(0) { $0 + Double($1) } / n
      let square = counts.reduce(0) { $0 + Double($1 * $1) } / n
      let buys = Double(counts.count { $0 > 0 }) / n
      #expect(abs(mean - forecast.mean) < 0.05, "\(kind)")
      #expect(abs(square / forecast.meanSquare - 1) < 0.08, "\(kind)")
      #expect(abs(buys - forecast.chanceToBuy) < 0.015, "\(kind)")
      let inside = counts.count { forecast.lower <= $0 && $0 <= forecast.upper }
      #expect(Double(inside) / n > 0.89, "\(kind)")
      let below = counts.count { $0 < forecast.upper }
      #expect(Double(below) / n < 0.96, "\(kind)")
    }
  }

  /// One draw of a customer's purchases in 39 weeks.
  private static func future(
    _ kind: LifetimeModel.Kind,
    _ p: [Double],
    _ customer: PurchaseSummary,
    _ alive: Double,
    _ random: inout CounterRandom
  ) -> Int {
    guard random.uniform() < alive else { return 0 }
    let x = Double(customer.frequency)
    let rate = random.gamma(shape: p[0] + x, rate: p[1] + customer.age)
    let leaves = random.gamma(shape: p[2], rate: 1)
    let stays = random.gamma(shape: p[3] + x + (kind == .mbgnbd ? 1 : 0), rate: 1)
    let dropout = random.gamma(shape: p[2], rate: p[3] + customer.age)
    let end = kind == .paretonbd ? min(39, random.exponential(rate: dropout)) : 39
    var (count, time) = (0, random.exponential(rate: rate))
    while time < end {
      count += 1
      if kind != .paretonbd, random.uniform() < leaves / (leaves + stays) { break }
      time += random.exponential(rate: rate)
    }
    return count
  }

  @Test("discounted purchases are the increments of the expectation, discounted")
  func discounted() throws {
    let rate = DiscountRate(yearly: 0.15)
    for (kind, parameters) in Self.parameters.prefix(2) {
      let variant: BetaGeometric.Variant = kind == .bgnbd ? .standard : .modified
      let model = BetaGeometric(variant, parameters: parameters)
      for customer in Self.customers {
        var (sum, before) = (0.0, 0.0)
        for week in stride(from: 2.0, through: 52 * 60, by: 2) {
          let now = model.expectedPurchases(customer, within: week)
          sum += (now - before) / (1 + rate.rate(per: .week)).power(week - 1)
          before = now
        }
        let got = model.discountedPurchases(customer, discount: rate, unit: .week)
        #expect(abs(got / sum - 1) < 0.01, "\(kind) \(customer): \(got) for \(sum)")
      }
    }
  }

  @Test("values have the moments of simulated ones, and none where the model has none")
  func values() throws {
    let model = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
    let bought = LifetimeModel(.paretonbd, parameters: Self.parameters[2].1)
      .forecast(Self.customers[1], within: 39)
    let value = try #require(model.forecast(bought, frequency: 2, meanValue: 30))
    var random = CounterRandom(seed: 5)
    var (sum, square, inside, typical) = (0.0, 0.0, 0, 0)
    let n = 20_000
    for _ in 0..<n {
      let count = Self.future(
        .paretonbd,
        Self.parameters[2].1,
        Self.customers[1],
        bought.probabilityAlive,
        &random
      )
      let scale = random.gamma(shape: 3.74 + 12.5, rate: 15.44 + 60)
      let total = count == 0 ? 0 : random.gamma(shape: 6.25 * Double(count), rate: scale)
      sum += total
      square += total * total
      if let lower = value.lower, let upper = value.upper, lower <= total, total <= upper {
        inside += 1
      }
      if value.orderValueLower <= 6.25 / scale, 6.25 / scale <= value.orderValueUpper {
        typical += 1
      }
    }
    let mean = sum / Double(n)
    #expect(abs(mean / value.mean - 1) < 0.03)
    #expect(abs((square / Double(n) - mean * mean) / (value.variance ?? 0) - 1) < 0.1)
    // Nothing and little are both inside for one who may have left: the interval covers more.
    #expect((0.88...0.96).contains(Double(inside) / Double(n)))
    #expect(abs(Double(typical) / Double(n) - 0.9) < 0.01)
    let heavy = GammaGamma(p: 6, q: 1.5, v: 10)
    let unknown = try #require(heavy.forecast(bought, frequency: 0, meanValue: 0))
    #expect(unknown.variance == nil && unknown.lower == nil && unknown.mean > 0)
    #expect(GammaGamma(p: 6, q: 0.9, v: 10).forecast(bought, frequency: 0, meanValue: 0) == nil)
  }
}

extension Double {
  /// A power by squaring of logarithms, without a C library.
  fileprivate func power(_ exponent: Double) -> Double {
    var result = 1.0
    for _ in 0..<Int(exponent) { result *= self }
    return result
  }

  @Test(
    "forecasts of groups are those of their customers one by one",
    arguments: [LifetimeModel.Kind.bgnbd, .mbgnbd, .paretonbd],
    [0.0, 1, 52, 3000]
  )
  func forecastsOfGroups(_ kind: LifetimeModel.Kind, _ time: Double) {
    let model = LifetimeModel(kind, parameters: [0.6, 12, 0.8, 2.4])
    var customers: [PurchaseSummary] = []
    for age in [10.0, 40, 52.5] {
      for frequency in [0, 1, 2, 7, 40, 900] {
        for share in [0.3, 0.9, 1] {
          let recency = frequency == 0 ? 0 : share * age
          customers.append(PurchaseSummary(frequency: frequency, recency: recency, age: age))
        }
      }
    }
    let groups = PurchaseGroups(customers)
    let forecasts = groups.forecasts(model, within: time)
    for (row, customer) in customers.enumerated() {
      let one = model.forecast(customer, within: time)
      let many = forecasts[Int(groups.groupOfCustomer[row])]
      #expect(many.lower == one.lower && many.upper == one.upper)
      #expect(abs(many.mean - one.mean) <= 1e-12 * one.mean)
      #expect(abs(many.meanSquare - one.meanSquare) <= 1e-12 * one.meanSquare)
      #expect(abs(many.probabilityAlive - one.probabilityAlive) < 1e-12)
      #expect(abs(many.chanceToBuy - one.chanceToBuy) < 1e-12)
    }
  }

  @Test("means of groups are the closed form to twelve digits")
  func meansOfGroups() {
    let model = BetaGeometric(.standard, parameters: [0.6, 40, 0.8, 2.4])
    let customers = (0..<300)
      .map { i in
        let frequency = i % 12
        let age = Double(180 + i % 37)
        return PurchaseSummary(
          frequency: frequency,
          recency: frequency == 0 ? 0 : age - Double(i % 100),
          age: age
        )
      }
    let groups = PurchaseGroups(customers)
    let forecasts = groups.forecasts(.betaGeometric(model), within: 365)
    for (group, summary) in groups.summaries.enumerated() {
      let mean = model.expectedPurchases(summary, within: 365)
      #expect(abs(forecasts[group].mean / mean - 1) < 1e-12)
    }
  }
}
