import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("Lifetime models with covariates")
struct CovariateModelTests {
  /// The coefficients that simulated customers have on α, then on a or β, then on b.
  static let truth: [[Double]] = [[0.6, -0.3], [0.5, 0.2], [0.2, 0.1]]

  /// Customers of one model with two covariates: a channel of 0 or 1 and a score of a few values.
  static func world(
    _ kind: LifetimeModel.Kind,
    _ count: Int,
    seed: UInt64
  ) -> (customers: [PurchaseSummary], rows: [[Double]]) {
    var customers: [PurchaseSummary] = []
    var rows: [[Double]] = []
    for customer in 0..<count {
      var random = CounterRandom(seed: seed, stream: UInt64(customer))
      let row = [Double(random.integer(below: 2)), Double(random.integer(below: 4)) / 2]
      let effects = truth.map { exponential($0[0] * row[0] + $0[1] * row[1]) }
      let rate = random.gamma(shape: 0.8, rate: 5 / effects[0])
      let one = random.gamma(shape: 1.2 * effects[1], rate: 1)
      let two = random.gamma(shape: 2.4 * effects[2], rate: 1)
      let chance = one / (one + two)
      let life = random.exponential(
        rate: max(random.gamma(shape: 0.9, rate: 20 / effects[1]), 1e-12)
      )
      let age = 40 + Double(customer % 27)
      var (time, last, repeats) = (0.0, 0.0, 0)
      var isGone = kind == .mbgnbd && random.uniform() < chance
      while !isGone {
        time += random.exponential(rate: rate)
        if time >= age || (kind == .paretonbd && time > life) { break }
        repeats += 1
        last = time
        isGone = kind != .paretonbd && random.uniform() < chance
      }
      let recency = (last * 7).rounded(.up) / 7
      customers.append(PurchaseSummary(frequency: repeats, recency: recency, age: age))
      rows.append(row)
    }
    return (customers, rows)
  }

  static func groups(_ world: (customers: [PurchaseSummary], rows: [[Double]])) -> PurchaseGroups {
    PurchaseGroups(
      world.customers,
      CustomerCovariates(names: ["channel", "score"], rows: world.rows)
    )
  }

  private static func coefficients(_ kind: LifetimeModel.Kind) -> [Double] {
    (kind == .paretonbd ? truth.dropLast() : truth[...]).flatMap(\.self)
  }

  @Test(
    "coefficients of simulated customers are found within three errors",
    arguments: LifetimeModel.Kind.allCases
  )
  func recovery(_ kind: LifetimeModel.Kind) throws {
    let groups = Self.groups(Self.world(kind, 6000, seed: 21))
    #expect(groups.customerCount == 6000 && groups.summaries.count < 6000)
    let (model, fit) = CovariateModel.fit(kind, groups)
    #expect(fit.status == .converged && model.leftOut.isEmpty)
    let base = kind == .paretonbd ? [0.8, 5, 0.9, 20] : [0.8, 5, 1.2, 2.4]
    for (place, expected) in (base + Self.coefficients(kind)).enumerated() {
      let error = fit.standardErrors[place]
      #expect(abs(fit.parameters[place] - expected) < 3 * error, "\(fit.names[place])")
    }
    // Coefficients this large cannot be chance, and their errors are small enough to say so.
    let test = try #require(model.test)
    #expect(test.pValue < 1e-6 && test.degreesOfFreedom == fit.names.count - 4)
    #expect(try #require(fit.interval { $0[4] }).lowerBound > 0)
  }

  @Test("derivatives agree with differences", arguments: LifetimeModel.Kind.allCases)
  func derivatives(_ kind: LifetimeModel.Kind) {
    let groups = Self.groups(Self.world(kind, 300, seed: 5))
    let search = CovariateSearch(
      names: groups.covariateNames,
      profiles: groups.cells.map(\.covariates),
      weights: groups.cells.map(\.groups.customerCount),
      parameters: kind.parameterNames,
      effects: CovariateModel.effects(kind)
    )
    func value(_ point: [Double]) -> NewtonMaximizer.Value {
      search.value(point) { profile, logarithms in
        LifetimeModel(kind, parameters: logarithms.map(exponential))
          .likelihood(groups.cells[profile].groups)
      }
    }
    let start = [-0.4, 1.8, 0.3, kind == .paretonbd ? 3 : 0.7]
    let point = start + Array([0.4, -0.2, 0.3, 0.1, -0.2, 0.3].prefix(search.count - 4))
    let here = value(point)
    for i in point.indices {
      var (low, high) = (point, point)
      low[i] -= 1e-5
      high[i] += 1e-5
      let (below, above) = (value(low), value(high))
      let slope = (above.value - below.value) / 2e-5
      #expect(abs(here.gradient[i] - slope) < 1e-6 * abs(here.value))
      for j in point.indices {
        let curve = (above.gradient[j] - below.gradient[j]) / 2e-5
        #expect(abs(here.hessian[i, j] - curve) < 1e-6 * abs(here.value))
      }
    }
  }

