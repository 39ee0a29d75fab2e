import Foundation
import Testing

@Suite("Sources that are commands")
struct CommandSourceTests {
  /// A pipeline whose only stage reads the output of a command.
  private static func pipeline(_ command: [String]) -> String {
    let words = command.map { "\"\($0)\"" }.joined(separator: ", ")
    return """
      {
        lode: 1, name: "command", currency: "EUR", warehouse: "w", exports: "e",
        as_of: { default: "2026-06-01" },
        stages: {
          sales_in: {
            op: "extract", into: "raw.sales", key: ["id"],
            from: {
              command: [\(words)],
              types: { id: "text", at: "timestamp" },
              watermark: { column: "at", start: "1970-01-01T00:00:00Z" },
            },
          },
        },
      }
      """
  }

  private static let newRows = [
    "awk", "-F,", "-v", "w={watermark}", "NR == 1 || $2 > w", "data.csv",
  ]

  private static func shop(_ command: [String]) throws -> SmallShop {
    let shop = try SmallShop()
    try shop.write(pipeline(command), to: "pipeline.json5")
    try shop.write(
      "id,at,amount\na,2026-01-01T00:00:00Z,1.5\nb,2026-01-02T00:00:00Z,2.5\n",
      to: "data.csv"
    )
    return shop
  }

  private static func rows(_ shop: SmallShop) throws -> [String] {
    let show = ["show", "raw.sales", "--warehouse", "w", "--limit", "100"]
    return try LodeProcess.run(show, in: shop.folder).output.split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",").prefix(3).joined(separator: ",") }
  }

  @Test("the output of a command is loaded; later runs bring what is new, equal keys are replaced")
  func growsByWatermark() throws {
    let shop = try Self.shop(Self.newRows)
    try #require(try shop.run(["--quiet"]).exitCode == 0)
    #expect(
      try Self.rows(shop) == ["a,2026-01-01T00:00:00Z,1.5", "b,2026-01-02T00:00:00Z,2.5"]
    )
    let file = shop.folder.appendingPathComponent("data.csv")
    let old = try String(contentsOf: file, encoding: .utf8)
    try shop.write(
      old + "b,2026-01-03T00:00:00Z,9.5\nc,2026-01-04T00:00:00Z,3.0\n",
      to: "data.csv"
    )
    let second = try shop.run()
    #expect(second.exitCode == 0)
    #expect(second.error.contains("2 rows of 3 columns") || second.error.contains("3 rows"))
    #expect(
      try Self.rows(shop) == [
        "a,2026-01-01T00:00:00Z,1.5", "b,2026-01-03T00:00:00Z,9.5", "c,2026-01-04T00:00:00Z,3.0",
      ]
    )
    #expect(try shop.run(["--quiet"]).exitCode == 0)
    #expect(try Self.rows(shop).count == 3)
  }

  @Test("a plan starts no program")
  func planStartsNothing() throws {
    let shop = try Self.shop(["sh", "-c", "touch started; cat data.csv"])
    let plan = try LodeProcess.run(["plan", "-f", "pipeline.json5"], in: shop.folder)
    #expect(
      plan.output
        == "sales_in            run   its command is asked for what is new "
        + "(a plan starts no program)\n"
    )
    let started = shop.folder.appendingPathComponent("started").path
    #expect(!FileManager.default.fileExists(atPath: started))
  }

  @Test("a command that fails is refused with its last words, and nothing is loaded")
  func failingCommand() throws {
    let shop = try Self.shop([
      "sh", "-c", "cat data.csv; echo broken pipe to the server >&2; exit 3",
    ])
    let outcome = try shop.run(["--quiet"])
    #expect(outcome.exitCode == 75)
    #expect(
      outcome.error == """
        error: pipeline.json5:5:5: sh ended with status 3:
            broken pipe to the server
          fix: run the command by hand and mend it; nothing of its output was loaded.

        """
    )
    #expect(!shop.published().keys.contains { $0.hasSuffix(".parquet") })
  }

  @Test("a stream that is cut within a row is refused, and nothing is loaded")
  func truncatedStream() throws {
    let shop = try Self.shop(["head", "-c", "50", "data.csv"])
    let outcome = try shop.run(["--quiet"])
    #expect(outcome.exitCode == 75)
    #expect(
      outcome.error == """
        error: pipeline.json5:5:5: the output of head ends in the middle of a line, after 50 bytes.
          fix: run the command by hand and mend it; nothing of its output was loaded.

        """
    )
  }

  @Test("a program that is not there is named")
  func missingProgram() throws {
    let shop = try Self.shop(["no-such-program", "x"])
    let outcome = try shop.run(["--quiet"])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.error == """
        error: pipeline.json5:5:5: the program "no-such-program" cannot be started: No such file \
        or directory.
          fix: install it, or write its full path.

        """
    )
  }

  @Test("an argument is never read by a shell")
  func noShell() throws {
    let shop = try Self.shop(["cat", "data.csv; touch owned"])
    #expect(try shop.run(["--quiet"]).exitCode == 75)
    #expect(
      !FileManager.default.fileExists(atPath: shop.folder.appendingPathComponent("owned").path)
    )
  }
}
