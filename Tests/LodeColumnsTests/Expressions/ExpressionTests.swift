import LodeColumns
import LodeRuntime
import Testing

@Suite("Expressions")
struct ExpressionTests {
  /// Three rows; the last has nothing but its name.
  private static let table: Table = {
    func cells(_ type: ColumnType, _ cells: [Cell]) -> Column {
      var builder = ColumnBuilder(type)
      for cell in cells { builder.append(cell) }
      return builder.build()
    }
    return Table([
      "name": Column(texts: ["ann", "bob", "eve"]),
      "tier": Column(texts: ["top", "low", nil]),
      "churn_p": cells(.double, [.double(0.5), .double(0.2), .missing]),
      "orders": cells(.integer, [.integer(9_007_199_254_740_993), .integer(2), .missing]),
      "value": cells(
        .money(scale: 2),
        [.decimal(10, scale: 2), .decimal(5000, scale: 2), .missing]
      ),
      "is_new": cells(.boolean, [.boolean(true), .boolean(false), .missing]),
      "day": cells(
        .date,
        [
          .date(CivilDate(daysSinceEpoch: 20_000)), .date(CivilDate(daysSinceEpoch: 20_010)),
          .missing,
        ]
      ),
    ])
  }()

  private func rows(_ text: String) throws -> [Bool] {
    try Expression(parsing: text).rows(of: Self.table)
  }

  @Test(
    "conditions hold for the rows that they should",
    arguments: [
      ("tier = 'top'", [true, false, false]),
      ("tier != 'top'", [false, true, false]),
      ("tier <> 'top'", [false, true, false]),
      ("tier in ('top', 'high') and churn_p >= 0.35", [true, false, false]),
      ("not tier in ('top')", [false, true, false]),
      ("tier not in ('top')", [false, true, false]),
      ("tier is null", [false, false, true]),
      ("tier is not null", [true, true, false]),
      ("churn_p between 0.2 and 0.4", [false, true, false]),
      ("churn_p not between 0.2 and 0.4", [true, false, false]),
      ("value = 0.1", [true, false, false]),
      ("value > 49.99 or name = 'eve'", [false, true, true]),
      ("name = 'ann' or name = 'bob' and tier = 'top'", [true, false, false]),
      ("(name = 'ann' or name = 'bob') and tier = 'low'", [false, true, false]),
      ("not name = 'ann' and not name = 'bob'", [false, false, true]),
      ("not not is_new", [true, false, false]),
      ("is_new", [true, false, false]),
      ("1 + 2 * 3 = 7 and (1 + 2) * 3 = 9 and 7 - 2 - 1 = 4", [true, true, true]),
      ("-churn_p < -0.3", [true, false, false]),
      ("churn_p / 0 is null", [true, true, true]),
      ("churn_p > 0.1 or true", [true, true, true]),
      ("churn_p > 0.1 and false", [false, false, false]),
      ("not (churn_p > 0.1 and false)", [true, true, true]),
      ("churn_p in (0.5, value)", [true, false, false]),
      ("name in ('eve', tier)", [false, false, true]),
      ("not name in ('x', tier)", [true, true, false]),
      ("orders = 9007199254740993", [true, false, false]),
      ("orders = 2 or orders > 9007199254740992", [true, true, false]),
      ("day >= date '2024-10-10'", [false, true, false]),
      ("day + 10 = date '2024-10-14'", [true, false, false]),
      ("date '2024-10-14' - day = 0", [false, true, false]),
      ("name = 'o''neil' or name>='eve'", [false, false, true]),
    ] as [(String, [Bool])]
  )
  func conditions(text: String, expected: [Bool]) throws {
    #expect(try rows(text) == expected)
  }

  @Test("texts are compared by their bytes, as everywhere")
  func bytes() throws {
    let table = Table(["name": Column(texts: ["Zoe\u{308}", "Zo\u{EB}"])])
    #expect(try Expression(parsing: "name = 'Zo\u{EB}'").rows(of: table) == [false, true])
  }

  @Test(
    "a wrong text is refused with its place",
    arguments: [
      ("", 1, "a column, number, text or ( is expected"),
      ("tier = ", 8, "a column, number, text or ( is expected"),
      ("tier = 'top", 8, "this text is never closed"),
      ("1.2.3 = 1", 1, "\"1.2.3\" is not a number"),
      ("tier == 'x'", 7, "a column, number, text or ( is expected"),
      ("tier # 'x'", 6, "\"#\" has no meaning here"),
      ("(tier = 'x'", 12, ") is expected"),
      ("tier in 'x'", 9, "( is expected behind in"),
      ("tier in ('x'", 13, ") is expected"),
      ("churn_p between 1 or 2", 19, "and is expected behind between"),
      ("tier is 'x'", 9, "null is expected behind is"),
      ("tier not = 'x'", 10, "in or between is expected behind not"),
      ("tier = 'x' tier", 12, "nothing more is expected"),
      (String(repeating: "(", count: 100), 100, "too many parentheses"),
      (String(repeating: "-", count: 200), 100, "too many signs"),
    ]
  )
  func refusals(text: String, place: Int, words: String) {
    #expect(
      throws: Diagnostic(
        .usage,
        "at sign \(place) of the expression: \(words).",
        fix: "write conditions as in: tier in ('top', 'high') and churn_p >= 0.35."
      )
    ) { try Expression(parsing: text) }
  }

  @Test(
    "values that do not fit are refused, never taken for no row",
    arguments: [
      (
        "churn_p = 'x'", "\"0.5\" and \"x\" cannot be compared.",
        "compare numbers with numbers, texts in quotes with texts, dates with date 'YYYY-MM-DD'."
      ),
      (
        "day > 5", "\"2024-10-04\" and \"5\" cannot be compared.",
        "compare numbers with numbers, texts in quotes with texts, dates with date 'YYYY-MM-DD'."
      ),
      ("tier + 1 = 2", "\"top\" + \"1\" cannot be computed.", "use numbers on both sides."),
      (
        "churn_p", "the condition gives a value, not true or false.",
        "compare it, for example churn_p >= 0.35."
      ),
      (
        "not orders", "\"not\" needs true or false, but gets \"9007199254740993\".",
        "compare the value, for example churn_p >= 0.35."
      ),
      (
        "tier and true", "\"and\" needs true or false, but gets \"top\".",
        "compare the value, for example churn_p >= 0.35."
      ),
      (
        "is_new or value", "\"or\" needs true or false, but gets \"0.10\".",
        "compare the value, for example churn_p >= 0.35."
      ),
    ]
  )
  func wrongValues(text: String, message: String, fix: String) {
    #expect(throws: Diagnostic(.usage, message, fix: fix)) { try rows(text) }
  }

  @Test("an unknown column is refused, and the names of columns are known")
  func columns() throws {
    let expression = try Expression(
      parsing: "teir = 'x' and not (orders in (1, value)) or day is null"
    )
    #expect(expression.columnNames == ["teir", "orders", "value", "day"])
    #expect(
      throws: Diagnostic(
        .failure,
        "there is no column \"teir\" – did you mean \"tier\"? The columns are name, tier, "
          + "churn_p, orders, value, is_new, day."
      )
    ) { try expression.rows(of: Self.table) }
  }

  @Test("values are computed row by row")
  func cells() throws {
    let cells = try Expression(parsing: "value * 2").cells(of: Self.table)
    #expect(cells == [.double(0.2), .double(100), .missing])
  }
}
