internal import LodePipeline

/// Shows a run: a bar on a terminal, one line a stage otherwise, nothing when quiet.
struct ProgressLines {
  let isQuiet: Bool
  let drawsBar: Bool

  /// Shows what happened.
  func show(_ event: RunEvent) {
    guard !isQuiet else { return }
    switch event {
    case .waiting(let owner):
      Terminal.error("waiting for \(owner), which holds the warehouse.")
    case .tookOver(let owner):
      Terminal.error("taking over from \(owner), which was killed.")
    case .started(let stage, let place, let count, let reasons):
      if drawsBar {
        let filled = 20 * (place - 1) / count
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        Terminal.errorPart("\r\u{1B}[K\(bar) \(place)/\(count) \(stage)")
      } else {
        Terminal.error("[\(place)/\(count)] \(stage): \(reasons.joined(separator: "; "))")
      }
    case .skipped(let stage, let place, let count):
      clear()
      Terminal.error("[\(place)/\(count)] \(stage): skipped, nothing changed")
    case .finished(let report, let place, let count):
      clear()
      let seconds = Double(report.milliseconds) / 1000
      Terminal.error("[\(place)/\(count)] \(report.stage): \(report.finding) (\(seconds) s)")
      if report.rowsQuarantined > 0 {
        Terminal.error("        \(report.rowsQuarantined) rows in quarantine")
      }
      for line in report.details { Terminal.error("        \(line)") }
      for warning in report.warnings { Terminal.error("        warning: \(warning)") }
    }
  }

  /// Removes the bar.
  func clear() {
    if drawsBar && !isQuiet { Terminal.errorPart("\r\u{1B}[K") }
  }

  /// Says where the results are.
  func end(_ reports: [StageReport]) {
    guard !isQuiet else { return }
    let ran = reports.count { $0.status == .ran }
    Terminal.error("\(ran) stages ran, \(reports.count - ran) skipped.")
  }
}
