import Foundation
import Testing

@Suite("Exit codes and outputs")
struct ExitCodeTests {
  @Test("quiet success prints nothing at all")
  func quietIsSilent() throws {
    let shop = try SmallShop()
    let outcome = try shop.run(["--quiet"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.isEmpty && outcome.error.isEmpty)
  }

  @Test("plan --exit-code says 10 while stages would run, 0 afterwards")
  func planExitCode() throws {
    let shop = try SmallShop()
    let plan = ["plan", "-f", "pipeline.json5", "--exit-code"]
    #expect(try LodeProcess.run(plan, in: shop.folder).exitCode == 10)
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    let after = try LodeProcess.run(plan, in: shop.folder)
    #expect(after.exitCode == 0)
    #expect(
      after.output.split(separator: "\n").allSatisfy { $0.hasSuffix("skip  nothing changed") }
    )
  }

  @Test("--skip-code says 99 when there was nothing to do")
  func skipCode() throws {
    let shop = try SmallShop()
    #expect(try shop.run(["--quiet", "--skip-code"]).exitCode == 0)
    #expect(try shop.run(["--quiet", "--skip-code"]).exitCode == 99)
  }

  @Test("the summary is one JSON object on the last line of standard output, failed runs too")
  func summary() throws {
    let shop = try SmallShop()
    let good = try shop.run(["--quiet", "--summary", "json"], environment: ["LODE_RUN_ID": "r1"])
    #expect(
      good.output
        == "{\"run\":\"r1\",\"status\":\"ok\",\"as_of\":\"2026-06-01\",\"stages\":{\"ran\":4,"
        + "\"skipped\":0,\"failed\":0},\"rows\":44,\"warnings\":0,\"exports\":[]}\n"
    )
    try shop.write("", to: "orders.csv")
    let bad = try shop.run(["--quiet", "--summary", "json"], environment: ["LODE_RUN_ID": "r2"])
    #expect(bad.exitCode == 1)
    #expect(bad.output.hasPrefix("{\"run\":\"r2\",\"status\":\"failed\""))
  }

  @Test("the run record holds inputs, versions, rows and reasons")
  func runRecord() throws {
    let shop = try SmallShop()
    #expect(try shop.run(["--quiet"], environment: ["LODE_RUN_ID": "r1"]).exitCode == 0)
    let file = shop.folder.appendingPathComponent("warehouse/runs/r1.json")
    let record = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    #expect(record?["status"] as? String == "ok")
    let stages = try #require(record?["stages"] as? [[String: Any]])
    #expect(stages.map { $0["stage"] as? String } == ["sales_in", "sales", "features", "value"])
    for stage in stages.prefix(2) {
      #expect(stage["rows_read"] as? Int == 6)
      #expect(stage["rows_published"] as? Int == 6)
      #expect(stage["rows_quarantined"] as? Int == 0)
    }
    let outputs = try #require(stages[1]["outputs"] as? [[String: Any]])
    #expect(outputs.allSatisfy { ($0["version"] as? Int) == 0 })
  }

  @Test("a run that is asked to stop publishes nothing and says 143")
  func interruption() throws {
    let shop = try SmallShop()
    let rows = (0..<60_000)
      .map { "c\($0 % 9999),2026-0\(1 + $0 % 5)-1\($0 % 9),\($0 % 90 + 1).50" }
    try shop.write("customer,day,amount\n" + rows.joined(separator: "\n") + "\n", to: "orders.csv")
    let process = Process()
    process.executableURL = LodeProcess.binary
    process.arguments = ["run", "-f", "pipeline.json5", "--quiet"]
    process.currentDirectoryURL = shop.folder
    process.standardError = FileHandle.nullDevice
    try process.run()
    let lock = shop.folder.appendingPathComponent("warehouse/.lode-lock").path
    while !FileManager.default.fileExists(atPath: lock), process.isRunning { usleep(2000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    #expect(process.terminationReason == .exit)
    #expect(shop.published().keys.allSatisfy { !$0.hasSuffix(".parquet") })
  }

  @Test("a second run waits for nobody: the lock says who holds the warehouse")
  func lockIsNamed() throws {
    let shop = try SmallShop()
    let folder = shop.folder.appendingPathComponent("warehouse")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lock = folder.appendingPathComponent(".lode-lock")
    let owner = """
      {"run":"r9","host":"elsewhere","boot":"b","process":4711,"started":"1",\
      "since":"2026-01-05T10:00:00Z"}
      """
    try Data(owner.utf8).write(to: lock)
    let handle = try FileHandle(forUpdating: lock)
    #expect(flock(handle.fileDescriptor, LOCK_EX) == 0)
    let outcome = try shop.run(["--quiet"])
    #expect(outcome.exitCode == 75)
    #expect(
      outcome.error
        == "error: warehouse: another run holds the warehouse: run r9, process 4711 on elsewhere, "
        + "since 2026-01-05T10:00:00Z.\n"
        + "  fix: run again when it has ended; --wait-for-lock SECONDS waits for that.\n"
    )
    try handle.close()
  }
}
