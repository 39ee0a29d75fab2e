import LodeFormats
import Testing

@testable import LodePipeline

@Suite("Fingerprints of stages")
struct StageFingerprintTests {
  private let first = StageFingerprint(
    method: "cluster kmeans v1",
    configuration: "{\"k\":\"3\"}",
    asOf: "2026-06-29",
    seed: "1",
    tables: ["a": "h1", "b": "h2"],
    files: ["x.csv": "s1"]
  )

  @Test("equal fingerprints tell no difference and have one digest")
  func equal() {
    #expect(first.differences(from: first).isEmpty)
    #expect(first.digest.count == 64)
  }

  @Test("every difference is told in words")
  func differences() {
    let second = StageFingerprint(
      method: "cluster kmeans v2",
      configuration: "{}",
      asOf: "2026-07-06",
      seed: "2",
      tables: ["a": "h9", "c": "h3"],
      files: ["y.csv": "s1"]
    )
    #expect(
      second.differences(from: first) == [
        "the method changed (cluster kmeans v1 → cluster kmeans v2)", "its settings changed",
        "the as-of date changed (2026-06-29 → 2026-07-06)", "the seed changed (1 → 2)",
        "the table a changed", "the table b is gone", "the table c is new",
        "the file x.csv is gone", "the file y.csv is new",
      ]
    )
    #expect(second.digest != first.digest)
  }

  @Test("the JSON of a fingerprint reads back equal")
  func roundTrip() throws {
    let node = try JSON5Parser.parse(first.json, file: "f")
    let reader = try ConfigurationReader(node, file: "f", subject: "the fingerprint")
    #expect(try StageFingerprint(reader) == first)
  }
}
