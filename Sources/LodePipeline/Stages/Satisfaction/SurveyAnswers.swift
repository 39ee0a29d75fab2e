internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// Which columns of a table of surveys mean what.
struct SurveySettings: Sendable {
  let customer: ColumnSetting
  let at: ColumnSetting
  let score: ColumnSetting
  /// The columns of the least and the best answer; nil where all surveys have one scale.
  let scaleColumns: (least: ColumnSetting, best: ColumnSetting)?
  let scale: ClosedRange<Double>

  /// Reads `columns` and `scale`.
  init(_ reader: ConfigurationReader) throws(Diagnostic) {
    let columns = try reader.objectOrEmpty("columns")
    customer = try ColumnSetting("customer", columns, or: "customer_id")
    at = try ColumnSetting("at", columns, or: "answered_at")
    score = try ColumnSetting("score", columns, or: "score")
    let least = try ColumnSetting("scale_min", columns)
    let best = try ColumnSetting("scale_max", columns)
    try columns.finish()
    let ends = try reader.numbers("scale")
    if let least, let best {
      guard ends == nil else {
        throw reader.problem(
          at: reader.node("scale") ?? reader.node,
          "\(reader.subject) has a \"scale\" and columns of it.",
          fix: "keep scale: [1, 5], or scale_min and scale_max of columns."
        )
      }
      scaleColumns = (least, best)
      scale = 1...5
      return
    }
    if let single = least ?? best {
      throw single.problem(
        "\"columns\" of \(reader.subject) has one of \"scale_min\" and \"scale_max\" only.",
        fix: "give both, or scale: [1, 5] for all surveys."
      )
    }
    scaleColumns = nil
    let chosen = ends ?? [1, 5]
    guard chosen.count == 2, chosen[0] < chosen[1] else {
      throw reader.problem(
        at: reader.node("scale") ?? reader.node,
        "\"scale\" of \(reader.subject) is no least and best answer.",
        fix: "write two numbers, the smaller first, for example scale: [0, 10]."
      )
    }
    scale = chosen[0]...chosen[1]
  }
}

/// The answers to surveys before a date, and those that cannot be used.
struct SurveyAnswers: Sendable {
  /// An answer.
  struct Answer: Sendable, Hashable {
    let customer: String
    /// When it was given, microseconds since 1970; the end of the day where only that is known.
    let time: Int64
    /// On the scale of 1 to 5.
    let score: Double
  }

  /// Those that count, customer after customer in byte order, by time.
  let answers: [Answer]
  /// The rows with an answer before the date.
  let checked: CheckedRows
  /// The surveys that nobody answered by then.
  let unansweredCount: Int

  /// The answers of a table.
  ///
  /// - Parameters:
  ///   - table: a row a survey.
  ///   - name: the name of the table.
  ///   - settings: what its columns mean.
  ///   - asOf: the first day that may not be seen.
  /// - Throws: a diagnostic for columns that are not there or of the wrong type.
  init(
    _ table: Table,
    _ name: String,
    _ settings: SurveySettings,
    asOf: CivilDate
  ) throws(Diagnostic) {
    let customer = try settings.customer.ids(of: table, name)
    let times = try settings.at.times(of: table, name)
    let isDay = try settings.at.column(of: table, name).type == .date
    let scores = try settings.score.numbers(of: table, name)
    let least = try settings.scaleColumns?.least.numbers(of: table, name)
    let best = try settings.scaleColumns?.best.numbers(of: table, name)
    let limit = Timestamp(asOf).microseconds
    var answers: [Answer] = []
    var checked = CheckedRows()
    var unansweredCount = 0
    for row in 0..<table.rowCount {
      if let time = times[row], time >= limit { continue }
      if times[row] == nil, scores[row].isNaN {
        unansweredCount += 1
        continue
      }
      let (low, high) = (
        least?[row] ?? settings.scale.lowerBound, best?[row] ?? settings.scale.upperBound
      )
      var reasons: [String] = []
      if customer.isMissing(row) { reasons.append("missing_customer") }
      if times[row] == nil { reasons.append("missing_time") }
      if !(low < high) { reasons.append("bad_scale") }
      if scores[row].isNaN {
        reasons.append("missing_score")
      } else if low < high, !(low...high).contains(scores[row]) {
        reasons.append("score_outside_scale")
      }
      let isGood = checked.takes(row, of: table, name, reasons) { Self.words($0, settings) }
      guard isGood, let time = times[row] else { continue }
      answers.append(
        Answer(
          customer: customer[row].description,
          time: isDay ? time + Timestamp.microsecondsPerDay - 1 : time,
          score: 1 + 4 * (scores[row] - low) / (high - low)
        )
      )
    }
    // Of answers at one time the worst comes last, whatever the order of rows.
    self.answers = answers.sorted { left, right in
      if left.customer != right.customer {
        return left.customer.utf8.lexicographicallyPrecedes(right.customer.utf8)
      }
      return (left.time, right.score) < (right.time, left.score)
    }
    self.unansweredCount = unansweredCount
    self.checked = checked
  }

  private static func words(_ reason: String, _ settings: SurveySettings) -> String {
    switch reason {
    case "missing_customer": "the customer in \"\(settings.customer.name)\" is missing"
    case "missing_time": "the time in \"\(settings.at.name)\" is missing"
    case "missing_score": "the score in \"\(settings.score.name)\" is missing"
    case "bad_scale": "the least answer of the scale is not below the best"
    default: "the score in \"\(settings.score.name)\" is not on the scale"
    }
  }
}
