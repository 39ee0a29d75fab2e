import Foundation
import Testing

/// One bad input: what is done to a shop that has run well once, and what the next run must say.
struct BadInput: Sendable, CustomTestStringConvertible {
  let name: String
  let exitCode: Int32
  let message: String
  var arguments: [String] = []
  var environment: [String: String] = [:]
  let spoil: @Sendable (SmallShop) throws -> Void

  var testDescription: String { name }
}

@Suite("Bad inputs")
struct BadInputTests {
  @Test(
    "a bad input gets a clear message and changes nothing",
    arguments: BadInput.ofFiles + BadInput.ofRows + BadInput.ofPipelines + BadInput.ofSurroundings
  )
  func badInputChangesNothing(_ input: BadInput) throws {
    let shop = try SmallShop()
    let first = try shop.run(["--quiet"])
    try #require(first.exitCode == 0, "\(first.error)")
    let before = shop.published()
    #expect(before.keys.contains { $0.hasSuffix(".parquet") })
    try input.spoil(shop)
    let outcome = try shop.run(input.arguments + ["--quiet"], environment: input.environment)
    // How many bytes a file has is no part of what a message promises.
    let error = outcome.error.replacing(/[0-9]+ bytes/, with: "N bytes")
    #expect(error == "error: " + input.message + "\n")
    #expect(outcome.exitCode == input.exitCode)
    #expect(outcome.output == "")
    #expect(shop.published() == before)
  }

  @Test("there are at least twenty bad inputs, each with a message of its own")
  func twentyInputs() {
    let all = BadInput.ofFiles + BadInput.ofRows + BadInput.ofPipelines + BadInput.ofSurroundings
    #expect(all.count >= 20)
    #expect(Set(all.map(\.message)).count == all.count)
  }
}
