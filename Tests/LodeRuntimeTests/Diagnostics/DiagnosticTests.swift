import LodeRuntime
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
  @Test("a diagnostic says place, message and fix")
  func texts() {
    #expect(
      Diagnostic(.failure, at: "orders.csv:3", "it is bad.", fix: "mend it.").description
        == "orders.csv:3: it is bad.\n  fix: mend it."
    )
    #expect(Diagnostic(.usage, "it is bad.").description == "it is bad.")
  }

  @Test("categories are the exit codes")
  func categories() {
    #expect(
      [Diagnostic.Category.failure, .usage, .contract, .temporary].map(\.rawValue) == [1, 2, 3, 75]
    )
  }
}

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "a slip of the finger is recognised",
    arguments: [
      ("clutser", "cluster"), ("Cluster", "cluster"), ("chrun", "churn"), ("exprt", "export"),
      ("exportt", "export"), ("x", "y"),
    ]
  )
  func slips(name: String, meant: String) {
    #expect(Suggestion.closest(to: name, in: ["zzzzzzzz", meant]) == meant)
  }

  @Test("a far name gives no suggestion, and ties go to the earlier name")
  func limits() {
    #expect(Suggestion.closest(to: "forecast", in: ["extract", "clean"]) == nil)
    #expect(Suggestion.closest(to: "cat", in: ["car", "bat"]) == "car")
    #expect(Suggestion.ending(for: "chrun", in: ["churn"]) == " – did you mean \"churn\"?")
    #expect(Suggestion.ending(for: "chrun", in: []) == ".")
  }
}
