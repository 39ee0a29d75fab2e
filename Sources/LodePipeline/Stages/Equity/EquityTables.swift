internal import LodeColumns
internal import LodeCustomer
internal import LodeNumerics
internal import LodeRuntime

/// The tables of the equity stage.
enum EquityTables {
  /// All segments together.
  struct Whole: Sendable {
    let acquired: Int
    let acquisition: Double
    let retention: Double
    let addOn: Double
    /// The sums over the segments in each replicate.
    let replicates: [CustomerEquity.Value]

    var value: Double { acquisition + retention + addOn }

    init(_ segments: [ValuedSegment]) {
      acquired = segments.reduce(0) { $0 + $1.sums.acquired }
      acquisition = segments.reduce(0) { $0 + $1.value.acquisition }
      retention = segments.reduce(0) { $0 + $1.value.retention }
      addOn = segments.reduce(0) { $0 + $1.value.addOn }
      let count = segments.first?.replicates.count ?? 0
      replicates = (0..<count)
        .map { place in
          func sum(_ part: (CustomerEquity.Value) -> Double) -> Double {
            segments.reduce(0) { $0 + part($1.replicates[place]) }
          }
          return CustomerEquity.Value(
            acquisition: sum(\.acquisition),
            retention: sum(\.retention),
            addOn: sum(\.addOn)
          )
        }
    }
  }

  /// The name of all segments together.
  static let allSegments = "(all)"

  /// The 90 % interval of replicates.
  static func interval(_ replicates: [Double]) -> (low: Double, high: Double) {
    let sorted = replicates.sorted()
    return (Reductions.quantile(sorted, 0.05), Reductions.quantile(sorted, 0.95))
  }

  /// A row a segment with what it rests on, and a row of all.
  ///
  /// - Parameters:
  ///   - segments: in the order of the rows.
  ///   - settings: the periods.
  ///   - asOf: the date of the run.
  ///   - scale: the digits of money behind the point.
  /// - Returns: the table `customer_equity`; money in minor units, rounded half away from zero.
  static func equity(
    _ segments: [ValuedSegment],
    _ settings: EquitySettings,
    asOf: CivilDate,
    scale: Int
  ) -> Table {
    let all = Whole(segments)
    let replicates = segments.map(\.replicates) + [all.replicates]
    func ends(_ part: (CustomerEquity.Value) -> Double) -> (low: Column, high: Column) {
      let intervals = replicates.map { interval($0.map(part)) }
      return (
        Column(money: intervals.map { $0.low }, scale: scale),
        Column(money: intervals.map { $0.high }, scale: scale)
      )
    }
    let (won, kept, added) = (ends(\.acquisition), ends(\.retention), ends(\.addOn))
    let total = ends(\.total)
    let rates = segments.map { interval($0.retentionRates) }
    func column(_ value: (ValuedSegment) -> Double?, whole: Double? = nil) -> Column {
      Column(optional: segments.map(value) + [whole])
    }
    func money(_ value: (ValuedSegment) -> Double?, whole: Double? = nil) -> Column {
      Column(money: segments.map(value) + [whole], scale: scale)
    }
    let existing = segments.compactMap(\.existing)
    let day = Int64(asOf.daysSinceEpoch)
    let start = day - Int64(settings.periodDays * settings.periodCount)
    func same(_ type: ColumnType, _ number: Int64) -> Column {
      Column(type, integers: (0...segments.count).map { _ in number })
    }
    return Table([
      "as_of": same(.date, day), "from_day": same(.date, start), "to_day": same(.date, day - 1),
      "period_days": same(.integer, Int64(settings.periodDays)),
      "segment": Column(texts: segments.map(\.segment.name) + [allSegments]),
      "prospects": column { $0.hasProspects ? $0.segment.prospects : nil },
      "acquired": Column(
        integers: segments.map { Int64($0.sums.acquired) } + [Int64(all.acquired)]
      ),
      "acquisition_rate": column { $0.hasProspects ? $0.segment.acquisitionRate : nil },
      "cost_per_prospect": money { $0.segment.costPerProspect },
      "first_margin": money { $0.segment.firstMargin },
      "retention_rate": column { $0.segment.retentionRate },
      "retention_rate_low90": Column(optional: rates.map { $0.low } + [nil]),
      "retention_rate_high90": Column(optional: rates.map { $0.high } + [nil]),
      "base_margin": money { $0.segment.baseMargin },
      "retention_cost": money { $0.segment.retentionCost },
      "add_on_margin": money { $0.segment.addOnMargin },
      "add_on_cost": money { $0.segment.addOnCost },
      "acquisition_equity": money({ $0.value.acquisition }, whole: all.acquisition),
      "acquisition_equity_low90": won.low, "acquisition_equity_high90": won.high,
      "retention_equity": money({ $0.value.retention }, whole: all.retention),
      "retention_equity_low90": kept.low, "retention_equity_high90": kept.high,
      "add_on_equity": money({ $0.value.addOn }, whole: all.addOn),
      "add_on_equity_low90": added.low, "add_on_equity_high90": added.high,
      "equity": money({ $0.value.total }, whole: all.value),
      "equity_low90": total.low, "equity_high90": total.high,
      "equity_per_acquired": money(
        { $0.sums.acquired == 0 ? nil : $0.value.total / Double($0.sums.acquired) },
        whole: all.acquired == 0 ? nil : all.value / Double(all.acquired)
      ),
      "existing_value": money(
        \.existing,
        whole: existing.isEmpty ? nil : existing.reduce(0, +)
      ),
    ])
  }

