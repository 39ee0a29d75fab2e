internal import LodeFormats
internal import LodeReports
internal import LodeRuntime

/// The file of a report stage.
enum ReportPage {
  /// The plain file name that `into` says, `index.html` without it.
  ///
  /// - Throws: a diagnostic for a name with a folder or a leading dot.
  static func fileName(_ reader: ConfigurationReader) throws(Diagnostic) -> String {
    let name = try reader.string("into") ?? "index.html"
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
      throw reader.problem(
        at: reader.node("into") ?? reader.node,
        "\"into\" of \(reader.subject) is \"\(name)\", which is no plain file name.",
        fix: "name a file without a folder, for example \"index.html\"."
      )
    }
    return name
  }

  /// The page of some sections; its finding is the lead of the first one.
  ///
  /// - Parameters:
  ///   - title: the heading.
  ///   - fileName: below the folder of the as-of date.
  ///   - sections: in reading order; nil where a stage made no table.
  ///   - source: the date, the currency and the names.
  /// - Returns: one file and no tables.
  static func output(
    title: String,
    fileName: String,
    sections: [ReportSection?],
    source: ReportSource
  ) -> StageOutput {
    let context = source.context
    let report = HTMLReport(
      title: title,
      subtitle: "As of \(source.asOfText): everything before that day is counted, nothing of it or "
        + "after it. Pipeline \(context.pipelineName), money in \(context.currency).",
      sections: sections.compactMap(\.self),
      footer: "Made by Lode \(LodeVersion.current) from the tables of the pipeline "
        + "\(context.pipelineName). Same tables and settings, same page."
    )
    let bytes = Array(report.render().utf8)
    var output = StageOutput()
    output.files = [OutputFile(path: "\(context.asOf)/\(fileName)", bytes: bytes)]
    output.finding = report.sections.first?.lead ?? ""
    if bytes.count > HTMLReport.sizeBudgetInBytes {
      output.warnings.append(
        "the report has \(bytes.count) bytes, more than \(HTMLReport.sizeBudgetInBytes)"
      )
    }
    return output
  }
}
