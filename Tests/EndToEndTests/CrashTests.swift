import Foundation
import Testing

@Suite("Runs that are killed")
struct CrashTests {
  @Test("a killed owner of the lock is named once, and the next run takes over")
  func killedOwner() throws {
    let shop = try SmallShop()
    // The run waits for a program that writes nothing, and is killed there.
    try shop.changePipeline("csv: \"orders.csv\"", to: "command: [\"sleep\", \"60\"]")
    let process = Process()
    process.executableURL = LodeProcess.binary
    process.arguments = ["run", "-f", "pipeline.json5", "--quiet"]
    process.currentDirectoryURL = shop.folder
    process.environment = ProcessInfo.processInfo.environment.merging(["LODE_RUN_ID": "r1"]) { $1 }
    process.standardError = FileHandle.nullDevice
    try process.run()
    let lock = shop.folder.appendingPathComponent("warehouse/.lode-lock")
    var text = ""
    while process.isRunning, !text.contains("since") {
      text = (try? String(contentsOf: lock, encoding: .utf8)) ?? ""
      usleep(2000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(text.contains("\"run\":\"r1\""))
    try shop.write(SmallShop.pipeline, to: "pipeline.json5")
    let next = try shop.run()
    #expect(next.exitCode == 0)
    let first = next.error.split(separator: "\n").first ?? ""
    #expect(
      first.hasPrefix("taking over from run r1, process \(process.processIdentifier) on ")
        && first.hasSuffix("Z, which was killed.")
    )
    try shop.write(SmallShop.goodRows + "0004,2026-05-21,7.00\n", to: "orders.csv")
    #expect(try !shop.run().error.contains("taking over"))
  }

  @Test("lode unlock names a killed owner once")
  func unlock() throws {
    let shop = try SmallShop()
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    let unlock = { try LodeProcess.run(["unlock"], in: shop.folder) }
    #expect(try unlock().output == "nobody holds the warehouse.\n")
    let owner = """
      {"run":"r9","host":"elsewhere","boot":"b","process":4711,"started":"1",\
      "since":"2026-01-05T10:00:00Z"}
      """
    try shop.write(owner, to: "warehouse/.lode-lock")
    let force = try LodeProcess.run(["unlock", "--force"], in: shop.folder)
    #expect(
      force.output
        == "the lock of run r9, process 4711 on elsewhere, since 2026-01-05T10:00:00Z, is "
        + "removed.\n"
    )
    #expect(try unlock().output == "nobody holds the warehouse.\n")
  }

  @Test("tables that a killed run committed are not seen before its tag, and a new run converges")
  func killedBetweenCommits() throws {
    let shop = try SmallShop()
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    let tags = shop.folder.appendingPathComponent("warehouse/tags.json")
    let states = shop.folder.appendingPathComponent("warehouse/stages")
    let oldTags = try Data(contentsOf: tags)
    let kept = shop.folder.appendingPathComponent("kept")
    try FileManager.default.copyItem(at: states, to: kept)
    let list = try LodeProcess.run(["ls"], in: shop.folder).output
    try shop.write(SmallShop.goodRows + "0004,2026-05-21,7.00\n", to: "orders.csv")
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    let newList = try LodeProcess.run(["ls"], in: shop.folder).output
    let newTags = try Data(contentsOf: tags)
    #expect(newList != list)
    // As a kill between the last commit and the tag leaves it.
    try oldTags.write(to: tags)
    try FileManager.default.removeItem(at: states)
    try FileManager.default.moveItem(at: kept, to: states)
    #expect(try LodeProcess.run(["ls"], in: shop.folder).output == list)
    let show = ["show", "raw.sales", "--limit", "100"]
    #expect(try LodeProcess.run(show, in: shop.folder).output.split(separator: "\n").count == 7)
    #expect(try LodeProcess.run(["fsck"], in: shop.folder).exitCode == 0)
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    #expect(try LodeProcess.run(["ls"], in: shop.folder).output == newList)
    #expect(try Data(contentsOf: tags) == newTags)
  }
}
