internal import LodeColumns
internal import LodeCustomer
internal import LodeMining
internal import LodeNumerics
internal import LodeRuntime

/// A person with answers.
struct Respondent: Sendable {
  /// The last answer whose window is over.
  struct MatureAnswer: Sendable {
    let time: Int64
    let score: Double
    let boughtAgain: Bool
  }

  let customer: String
  let answerCount: Int
  let latest: SurveyAnswers.Answer
  /// Nil where no window is over.
  let mature: MatureAnswer?

  /// The respondents in the order of their answers.
  ///
  /// - Parameters:
  ///   - answers: customer after customer, by time.
  ///   - orders: the times of orders of each customer, rising.
  ///   - window: microseconds behind an answer in which an order counts.
  ///   - asOf: the window must end at it or before.
  /// - Returns: one a customer.
  static func all(
    _ answers: [SurveyAnswers.Answer],
    orders: [String: [Int64]],
    window: Int64,
    asOf: CivilDate
  ) -> [Respondent] {
    let limit = Timestamp(asOf).microseconds
    var respondents: [Respondent] = []
    var start = 0
    while start < answers.count {
      let customer = answers[start].customer
      let end = answers[start...].firstIndex { $0.customer != customer } ?? answers.count
      let own = answers[start..<end]
      let last = own.last { $0.time < limit - window }
      let times = orders[customer] ?? []
      respondents.append(
        Respondent(
          customer: customer,
          answerCount: own.count,
          latest: answers[end - 1],
          mature: last.map { answer in
            MatureAnswer(
              time: answer.time,
              score: answer.score,
              boughtAgain: times.contains { $0 > answer.time && $0 <= answer.time + window }
            )
          }
        )
      )
      start = end
    }
    return respondents
  }
}

/// The tables of the satisfaction stage.
enum SatisfactionTables {
  /// A row a respondent.
  ///
  /// - Parameters:
  ///   - respondents: all who answered.
  ///   - zones: of the last mature answers, in the order of `respondents`.
  ///   - cuts: as those of `zones`.
  ///   - asOf: the date of the run.
  /// - Returns: the table `satisfaction_zones`.
  static func zones(
    _ respondents: [Respondent],
    _ zones: SatisfactionZones,
    cuts: (indifference: Double, affection: Double),
    asOf: CivilDate
  ) -> Table {
    var (answered, judged) = (ColumnBuilder(.timestamp), ColumnBuilder(.timestamp))
    var (judgedScore, bought) = (ColumnBuilder(.double), ColumnBuilder(.boolean))
    var kind = ColumnBuilder(.text)
    var place = 0
    for respondent in respondents {
      answered.append(integer: respondent.latest.time)
      judged.append(integer: respondent.mature?.time)
      judgedScore.append(double: respondent.mature?.score)
      bought.append(boolean: respondent.mature?.boughtAgain)
      kind.append(text: respondent.mature == nil ? nil : zones.kinds[place].rawValue)
      if respondent.mature != nil { place += 1 }
    }
    let scores = respondents.map(\.latest.score)
    let day = Int64(asOf.daysSinceEpoch)
    return Table([
      "customer_id": Column(texts: respondents.map(\.customer)),
      "as_of": Column(.date, integers: respondents.map { _ in day }),
      "answers": Column(integers: respondents.map { Int64($0.answerCount) }),
      "answered_at": answered.build(), "score": Column(doubles: scores),
      "zone": Column(
        texts: scores.map { SatisfactionZones.zone(of: $0, cuts: cuts).rawValue }
      ),
      "repurchase_p": Column(doubles: zones.curve.calibrated(scores)),
      "judged_at": judged.build(), "judged_score": judgedScore.build(),
      "bought_again": bought.build(), "kind": kind.build(),
    ])
  }

  /// A row a zone, a row a kind and a row of all, of the last mature answers.
  static func summary(
    _ zones: SatisfactionZones,
    boughtAgain: [Bool],
    auc: AUCInterval?,
    repurchaseDays: Int
  ) -> Table {
    let count = zones.zones.count
    let kinds = SatisfactionZones.Kind.allCases
    let sizes = kinds.map { kind in zones.kinds.count { $0 == kind } }
    let intervals = sizes.map { Distributions.jeffreysInterval($0, of: count) }
    let loyal = boughtAgain.count { $0 }
    let all = Distributions.jeffreysInterval(loyal, of: count)
    let rows = zones.rows
    let (none, gaps): ([Double?], [Double?]) = (
      [nil], [Double?](repeating: nil, count: kinds.count)
    )
    return Table([
      "of": Column(texts: rows.map { _ in "zone" } + kinds.map { _ in "kind" } + ["all"]),
      "name": Column(texts: rows.map(\.zone.rawValue) + kinds.map(\.rawValue) + ["all"]),
      "people": Column(integers: (rows.map(\.people) + sizes + [count]).map { Int64($0) }),
      "repurchase_days": Column(
        integers: (0...rows.count + kinds.count).map { _ in Int64(repurchaseDays) }
      ),
      "share": Column(
        doubles: rows.map(\.share.mean) + sizes.map { Double($0) / Double(count) } + [1]
      ),
      "share_low90": Column(
        optional: rows.map(\.share.lower) + intervals.map(\.lowerBound) + none
      ),
      "share_high90": Column(
        optional: rows.map(\.share.upper) + intervals.map(\.upperBound) + none
      ),
      "repurchase": Column(
        optional: rows.map { $0.repurchase?.mean } + gaps + [Double(loyal) / Double(count)]
      ),
      "repurchase_low90": Column(
        optional: rows.map { $0.repurchase?.lower } + gaps + [all.lowerBound]
      ),
      "repurchase_high90": Column(
        optional: rows.map { $0.repurchase?.upper } + gaps + [all.upperBound]
      ),
      "auc": Column(optional: rows.map { _ in nil } + gaps + [auc?.auc]),
      "auc_low90": Column(optional: rows.map { _ in nil } + gaps + [auc?.lowerBound]),
      "auc_high90": Column(optional: rows.map { _ in nil } + gaps + [auc?.upperBound]),
    ])
  }

  /// A row a score: who bought again, and the curve that never falls.
  static func curve(
    _ zones: SatisfactionZones,
    scores: [Double],
    boughtAgain: [Bool]
  ) -> Table {
    let levels = Set(scores).sorted()
    let members = levels.map { level in scores.indices.filter { scores[$0] == level } }
    return Table([
      "score": Column(doubles: levels),
      "people": Column(integers: members.map { Int64($0.count) }),
      "bought_again": Column(
        integers: members.map { rows in Int64(rows.count { boughtAgain[$0] }) }
      ),
      "repurchase_p": Column(doubles: zones.curve.calibrated(levels)),
    ])
  }
}
