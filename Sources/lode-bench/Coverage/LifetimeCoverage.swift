internal import LodeCustomer
internal import LodePipeline
internal import LodeRuntime

/// How often 90 % prediction intervals of lifetime totals hold the truth, over simulated worlds.
///
/// Worlds of two kinds: drawn from the models themselves, where the intervals must be right by
/// theory, and the sample retailer, which has seasons, growth and campaigns that no model knows.
struct LifetimeCoverage {
  var worlds = 200
  var customers = 300

  /// What a world did after the date, and what the study said about it.
  private struct Outcome: Sendable {
    let name: String
    let isInside: Bool?
    let relativeError: Double
    let relativeWidth: Double
  }

  /// Prints a table of coverages.
  ///
  /// - Returns: 0 if all lie between 85 and 95 %, else 1.
  func run() -> Int32 {
    var isGood = true
    say("90 % prediction intervals, \(worlds) worlds of \(customers) customers, 364 days ahead")
    for bootstrap in [0, 30] {
      let method = bootstrap > 0 ? "bootstrap of \(bootstrap)" : "delta method (for comparison)"
      for kind in LifetimeModel.Kind.allCases {
        let count = bootstrap > 0 ? worlds / 2 : worlds
        let isInside = table("worlds of \(kind.rawValue), \(method)", of: count) { world in
          let purchases = ModelWorld(kind, seed: UInt64(world), customers: customers).purchases()
          return Self.outcomes(
            purchases,
            [kind],
            holdoutDays: 0,
            bootstrap: bootstrap,
            asOf: ModelWorld.asOf
          )
        }
        isGood = isGood && (isInside || bootstrap == 0)
      }
    }
    isGood =
      table("the sample retailer") { world in
        let (purchases, asOf) = Self.retailer(seed: UInt64(1000 + world), customers: customers)
        return Self.outcomes(
          purchases,
          [.mbgnbd, .bgnbd, .paretonbd],
          holdoutDays: nil,
          asOf: asOf
        )
      } && isGood
    _ = table("the sample retailer, the models taken at their word (for comparison)") { world in
      let (purchases, asOf) = Self.retailer(seed: UInt64(1000 + world), customers: customers)
      return Self.outcomes(purchases, [.mbgnbd, .bgnbd, .paretonbd], holdoutDays: 0, asOf: asOf)
    }
    return isGood ? 0 : 1
  }

  /// The purchases of a retailer of three years, and the date one year before the end.
  static func retailer(seed: UInt64, customers: Int) -> (PurchaseDays, asOf: Int) {
    let sales = SampleRetailer(seed: seed, customerCount: customers, years: 3).purchases()
    var purchases = PurchaseDays()
    purchases.append(
      (0..<customers).map(String.init),
      sales.map { ($0.customer, $0.day.daysSinceEpoch, Int64($0.cents)) },
      scale: 2
    )
    return (purchases, SampleRetailer.endDate.daysSinceEpoch + 1 - 364)
  }

  private static func outcomes(
    _ purchases: PurchaseDays,
    _ kinds: [LifetimeModel.Kind],
    holdoutDays: Int?,
    bootstrap: Int = 0,
    asOf: Int
  ) -> [Outcome] {
    let settings = LifetimeStudy.Settings(
      kinds: kinds,
      horizonDays: 364,
      level: 0.9,
      holdoutDays: holdoutDays,
      bootstrap: bootstrap
    )
    let study = LifetimeStudy(purchases, settings, asOf: asOf)
    let all = purchases.purchases(in: asOf..<asOf + 364)
    let came = study.base.places.map { all[$0] }
    let buyers = came.count { $0.count > 0 }
    let count = Double(came.count)
    func outcome(
      _ name: String,
      _ total: LifetimeTotal?,
      _ truth: Double,
      complement: Bool = false
    ) -> Outcome {
      let expected = total.map { complement ? count - $0.expected : $0.expected } ?? 0
      let width = total?.interval.map { $0.upperBound - $0.lowerBound } ?? .nan
      let seen = complement ? count - truth : truth
      return Outcome(
        name: name,
        isInside: total?.interval.map { $0.contains(seen) },
        relativeError: (expected - truth) / max(truth, 1),
        relativeWidth: width / max(truth, 1)
      )
    }
    var outcomes = [
      outcome("purchases", study.totals.purchases, Double(came.reduce(0) { $0 + $1.count })),
      outcome("customers who buy", study.totals.buyers, Double(buyers)),
      outcome("churners", study.totals.buyers, count - Double(buyers), complement: true),
      outcome("revenue", study.totals.revenue, came.reduce(0) { $0 + $1.value }),
    ]
    let unitDays = settings.unitDays
    precondition(unitDays == 7, "weeks")
    outcomes += customerOutcomes(study, came)
    return outcomes
  }

  /// Whether the intervals of single customers hold: their share as an outcome each.
  private static func customerOutcomes(
    _ study: LifetimeStudy,
    _ came: [(count: Int, value: Double)]
  ) -> [Outcome] {
    var outcomes: [Outcome] = []
    for (row, record) in study.base.records.enumerated() where row % 10 == 0 {
      let group = Int(study.base.groups.groupOfCustomer[row])
      guard group >= 0 else { continue }
      let forecast = study.forecasts[group]
      outcomes.append(
        Outcome(
          name: "purchases of a customer",
          isInside: forecast.lower <= came[row].count && came[row].count <= forecast.upper,
          relativeError: 0,
          relativeWidth: 0
        )
      )
      let value = study.fits.money?
        .forecast(
          forecast,
          frequency: record.summary.frequency,
          meanValue: record.meanValue
        )
      guard let value, let lower = value.lower, let upper = value.upper else { continue }
      outcomes.append(
        Outcome(
          name: "value of a customer",
          isInside: lower <= came[row].value && came[row].value <= upper,
          relativeError: 0,
          relativeWidth: 0
        )
      )
    }
    return outcomes
  }

  /// Prints the coverages of one kind of world; whether those of totals are between 85 and 95 %.
  private func table(
    _ title: String,
    of count: Int? = nil,
    _ world: @Sendable (Int) -> [Outcome]
  ) -> Bool {
    let all = Parallel.map(count ?? worlds, world).flatMap(\.self)
    say("\n\(title)")
    var isGood = true
    let names = [
      "purchases", "customers who buy", "churners", "revenue", "purchases of a customer",
      "value of a customer",
    ]
    for name in names {
      let outcomes = all.filter { $0.name == name }
      let known = outcomes.compactMap(\.isInside)
      let share = Double(known.count { $0 }) / Double(max(known.count, 1))
      let isTotal = !name.hasSuffix("a customer")
      let isOK = !isTotal || (0.85...0.95).contains(share)
      isGood = isGood && isOK
      let missing = outcomes.count - known.count
      let percent = CheckList.text(share * 100, places: 1)
      func mean(_ figure: (Outcome) -> Double) -> String {
        let sound = outcomes.filter { $0.isInside != nil }
        let sum = sound.reduce(0) { $0 + figure($1) }
        return CheckList.text(100 * sum / Double(max(sound.count, 1)), places: 1)
      }
      var line = "  \(name): \(percent) % of \(known.count) covered"
      if missing > 0 { line += ", \(missing) without an interval" }
      if isTotal {
        line += ", mean error \(mean(\.relativeError)) %, mean width \(mean(\.relativeWidth)) %"
      }
      say(line + (isOK ? "" : "  (not 85 to 95 %)"))
    }
    return isGood
  }
}
