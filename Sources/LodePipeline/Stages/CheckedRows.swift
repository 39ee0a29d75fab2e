internal import LodeColumns
internal import LodeRuntime

/// How many rows a stage has read of tables that users bring, and which of them it refused.
struct CheckedRows: Sendable {
  private(set) var quarantine = QuarantineRows()
  /// All rows, refused ones included.
  private(set) var count = 0

  /// Counts a row; one with reasons goes to quarantine.
  ///
  /// - Parameters:
  ///   - row: its place in the table, from 0.
  ///   - table: the table as the stage saw it.
  ///   - source: the name of the table.
  ///   - reasons: all reasons, as codes.
  ///   - words: a reason in words; nil for `missing_…`, which says itself what is missing.
  /// - Returns: whether the row is good.
  mutating func takes(
    _ row: Int,
    of table: Table,
    _ source: String,
    _ reasons: [String],
    words: (String) -> String? = { _ in nil }
  ) -> Bool {
    count += 1
    guard !reasons.isEmpty else { return true }
    let said = reasons.map { reason in
      words(reason) ?? "the \(reason.replacing("missing_", with: "")) is missing"
    }
    quarantine.append(
      row: row,
      of: table,
      source: source,
      reasons: reasons,
      message: said.joined(separator: "; ")
    )
    return false
  }

  /// Refuses the whole stage if there are more bad rows than allowed.
  ///
  /// - Throws: a diagnostic of category `contract` with the first places.
  func check(_ limit: RejectLimit, _ context: StageContext) throws(Diagnostic) {
    try quarantine.check(
      against: count,
      limit: context.rejectLimit ?? limit,
      stageName: context.stageName
    )
  }

  /// Puts the counts and the refused rows into what a stage gives.
  func note(in output: inout StageOutput) {
    output.quarantine = quarantine
    output.rowsRead = count
    output.rowsPublished = count - quarantine.count
  }
}
