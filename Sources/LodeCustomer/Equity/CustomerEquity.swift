internal import Glibc

/// The worth of a customer base: acquisition, retention and add-on selling, and what moves it.
///
/// For a segment of `N` prospects, of whom a share `a` is won, with first margin `m₀`, retention
/// `ρ`, base margin `m` and add-on margin `s` a period, budgets `B` and discount `d` a period:
///
///     acquisition = N a m₀ − N B_a
///     retention   = N a Σ_{k=1…K} (ρ/(1+d))ᵏ (m − B_r)
///     add-on      = N a Σ_{k=1…K} (ρ/(1+d))ᵏ (s − B_s)
///
/// The first period's margin counts at once, later ones at their ends.
///
/// - Source: Blattberg, Getz & Thomas (2001), "Customer Equity", chapter 2; decision curves of
///   Blattberg & Deighton (1996), "Manage marketing by the customer equity test", Harvard Business
///   Review 74.
public struct CustomerEquity: Sendable, Hashable {
  /// What is known of a segment; money in units of the currency, a period is what rates say.
  public struct Segment: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The prospects that are approached.
    public var prospects: Double
    /// The share of them that is won, 0…1.
    public var acquisitionRate: Double
    /// What a prospect costs, won or not.
    public var costPerProspect: Double
    /// The margin of the first period of a customer.
    public var firstMargin: Double
    /// The share of customers who stay for another period, 0…1.
    public var retentionRate: Double
    /// The margin of the base basket a period.
    public var baseMargin: Double
    /// What keeping a customer costs a period.
    public var retentionCost: Double
    /// The margin of products beyond the base basket a period.
    public var addOnMargin: Double
    /// What selling them costs a customer and period.
    public var addOnCost: Double

    /// A segment.
    public init(
      name: String,
      prospects: Double,
      acquisitionRate: Double,
      costPerProspect: Double,
      firstMargin: Double,
      retentionRate: Double,
      baseMargin: Double,
      retentionCost: Double = 0,
      addOnMargin: Double = 0,
      addOnCost: Double = 0
    ) {
      self.name = name
      self.prospects = prospects
      self.acquisitionRate = acquisitionRate
      self.costPerProspect = costPerProspect
      self.firstMargin = firstMargin
      self.retentionRate = retentionRate
      self.baseMargin = baseMargin
      self.retentionCost = retentionCost
      self.addOnMargin = addOnMargin
      self.addOnCost = addOnCost
    }
  }

  /// The worth of a segment in its three parts.
  public struct Value: Sendable, Hashable {
    /// From winning customers, less what approaching all prospects costs.
    public let acquisition: Double
    /// From the base basket of those who stay.
    public let retention: Double
    /// From products beyond it.
    public let addOn: Double

    /// The three together.
    public var total: Double { acquisition + retention + addOn }

    /// A value of three parts, for example a sum over segments.
    public init(acquisition: Double, retention: Double, addOn: Double) {
      self.acquisition = acquisition
      self.retention = retention
      self.addOn = addOn
    }
  }

  /// What a driver is worth: the equity gained if it were one hundredth better.
  public struct Sensitivity: Sendable, Hashable {
    /// The driver in words.
    public let driver: String
    /// The gain in units of the currency.
    public let gain: Double
    /// The gain as a share of the equity, in percent; NaN for no equity.
    public let percent: Double
  }

  /// The discount rate of a period, above -1.
  public let discountRate: Double
  /// The periods that count; nil for all.
  public let horizon: Int?

  /// Equity at a discount rate.
  ///
  /// - Precondition: the rate is at least 0, and above it without a horizon.
  public init(discountRate: Double, horizon: Int? = nil) {
    precondition(
      discountRate >= 0 && (horizon ?? 1) >= 0 && (horizon != nil || discountRate > 0),
      "a discount rate of \(discountRate) over \(horizon.map(String.init) ?? "all") periods"
    )
    self.discountRate = discountRate
    self.horizon = horizon
  }

  /// The discounted periods that a won customer stays behind the first.
  public func stay(_ retentionRate: Double) -> Double {
    let ratio = retentionRate / (1 + discountRate)
    guard let horizon else { return ratio / (1 - ratio) }
    guard abs(1 - ratio) > 1e-12 else { return Double(horizon) }
    return ratio * (1 - pow(ratio, Double(horizon))) / (1 - ratio)
  }

  /// The worth of a segment.
  public func value(_ segment: Segment) -> Value {
    let won = segment.prospects * segment.acquisitionRate
    let periods = won * stay(segment.retentionRate)
    return Value(
      acquisition: won * segment.firstMargin - segment.prospects * segment.costPerProspect,
      retention: periods * (segment.baseMargin - segment.retentionCost),
      addOn: periods * (segment.addOnMargin - segment.addOnCost)
    )
  }

  /// What each driver is worth: shares a hundredth of themselves higher (at most 1), margins
  /// higher, costs lower.
  public func sensitivities(_ segment: Segment) -> [Sensitivity] {
    let now = value(segment).total
    func gain(_ driver: String, _ change: (inout Segment) -> Void) -> Sensitivity {
      var better = segment
      change(&better)
      let gain = value(better).total - now
      return Sensitivity(
        driver: driver,
        gain: gain,
        percent: now == 0 ? .nan : 100 * gain / abs(now)
      )
    }
    return [
      gain("acquisition rate") { $0.acquisitionRate = min(1, $0.acquisitionRate * 1.01) },
      gain("retention rate") { $0.retentionRate = min(1, $0.retentionRate * 1.01) },
      gain("margin") {
        $0.firstMargin *= 1.01
        $0.baseMargin *= 1.01
      },
      gain("add-on margin") { $0.addOnMargin *= 1.01 },
      gain("cost of acquisition") { $0.costPerProspect *= 0.99 },
      gain("cost of retention") { $0.retentionCost *= 0.99 },
      gain("cost of add-on selling") { $0.addOnCost *= 0.99 },
    ]
  }
}

