import Foundation
import LodeRuntime
import LodeTestSupport
import Testing

/// The life cycle of the committed sample retailer, run through the binary.
@Suite("The life cycle of the sample retailer")
struct LifeCycleChainTests {
  /// The weekly pipeline with a life cycle of orders alone.
  private static func ordersOnly() throws -> String {
    let text = try String(contentsOfFile: WholeChainTests.pipeline, encoding: .utf8)
    let start = try #require(text.range(of: "    life_cycle: {"))
    let end = try #require(text.range(of: "    preferences: {"))
    let inbox = WholeChainTests.root.appendingPathComponent("datasets/sample-retailer").path
    return text[..<start.lowerBound]
      .replacing("../datasets/sample-retailer", with: inbox)
      + "    life_cycle: { op: \"transform\", method: \"life_cycle\", needs: [\"sales\"] },\n"
      + text[end.lowerBound...]
  }

  @Test("with orders alone every cell is what it was before visits and registrations counted")
  func ordersAlone() throws {
    let temporary = try TemporaryFolder()
    let folder = URL(fileURLWithPath: temporary.path)
    try Data(Self.ordersOnly().utf8).write(to: folder.appendingPathComponent("p.json5"))
    let run = try LodeProcess.run(
      ["run", "-f", "p.json5", "+life_cycle", "--warehouse", "w", "--exports", "e"],
      in: folder
    )
    try #require(run.exitCode == 0, "\(run.error)")
    // Of `lode show`, by the build of commit a0a42d5, which knew orders alone.
    let digests = [
      "lifecycle_states": "c3ee5273c6fb34073dc2e943f9819c4eff1a398d94e7f2c7aac50ca5f37de500",
      "lifecycle_transitions": "089ca9a209397a9ae07fd2b910f401ca236ef6ba565b60c7d2307366d41e39ac",
    ]
    for (table, digest) in digests {
      let shown = try LodeProcess.run(
        ["show", table, "--warehouse", "w", "--limit", "100000"],
        in: folder
      )
      #expect(SHA256.hexDigest(of: Array(shown.output.utf8)) == digest, "\(table)")
    }
    let tables = try LodeProcess.run(["ls", "--warehouse", "w"], in: folder).output
    #expect(!tables.contains("lifecycle_counts"))
  }
}
