internal import LodeFormats
internal import LodeRuntime

/// What a run did, for `runs/<id>.json`.
struct RunRecord {
  let runID: String
  let pipeline: String
  let asOf: CivilDate
  let seed: UInt64
  /// Seconds since the epoch.
  let startedAt: Double
  let milliseconds: Int
  let reports: [StageReport]
  let error: String?

  /// The record as JSON, keys in a fixed order.
  var json: String {
    let started = Timestamp(microseconds: Int64(startedAt) * 1_000_000)
    return JSONText.object([
      ("run", JSONText.quoted(runID)),
      ("pipeline", JSONText.quoted(pipeline)),
      ("as_of", JSONText.quoted(asOf.description)),
      ("seed", String(seed)),
      ("status", JSONText.quoted(error == nil ? "ok" : "failed")),
      ("error", error.map { JSONText.quoted($0) } ?? "null"),
      ("started_at", JSONText.quoted(started.description)),
      ("milliseconds", String(milliseconds)),
      ("stages", JSONText.array(reports.map(Self.json))),
    ])
  }

  private static func json(_ report: StageReport) -> String {
    JSONText.object([
      ("stage", JSONText.quoted(report.stage)),
      ("status", JSONText.quoted(report.status.rawValue)),
      ("reasons", JSONText.array(report.reasons.map { JSONText.quoted($0) })),
      ("finding", JSONText.quoted(report.finding)),
      ("rows_read", report.rowsRead.map(String.init) ?? "null"),
      ("rows_published", report.rowsPublished.map(String.init) ?? "null"),
      ("rows_quarantined", String(report.rowsQuarantined)),
      (
        "inputs",
        JSONText.array(
          report.inputs.map { input in
            JSONText.object([
              ("table", JSONText.quoted(input.table)), ("version", String(input.version)),
            ])
          }
        )
      ),
      (
        "outputs",
        JSONText.array(
          report.outputs.map { output in
            JSONText.object([
              ("table", JSONText.quoted(output.table)), ("version", String(output.version)),
              ("rows", String(output.rows)),
            ])
          }
        )
      ),
      (
        "files",
        JSONText.array(
          report.files.map { file in
            JSONText.object([
              ("path", JSONText.quoted(file.path)), ("sha256", JSONText.quoted(file.sha256)),
              ("rows", file.rows.map(String.init) ?? "null"),
            ])
          }
        )
      ),
      ("details", JSONText.array(report.details.map { JSONText.quoted($0) })),
      ("warnings", JSONText.array(report.warnings.map { JSONText.quoted($0) })),
      ("milliseconds", String(report.milliseconds)),
    ])
  }
}
