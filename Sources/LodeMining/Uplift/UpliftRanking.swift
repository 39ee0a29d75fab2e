/// The rows of a trial by descending predicted uplift.
struct UpliftRanking: Sendable {
  /// The rows, best first, ties in row order.
  let rows: [Int]
  /// Whether each of them was treated.
  let isTreated: [Bool]
  /// Whether each of them saw the event.
  let hasEvent: [Bool]
  /// Whether the next row does not tie with it.
  let isGroupEnd: [Bool]

  init(
    _ uplift: [Double],
    treated: [Bool],
    outcomes: [Bool],
    ties: UpliftCurve.Ties
  ) throws(EvaluationError) {
    try EvaluationError.check(uplift, "predicted uplifts", rows: outcomes.count)
    try UpliftCurve.checkArms(treated, rows: outcomes.count)
    let order = Ranks.descending(uplift)
    rows = order
    isTreated = order.map { treated[$0] }
    hasEvent = order.map { outcomes[$0] }
    isGroupEnd = order.indices.map { place in
      ties == .rowOrder || place + 1 == order.count
        || uplift[order[place]] != uplift[order[place + 1]]
    }
  }
}

/// The areas under the curves of one order.
struct UpliftAreas: Sendable, Hashable, Codable {
  /// Under `q`, a treated row.
  let qini: Double
  /// Half the end of `q`, a treated row.
  let randomQini: Double
  /// Under `g`, a row.
  let gain: Double
  /// Half the end of `g`, a row.
  let randomGain: Double

  /// The areas under the curves through `points`, which begin with no row.
  init(_ points: some Sequence<UpliftCurve.Point>) {
    var before = UpliftCurve.Point()
    var (beforeQini, beforeGain) = (0.0, 0.0)
    var (qini, gain) = (0.0, 0.0)
    for point in points where point.rows > before.rows {
      let width = Double(point.rows - before.rows)
      let (nextQini, nextGain) = (point.qini, point.gain)
      qini += width * (beforeQini + nextQini) / 2
      gain += width * (beforeGain + nextGain) / 2
      (before, beforeQini, beforeGain) = (point, nextQini, nextGain)
    }
    let n = Double(max(before.rows, 1))
    let treated = Double(max(before.treated, 1))
    self.qini = qini / n / treated
    randomQini = beforeQini / 2 / treated
    self.gain = gain / n / n
    randomGain = beforeGain / 2 / n
  }
}
