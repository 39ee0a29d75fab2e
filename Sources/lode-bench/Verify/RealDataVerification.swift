internal import FoundationEssentials
internal import LodeColumns
internal import LodeFormats
internal import LodePipeline
internal import LodeRuntime
internal import LodeWarehouse

/// Checks published figures on the real files, through Lode's own readers, stages and algorithms.
struct RealDataVerification {
  private let data: String

  /// A verification of the files below `data`.
  init(data: String) {
    let isAbsolute = data.hasPrefix("/")
    self.data = isAbsolute ? data : FileManager.default.currentDirectoryPath + "/" + data
  }

  /// Runs all checks whose files are there.
  ///
  /// - Returns: 0 if every check that could run holds, else 1.
  func run() throws -> Int32 {
    let folder = FileManager.default.temporaryDirectory.path + "/lode-verify-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var checks: [Check] = []
    var skipped = 0
    func section(
      _ title: String,
      file: String,
      _ body: (String, inout CheckList) throws -> Void
    ) {
      guard FileBytes.exists(file) else {
        say("\n\(title)\n  SKIPPED: file \(file) is not there")
        skipped += 1
        return
      }
      var list = CheckList()
      do {
        try body(file, &list)
      } catch {
        list.equal("runs to its end", "yes", "\(error)".replacing("\n", with: " "))
      }
      list.printTable(title: title)
      checks += list.checks
    }
    section("Online Retail", file: "\(data)/online_retail/online_retail.csv.gz") { file, list in
      try OnlineRetail(file: file, folder: folder).check(&list)
    }
    section("Telco churn, logistic", file: "\(data)/telco_churn/telco_churn.csv") { file, list in
      let fixture = "\(data)/../reference/fixtures/mining_vectors.json"
      try TelcoLogistic(file: file, fixture: fixture).check(&list)
    }
    section("CDNOW, lifetime models", file: "\(data)/cdnow/CDNOW_sample.txt") { file, list in
      try CDNOWLifetimes(file: file).check(&list)
    }
    section("Groceries", file: "\(data)/groceries/groceries_baskets.csv") { file, list in
      try GroceryBaskets(file: file).check(&list)
    }
    section("Hillstrom, uplift", file: "\(data)/hillstrom/hillstrom.csv.gz") { file, list in
      try HillstromUplift(file: file).check(&list)
    }
    section("Sample retailer", file: "datasets/sample-retailer/truth.json") { file, list in
      try SampleDirt(truth: file, folder: folder).check(&list)
    }
    let failed = checks.filter { !$0.isOK }
    say("\n\(checks.count) checks, \(failed.count) failed, \(skipped) sections skipped")
    for check in failed { say("  FAILED \(check.name): \(check.expected) ≠ \(check.got)") }
    return failed.isEmpty ? 0 : 1
  }
}

/// A pipeline run into a warehouse of its own.
struct PipelineTrial {
  /// What the stages did.
  let reports: [StageReport]
  /// The warehouse.
  let warehouse: Warehouse

  /// Runs a pipeline.
  ///
  /// - Parameters:
  ///   - file: the pipeline.
  ///   - selection: the stages; none means all.
  ///   - asOf: the date of the run.
  ///   - folder: the folder for warehouse and exports.
  /// - Throws: what the runner throws.
  init(_ file: PipelineFile, selection: [String] = [], asOf: String, in folder: String) throws {
    guard let date = CivilDate(asOf) else { throw Diagnostic(.usage, "no date: \(asOf)") }
    var options = RunOptions(asOf: date, runID: "verify")
    options.warehouse = folder + "/warehouse"
    options.exports = folder + "/exports"
    reports = try PipelineRunner(file, options: options).run(selection) { _ in }
    warehouse = try Warehouse(opening: folder + "/warehouse", shardCount: file.shardCount)
  }

  /// The rows of a table of the warehouse.
  ///
  /// - Throws: a diagnostic if there is no such table.
  func table(_ name: String, partitions: [String]? = nil) throws -> Table {
    guard let snapshot = try warehouse.snapshot(of: name) else {
      throw Diagnostic(.failure, "the run left no table \(name).")
    }
    return try snapshot.table(partitions: partitions)
  }
}
