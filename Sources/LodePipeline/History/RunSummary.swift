internal import LodeFormats
internal import LodeRuntime

/// The last line of standard output with `--summary json`.
public enum RunSummary {
  /// One JSON object: run, status, as-of, stages, rows, warnings, exports.
  ///
  /// - Parameters:
  ///   - reports: what the stages did; empty when the run failed.
  ///   - options: how it was run.
  ///   - isFailed: whether a stage failed.
  /// - Returns: one line.
  public static func json(
    _ reports: [StageReport],
    options: RunOptions,
    isFailed: Bool
  ) -> String {
    let ran = reports.count { $0.status == .ran }
    let rows = reports.reduce(0) { $0 + $1.outputs.reduce(0) { $0 + $1.rows } }
    let exports = reports.flatMap(\.files)
      .compactMap { file in
        file.rows.map { rows in
          JSONText.object([("name", JSONText.quoted(file.path)), ("rows", String(rows))])
        }
      }
    return JSONText.object([
      ("run", JSONText.quoted(options.runID)),
      ("status", JSONText.quoted(isFailed ? "failed" : "ok")),
      ("as_of", JSONText.quoted(options.asOf.description)),
      (
        "stages",
        JSONText.object([
          ("ran", String(ran)), ("skipped", String(reports.count - ran)),
          ("failed", isFailed ? "1" : "0"),
        ])
      ),
      ("rows", String(rows)),
      ("warnings", String(reports.reduce(0) { $0 + $1.warnings.count })),
      ("exports", JSONText.array(exports)),
    ])
  }
}
