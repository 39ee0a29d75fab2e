import LodeCustomer
import Testing

@Suite("Next product")
struct NextProductTests {
  private static let rules = [
    NextProduct.Rule(antecedent: ["a"], consequent: "b", confidence: 0.5, lift: 2),
    NextProduct.Rule(antecedent: ["a", "c"], consequent: "d", confidence: 0.4, lift: 5),
    NextProduct.Rule(antecedent: ["a"], consequent: "e", confidence: 0.25, lift: 4),
  ]

  @Test(
    "the best rule whose antecedent is owned and whose product is not; ties go to the earlier",
    arguments: [
      (["a"], 0), (["a", "c"], 1), (["a", "c", "d"], 0), (["a", "b"], 2), (["c"], nil),
      (["a", "b", "c", "d", "e"], nil), ([], nil),
    ] as [([String], Int?)]
  )
  func best(owned: [String], place: Int?) {
    #expect(NextProduct.best(Self.rules, owned: Set(owned)) == place)
  }
}

@Suite("Reasons in words")
struct ReasonPhrasesTests {
  @Test(
    "features are said in words with what is typical",
    arguments: [
      ("days_since_last", 143, 58, "last order 143 days ago (typical 58)"),
      ("orders", 1, 3, "1 order so far (typical 3)"),
      ("orders", 4, 3, "4 orders so far (typical 3)"),
      ("is_single_order", 1, 0, "ordered only once"),
      ("is_single_order", 0, 0, "has ordered more than once"),
      ("value_total", 1234.56, 99.95, "spent 1235 EUR so far (typical 100)"),
      ("value_91d", 12.34, 0, "spent 12.3 EUR in the last 91 days (typical 0)"),
      ("gap_ratio", 2.25, 0.9, "silent for 2.3 × the usual gap (typical 0.9)"),
      ("gap_ratio", 0, 0.9, "no usual gap between orders yet"),
      ("gap_mean_days", 30, 45.5, "orders every 30 days (typical 45.5)"),
      ("spend_trend", -0.4, 0, "spend fell against the quarter before"),
      ("spend_trend", 0, 0.1, "spend as in the quarter before"),
      ("returns_share", 0.125, 0.02, "12.5 % of spend returned (typical 2 %)"),
      ("age_days", 400, 300, "customer for 400 days (typical 300)"),
      ("basket_products", 2.5, 2, "2.5 products per order (typical 2)"),
      ("category_count", 3, 2, "category count 3 (typical 2)"),
      ("huge_value", 1e300, 2, "huge value 1e+300 (typical 2)"),
    ] as [(String, Double, Double, String)]
  )
  func phrases(feature: String, value: Double, typical: Double, words: String) {
    #expect(
      ReasonPhrases.phrase(for: feature, value: value, typical: typical, currency: "EUR") == words
    )
  }
}
