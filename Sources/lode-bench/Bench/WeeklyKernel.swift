internal import FoundationEssentials
internal import LodePipeline
internal import LodeRuntime

/// The whole weekly pipeline, from the CSV file to the list, durable tables on the way.
struct WeeklyKernel {
  let folder: String
  /// The name of the file of order lines, without its ending.
  let stem: String

  /// Runs every stage into a new warehouse.
  func run() throws -> Measurement {
    let work = "\(folder)/weekly"
    try? FileManager.default.removeItem(atPath: work)
    defer { try? FileManager.default.removeItem(atPath: work) }
    let current = FileManager.default.currentDirectoryPath
    let lines = folder.hasPrefix("/") ? folder : "\(current)/\(folder)"
    let file = try PipelineFile(
      path: "Tests/Bench/weekly.json5",
      variables: ["lines": "\(lines)/\(stem).csv"],
      environment: [:]
    )
    guard let asOf = CivilDate("2025-12-31") else { throw Diagnostic(.failure, "no date") }
    var options = RunOptions(asOf: asOf, runID: "bench")
    options.warehouse = "\(work)/warehouse"
    options.exports = "\(work)/exports"
    let runner = try PipelineRunner(file, options: options)
    return try Measurement.of {
      try runner.run([]) { _ in }
    } values: { reports in
      var values: [String: Double] = ["~stages": Double(reports.count)]
      for report in reports {
        values["~step_\(report.stage)"] = Double(report.milliseconds) / 1000
        for output in report.outputs {
          if output.table == "raw.sales" { values["rows"] = Double(output.rows) }
          if output.table == "customer_value" { values["customers"] = Double(output.rows) }
        }
        for file in report.files where file.path.hasSuffix("audience_keep_2025-12-31.csv") {
          values["list"] = Double(file.rows ?? 0)
        }
      }
      return values
    }
  }
}
