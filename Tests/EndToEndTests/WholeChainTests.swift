import Foundation
import LodeTestSupport
import Testing

/// The whole chain on the committed sample retailer, run through the binary.
@Suite("The whole chain", .serialized)
struct WholeChainTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let pipeline = root.appendingPathComponent("pipelines/weekly-churn.json5").path

  /// A folder of its own for one run.
  struct Place {
    private let temporary: TemporaryFolder
    let folder: URL

    init() throws {
      temporary = try TemporaryFolder()
      folder = URL(fileURLWithPath: temporary.path)
    }

    func run(_ arguments: [String]) throws -> LodeProcess.Outcome {
      try LodeProcess.run(
        ["run", "-f", WholeChainTests.pipeline, "--warehouse", "w", "--exports", "e"] + arguments,
        in: folder
      )
    }

    /// The published bytes: data files of tables, the stages' states without times, all exports.
    func published() -> [String: Data] {
      var files: [String: Data] = [:]
      for place in ["w/tables", "e"] {
        let base = folder.appendingPathComponent(place)
        for case let name as String in FileManager.default.enumerator(atPath: base.path) ?? .init()
        {
          guard !name.contains("_delta_log"),
            let bytes = try? Data(contentsOf: base.appendingPathComponent(name))
          else { continue }
          files["\(place)/\(name)"] = bytes
        }
      }
      return files
    }
  }

  /// One run that several tests look at; only reading and skipped runs happen in it.
  static let shared = Result {
    let place = try Place()
    let outcome = try place.run(["--summary", "json"])
    return (place: place, outcome: outcome)
  }

  @Test("same input, same seed: same bytes of tables, models, lists and report on 1 and 2 threads")
  func sameBytesOnAnyThreadCount() throws {
    let places = [try Place(), try Place(), try Place()]
    var published: [[String: Data]] = []
    for (place, threads) in zip(places, ["1", "1", "2"]) {
      let outcome = try place.run(["--quiet", "--threads", threads])
      try #require(outcome.exitCode == 0, "\(outcome.error)")
      published.append(place.published())
    }
    #expect(published[0].count > 40)
    #expect(published[0].keys.contains { $0.hasSuffix("index.html") })
    #expect(published[0].keys.contains { $0.contains("model.churn") })
    for other in published.dropFirst() {
      #expect(other.keys.sorted() == published[0].keys.sorted())
      for (name, bytes) in published[0] where other[name] != bytes {
        Issue.record("\(name) differs")
      }
    }
  }

  @Test("a second run recomputes nothing, says so, and changes no byte")
  func secondRunIsSkipped() throws {
    let (place, first) = try Self.shared.get()
    try #require(first.exitCode == 0, "\(first.error)")
    #expect(first.output.contains("\"status\":\"ok\""))
    let before = place.published()
    let second = try place.run(["--summary", "json"])
    #expect(second.exitCode == 0)
    #expect(second.output.contains("\"ran\":0"))
    let lines = second.error.split(separator: "\n").dropLast()
    #expect(lines.allSatisfy { $0.hasSuffix("skipped, nothing changed") }, "\(second.error)")
    #expect(place.published() == before)
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: place.folder.appendingPathComponent("w/runs").path
    )
    #expect(runs.count == 2)
  }

  @Test("a changed setting runs its stage and what needs it, with the reason")
  func staleStagesSayWhy() throws {
    let place = try Self.shared.get().place
    let outcome = try place.run(["--var", "horizon_days=60", "--dry-run"])
    #expect(outcome.exitCode == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("churn ") && $0.hasSuffix("run   its settings changed") })
    #expect(
      lines.contains { $0.hasPrefix("keep ") && $0.hasSuffix("run   stage churn runs before it") }
    )
    #expect(lines.contains { $0.hasPrefix("sales_in ") && $0.hasSuffix("skip  nothing changed") })
  }

  @Test("the two huge orders cancelled within minutes put nobody on a list")
  func cancelledOrdersAreNoValue() throws {
    let place = try Self.shared.get().place
    let show = try LodeProcess.run(
      ["show", "returns", "--warehouse", "w", "--where", "quantity > 10000", "--limit", "10"],
      in: place.folder
    )
    let rows = show.output.split(separator: "\n").dropFirst()
    try #require(rows.count == 2)
    #expect(rows.allSatisfy { $0.contains(",product,") })
    // Each of the two orders was worth more than 500,000; no other customer comes near.
    for table in ["customer_value", "audience.keep", "audience.win", "audience.extend"] {
      let huge = try LodeProcess.run(
        [
          "show", table, "--warehouse", "w", "--where",
          "value_total >= 100000 or value_364d >= 100000",
        ],
        in: place.folder
      )
      #expect(huge.exitCode == 0)
      #expect(huge.output.split(separator: "\n").count == 1, "\(table) counts a cancelled order")
    }
  }

  @Test("the committed sample retailer is what lode sample writes")
  func sampleIsReproducible() throws {
    let place = try Place()
    let outcome = try LodeProcess.run(
      ["sample", "--seed", "20240101", "--customers", "2000", "--years", "2", "--out", "s"],
      in: place.folder
    )
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    let folder = Self.root.appendingPathComponent("datasets/sample-retailer")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count == 11)
    for name in names {
      let committed = try Data(contentsOf: folder.appendingPathComponent(name))
      let written = try Data(
        contentsOf: place.folder.appendingPathComponent("s").appendingPathComponent(name)
      )
      #expect(written == committed, "\(name)")
    }
  }
}
