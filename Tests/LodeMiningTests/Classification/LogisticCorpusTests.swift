import LodeMining
import LodeNumerics
import LodeRuntime
import Testing

@Suite("Separated and aliased features")
struct LogisticCorpusTests {
  /// Feature columns, outcomes and the names that a diagnosis has to give.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let columns: [[Double]]
    let names: [String]
    let outcomes: [Bool]
    let expected: [String]
  }

  private static let size = 240
  private static let noise: [Double] = {
    var random = CounterRandom(seed: 8)
    return (0..<size).map { _ in random.normal() }
  }()
  private static let outcomes: [Bool] = {
    var random = CounterRandom(seed: 9)
    return (0..<size).map { random.uniform() < (noise[$0] > 0 ? 0.6 : 0.35) }
  }()

  private static func column(_ value: (Int) -> Double) -> [Double] { (0..<size).map(value) }

  static let separations: [Case] = {
    let other = column { Double($0 % 7) }
    let refund = column { outcomes[$0] && $0 % 9 == 0 ? 1 : 0 }
    let level = column { outcomes[$0] ? Double($0 % 5) : 0 }
    let gap = column { (outcomes[$0] ? 1 : -1) * (0.01 + Double($0 % 11)) }
    // Neither the paid nor the billed sum tells, only their difference does.
    let paid = column { 50 * noise[$0] }
    let billed = column { paid[$0] + (outcomes[$0] ? 1 : -1) }
    return [
      Case(
        testDescription: "a copy of the outcome",
        columns: [noise, column { outcomes[$0] ? 1 : 0 }],
        names: ["noise", "closed account"],
        outcomes: outcomes,
        expected: ["closed account"]
      ),
      Case(
        testDescription: "a mark that only leavers have",
        columns: [noise, refund, other],
        names: ["noise", "refund", "other"],
        outcomes: outcomes,
        expected: ["refund"]
      ),
      Case(
        testDescription: "an amount that only leavers have",
        columns: [noise, level],
        names: ["noise", "exit fee"],
        outcomes: outcomes,
        expected: ["exit fee"]
      ),
      Case(
        testDescription: "a threshold without a gap of rows",
        columns: [gap, noise],
        names: ["days since cancelling", "noise"],
        outcomes: outcomes,
        expected: ["days since cancelling"]
      ),
      Case(
        testDescription: "two columns together",
        columns: [paid, billed],
        names: ["paid", "billed"],
        outcomes: outcomes,
        expected: ["paid", "billed"]
      ),
    ]
  }()

  @Test("a separation is reported by the names of its columns", arguments: separations)
  func separated(_ one: Case) throws {
    for tolerance in [1e-14, 1e-8] {
      let error = #expect(throws: LogisticRegression.FitError.self) {
        try LogisticRegression(tolerance: tolerance)
          .fit(Matrix(columns: one.columns), featureNames: one.names, outcomes: one.outcomes)
      }
      guard case .separated(let separation)? = error else {
        Issue.record("no separation but \(String(describing: error))")
        return
      }
      #expect(separation.columns.map(\.feature) == one.expected)
    }
    // Firth's likelihood and a penalty give finite answers.
    for configuration in [LogisticRegression(likelihood: .firth), LogisticRegression(l2: 1)] {
      let model =
        try configuration
        .fit(Matrix(columns: one.columns), featureNames: one.names, outcomes: one.outcomes)
      #expect(model.coefficients.allSatisfy { $0.isFinite })
      #expect(model.converged)
    }
  }

  static let aliases: [Case] = {
    let years = column { Double($0 % 13) }
    let first = column { $0 % 3 == 0 ? 1 : 0 }
    let second = column { $0 % 3 == 1 ? 1 : 0 }
    let third = column { $0 % 3 == 2 ? 1 : 0 }
    return [
      Case(
        testDescription: "other units",
        columns: [years, noise, column { 12 * years[$0] }],
        names: ["tenure_years", "noise", "tenure_months"],
        outcomes: outcomes,
        expected: ["tenure_months is a combination of tenure_years"]
      ),
      Case(
        testDescription: "another zero",
        columns: [years, column { 2020 - years[$0] }],
        names: ["tenure", "start year"],
        outcomes: outcomes,
        expected: ["start year is a combination of tenure"]
      ),
      Case(
        testDescription: "every level of a text column",
        columns: [first, noise, second, third],
        names: ["plan=a", "noise", "plan=b", "plan=c"],
        outcomes: outcomes,
        expected: ["plan=c is a combination of plan=a, plan=b"]
      ),
      Case(
        testDescription: "a total, a copy and a constant",
        columns: [years, noise, column { years[$0] + noise[$0] }, noise, column { _ in 4 }],
        names: ["calls", "minutes", "total", "again", "four"],
        outcomes: outcomes,
        expected: [
          "total is a combination of calls, minutes", "again is a combination of minutes",
          "four is constant",
        ]
      ),
    ]
  }()

  @Test("a column that says nothing new is left out by name", arguments: aliases)
  func aliased(_ one: Case) throws {
    let model = try LogisticRegression()
      .fit(Matrix(columns: one.columns), featureNames: one.names, outcomes: one.outcomes)
    #expect(model.aliases.map(\.description) == one.expected)
    for alias in model.aliases {
      let term = model.terms[alias.column + 1]
      #expect(term.isAliased && term.estimate == nil && term.inference == nil)
    }
  }
}
