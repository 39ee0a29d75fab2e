import LodeMining
import LodeRuntime
import Testing

@Suite("Forecast of campaign responses")
struct CampaignResponseTests {
  static let groups = zip([12, 30, 8, 55, 20], [400, 600, 100, 1_500, 350]).enumerated()
    .map { CampaignResponse.Group(name: "campaign \($0)", contacts: $1.1, responses: $1.0) }

  @Test("the prior has the likelihood of scipy's maximum, and rates lie between own and all")
  func pooling() throws {
    let fit = try CampaignResponse(Self.groups)
    #expect(fit.converged)
    // scipy.stats.betabinom with Nelder–Mead: α 56.83, β 1233.8.
    #expect(abs(fit.logLikelihood + 15.959397994213987) < 1e-8)
    #expect(abs(fit.prior.a / 56.827834805405516 - 1) < 1e-3)
    #expect(abs(fit.prior.mean - 56.827834805405516 / 1290.6233549076374) < 1e-6)
    let rates = try fit.rates()
    for (group, rate) in zip(Self.groups, rates) {
      let own = Double(group.responses) / Double(group.contacts)
      #expect((own - rate.mean) * (rate.mean - fit.prior.mean) >= 0)
      #expect(rate.lowerBound < rate.mean && rate.mean < rate.upperBound)
    }
    // 100 contacts move less than 1,500.
    #expect(abs(rates[2].mean - fit.prior.mean) < abs(0.08 - fit.prior.mean) / 5)
    let new = try fit.rate()
    #expect(new.belief == fit.prior)
  }

  @Test("counts of responses equal scipy's beta-binomial quantiles")
  func counts() throws {
    func bounds(_ n: Int, _ a: Double, _ b: Double) throws -> [Int] {
      let count = try CampaignResponse.responses(to: n, at: BetaBelief(a: a, b: b))
      return [count.lowerBound, count.upperBound]
    }
    #expect(try bounds(200, 6, 114) == [2, 21])
    #expect(try bounds(50, 0.5, 0.7) == [0, 50])
    #expect(try bounds(5_000, 30, 700) == [135, 289])
  }

  @Test("the responses to a new campaign fall inside the interval about 95 times in 100")
  func coverage() throws {
    var hits = 0
    for seed in 0..<60 {
      var random = CounterRandom(seed: UInt64(seed))
      func drawn(_ name: String) -> CampaignResponse.Group {
        let (a, b) = (random.gamma(shape: 6, rate: 1), random.gamma(shape: 94, rate: 1))
        let responses = (0..<150).count { _ in random.uniform() < a / (a + b) }
        return CampaignResponse.Group(name: name, contacts: 150, responses: responses)
      }
      let fit = try CampaignResponse((0..<20).map { drawn("\($0)") })
      let next = drawn("next").responses
      let count = try CampaignResponse.responses(to: 150, at: fit.rate().belief)
      if (count.lowerBound...count.upperBound).contains(next) { hits += 1 }
    }
    #expect((53...60).contains(hits), "\(hits) of 60")
  }

  @Test("campaigns that differ by luck alone pool completely")
  func noSpread() throws {
    let fit = try CampaignResponse(
      (0..<5).map { .init(name: "\($0)", contacts: 1_000, responses: 50 + $0 % 2) }
    )
    #expect(fit.prior.a + fit.prior.b > 1e5)
    #expect(abs(fit.prior.mean - 0.0504) < 1e-5)
  }

  @Test("one campaign, no responses and impossible counts are refused")
  func refusals() {
    #expect(throws: EvaluationError.self) {
      try CampaignResponse([.init(name: "a", contacts: 10, responses: 1)])
    }
    #expect(throws: EvaluationError.oneClass(rows: 20, outcome: false)) {
      try CampaignResponse([
        .init(name: "a", contacts: 10, responses: 0), .init(name: "b", contacts: 10, responses: 0),
      ])
    }
    do {
      _ = try CampaignResponse([.init(name: "May", contacts: 10, responses: 11)])
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)"
          == "May has 11 responses to 10 contacts; give at least one contact, and no more "
          + "responses than contacts."
      )
    }
  }
}
