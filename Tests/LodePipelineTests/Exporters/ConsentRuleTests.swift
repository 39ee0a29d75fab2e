import LodeColumns
import LodeFormats
import Testing

@testable import LodePipeline

@Suite("Consent")
struct ConsentRuleTests {
  private func allowed(_ rows: String) throws -> Set<String> {
    let text = "{consent: {purpose: 'marketing', channel: 'email'}}"
    let reader = try ConfigurationReader(
      JSON5Parser.parse(text, file: "f"),
      file: "f",
      subject: "s"
    )
    let rule = try #require(try ConsentRule(reader))
    return try rule.allowed(
      StageLab.csv(
        "customer_id,purpose,channel,state,at\n" + rows,
        types: ["customer_id": .text, "at": .timestamp]
      )
    )
  }

  @Test("the last word counts, whatever the order of the rows")
  func lastWord() throws {
    let rows = """
      ann,marketing,email,given,2026-01-01
      ann,marketing,email,withdrawn,2026-02-01
      bob,marketing,email,given,2026-03-01
      bob,marketing,email,withdrawn,2026-02-01

      """
    #expect(try allowed(rows) == ["bob"])
  }

  @Test("other purposes, other channels and unknown words are no consent")
  func unknown() throws {
    let rows = """
      ann,survey,email,given,2026-01-01
      bob,marketing,phone,given,2026-01-01
      eve,marketing,email,maybe,2026-01-01
      ,marketing,email,given,2026-01-01

      """
    #expect(try allowed(rows).isEmpty)
  }

  @Test("of words at one time the later row counts")
  func ties() throws {
    let rows = """
      ann,marketing,email,given,2026-01-01
      ann,marketing,email,withdrawn,2026-01-01
      bob,marketing,email,withdrawn,2026-01-01
      bob,marketing,email,given,2026-01-01

      """
    #expect(try allowed(rows) == ["bob"])
  }

  @Test("a no without a time is the last word, a yes without one the first")
  func withoutTime() throws {
    let rows = """
      ann,marketing,email,withdrawn,
      ann,marketing,email,given,2026-01-01
      bob,marketing,email,withdrawn,2026-01-01
      bob,marketing,email,given,

      """
    #expect(try allowed(rows).isEmpty)
  }
}
