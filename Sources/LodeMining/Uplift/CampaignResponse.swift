internal import Glibc
internal import LodeNumerics

/// Forecasts response rates of campaigns or segments, small ones leaning on all the others.
///
/// Responses are `kᵢ ~ Binomial(nᵢ, pᵢ)` with `pᵢ ~ Beta(α, β)`. `α` and `β` maximise the
/// beta-binomial likelihood of all groups (empirical Bayes); the rate of a group is then
/// `Beta(α + kᵢ, β + nᵢ − kᵢ)`, with the mean `(α + kᵢ)/(α + β + nᵢ)`: between its own rate and
/// that of all, the nearer to its own the more contacts it had.
///
/// `α` and `β` are then taken as known, so intervals of a new group are too narrow where past
/// groups are few; from about ten groups on that is a small part.
///
/// - Input: contacts and responses of each group, two groups at least.
/// - Output: rates with intervals, and the count of responses to expect from a number of contacts.
/// - Determinism: no random numbers.
/// - Source: Casella (1985), "An introduction to empirical Bayes data analysis", The American
///   Statistician 39; Fader & Hardie's notes on the beta-binomial; Nelder & Mead for the maximum.
public struct CampaignResponse: Sendable, Hashable, Codable {
  /// A past campaign, a segment, or a segment of a campaign.
  public struct Group: Sendable, Hashable, Codable {
    /// The name of the group.
    public let name: String
    /// The customers contacted.
    public let contacts: Int
    /// Those of them who responded.
    public let responses: Int

    /// A group.
    public init(name: String, contacts: Int, responses: Int) {
      self.name = name
      self.contacts = contacts
      self.responses = responses
    }
  }

  /// The groups of the fit.
  public let groups: [Group]
  /// The distribution of rates between groups: what is known about a new one.
  public let prior: BetaBelief
  /// The log-likelihood of the groups, in nats.
  public let logLikelihood: Double
  /// Whether the search ended at the maximum.
  public let converged: Bool

  /// The largest `α + β`: groups that differ no more than by luck would make it infinite.
  static let largestSize = 1e7

  /// The fit to past groups.
  ///
  /// - Throws: ``EvaluationError`` for fewer than two groups, counts that make no sense, or groups
  ///   without any response, or with nothing else.
  public init(_ groups: [Group]) throws(EvaluationError) {
    for group in groups where group.contacts < 1 || !(0...group.contacts ~= group.responses) {
      throw .badConfiguration(
        reason: "\(group.name) has \(group.responses) responses to \(group.contacts) contacts",
        fix: "give at least one contact, and no more responses than contacts"
      )
    }
    guard groups.count >= 2 else {
      throw .tooFewRows(of: "campaigns or segments", rows: groups.count, needed: 2)
    }
    let contacts = groups.reduce(0) { $0 + $1.contacts }
    let responses = groups.reduce(0) { $0 + $1.responses }
    guard responses > 0, responses < contacts else {
      throw .oneClass(rows: contacts, outcome: responses > 0)
    }
    let center = LogOdds.of(Double(responses) / Double(contacts))
    // The search runs over the log-odds of the mean and the logarithm of α + β.
    let end = NelderMead(maximumEvaluations: 4_000, tolerance: 1e-13)
      .minimize(
        from: [center, log(50)],
        in: [center - 8...center + 8, log(0.01)...log(Self.largestSize)]
      ) { point in
        -Self.logLikelihood(groups, Self.belief(point))
      }
    self.groups = groups
    prior = Self.belief(end.parameters)
    logLikelihood = -end.value
    converged = end.converged
  }

  /// A rate with its interval.
  public struct Rate: Sendable, Hashable, Codable {
    /// What is known about the rate.
    public let belief: BetaBelief
    /// Its mean, 0…1.
    public let mean: Double
    /// The lower end of the interval, 0…1.
    public let lowerBound: Double
    /// The upper end of the interval, 0…1.
    public let upperBound: Double
  }

