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

extension QuarantineRows {
  /// Adds a row of a table, with its file and line where the table keeps them.
  ///
  /// - Parameters:
  ///   - row: its place in the table, from 0.
  ///   - table: the table as the stage saw it.
  ///   - source: the name of the table.
  ///   - reasons: all reasons, as codes.
  ///   - message: the reasons in words, without the values of cells.
  fileprivate mutating func append(
    row: Int,
    of table: Table,
    source: String,
    reasons: [String],
    message: String
  ) {
    let cells = table.schema.fields.indices.filter { !table.schema.fields[$0].name.hasPrefix("_") }
    append(
      source: source,
      file: table.column("_file").map { $0[row].description } ?? source,
      line: table.column("_line").map { $0.integers[row] } ?? Int64(row + 1),
      offset: nil,
      reasons: reasons,
      message: message,
      raw: cells.map { table.columns[$0][row].description }.joined(separator: ",")
    )
  }
}
