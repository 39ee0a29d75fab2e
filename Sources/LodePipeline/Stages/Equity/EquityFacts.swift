internal import LodeColumns
internal import LodeCustomer
internal import LodeRuntime

/// What tables besides sales say of segments.
struct EquityFacts: Sendable {
  private let settings: EquitySettings
  private let asOf: CivilDate
  /// The segment of each customer whom the table knows.
  private(set) var segmentOf: [String: String] = [:]
  /// What was spent on each segment in the window.
  private(set) var spending: [String: SegmentSpending] = [:]
  /// What the customers of each segment will be worth, in units of the currency.
  private(set) var existing: [String: Double] = [:]
  /// The rows read before the date, order lines aside.
  private(set) var checked = CheckedRows()

  /// Nothing yet.
  init(_ settings: EquitySettings, asOf: CivilDate) {
    self.settings = settings
    self.asOf = asOf
  }

  /// Adds who belongs to which segment; of several segments the first in byte order counts.
  mutating func add(
    segments table: Table,
    _ segments: EquitySettings.Segments
  ) throws(Diagnostic) {
    let customer = try segments.customer.ids(of: table, segments.table)
    let segment = try segments.segment.ids(of: table, segments.table)
    for row in 0..<table.rowCount {
      let reasons =
        (customer.isMissing(row) ? ["missing_customer"] : [])
        + (segment.isMissing(row) ? ["missing_segment"] : [])
      guard checked.takes(row, of: table, segments.table, reasons) else { continue }
      let (id, name) = (customer[row].description, segment[row].description)
      segmentOf[id] = segmentOf[id].map { min($0, name) } ?? name
    }
  }

  /// Adds what was spent in the window.
  mutating func add(
    spending table: Table,
    _ spending: EquitySettings.Spending
  ) throws(Diagnostic) {
    let segment = try spending.segment.map { setting throws(Diagnostic) in
      try setting.ids(of: table, spending.table)
    }
    let times = try spending.at.map { setting throws(Diagnostic) in
      try setting.times(of: table, spending.table)
    }
    let numbers = try spending.numbers.map { setting throws(Diagnostic) -> [Double]? in
      try setting?.numbers(of: table, spending.table)
    }
    let end = asOf.daysSinceEpoch
    let start = end - settings.periodDays * settings.periodCount
    var cells: [String: [[Double]]] = [:]
    for row in 0..<table.rowCount {
      let day = times?[row].map { Timestamp.day(ofMicroseconds: $0) }
      if let day, day >= end { continue }
      let isNegative = numbers.contains { ($0?[row] ?? 0) < 0 }
      let reasons =
        (segment?.isMissing(row) == true ? ["missing_segment"] : [])
        + (times != nil && day == nil ? ["missing_time"] : [])
        + (isNegative ? ["number_negative"] : [])
      let isGood = checked.takes(row, of: table, spending.table, reasons) { reason in
        reason == "number_negative" ? "a number is below 0" : nil
      }
      guard isGood else { continue }
      if let day, day < start { continue }
      let name = segment.map { $0[row].description } ?? EquityStage.wholeSegment
      for place in numbers.indices {
        guard let number = numbers[place]?[row], number.isFinite else { continue }
        cells[name, default: Array(repeating: [], count: 4)][place].append(number)
      }
    }
    self.spending = cells.mapValues { cells in
      let sums = cells.map { $0.sorted().reduce(0, +) }
      return SegmentSpending(
        prospects: cells[0].isEmpty ? nil : sums[0],
        acquisition: sums[1],
        retention: sums[2],
        addOn: sums[3]
      )
    }
  }

  /// Adds what customers will be worth; call it behind the segments.
  mutating func add(
    values table: Table,
    _ values: FunnelSettings.Values
  ) throws(Diagnostic) {
    let customer = try values.customer.ids(of: table, values.table)
    let amounts = try values.amount.numbers(of: table, values.table)
    var cells: [String: [Double]] = [:]
    for row in 0..<table.rowCount {
      let reasons =
        (customer.isMissing(row) ? ["missing_customer"] : [])
        + (amounts[row].isFinite ? [] : ["missing_value"])
      guard checked.takes(row, of: table, values.table, reasons) else { continue }
      let name =
        settings.segments == nil
        ? EquityStage.wholeSegment
        : segmentOf[customer[row].description] ?? EquityStage.unknownSegment
      cells[name, default: []].append(amounts[row])
    }
    existing = cells.mapValues { $0.sorted().reduce(0, +) }
  }

  /// A segment of the equity model from what was counted and spent.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - sums: what its customers did.
  ///   - spent: what was spent on it; without prospects all who were won were approached.
  ///   - unit: the margin of one minor unit, in units of the currency.
  /// - Returns: the segment; rates and margins that nobody shows are 0.
  static func segment(
    _ name: String,
    _ sums: EquitySums,
    _ spent: SegmentSpending,
    unit: Double
  ) -> CustomerEquity.Segment {
    func mean(_ sum: Double, _ count: Int) -> Double { count == 0 ? 0 : sum / Double(count) }
    let prospects = spent.prospects ?? Double(sums.acquired)
    return CustomerEquity.Segment(
      name: name,
      prospects: prospects,
      acquisitionRate: prospects == 0 ? 0 : min(1, Double(sums.acquired) / prospects),
      costPerProspect: prospects == 0 ? 0 : spent.acquisition / prospects,
      firstMargin: mean(Double(sums.firstUnits) * unit, sums.settled),
      retentionRate: mean(Double(sums.retained), sums.pairs),
      baseMargin: mean(Double(sums.baseUnits) * unit, sums.repeats),
      retentionCost: mean(spent.retention, sums.repeats),
      addOnMargin: mean(Double(sums.addOnUnits) * unit, sums.repeats),
      addOnCost: mean(spent.addOn, sums.repeats)
    )
  }
}

/// A segment with its worth.
struct ValuedSegment: Sendable {
  let segment: CustomerEquity.Segment
  let sums: EquitySums
  /// Whether a table says how many were approached.
  let hasProspects: Bool
  let value: CustomerEquity.Value
  /// The equity in each replicate.
  let replicates: [CustomerEquity.Value]
  /// The retention rate in each replicate.
  let retentionRates: [Double]
  /// What its customers will be worth by another model; nil where no table says.
  let existing: Double?
}
