public import LodeColumns
public import LodeRuntime

/// Rows that a stage refused: each with its place and all its reasons.
public struct QuarantineRows: Sendable {
  /// The reasons of a row, in the order in which they were found.
  public private(set) var reasonsOfRows: [[String]] = []
  private var source = ColumnBuilder(.text)
  private var file = ColumnBuilder(.text)
  private var line = ColumnBuilder(.integer)
  private var offset = ColumnBuilder(.integer)
  private var message = ColumnBuilder(.text)
  private var raw = ColumnBuilder(.text)

  /// No rows yet.
  public init() {}

  /// The number of refused rows.
  public var count: Int { reasonsOfRows.count }

  /// Adds a refused row.
  ///
  /// - Parameters:
  ///   - source: the table or source that the row belongs to.
  ///   - file: the file it came from.
  ///   - line: its line in that file.
  ///   - offset: the byte of that file at which it starts, counted in the uncompressed text in
  ///     UTF-8; nil where that is not known.
  ///   - reasons: all reasons, as codes.
  ///   - message: the first reason in words.
  ///   - raw: the row as it was read.
  public mutating func append(
    source: String,
    file: String,
    line: Int64,
    offset: Int64?,
    reasons: [String],
    message: String,
    raw: String
  ) {
    precondition(!reasons.isEmpty, "a refused row without a reason")
    self.source.append(text: source)
    self.file.append(text: file)
    self.line.append(integer: line)
    self.offset.append(integer: offset)
    self.message.append(text: message)
    self.raw.append(text: raw)
    reasonsOfRows.append(reasons)
  }

  /// How many rows have each reason, in byte order of the codes.
  public func counts() -> [(reason: String, rows: Int)] {
    var counts: [String: Int] = [:]
    for reasons in reasonsOfRows {
      for reason in reasons { counts[reason, default: 0] += 1 }
    }
    return counts.keys.sorted().map { ($0, counts[$0] ?? 0) }
  }

  /// The rows as the `quarantine` table (its partition column `stage` left out).
  public func table() -> Table {
    let reasons = Column(texts: reasonsOfRows.map { $0.joined(separator: " ") })
    return Table(
      Schema([
        Field("source", .text), Field("file", .text), Field("line", .integer),
        Field("offset", .integer), Field("reasons", .text),
        Field("message", .text, isPersonal: true),
        Field("raw", .text, isPersonal: true),
      ]),
      [
        source.build(), file.build(), line.build(), offset.build(), reasons, message.build(),
        raw.build(),
      ]
    )
  }

  /// Refuses the whole stage if there are more bad rows than allowed.
  ///
  /// - Parameters:
  ///   - rowCount: all rows read.
  ///   - limit: the bad rows allowed.
  ///   - expected: reasons that are no sign of bad data and do not count.
  ///   - stageName: the stage, for the message.
  /// - Throws: a diagnostic of category `contract` with the first places.
  public func check(
    against rowCount: Int,
    limit: RejectLimit,
    expected: [String] = [],
    stageName: String
  ) throws(Diagnostic) {
    let bad = reasonsOfRows.indices.filter { index in
      !reasonsOfRows[index].allSatisfy { expected.contains($0) }
    }
    guard limit.isExceeded(by: bad.count, of: rowCount) else { return }
    let files = file.build()
    let lines = line.build()
    let messages = message.build()
    let listed = bad.prefix(20).map { "\n  \(files[$0]):\(lines[$0]): \(messages[$0])" }
    let more = bad.count > 20 ? "\n  … and \(bad.count - 20) more" : ""
    let (option, allowed) =
      switch limit {
      case .share(let share): ("max_bad_share", Cell.doubleText(share))
      case .count(let count): ("max_bad_rows", String(count))
      }
    throw Diagnostic(
      .contract,
      at: "stage \(stageName)",
      "\(bad.count) of \(rowCount) rows are bad, and \(option) allows \(allowed):"
        + listed.joined() + more,
      fix: "correct the rows at the source, or raise \(option) of this stage to quarantine them."
    )
  }
}