  @Test("grouped customers give what customers one by one give, on any thread count")
  func grouping() {
    let world = Self.world(.bgnbd, 500, seed: 8)
    let groups = Self.groups(world)
    // Covariates told apart in the last digits: every customer is a group and a profile.
    let scattered = Self.groups(
      (
        world.customers,
        world.rows.enumerated().map { place, row in [row[0] + Double(place) * 1e-14, row[1]] }
      )
    )
    #expect(groups.cells.count == 8 && scattered.cells.count > 450)
    for kind in LifetimeModel.Kind.allCases {
      let (one, each) = (CovariateModel.fit(kind, groups), CovariateModel.fit(kind, scattered))
      #expect(abs(each.fit.logLikelihood / one.fit.logLikelihood - 1) < 1e-10)
      for (left, right) in zip(one.fit.parameters, each.fit.parameters) {
        #expect(abs(left - right) < 1e-6 * max(1, abs(left)))
      }
    }
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = 1
    let alone = CovariateModel.fit(.mbgnbd, scattered).fit
    Parallel.threadCount = 3
    #expect(CovariateModel.fit(.mbgnbd, scattered).fit == alone)
  }

  @Test(
    "without covariates, or with none that varies, the fit is the plain one",
    arguments: LifetimeModel.Kind.allCases
  )
  func plain(_ kind: LifetimeModel.Kind) {
    let world = Self.world(kind, 800, seed: 3)
    let plain = LifetimeModel.fit(kind, PurchaseGroups(world.customers))
    let none = CustomerCovariates(names: [], rows: world.rows.map { _ in [] })
    let empty = LifetimeModel.fit(kind, PurchaseGroups(world.customers, none))
    #expect(empty.fit == plain.fit && empty.model == plain.model)
    let same = CustomerCovariates(names: ["country"], rows: world.rows.map { _ in [7] })
    let (model, fit) = CovariateModel.fit(kind, PurchaseGroups(world.customers, same))
    #expect(fit == plain.fit && model.model(of: [7]) == plain.model)
    #expect(model.leftOut == [LeftOutCovariate(name: "country", reason: .constant)])
    // Coefficients of 0 are the plain model for everybody.
    let groups = Self.groups(world)
    let zero = CovariateModel.fit(kind, groups).model
      .with(
        parameters: plain.fit.parameters + Array(repeating: 0, count: kind == .paretonbd ? 4 : 6)
      )
    for (cell, row) in zip(groups.cells, groups.cells.map(\.covariates)) {
      let own = zero.model(of: row).likelihood(cell.groups).value
      #expect(abs(own / plain.model.likelihood(cell.groups).value - 1) < 1e-12)
    }
  }

