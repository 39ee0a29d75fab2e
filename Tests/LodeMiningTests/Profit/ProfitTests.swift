import LodeMining
import LodeNumerics
import Testing

@Suite("Money of a retention campaign")
struct ProfitTests {
  typealias Customers = ScoredCustomers

  @Test("EMPC and MPC equal empulse")
  func peers() throws {
    let profit = try ExpectedMaximumProfit(Customers.scores, churned: Customers.outcomes)
    // empulse 0.13.1: empc_score, mpc_score.
    #expect(abs(profit.profit - 8.052424664729902) < 1e-9)
    #expect(abs(profit.profitAtMeanRate - 7.903499999999998) < 1e-12)
    let curve = try ProfitCurve(Customers.scores, churned: Customers.outcomes)
    #expect(abs(curve.maximumProfitPerCustomer - profit.profitAtMeanRate) < 1e-12)
    #expect(curve.bestShare == profit.shareAtMeanRate)
  }

  @Test("EMPC equals the integral of the best profit over accept rates")
  func integral() throws {
    let profit = try ExpectedMaximumProfit(Customers.scores, churned: Customers.outcomes)
    // Midpoint rule with 400 accept rates, each with the best point of the whole curve; the profit
    // of a point is linear in the rate.
    func points(_ rate: Double) throws -> [ProfitCurve.Point] {
      try ProfitCurve(Customers.scores, churned: Customers.outcomes, acceptRate: rate).points
    }
    let ends = Array(zip(try points(0), try points(1)))
    var sum = 0.0
    var share = 0.0
    for step in 0..<400 {
      let rate = (Double(step) + 0.5) / 400
      let weight =
        Distributions.betaCDF(Double(step + 1) / 400, a: 6, b: 14)
        - Distributions.betaCDF(Double(step) / 400, a: 6, b: 14)
      var best = (profit: 0.0, contacted: 0)
      for (none, all) in ends {
        let profit = none.profit + rate * (all.profit - none.profit)
        if profit > best.profit { best = (profit, none.contacted) }
      }
      sum += weight * best.profit / 2_000
      share += weight * Double(best.contacted) / 2_000
    }
    #expect(abs(sum - profit.profit) < 1e-3)
    #expect(abs(share - profit.share) < 1e-3)
  }

  @Test("four customers by hand, each with a value of its own")
  func byHand() throws {
    // Half of churners accept; incentive 10, contact 1. Contacting the churner of 200 earns
    // 0.5·190 − 1 = 94, a loyal one costs 11, the churner of 8 loses 0.5·2 + 1 = 2.
    let curve = try ProfitCurve(
      [0.9, 0.7, 0.5, 0.5],
      churned: [true, false, true, false],
      customerValues: [200, 500, 8, 90],
      acceptRate: 0.5
    )
    #expect(curve.points.map(\.profit) == [0, 94, 83, 70])
    #expect(curve.best.contacted == 1)
    #expect(curve.bestShare == 0.25)
    #expect(curve.randomProfit(share: 0.5) == 35)
  }

  @Test("EMPC of three customers by hand, each with a value of its own")
  func expectedByHand() throws {
    // Incentive 10, contact 1. Contacting the churner of 110 earns 100γ − 1, so it pays from 0.01
    // on. The loyal one behind costs 11, the last churner adds 20γ − 1: both pay from 0.6 on, and
    // all three earn 120γ − 13. Beta(1, 1) is uniform.
    let profit = try ExpectedMaximumProfit(
      [0.9, 0.5, 0.1],
      churned: [true, false, true],
      customerValues: [110, 999, 30],
      acceptRate: BetaBelief(a: 1, b: 1)
    )
    // ∫(100γ − 1) over 0.01…0.6 is 50·(0.36 − 0.0001) − 0.59, ∫(120γ − 13) over 0.6…1 is
    // 60·0.64 − 5.2.
    let first = 50 * (0.36 - 0.0001) - 0.59
    #expect(abs(profit.profit - (first + 38.4 - 5.2) / 3) < 1e-12)
    #expect(abs(profit.share - (0.59 / 3 + 0.4)) < 1e-12)
    #expect(abs(profit.profitAtMeanRate - 49.0 / 3) < 1e-12)
  }

  @Test("where nothing pays, nobody is contacted")
  func nothingPays() throws {
    let curve = try ProfitCurve([0.9, 0.1], churned: [false, true], customerValue: 10.5)
    #expect(curve.best.contacted == 0)
    #expect(curve.maximumProfitPerCustomer == 0)
  }

  @Test("money that makes no sense is refused")
  func refusals() {
    #expect(throws: EvaluationError.self) {
      try ExpectedMaximumProfit([0.9, 0.1], churned: [true, false], customerValue: 5)
    }
    #expect(throws: EvaluationError.self) {
      try ProfitCurve([0.9, 0.1], churned: [true, false], acceptRate: 1.2)
    }
    let offer = RetentionOffer(incentive: -1)
    do {
      _ = try ProfitCurve([0.9, 0.1], churned: [true, false], offer: offer)
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "the incentive costs -1.0 and a contact 1.0; give both as money of at least 0."
      )
    }
  }
}