  /// The rate of a group with these counts; no contacts stand for a new group.
  ///
  /// - Throws: ``EvaluationError`` for a level outside 0…1 or counts that make no sense.
  public func rate(
    contacts: Int = 0,
    responses: Int = 0,
    confidenceLevel: Double = 0.95
  ) throws(EvaluationError) -> Rate {
    try EvaluationError.check(level: confidenceLevel)
    guard contacts >= 0, 0...contacts ~= responses else {
      throw .badConfiguration(
        reason: "\(responses) responses to \(contacts) contacts",
        fix: "give no more responses than contacts"
      )
    }
    let belief = BetaBelief(
      a: prior.a + Double(responses),
      b: prior.b + Double(contacts - responses)
    )
    return Rate(
      belief: belief,
      mean: belief.mean,
      lowerBound: belief.quantile((1 - confidenceLevel) / 2),
      upperBound: belief.quantile((1 + confidenceLevel) / 2)
    )
  }

  /// The rates of the groups of the fit, in their order.
  ///
  /// - Throws: ``EvaluationError`` for a level outside 0…1.
  public func rates(confidenceLevel: Double = 0.95) throws(EvaluationError) -> [Rate] {
    var rates: [Rate] = []
    for group in groups {
      rates.append(
        try rate(
          contacts: group.contacts,
          responses: group.responses,
          confidenceLevel: confidenceLevel
        )
      )
    }
    return rates
  }

  /// A number of responses with its interval.
  public struct Count: Sendable, Hashable, Codable {
    /// The expected responses.
    public let mean: Double
    /// The least count with at least half the missing level at or below it.
    public let lowerBound: Int
    /// The least count with all but that half at or below it.
    public let upperBound: Int
  }

  /// The responses to expect from `contacts` more contacts at a rate that is known so well.
  ///
  /// The exact quantiles of the beta-binomial distribution: unknown rate and luck together.
  ///
  /// - Complexity: O(`contacts`).
  /// - Throws: ``EvaluationError`` for a level outside 0…1 or fewer than one contact.
  public static func responses(
    to contacts: Int,
    at belief: BetaBelief,
    confidenceLevel: Double = 0.95
  ) throws(EvaluationError) -> Count {
    try EvaluationError.check(level: confidenceLevel)
    try belief.check()
    guard contacts >= 1 else { throw .noRows(of: "contacts") }
    let weights = weights(contacts, belief)
    let total = weights.reduce(0, +)
    func quantile(_ probability: Double) -> Int {
      var sum = 0.0
      for (count, weight) in weights.enumerated() {
        sum += weight
        if sum >= probability * total { return count }
      }
      return contacts
    }
    return Count(
      mean: Double(contacts) * belief.mean,
      lowerBound: quantile((1 - confidenceLevel) / 2),
      upperBound: quantile((1 + confidenceLevel) / 2)
    )
  }

  /// Beta-binomial probabilities of 0…n up to a factor, by their ratios outward from the mean.
  private static func weights(_ contacts: Int, _ belief: BetaBelief) -> [Double] {
    let n = Double(contacts)
    let start = min(contacts, Int(n * belief.mean))
    var weights = [Double](repeating: 0, count: contacts + 1)
    weights[start] = 1
    // P(k + 1)/P(k) = (n − k)(a + k) / ((k + 1)(b + n − k − 1)).
    func ratio(_ k: Int) -> Double {
      let k = Double(k)
      return (n - k) * (belief.a + k) / ((k + 1) * (belief.b + n - k - 1))
    }
    for k in start..<contacts { weights[k + 1] = weights[k] * ratio(k) }
    for k in stride(from: start - 1, through: 0, by: -1) { weights[k] = weights[k + 1] / ratio(k) }
    return weights
  }

  private static func belief(_ point: [Double]) -> BetaBelief {
    let (mean, size) = (LogOdds.probability(point[0]), exp(point[1]))
    return BetaBelief(a: mean * size, b: (1 - mean) * size)
  }

  /// Σ ln P(kᵢ | nᵢ, α, β) with the binomial coefficients.
  private static func logLikelihood(_ groups: [Group], _ belief: BetaBelief) -> Double {
    var sum = 0.0
    for group in groups {
      let (n, k) = (Double(group.contacts), Double(group.responses))
      sum -= log(n + 1) + SpecialFunctions.logBeta(k + 1, n - k + 1)
      sum += SpecialFunctions.logBeta(belief.a + k, belief.b + n - k)
      sum -= SpecialFunctions.logBeta(belief.a, belief.b)
    }
    return sum
  }
}
