public import LodeMining
internal import LodeNumerics

/// The zones of satisfaction and loyalty: how a survey's score goes with buying again.
///
/// Defection, indifference and affection are ranges of satisfaction; how much more loyal each makes
/// is read off the isotonic curve of repurchase on satisfaction. With loyalty on the other side
/// come the four kinds of customers: apostles (satisfied, loyal), mercenaries (satisfied, not
/// loyal), hostages (not satisfied, loyal) and defectors.
///
/// - Input: scores on any scale, each with whether the person bought again in a horizon behind the
///   survey.
/// - Output: a row a zone with its share, its repurchase rate and 90 % intervals; the kind of each
///   person.
/// - Source: Jones & Sasser (1995), "Why satisfied customers defect", Harvard Business Review 73;
///   zones as in Heskett, Sasser & Schlesinger (1997), "The Service Profit Chain".
public struct SatisfactionZones: Sendable, Hashable {
  /// A range of satisfaction.
  public enum Zone: String, Sendable, Hashable, Codable, CaseIterable {
    /// Up to 3 of 5.
    case defection
    /// Above 3 and below 4.5 of 5: satisfied, but not bound.
    case indifference
    /// From 4.5 of 5 on.
    case affection
  }

  /// Satisfaction against loyalty.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Satisfied and loyal.
    case apostle
    /// Satisfied, and gone.
    case mercenary
    /// Dissatisfied, and still here.
    case hostage
    /// Dissatisfied and gone.
    case defector
  }

  /// What is known of a zone.
  public struct Row: Sendable, Hashable {
    /// The zone.
    public let zone: Zone
    /// The people in it.
    public let people: Int
    /// Their share of all with its 90 % interval.
    public let share: Rate
    /// The share of them who bought again with its 90 % interval; nil without people.
    public let repurchase: Rate?
  }

  /// A share with its 90 % interval by Jeffreys' prior.
  public struct Rate: Sendable, Hashable {
    /// The share.
    public let mean: Double
    /// The lower end of the interval.
    public let lower: Double
    /// The upper end of the interval.
    public let upper: Double

    /// So many hits in so many cases, at least one.
    init(_ hits: Int, of cases: Int) {
      let interval = Distributions.jeffreysInterval(hits, of: cases)
      mean = Double(hits) / Double(cases)
      (lower, upper) = (interval.lowerBound, interval.upperBound)
    }
  }

  /// Scores above it are no defection, on the scale of 1 to 5.
  public let indifferenceCut: Double
  /// Scores from it on are affection, on the scale of 1 to 5.
  public let affectionCut: Double
  /// The zones from defection to affection.
  public let rows: [Row]
  /// The chance to buy again at each score, never falling.
  public let curve: IsotonicCalibration.Model
  /// The kind of each person.
  public let kinds: [Kind]
  /// The zone of each person.
  public let zones: [Zone]

  /// The zones of people who answered.
  ///
  /// - Parameters:
  ///   - scores: the answers, one a person.
  ///   - scale: the least and the best answer that was offered.
  ///   - boughtAgain: whether each person bought again.
  ///   - cuts: the score above which indifference begins, and that at which affection does, on a
  ///     scale of 1 to 5.
  /// - Throws: ``EvaluationError`` for no people, answers off the scale or one outcome for all.
  public init(
    scores: [Double],
    scale: ClosedRange<Double>,
    boughtAgain: [Bool],
    cuts: (indifference: Double, affection: Double) = (3, 4.5)
  ) throws(EvaluationError) {
    guard scale.lowerBound < scale.upperBound, cuts.indifference < cuts.affection else {
      throw .badConfiguration(
        reason: "a scale of \(scale) or cuts of \(cuts.indifference) and \(cuts.affection)",
        fix: "let the best answer be above the least, and affection begin above indifference"
      )
    }
    for (row, score) in scores.enumerated() where !scale.contains(score) {
      throw .notFinite("an answer on the scale \(scale)", row: row)
    }
    let width = scale.upperBound - scale.lowerBound
    let fives = scores.map { 1 + 4 * ($0 - scale.lowerBound) / width }
    curve = try IsotonicCalibration(margin: 0).fit(fives, outcomes: boughtAgain)
    let zones = fives.map { Self.zone(of: $0, cuts: cuts) }
    indifferenceCut = cuts.indifference
    affectionCut = cuts.affection
    self.zones = zones
    kinds = zip(fives, boughtAgain)
      .map { score, isLoyal in
        score > cuts.indifference
          ? (isLoyal ? .apostle : .mercenary) : (isLoyal ? .hostage : .defector)
      }
    rows = Zone.allCases.map { zone in
      let people = zones.indices.filter { zones[$0] == zone }
      return Row(
        zone: zone,
        people: people.count,
        share: Rate(people.count, of: zones.count),
        repurchase: people.isEmpty
          ? nil : Rate(people.count { boughtAgain[$0] }, of: people.count)
      )
    }
  }
  /// The zone of a score on the scale of 1 to 5.
  ///
  /// - Parameters:
  ///   - score: the score, 1…5.
  ///   - cuts: the score above which indifference begins, and that at which affection does.
  /// - Returns: the zone.
  public static func zone(
    of score: Double,
    cuts: (indifference: Double, affection: Double) = (3, 4.5)
  ) -> Zone {
    score > cuts.indifference
      ? (score >= cuts.affection ? .affection : .indifference) : .defection
  }
}
