/// What contacting customers in an order brings: the Qini and the gain curve.
///
/// No two packages agree on these numbers, so the formulas are part of the result: see
/// ``formula``. The order is by descending predicted uplift; after `k` rows there are `Nt` treated
/// and `Nc` control rows, of which `Yt` and `Yc` saw the event.
///
/// - Complexity: O(`n` log `n`).
/// - Source: Radcliffe (2007), "Using control groups to target on predicted lift", Direct Marketing
///   Analytics Journal, for Qini; Gutierrez & Gérardy (2017), "Causal inference and uplift
///   modelling: a review", JMLR W&CP 67, §4, for the gain curve.
/// - Agrees with: the same formulas in numpy; scikit-uplift's and causalml's numbers are others.
public struct UpliftCurve: Sendable, Hashable, Codable {
  /// The formulas of the numbers, for reports.
  public static let formula =
    "q(k) = Yt(k) − Yc(k)·Nt(k)/Nc(k), its second term 0 while Nc(k) = 0; "
    + "Qini area = ∫ q d(k/n) / Nt(n) by trapezoids from the origin; "
    + "Qini coefficient = Qini area − q(n)/(2·Nt(n)). "
    + "g(k) = (Yt(k)/Nt(k) − Yc(k)/Nc(k))·k, terms of an empty arm 0; AUUC = ∫ g d(k/n) / n; "
    + "AUUC above random = AUUC − g(n)/(2n). Rows of equal predicted uplift enter together."

  /// What happens to rows of one predicted uplift.
  public enum Ties: String, Sendable, Hashable, Codable, CaseIterable {
    /// They enter together, so that the order of rows is without effect.
    case grouped
    /// They enter one by one in row order, as in many packages.
    case rowOrder
  }

  /// Rows that come first.
  public struct Point: Sendable, Hashable, Codable {
    /// Treated rows.
    public var treated = 0
    /// Control rows.
    public var controls = 0
    /// Events among the treated.
    public var treatedEvents = 0
    /// Events among the controls.
    public var controlEvents = 0

    /// All rows.
    public var rows: Int { treated + controls }
    /// `q`, the events that the treatment added among the treated.
    public var qini: Double {
      guard controls > 0 else { return Double(treatedEvents) }
      return Double(treatedEvents)
        - Double(controlEvents) * Double(treated) / Double(controls)
    }
    /// `g`, the events that treating all of these rows would add.
    public var gain: Double { (treatedRate - controlRate) * Double(rows) }
    /// The event rate of the treated, 0 without any.
    var treatedRate: Double { treated > 0 ? Double(treatedEvents) / Double(treated) : 0 }
    /// The event rate of the controls, 0 without any.
    var controlRate: Double { controls > 0 ? Double(controlEvents) / Double(controls) : 0 }

    mutating func add(isTreated: Bool, hasEvent: Bool, count: Int = 1) {
      if isTreated {
        treated += count
        if hasEvent { treatedEvents += count }
      } else {
        controls += count
        if hasEvent { controlEvents += count }
      }
    }
  }

  /// From no row to all rows, by descending predicted uplift.
  public let points: [Point]
  /// What happened to ties.
  public let ties: Ties
  /// Areas under the curves.
  let areas: UpliftAreas

  /// The treatment's effect on all rows, a difference of rates.
  public var averageEffect: Double { all.treatedRate - all.controlRate }
  /// The area under `q` a treated row.
  public var qiniArea: Double { areas.qini }
  /// The area of a random order, half the end of `q` a treated row.
  public var randomQiniArea: Double { areas.randomQini }
  /// The Qini area above that of a random order: 0 where the order says nothing.
  public var qiniCoefficient: Double { areas.qini - areas.randomQini }
  /// The area under `g` a row.
  public var auuc: Double { areas.gain }
  /// The AUUC above that of a random order.
  public var auucAboveRandom: Double { areas.gain - areas.randomGain }
  /// All rows.
  public var all: Point { points.last ?? Point() }

  /// The curve of predicted `uplift` against what happened, one of each a row.
  ///
  /// - Throws: ``EvaluationError`` for no rows, one arm or an uplift that is not finite.
  public init(
    _ uplift: [Double],
    treated: [Bool],
    outcomes: [Bool],
    ties: Ties = .grouped
  ) throws(EvaluationError) {
    self.init(
      try UpliftRanking(uplift, treated: treated, outcomes: outcomes, ties: ties),
      ties: ties
    )
  }

  init(_ ranking: UpliftRanking, ties: Ties) {
    var points = [Point()]
    var point = Point()
    for place in ranking.rows.indices {
      point.add(isTreated: ranking.isTreated[place], hasEvent: ranking.hasEvent[place])
      if ranking.isGroupEnd[place] { points.append(point) }
    }
    self.points = points
    self.ties = ties
    areas = UpliftAreas(points)
  }

  /// The difference of rates among the best `share` of rows, `⌈share·n⌉` of them; nil if they are
  /// of one arm.
  ///
  /// With grouped ties the rows up to the end of the tie are taken.
  public func uplift(atShare share: Double) -> Double? {
    let wanted = Int((share * Double(all.rows)).rounded(.up))
    guard let point = points.first(where: { $0.rows >= wanted }), point.treated > 0,
      point.controls > 0
    else { return nil }
    return point.treatedRate - point.controlRate
  }

  /// Refuses other numbers of rows and a single arm.
  static func checkArms(_ treated: [Bool], rows: Int) throws(EvaluationError) {
    guard treated.count == rows else {
      throw .wrongCount(of: "treatments", count: treated.count, rows: rows)
    }
    guard rows > 0 else { throw .noRows(of: "rows") }
    let count = treated.count { $0 }
    guard count > 0, count < rows else { throw .oneArm(rows: rows, isTreated: count > 0) }
  }
}
