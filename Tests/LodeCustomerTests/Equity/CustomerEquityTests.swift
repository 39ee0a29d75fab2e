import Testing

@testable import LodeCustomer

@Suite("Customer equity")
struct CustomerEquityTests {
  private let segment = CustomerEquity.Segment(
    name: "all",
    prospects: 1_000,
    acquisitionRate: 0.1,
    costPerProspect: 2,
    firstMargin: 30,
    retentionRate: 0.8,
    baseMargin: 30,
    retentionCost: 5,
    addOnMargin: 6,
    addOnCost: 1
  )

  @Test("the closed form is the sum over periods, for some and for all of them")
  func sums() {
    for horizon in [0, 1, 5, 40] {
      let equity = CustomerEquity(discountRate: 0.1, horizon: horizon)
      let value = equity.value(segment)
      var (weight, retention, addOn) = (1.0, 0.0, 0.0)
      for _ in 0..<horizon {
        weight *= 0.8 / 1.1
        retention += 100 * weight * 25
        addOn += 100 * weight * 5
      }
      #expect(value.acquisition == 1_000)
      #expect(abs(value.retention - retention) < 1e-9)
      #expect(abs(value.addOn - addOn) < 1e-9)
    }
    let all = CustomerEquity(discountRate: 0.1).value(segment)
    #expect(abs(all.retention - 100 * 25 * 0.8 / 0.3) < 1e-9)
    #expect(
      abs(all.total - CustomerEquity(discountRate: 0.1, horizon: 400).value(segment).total) < 1e-6
    )
  }

  @Test("one percent better retention is worth several times one percent cheaper acquisition")
  func sensitivities() throws {
    // Gupta, Lehmann & Stuart (2004), "Valuing customers", JMR 41: 1 % better retention is worth
    // about 5 % of the firm, margin 1 %, acquisition cost 0.1 %, at retention of 0.7 to 0.9.
    let plain = CustomerEquity.Segment(
      name: "firm",
      prospects: 1_000,
      acquisitionRate: 1,
      costPerProspect: 5,
      firstMargin: 0,
      retentionRate: 0.9,
      baseMargin: 100
    )
    let gains = CustomerEquity(discountRate: 0.12).sensitivities(plain)
    func percent(_ driver: String) throws -> Double {
      try #require(gains.first { $0.driver == driver }).percent
    }
    #expect(try (4...7).contains(percent("retention rate")))
    #expect(try (0.95...1.1).contains(percent("margin")))
    #expect(try percent("cost of acquisition") < 0.1)
    #expect(try percent("cost of retention") == 0)
  }

  @Test("the best spending is where one more unit brings one unit")
  func optimum() throws {
    let response = try #require(SpendResponse(spending: 5, rate: 0.2, ceiling: 0.5))
    #expect(abs(response.rate(5) - 0.2) < 1e-12)
    let best = response.optimum(value: 100)
    func profit(_ spending: Double) -> Double { 100 * response.rate(spending) - spending }
    #expect(best > 0)
    #expect(profit(best) > profit(best - 0.01) && profit(best) > profit(best + 0.01))
    #expect(response.optimum(value: 10) == 0)
    #expect(SpendResponse(spending: 5, rate: 0.6, ceiling: 0.5) == nil)
  }

  @Test("the best spending on retention beats its neighbours, and is 0 where keeping never pays")
  func retentionOptimum() throws {
    let equity = CustomerEquity(discountRate: 0.1)
    let response = try #require(SpendResponse(spending: 5, rate: 0.8, ceiling: 0.9))
    let best = equity.bestRetentionCost(segment, response)
    func worth(_ spending: Double) -> Double {
      equity.stay(response.rate(spending)) * (30 + 6 - 1 - spending)
    }
    #expect(best > 0 && best < 35)
    #expect(worth(best) >= worth(best - 0.01) && worth(best) >= worth(best + 0.01))
    var poor = segment
    (poor.baseMargin, poor.addOnMargin) = (0, 0)
    #expect(equity.bestRetentionCost(poor, response) == 0)
  }
}