  @Test("covariates that say nothing more are left out by name")
  func collinear() throws {
    let world = Self.world(.bgnbd, 1200, seed: 4)
    let rows = world.rows.map { [$0[0], $0[1], 1 - $0[0], 3 * $0[1] + 2 * $0[0] + 5, 4] }
    let names = ["channel", "score", "post", "sum", "constant"]
    let groups = PurchaseGroups(world.customers, CustomerCovariates(names: names, rows: rows))
    let (model, fit) = CovariateModel.fit(.bgnbd, groups)
    let alone = CovariateModel.fit(.bgnbd, Self.groups(world)).fit
    #expect(model.names == ["channel", "score"])
    #expect(
      model.leftOut == [
        LeftOutCovariate(name: "post", reason: .collinear),
        LeftOutCovariate(name: "sum", reason: .collinear),
        LeftOutCovariate(name: "constant", reason: .constant),
      ]
    )
    #expect(fit.parameters == alone.parameters && fit.status == .converged)
    #expect(fit.names.suffix(2) == ["b:channel", "b:score"])
  }

  @Test("units of times and of covariates do not matter")
  func units() {
    let world = Self.world(.paretonbd, 2000, seed: 6)
    let days = world.customers.map {
      PurchaseSummary(frequency: $0.frequency, recency: $0.recency * 7, age: $0.age * 7)
    }
    let scaled = (days, world.rows.map { [$0[0] * 1000 + 50_000, $0[1] / 1000] })
    let sums = world.customers.reduce(0) { $0 + $1.frequency }
    for kind in LifetimeModel.Kind.allCases {
      let weeks = CovariateModel.fit(kind, Self.groups(world))
      let other = CovariateModel.fit(kind, Self.groups(scaled))
      let expected = weeks.fit.logLikelihood - Double(sums) * 1.945910149055313
      #expect(abs(other.fit.logLikelihood / expected - 1) < 1e-10)
      // γ₁ of the channel is per 1000 now; a customer has the same parameters, alpha in days.
      #expect(abs(other.fit.parameters[4] * 1000 / weeks.fit.parameters[4] - 1) < 1e-4)
      #expect(abs(other.fit.standardErrors[4] * 1000 / weeks.fit.standardErrors[4] - 1) < 1e-4)
      let (one, two) = (
        weeks.model.model(of: [1, 0.5]).parameters,
        other.model.model(of: [51_000, 0.0005]).parameters
      )
      #expect(abs(two[1] / one[1] / 7 - 1) < 1e-5 && abs(two[0] / one[0] - 1) < 1e-5)
    }
  }

  @Test("customers are forecast with parameters of their own")
  func forecasts() throws {
    for kind in LifetimeModel.Kind.allCases {
      let world = Self.world(kind, 2500, seed: 9)
      let groups = Self.groups(world)
      let (model, fit) = LifetimeModel.fit(kind, groups)
      let forecasts = groups.forecasts(model, within: 52)
      let discount = DiscountRate(yearly: 0.1)
      let residuals = groups.discountedPurchases(
        model,
        forecasts,
        discount: discount,
        unit: .week
      )
      for customer in stride(from: 0, to: 2500, by: 97) {
        let own = model.model(of: world.rows[customer])
        let summary = world.customers[customer]
        let group = Int(groups.groupOfCustomer[customer])
        let expected = own.forecast(summary, within: 52)
        #expect(groups.summaries[group] == summary)
        #expect(abs(forecasts[group].mean - expected.mean) < 1e-9)
        #expect(abs(forecasts[group].probabilityAlive - expected.probabilityAlive) < 1e-12)
        let residual = own.discountedPurchases(summary, discount: discount, unit: .week)
        #expect(abs(residuals[group] / residual - 1) < 1e-12 && residual > 0)
      }
      // A new customer, if alive, buys more often on the channel that has more purchases.
      let new = PurchaseSummary(frequency: 0, recency: 0, age: 1)
      let rates = [0.0, 1]
        .map { channel -> Double in
          let forecast = model.model(of: [channel, 0]).forecast(new, within: 0.1)
          return forecast.mean / forecast.probabilityAlive
        }
      #expect(rates[1] > rates[0])
      let totals = LifetimeTotals(
        groups,
        forecasts,
        model: model,
        fit: fit,
        within: 52,
        money: nil
      )
      #expect(totals.purchases.interval != nil && (totals.purchases.parameterVariance ?? 0) > 0)
    }
  }

  @Test("fits from another start end at the same point, also those of resamples")
  func starts() throws {
    let groups = Self.groups(Self.world(.bgnbd, 1500, seed: 12))
    let (model, fit) = LifetimeModel.fit(.bgnbd, groups)
    let start = fit.parameters.enumerated().map { $0.element * ($0.offset % 2 == 0 ? 1.1 : 0.9) }
    let again = LifetimeModel.fit(.bgnbd, groups, from: start)
    #expect(again.fit.status == .converged)
    for (one, other) in zip(fit.parameters, again.fit.parameters) {
      #expect(abs(one - other) < 1e-6 * max(1, abs(one)))
    }
    let resampled = LifetimeBootstrap(model, groups, replicates: 20, seed: 1)
    #expect(resampled.failedCount == 0)
    let (delta, percentile) = (
      try #require(fit.interval { $0[4] }), try #require(resampled.interval { $0[4] })
    )
    let ratio =
      (percentile.upperBound - percentile.lowerBound) / (delta.upperBound - delta.lowerBound)
    #expect((0.5...1.6).contains(ratio))
  }

  @Test("few or odd customers give a status and finite figures, never a crash")
  func degenerate() {
    let one = PurchaseSummary(frequency: 3, recency: 10, age: 20)
    let none = PurchaseSummary(frequency: 0, recency: 0, age: 20)
    let whole = PurchaseSummary(frequency: 2, recency: 20, age: 20)
    for customers in [[], [one], [none, none, none], [whole, whole], [one, none, whole]] {
      for rows in [customers.indices.map { [Double($0)] }, customers.map { _ in [1e300] }] {
        let covariates = CustomerCovariates(names: ["z"], rows: rows)
        let groups = PurchaseGroups(customers, covariates)
        for kind in LifetimeModel.Kind.allCases {
          let (model, fit) = LifetimeModel.fit(kind, groups)
          #expect(fit.status != .converged)
          #expect(groups.forecasts(model, within: 10).allSatisfy { $0.mean.isFinite })
        }
      }
    }
    // Nobody of a level ever buys again: its coefficient has no end.
    let world = Self.world(.bgnbd, 600, seed: 2)
    let customers = zip(world.customers, world.rows)
      .map { customer, row in
        row[0] == 1 ? PurchaseSummary(frequency: 0, recency: 0, age: customer.age) : customer
      }
    for kind in LifetimeModel.Kind.allCases {
      let fit = CovariateModel.fit(kind, Self.groups((customers, world.rows))).fit
      #expect(fit.status == .notIdentified && fit.logLikelihood.isFinite, "\(fit)")
    }
    let odd = CustomerCovariates(names: ["z"], rows: [[.nan], [1], [2]])
    let groups = PurchaseGroups([one, none, whole], odd)
    #expect(groups.flawedCount == 1 && groups.groupOfCustomer == [-1, 0, 1])
  }

  @Test("values of purchases follow covariates too")
  func values() {
    var (frequencies, values, rows) = ([Int](), [Double](), [[Double]]())
    for customer in 0..<3000 {
      var random = CounterRandom(seed: 14, stream: UInt64(customer))
      let row = [Double(random.integer(below: 2))]
      let scale = random.gamma(shape: 4, rate: 15 * exponential(0.4 * row[0]))
      let count = random.integer(below: 5)
      frequencies.append(count)
      values.append(
        count == 0 ? 0 : random.gamma(shape: 6 * Double(count), rate: scale) / Double(count)
      )
      rows.append(row)
    }
    let covariates = CustomerCovariates(names: ["shop"], rows: rows)
    let (model, fit) = CovariateGammaGamma.fit(
      frequencies: frequencies,
      values: values,
      covariates
    )
    #expect(fit.status == .converged && fit.names == ["p", "q", "v", "v:shop"])
    for (place, truth) in [6, 4, 15, 0.4].enumerated() {
      #expect(abs(fit.parameters[place] - truth) < 3 * fit.standardErrors[place])
    }
    let new = [0.0, 1].map { model.model(of: [$0]).expectedValue(frequency: 0, meanValue: 0) ?? 0 }
    #expect(abs(new[1] / new[0] - exponential(model.coefficients[0])) < 1e-12)
    let none = CustomerCovariates(names: [], rows: rows.map { _ in [] })
    let plain = GammaGamma.fit(frequencies: frequencies, values: values)
    let same = CovariateGammaGamma.fit(frequencies: frequencies, values: values, none)
    for (one, other) in zip(plain.fit.parameters, same.fit.parameters) {
      #expect(abs(one / other - 1) < 1e-9)
    }
    #expect(abs(same.fit.logLikelihood / plain.fit.logLikelihood - 1) < 1e-12)
    #expect(plain.fit.logLikelihood < fit.logLikelihood - 10)
    // Nobody with a value: no crash.
    let two = CustomerCovariates(names: ["shop"], rows: [[0], [1]])
    let empty = CovariateGammaGamma.fit(frequencies: [0, 0], values: [0, 0], two)
    #expect(empty.fit.status != .converged)
  }

  @Test("levels of a column: the largest is the base, small ones are other")
  func levels() {
    let levels =
      Array(repeating: "web", count: 50) + Array(repeating: "phone", count: 30)
      + Array(repeating: "fax", count: 19) + ["post"]
    let covariates = CustomerCovariates(levelsOf: [("channel", levels)])
    #expect(covariates.names == ["channel=phone", "channel=other"])
    #expect(covariates.profiles == [[0, 0], [1, 0], [0, 1]])
    #expect(covariates.profileOfCustomer[99] == 2)
    let one = CustomerCovariates(levelsOf: [("channel", Array(repeating: "web", count: 40))])
    #expect(one.names.isEmpty)
    let two = CustomerCovariates(
      levelsOf: [("channel", levels), ("country", levels.map { $0 == "web" ? "AT" : "DE" })]
    )
    // Of levels of equal size the first is the base.
    #expect(two.names == ["channel=phone", "channel=other", "country=DE"])
    #expect(two.profiles == [[0, 0, 0], [1, 0, 1], [0, 1, 1]])
    // As numbers of each customer.
    let rows = levels.map { [$0 == "phone" ? 1.0 : 0, $0 == "fax" || $0 == "post" ? 1 : 0] }
    #expect(CustomerCovariates(names: covariates.names, rows: rows) == covariates)
    #expect(CustomerCovariates(levelsOf: [("channel", [])]).names.isEmpty)
  }
}
