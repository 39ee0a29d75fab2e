internal import LodeColumns
internal import LodeMining
internal import LodeRuntime

/// The rows of a table as a trial: arms and outcomes, and the rows that cannot be used.
struct UpliftTrial: Sendable {
  /// The arm of a row.
  enum Arm: String, Sendable {
    case treated
    case control
    /// Another value of the treatment column; scored, never learned from.
    case other
  }

  /// The rows that are scored: those of the table before the as-of date, bad ones left out.
  let table: Table
  /// One a row.
  let arms: [Arm]
  /// Whether the event happened; nil for other arms and outcomes that are not known yet.
  let outcomes: [Bool?]
  /// The amounts behind outcomes; nil where outcomes are yes or no.
  let amounts: [Double]?
  /// The rows of both arms whose outcome is known.
  let known: [Int]
  /// The rows of both arms whose outcome window ends behind the as-of date.
  let immatureCount: Int
  /// The rows before the date.
  let checked: CheckedRows

  /// Sorts the rows of a table.
  ///
  /// - Parameters:
  ///   - raw: the table.
  ///   - tableName: its name.
  ///   - settings: what its columns mean.
  ///   - asOf: the first day that may not be seen, of rows with a time.
  /// - Throws: a diagnostic for columns that are not there or of the wrong type.
  init(
    _ raw: Table,
    _ tableName: String,
    _ settings: UpliftSettings,
    asOf: CivilDate
  ) throws(Diagnostic) {
    let treatment = try settings.treatment.column(of: raw, tableName)
    let outcome = try Outcomes(raw, tableName, settings)
    let times = try settings.time?.times(of: raw, tableName)
    let isDay = try settings.time?.column(of: raw, tableName).type == .date
    let limit = Timestamp(asOf).microseconds
    let window = Int64(settings.outcomeDays) * Timestamp.microsecondsPerDay
    var (rows, arms, outcomes): ([Int], [Arm], [Bool?]) = ([], [], [])
    var checked = CheckedRows()
    var immatureCount = 0
    for row in 0..<raw.rowCount {
      if let time = times?[row], time >= limit { continue }
      let arm = Self.arm(treatment, row, settings)
      // An outcome of days is known when they are over, one of instants behind the last.
      let end = times?[row].map { $0 + window }
      let isMature = end.map { isDay ? $0 <= limit : $0 < limit } ?? true
      var reasons: [String] = []
      if arm == nil { reasons.append("missing_treatment") }
      if let times, times[row] == nil { reasons.append("missing_time") }
      var event: Bool?
      if arm == .treated || arm == .control, isMature {
        event = outcome.event(row)
        if event == nil { reasons.append(outcome.reason(row)) }
      }
      let isGood = checked.takes(row, of: raw, tableName, reasons) { Self.words($0, settings) }
      guard isGood, let arm else { continue }
      if !isMature, arm != .other { immatureCount += 1 }
      rows.append(row)
      arms.append(arm)
      outcomes.append(event)
    }
    table = rows.count == raw.rowCount ? raw : raw.gathering(rows)
    amounts = outcome.amounts.map { amounts in rows.map { amounts[$0] } }
    known = outcomes.indices.filter { outcomes[$0] != nil }
    (self.arms, self.outcomes) = (arms, outcomes)
    (self.immatureCount, self.checked) = (immatureCount, checked)
  }

  /// Whether each row with a known outcome was treated.
  var treated: [Bool] { known.map { arms[$0] == .treated } }
  /// Whether the event happened in each row with a known outcome.
  var events: [Bool] { known.map { outcomes[$0] ?? false } }

  private static func arm(_ column: Column, _ row: Int, _ settings: UpliftSettings) -> Arm? {
    if column.isMissing(row) { return nil }
    let text = column[row].description
    if text.allSatisfy(\.isWhitespace) { return nil }
    return text == settings.treated ? .treated : text == settings.control ? .control : .other
  }

  private static func words(_ reason: String, _ settings: UpliftSettings) -> String {
    switch reason {
    case "missing_treatment": "the treatment in \"\(settings.treatment.name)\" is missing"
    case "missing_time": "the time in \"\(settings.time?.name ?? "")\" is missing"
    case "missing_outcome": "the outcome in \"\(settings.outcome.name)\" is missing"
    default: "the outcome in \"\(settings.outcome.name)\" is neither yes nor no"
    }
  }
}

/// The outcome column as the settings read it.
private struct Outcomes {
  private let column: Column
  private let rule: UpliftSettings.OutcomeRule
  /// The amounts; nil where outcomes are yes or no.
  let amounts: [Double]?
  private let numbers: [Double]

  init(
    _ table: Table,
    _ tableName: String,
    _ settings: UpliftSettings
  ) throws(Diagnostic) {
    column = try settings.outcome.column(of: table, tableName)
    rule = settings.outcomeRule
    switch rule {
    case .above:
      numbers = try settings.outcome.numbers(of: table, tableName)
      amounts = numbers
    case .binary where column.type != .text:
      numbers = column.numbers()
      amounts = nil
    case .binary, .texts:
      numbers = []
      amounts = nil
    }
  }

  /// Whether the event happened; nil if the cell does not say.
  func event(_ row: Int) -> Bool? {
    if column.isMissing(row) { return nil }
    switch rule {
    case .above(let limit): return numbers[row].isFinite ? numbers[row] > limit : nil
    case .texts(let positive, let negative):
      let text = column[row].description
      return text == positive ? true : text == negative ? false : nil
    case .binary:
      if numbers.isEmpty {
        switch column[row].description {
        case "1", "true": return true
        case "0", "false": return false
        default: return nil
        }
      }
      return numbers[row] == 1 ? true : numbers[row] == 0 ? false : nil
    }
  }

  /// The reason to refuse a row that does not say.
  func reason(_ row: Int) -> String {
    column.isMissing(row) ? "missing_outcome" : "outcome_not_binary"
  }
}
