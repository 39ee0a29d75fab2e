import Foundation
import LodeTestSupport

/// Runs the `lode` binary as a user does.
struct LodeProcess {
  /// What a run gave back.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let error: String
  }

  /// The binary beside the test runner.
  static let binary = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("lode")

  /// Runs the tool.
  ///
  /// - Parameters:
  ///   - arguments: the arguments, command first.
  ///   - folder: the current folder of the process.
  ///   - environment: variables to add.
  /// - Returns: the exit code and both outputs; the folder's path is replaced by `DIR`.
  /// - Throws: an error if the binary cannot be started.
  static func run(
    _ arguments: [String],
    in folder: URL,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment
    variables.merge(environment) { $1 }
    process.environment = variables
    let output = folder.appendingPathComponent("stdout-\(UUID().uuidString)")
    let error = folder.appendingPathComponent("stderr-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    _ = FileManager.default.createFile(atPath: error.path, contents: nil)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    defer {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: error)
    }
    func text(_ file: URL) throws -> String {
      String(decoding: try Data(contentsOf: file), as: UTF8.self)
        .replacingOccurrences(of: folder.path, with: "DIR")
    }
    return Outcome(
      exitCode: process.terminationStatus,
      output: try text(output),
      error: try text(error)
    )
  }
}

/// A folder with a small shop: one CSV file and a pipeline over it.
struct SmallShop {
  private let temporary: TemporaryFolder
  let folder: URL

  static let goodRows = """
    customer,day,amount
    0001,2026-01-05,10.00
    0002,2026-01-06,20.50
    0001,2026-02-10,12.00
    0003,2026-03-01,99.90
    0002,2026-04-15,18.25
    0001,2026-05-20,11.00

    """

  static let pipeline = """
    {
      lode: 1, name: "small", currency: "EUR", warehouse: "warehouse", exports: "exports",
      shards: 2, as_of: { default: "2026-06-01" },
      stages: {
        sales_in: {
          op: "extract",
          from: {
            csv: "orders.csv",
            types: { customer: "text", day: "date", amount: "decimal(18,2)" },
          },
          into: "raw.sales",
        },
        sales: {
          op: "clean", needs: ["sales_in"], from: "raw.sales",
          columns: { customer: "customer", at: "day", amount: "amount" },
          valid_dates: { to: "2026-05-31" }, max_bad_share: 0,
        },
        features: {
          op: "transform", method: "customer_features", needs: ["sales"], also_days_back: [91],
        },
        value: {
          op: "transform", method: "rfm+tiers", needs: ["features"],
          tiers: { names: ["top", "high", "low"], cuts: [50, 20] },
        },
      },
    }
    """

  /// Makes the folder with good rows and a good pipeline.
  init() throws {
    temporary = try TemporaryFolder()
    folder = URL(fileURLWithPath: temporary.path)
    try write(Self.goodRows, to: "orders.csv")
    try write(Self.pipeline, to: "pipeline.json5")
  }

  /// Writes a file of the folder.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  /// Writes bytes to a file of the folder.
  func write(bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  /// Writes the pipeline with one text replaced by another.
  func changePipeline(_ old: String, to new: String) throws {
    precondition(Self.pipeline.contains(old), "the pipeline has no \(old)")
    try write(Self.pipeline.replacingOccurrences(of: old, with: new), to: "pipeline.json5")
  }

  /// Runs the pipeline.
  func run(
    _ arguments: [String] = [],
    environment: [String: String] = [:]
  ) throws -> LodeProcess.Outcome {
    try LodeProcess.run(
      ["run", "-f", "pipeline.json5"] + arguments,
      in: folder,
      environment: environment
    )
  }

  /// Every published byte: tables, tags and exports, by path.
  func published() -> [String: Data] {
    var files: [String: Data] = [:]
    for place in ["warehouse/tables", "warehouse/tags.json", "warehouse/stages", "exports"] {
      let base = folder.appendingPathComponent(place)
      let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
      for name in [""] + (names ?? []) {
        let file = name.isEmpty ? base : base.appendingPathComponent(name)
        if let bytes = try? Data(contentsOf: file) { files["\(place)/\(name)"] = bytes }
      }
    }
    return files
  }
}
