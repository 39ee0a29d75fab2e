import FoundationEssentials
import LodeColumns
import LodeRuntime
import LodeTestSupport
import LodeWarehouse
import Testing

@testable import LodePipeline

/// A folder with a pipeline and its input file that lives as long as a test.
final class PipelineFolder {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  init() throws {
    folder = try TemporaryFolder()
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
  }

  /// Three customers whose orders go from March to July 2026.
  static let sales = """
    order,customer,at,amount
    o1,ann,2026-03-02,10.00
    o2,bob,2026-03-03,20.00
    o3,ann,2026-05-01,30.00
    o4,ann,2026-06-15,40.00
    o5,eve,2026-07-01,50.00

    """

  /// A pipeline from the sales to features.
  static func pipeline(step: Int = 28) -> String {
    """
    {
      lode: 1, name: "small", currency: "EUR", warehouse: "w", exports: "e",
      stages: {
        raw: {
          op: "extract", from: { csv: "sales.csv", types: { order: "text", at: "timestamp" } },
          into: "raw.sales",
        },
        sales: {
          op: "clean", needs: ["raw"], from: "raw.sales",
          columns: { order: "order", customer: "customer", at: "at", amount: "amount" },
        },
        features: {
          op: "transform", method: "customer_features", needs: ["sales"],
          training: { count: 1, step_days: \(step), behind_days: 30, min_history_days: 1 },
        },
      },
    }
    """
  }

  private func runner(_ asOf: String, run: String) throws -> PipelineRunner {
    let file = try PipelineFile(path: "\(path)/p.json5")
    let date = try #require(CivilDate(asOf))
    return try PipelineRunner(file, options: RunOptions(asOf: date, runID: run))
  }

  /// What a run tells, in order; a failure comes last.
  func events(asOf: String, run: String) throws -> [String] {
    var told: [String] = []
    do {
      _ = try runner(asOf, run: run)
        .run([]) { event in
          switch event {
          case .started(let stage, let place, let count, _):
            told.append("\(place)/\(count) \(stage) started")
          case .finished(let report, let place, let count):
            told.append("\(place)/\(count) \(report.stage) \(report.status.rawValue)")
          case .skipped(let stage, let place, let count):
            told.append("\(place)/\(count) \(stage) skipped")
          default: break
          }
        }
    } catch {
      told.append((error as? Diagnostic)?.place ?? "\(error)")
    }
    return told
  }

  /// Runs all stages and returns how each ended.
  func run(asOf: String, run: String) throws -> [String] {
    try runner(asOf, run: run).run([]) { _ in }.map { "\($0.stage) \($0.status.rawValue)" }
  }

  /// The stages with the reasons to run them.
  func plan(asOf: String) throws -> [String] {
    try runner(asOf, run: "plan").plan([])
      .map { "\($0.stage): \($0.reasons.joined(separator: ", "))" }
  }

  /// The rows of a table as the tag of the pipeline pins it.
  func table(_ name: String) throws -> Table {
    let warehouse = try Warehouse(opening: "\(path)/w", shardCount: 8)
    let version = try #require(try warehouse.readTag("small")?[name])
    let snapshot = try #require(try warehouse.snapshot(of: name, version: version))
    return try Table.concatenating(snapshot.read().map(\.rows))
  }
}
