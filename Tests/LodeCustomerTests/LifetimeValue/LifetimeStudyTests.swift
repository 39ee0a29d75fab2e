import LodeColumns
import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("The study of lifetime value")
struct LifetimeStudyTests {
  @Test("90 % intervals of totals hold in most worlds that the models themselves made")
  func coverage() {
    let inside = Parallel.map(40) { world -> Int in
      let kind = LifetimeModel.Kind.bgnbd
      let purchases = ModelWorld(kind, seed: UInt64(500 + world), customers: 200).purchases()
      let settings = LifetimeStudy.Settings(kinds: [kind], horizonDays: 364, holdoutDays: 0)
      let study = LifetimeStudy(purchases, settings, asOf: ModelWorld.asOf)
      let came = purchases.purchases(in: ModelWorld.asOf..<ModelWorld.asOf + 364)
      let total = study.base.places.reduce(0) { $0 + came[$1].count }
      let buyers = study.base.places.count { came[$0].count > 0 }
      let first = study.totals.purchases.interval?.contains(Double(total)) ?? true
      let second = study.totals.buyers.interval?.contains(Double(buyers)) ?? true
      return (first ? 1 : 0) + (second ? 1 : 0)
    }
    // 72 of 80 are expected; fewer than 62 have a chance below one in a hundred.
    #expect((62...80).contains(inside.reduce(0, +)))
  }

  @Test("the variance of totals adds chance, parameters and the error on holdouts")
  func variances() throws {
    let purchases = ModelWorld(.bgnbd, seed: 3, customers: 400).purchases()
    let settings = LifetimeStudy.Settings(kinds: [.bgnbd], horizonDays: 182)
    let study = LifetimeStudy(purchases, settings, asOf: ModelWorld.asOf)
    let total = study.totals.purchases
    let own = zip(study.forecasts, study.base.groups.counts).reduce(0) { $0 + $1.0.variance * $1.1 }
    #expect(abs(total.individualVariance - own) < 1e-9 * own)
    #expect(try #require(total.parameterVariance) > 0)
    #expect(try #require(study.holdout).scores.map(\.name).first == "bgnbd")
    #expect(study.totals.revenue?.interval != nil)
  }

  @Test("resampled customers spread the parameters as much as the delta method says")
  func bootstrap() throws {
    let purchases = ModelWorld(.bgnbd, seed: 3, customers: 400).purchases()
    let base = LifetimeBase(purchases, asOf: ModelWorld.asOf, unit: .week)
    let fitted = LifetimeModel.fit(.bgnbd, base.groups)
    let resampled = LifetimeBootstrap(fitted.model, base.groups, replicates: 60, seed: 1)
    #expect(resampled.parameters.count == 60 && resampled.failedCount == 0)
    let (delta, percentile) = (
      try #require(fitted.fit.interval { $0[0] }), try #require(resampled.interval { $0[0] })
    )
    let ratio =
      (percentile.upperBound - percentile.lowerBound)
      / (delta.upperBound - delta.lowerBound)
    #expect((0.7...1.4).contains(ratio))
    #expect(LifetimeBootstrap(fitted.model, base.groups, replicates: 60, seed: 1) == resampled)
    #expect(
      LifetimeBootstrap(fitted.model, base.groups, replicates: 5, seed: 1).interval { $0[0] } == nil
    )
  }

  @Test("degenerate customers give a status and no crash")
  func degenerate() {
    typealias Purchase = (customer: Int, day: Int, amount: Int64)
    let once = (0..<30).map { Purchase($0, 9000 + $0, 1000) }
    let fresh = (0..<60).map { Purchase($0 / 2, 9998 + $0 % 2, 500) }
    let one = [Purchase(0, 9000, 100), Purchase(0, 9100, 200)]
    let cases: [([Purchase], Int)] = [([], 0), (once, 30), (fresh, 30), (one, 1)]
    for (rows, names) in cases {
      var purchases = PurchaseDays()
      purchases.append((0..<names).map(String.init), rows, scale: 2)
      let study = LifetimeStudy(purchases, LifetimeStudy.Settings(), asOf: 10_000)
      #expect(study.fits.fit.status != .converged)
      #expect(!study.fits.warnings.isEmpty)
      #expect(study.totals.purchases.interval == nil)
      #expect(study.totals.purchases.expected.isFinite)
    }
  }

  @Test("an order that was returned in full is a purchase until the return, and none after it")
  func returns() throws {
    func day(_ number: Int) -> Int64 { Int64(number) * 86_400_000_000 }
    let lines = Table([
      "customer_id": Column(texts: ["a", "a", "a", "b", nil]),
      "order_id": Column(texts: ["1", "2", "2", "3", "4"]),
      "ordered_at": Column(
        .timestamp,
        integers: [day(10), day(20), day(20) + 5, day(30), day(31)]
      ),
      "kind": Column(texts: ["product", "product", "postage", "product", "product"]),
      "amount": Column(.money(scale: 2), integers: [1000, 3000, 400, 500, 900]),
    ])
    let matches = Table([
      "order_id": Column(texts: ["2", "3"]),
      "returned_at": Column(.timestamp, integers: [day(40), day(40)]),
      "amount": Column(.money(scale: 2), integers: [1000, 500]),
    ])
    var purchases = PurchaseDays()
    try purchases.append(orderLines: lines, returnMatches: matches)
    #expect(purchases.customers == ["a", "b"])
    let before = purchases.records(asOf: 40, unit: .day)
    #expect(before[0]?.summary == PurchaseSummary(frequency: 1, recency: 10, age: 30))
    #expect(before[0]?.meanValue == 30)
    #expect(before[1]?.summary == PurchaseSummary(frequency: 0, recency: 0, age: 10))
    let after = purchases.records(asOf: 48, unit: .week)
    #expect(after[0]?.meanValue == 20 && after[0]?.totalValue == 30)
    #expect(after[1] == nil)
    #expect(purchases.purchases(in: 20..<41).map(\.count) == [1, 0])
  }

  @Test("scores of predictors on a worked example, ties shared")
  func scores() throws {
    let judge = LifetimeHoldout(actual: [3, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    let score = judge.score("s", [2, 2, 1, 0, 0, 0, 0, 0, 0, 0])
    #expect(score.total == 5 && score.meanAbsoluteError == 0.3)
    #expect(score.auc == (7.5 + 7) / 16)
    #expect(score.topDecileShare == 1.5 / 4)
    #expect(judge.score("flat", Array(repeating: 0, count: 10)).auc == nil)
    let groups = judge.byFrequency(
      [0, 1, 9, 0, 0, 0, 0, 0, 0, 0],
      predicted: [2, 2, 1] + .zeros(7)
    )
    #expect(groups.map(\.customerCount) == [8, 1, 0, 0, 0, 0, 0, 1])
    #expect(groups[7].actual == 1 && groups[0].predicted == 2)
  }
}

extension [Double] {
  /// Zeros.
  fileprivate static func zeros(_ count: Int) -> [Double] { Array(repeating: 0, count: count) }
}
