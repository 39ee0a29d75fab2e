internal import FoundationEssentials
internal import Glibc
internal import LodePipeline
internal import LodeRuntime

/// The only place of the tool that turns the clock into a date; no stage ever does.
enum AsOf {
  /// The as-of date of a run: the argument, or the default of the pipeline file, aligned.
  ///
  /// - Throws: a diagnostic if there is neither, or if the text is no date.
  static func date(_ text: String?, file: PipelineFile) throws(Diagnostic) -> CivilDate {
    guard let text, !text.isEmpty else {
      guard let date = file.asOfRule.defaultDate else {
        throw Diagnostic(
          .usage,
          "no as-of date is given.",
          fix: "write --as-of YYYY-MM-DD (or yesterday, last-monday)."
        )
      }
      return file.asOfRule.aligned(date)
    }
    switch text {
    case "yesterday": return file.asOfRule.aligned(today().advanced(byDays: -1))
    case "last-monday": return today().startOfWeek
    default:
      guard let date = CivilDate(text) else {
        throw Diagnostic(
          .usage,
          "--as-of is \"\(text)\", which is no date.",
          fix: "write YYYY-MM-DD, yesterday or last-monday."
        )
      }
      return file.asOfRule.aligned(date)
    }
  }

  /// An id for a run: its start in UTC and its process.
  static func runID() -> String {
    let now = Timestamp(microseconds: Int64(time(nil)) * 1_000_000)
    let digits = now.description.filter { $0.isNumber }
    return "\(digits)-\(getpid())"
  }

  /// The present time, to the second.
  static func now() -> Timestamp {
    Timestamp(microseconds: Int64(time(nil)) * 1_000_000)
  }

  /// A variable of the environment; nil if it is not set or empty.
  static func environment(_ name: String) -> String? {
    let text = ProcessInfo.processInfo.environment[name] ?? ""
    return text.isEmpty ? nil : text
  }

  private static func today() -> CivilDate {
    Timestamp(microseconds: Int64(time(nil)) * 1_000_000).date
  }
}
