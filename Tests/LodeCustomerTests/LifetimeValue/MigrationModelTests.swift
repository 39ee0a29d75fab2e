import LodeNumerics
import Testing

@testable import LodeCustomer

@Suite("Migration between states")
struct MigrationModelTests {
  /// The example of Pfeifer & Carraway (2000): states are periods since the last purchase.
  static let recencies = ["1", "2", "3", "4", "lapsed"]
  static let chances = [0.3, 0.2, 0.15, 0.05]
  static let rewards: [Double] = [36, -4, -4, -4, 0]

  static func row(_ state: Int) -> [Double] {
    var row = [Double](repeating: 0, count: 5)
    row[0] = state < 4 ? chances[state] : 0
    row[min(state + 1, 4)] = 1 - row[0]
    return row
  }

  static func example() throws -> MigrationModel {
    try MigrationModel(
      states: recencies,
      transitions: Matrix(rowCount: 5, columnCount: 5, elements: (0..<5).flatMap(row))
    )
  }

  @Test("the example of Pfeifer and Carraway has the values of the paper")
  func published() throws {
    let model = try Self.example()
    let four = model.values(rewards: Self.rewards, periods: 4, discountPerPeriod: 0.2)
    let all = model.values(rewards: Self.rewards, periods: nil, discountPerPeriod: 0.2)
    for (got, expected) in zip(try #require(four), [50.115, 4.220, 0.592, -1.980, 0]) {
      #expect(abs(got - expected) < 5.1e-4)
    }
    // More digits: customer_value_vectors.json, own_run.pfeifer_carraway.V_inf.
    let digits = [52.3196094386, 5.55378356387, 1.25077298617, -1.82001627339, 0]
    for (got, expected) in zip(try #require(all), digits) { #expect(abs(got - expected) < 1e-9) }
  }

  @Test("the best policy stops mailing at recency four, as in the paper")
  func policy() {
    let options = (0..<5)
      .map { state in
        let mail = MigrationPolicy.Choice(
          "mail",
          transitions: Self.row(state),
          reward: Self.rewards[state]
        )
        let stop = MigrationPolicy.Choice("stop", transitions: [0, 0, 0, 0, 1], reward: 0)
        return state < 4 ? [mail, stop] : [stop]
      }
    let policy = MigrationPolicy(best: options, discountPerPeriod: 0.2)
    #expect(policy.choices == [0, 0, 0, 1, 0] && policy.converged)
    let expected = [53.1494252874, 6.62068965517, 2.64367816092, 0, 0]
    for (got, value) in zip(policy.values, expected) { #expect(abs(got - value) < 1e-9) }
  }

  @Test("chances are shares of counts, smoothed by the prior, and lapsed states stay")
  func estimate() throws {
    let counts = Matrix(rowCount: 3, columnCount: 3, elements: [6, 2, 0, 1, 1, 2, 5, 0, 0])
    let names = ["gold", "silver", "lapsed"]
    let plain = try MigrationModel.estimate(states: names, counts: counts, lapsed: [2])
    #expect(plain.transitions.elements == [0.75, 0.25, 0, 0.25, 0.25, 0.5, 0, 0, 1])
    let smooth = try MigrationModel.estimate(states: names, counts: counts, prior: 1)
    let shares: [Double] = [7, 3, 1]
    #expect(smooth.transitions.row(0) == shares.map { $0 / 11 })
    // Periods to lapse: g = 1 + ¾g + ¼s and s = 1 + ¼g + ¼s, so s = 4 and g = 8.
    let periods = plain.meanPeriods(toReach: [2])
    #expect(abs(periods[0] - 8) < 1e-12 && abs(periods[1] - 4) < 1e-12 && periods[2] == 0)
    #expect(plain.meanPeriods(toReach: [0]) == [0, .infinity, .infinity])
    // Two periods from gold: ¾·¾ + ¼·¼, ¾·¼ + ¼·¼, ¼·½.
    #expect(plain.mix(from: [16, 0, 0], after: 2) == [10, 4, 2])
    #expect(plain.mix(from: [16, 0, 0], after: 1, arrivals: [1, 0, 0]) == [13, 4, 0])
  }

  @Test("odd transitions are refused, and an endless sum without a discount may have no value")
  func refusals() throws {
    typealias Refusal = MigrationModel.Refusal
    #expect(throws: Refusal.wrongShape(rows: 1, columns: 1, states: 2)) {
      try MigrationModel(
        states: ["a", "b"],
        transitions: Matrix(rowCount: 1, columnCount: 1, elements: [1])
      )
    }
    #expect(throws: Refusal.badSum(state: "b", sum: 0.5)) {
      try MigrationModel(
        states: ["a", "b"],
        transitions: Matrix(rowCount: 2, columnCount: 2, elements: [1, 0, 0, 0.5])
      )
    }
    #expect(throws: Refusal.badChance(from: "a", to: "a", chance: -1)) {
      try MigrationModel.estimate(
        states: ["a"],
        counts: Matrix(rowCount: 1, columnCount: 1, elements: [-1])
      )
    }
    let model = try Self.example()
    #expect(model.values(rewards: Self.rewards, periods: nil, discountPerPeriod: 0) == nil)
    let never = try MigrationModel.estimate(
      states: ["a", "b"],
      counts: Matrix(rowCount: 2, columnCount: 2, elements: [0, 0, 0, 0])
    )
    #expect(never.meanPeriods(toReach: [1]) == [.infinity, 0])
    let none = try MigrationModel(
      states: [],
      transitions: Matrix(rowCount: 0, columnCount: 0, elements: [])
    )
    #expect(none.meanPeriods(toReach: []).isEmpty)
  }
}