extension CustomerEquity {
  /// The spending on keeping a customer a period at which retention and add-on equity are largest.
  ///
  /// - Parameters:
  ///   - segment: the segment; its own retention rate and cost are not looked at.
  ///   - response: the retention rate by spending.
  /// - Returns: units of the currency a customer and period; 0 where keeping never pays.
  /// - Complexity: 2,000 values of the curve, then 60 steps of golden section around the best.
  /// - Source: Blattberg & Deighton (1996), the retention half of the decision calculus.
  public func bestRetentionCost(_ segment: Segment, _ response: SpendResponse) -> Double {
    let most = segment.baseMargin + segment.addOnMargin - segment.addOnCost
    guard most > 0, most.isFinite else { return 0 }
    func worth(_ spending: Double) -> Double {
      stay(min(1, response.rate(spending))) * (most - spending)
    }
    let step = most / 2_000
    var best = 0
    for place in 1...2_000 where worth(Double(place) * step) > worth(Double(best) * step) {
      best = place
    }
    var (low, high) = (max(0, Double(best - 1) * step), min(most, Double(best + 1) * step))
    let ratio = (5.0.squareRoot() - 1) / 2
    for _ in 0..<60 {
      let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
      if worth(left) < worth(right) { low = left } else { high = right }
    }
    let middle = (low + high) / 2
    return worth(middle) > worth(0) ? middle : 0
  }
}

/// A rate that grows with spending and saturates: `ceiling · (1 − e^(−k · spending))`.
///
/// - Source: Blattberg & Deighton (1996), the decision calculus with one managerial point.
public struct SpendResponse: Sendable, Hashable {
  /// The rate that no spending exceeds, above 0 and at most 1.
  public let ceiling: Double
  /// How fast the rate nears it, 1 a unit of the currency.
  public let steepness: Double

  /// The curve through what is spent and reached today; nil if that says nothing.
  ///
  /// - Parameters:
  ///   - spending: what is spent a person today, above 0.
  ///   - rate: the rate that it reaches, above 0 and below the ceiling.
  ///   - ceiling: the rate that any spending could reach, at most 1.
  public init?(spending: Double, rate: Double, ceiling: Double) {
    guard spending > 0, rate > 0, rate < ceiling, ceiling <= 1 else { return nil }
    self.ceiling = ceiling
    steepness = -log(1 - rate / ceiling) / spending
  }

  /// The rate at a spending.
  public func rate(_ spending: Double) -> Double { ceiling * (1 - exp(-steepness * spending)) }

  /// The spending at which one more unit brings one unit: `ln(value · k · ceiling) / k`, or 0.
  ///
  /// - Parameter value: what one more person at rate 1 is worth.
  /// - Returns: units of the currency a person.
  public func optimum(value: Double) -> Double {
    let slope = value * steepness * ceiling
    return slope > 1 ? log(slope) / steepness : 0
  }
}