  /// What each driver is worth in all segments together, in units of the currency.
  static func wholeDrivers(
    _ segments: [ValuedSegment],
    _ settings: EquitySettings
  ) -> [(driver: String, gain: Double)] {
    let gains = segments.map { settings.equity.sensitivities($0.segment) }
    guard let first = gains.first else { return [] }
    return first.indices.map { place in
      (first[place].driver, gains.reduce(0) { $0 + $1[place].gain })
    }
  }

  /// A row a segment and driver: what one percent better brings.
  ///
  /// - Parameters:
  ///   - segments: in the order of the rows.
  ///   - settings: the model.
  ///   - scale: the digits of money behind the point.
  /// - Returns: the table `customer_equity_drivers`.
  static func drivers(
    _ segments: [ValuedSegment],
    _ settings: EquitySettings,
    scale: Int
  ) -> Table {
    let total = segments.reduce(0) { $0 + $1.value.total }
    let whole = wholeDrivers(segments, settings)
    let own = segments.flatMap { segment in
      settings.equity.sensitivities(segment.segment)
        .map { gain -> (String, String, Double, Double?) in
          let percent = gain.percent.isFinite ? gain.percent : nil
          return (segment.segment.name, gain.driver, gain.gain, percent)
        }
    }
    let rows =
      own
      + whole.map { driver, gain in
        (allSegments, driver, gain, total == 0 ? nil : 100 * gain / abs(total))
      }
    return Table([
      "segment": Column(texts: rows.map { $0.0 }), "driver": Column(texts: rows.map { $0.1 }),
      "gain": Column(money: rows.map { $0.2 }, scale: scale),
      "gain_percent": Column(optional: rows.map { $0.3 }),
    ])
  }

  /// One kind of spending on one segment, now and at its best.
  private struct Best {
    let segment: String
    let kind: String
    let spending: Double
    let rate: Double?
    var ceiling: Double?
    var bestSpending: Double?
    var bestRate: Double?
    let equity: Double
    var bestEquity: Double?
    var note: String?
  }

  /// Two rows a segment: the best spending on a prospect, and on a customer a period.
  ///
  /// - Parameters:
  ///   - segments: in the order of the rows.
  ///   - settings: the model and the ceilings.
  ///   - scale: the digits of money behind the point.
  /// - Returns: the table `customer_equity_spending`.
  static func spending(
    _ segments: [ValuedSegment],
    _ settings: EquitySettings,
    scale: Int
  ) -> Table {
    let rows = segments.flatMap { valued in
      [acquisition(valued, settings), retention(valued, settings)]
    }
    return Table([
      "segment": Column(texts: rows.map(\.segment)), "spending_on": Column(texts: rows.map(\.kind)),
      "spending": Column(money: rows.map(\.spending), scale: scale),
      "rate": Column(optional: rows.map(\.rate)),
      "ceiling": Column(optional: rows.map(\.ceiling)),
      "best_spending": Column(money: rows.map(\.bestSpending), scale: scale),
      "best_rate": Column(optional: rows.map(\.bestRate)),
      "equity": Column(money: rows.map(\.equity), scale: scale),
      "best_equity": Column(money: rows.map(\.bestEquity), scale: scale),
      "note": Column(texts: rows.map(\.note)),
    ])
  }

  /// What the curve of spending takes for granted.
  private static let assumption = "the curve takes it that the rate is 0 without spending"

  private static func acquisition(_ valued: ValuedSegment, _ settings: EquitySettings) -> Best {
    let segment = valued.segment
    var best = Best(
      segment: segment.name,
      kind: "acquisition",
      spending: segment.costPerProspect,
      rate: valued.hasProspects ? segment.acquisitionRate : nil,
      ceiling: settings.acquisitionCeiling,
      equity: valued.value.total
    )
    guard let ceiling = settings.acquisitionCeiling, valued.hasProspects else {
      best.note =
        valued.hasProspects ? "ceilings.acquisition is not set" : "no table says the prospects"
      return best
    }
    guard
      let response = SpendResponse(
        spending: segment.costPerProspect,
        rate: segment.acquisitionRate,
        ceiling: ceiling
      )
    else {
      best.note = "nothing is spent, nobody is won, or the rate is at its ceiling"
      return best
    }
    let worth =
      segment.firstMargin + settings.equity.stay(segment.retentionRate)
      * (segment.baseMargin - segment.retentionCost + segment.addOnMargin - segment.addOnCost)
    var changed = segment
    changed.costPerProspect = response.optimum(value: worth)
    changed.acquisitionRate = response.rate(changed.costPerProspect)
    best.bestSpending = changed.costPerProspect
    best.bestRate = changed.acquisitionRate
    best.bestEquity = settings.equity.value(changed).total
    best.note = assumption
    return best
  }

  private static func retention(_ valued: ValuedSegment, _ settings: EquitySettings) -> Best {
    let segment = valued.segment
    var best = Best(
      segment: segment.name,
      kind: "retention",
      spending: segment.retentionCost,
      rate: segment.retentionRate,
      ceiling: settings.retentionCeiling,
      equity: valued.value.total
    )
    guard let ceiling = settings.retentionCeiling else {
      best.note = "ceilings.retention is not set"
      return best
    }
    guard
      let response = SpendResponse(
        spending: segment.retentionCost,
        rate: segment.retentionRate,
        ceiling: ceiling
      )
    else {
      best.note = "nothing is spent, nobody stays, or the rate is at its ceiling"
      return best
    }
    var changed = segment
    changed.retentionCost = settings.equity.bestRetentionCost(segment, response)
    changed.retentionRate = response.rate(changed.retentionCost)
    best.bestSpending = changed.retentionCost
    best.bestRate = changed.retentionRate
    best.bestEquity = settings.equity.value(changed).total
    best.note = assumption
    return best
  }
}
