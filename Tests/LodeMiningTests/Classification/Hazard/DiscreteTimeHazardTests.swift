import FoundationEssentials
import Glibc
import LodeNumerics
import LodeRuntime
import Testing

@testable import LodeMining

@Suite("Discrete-time hazard")
struct DiscreteTimeHazardTests {
  /// Ten customers: 3 of 10 leave in period 1, 1 of 6 in period 2 (one is censored before it), none
  /// of 5 in period 3, 2 of 3 in period 4.
  private static let periods = [1, 1, 1, 1, 2, 3, 3, 4, 4, 4]
  private static let events = [
    true, true, true, false, true, false, false, true, true, false,
  ]

  private static func features(_ columns: [[Double]], _ names: [String], count: Int)
    -> FeatureMatrix
  {
    FeatureMatrix(
      rowNames: (0..<count).map(String.init),
      featureNames: names,
      matrix: columns.isEmpty
        ? Matrix(rowCount: count, columnCount: 0, elements: []) : Matrix(columns: columns)
    )
  }

  @Test("the life table counts who was there and who left")
  func lifeTable() {
    let table = LifeTable(periods: Self.periods, events: Self.events)
    #expect(table.atRiskCounts == [10, 6, 5, 3])
    #expect(table.eventCounts == [3, 1, 0, 2])
    let survival = [0.7, 0.7 * 5 / 6, 0.7 * 5 / 6, 0.7 * 5 / 6 / 3]
    for (got, expected) in zip(table.survival, survival) { #expect(abs(got - expected) < 1e-15) }
  }

  @Test("without features hazards are those of the life table and survival is Kaplan-Meier")
  func closedForm() throws {
    let none = Self.features([], [], count: 10)
    let model = try DiscreteTimeHazard()
      .fit(none, periods: Self.periods, events: Self.events)
    #expect(model.fit?.converged == true)
    let one = Matrix(rowCount: 1, columnCount: 0, elements: [])
    let hazards = model.hazards(for: one).row(0)
    for (got, expected) in zip(hazards, [3.0 / 10, 1.0 / 6, 0, 2.0 / 3]) {
      #expect(abs(got - expected) < 1e-9)
    }
    for (got, expected) in zip(model.survival(for: one).row(0), model.table.survival) {
      #expect(abs(got - expected) < 1e-9)
    }
  }

  /// One period: the model is a logistic regression, whose slope on a yes/no feature is the log of
  /// the odds ratio: 30 of 100 against 10 of 100 leave, ln((30/70)/(10/90)) = ln(27/7).
  @Test("one period is the logistic regression of leaving")
  func onePeriod() throws {
    let group = (0..<200).map { $0 < 100 ? 1.0 : 0 }
    let events = (0..<200).map { $0 < 30 || $0 >= 190 }
    let model = try DiscreteTimeHazard()
      .fit(
        Self.features([group], ["group"], count: 200),
        periods: Array(repeating: 1, count: 200),
        events: events
      )
    #expect(abs((model.featureTerms.first?.coefficient ?? 0) - log(27.0 / 7)) < 1e-9)
    let hazards = model.hazards(for: Matrix(rows: [[1], [0]]))
    #expect(abs(hazards[0, 0] - 0.3) < 1e-9)
    #expect(abs(hazards[1, 0] - 0.1) < 1e-9)
  }

  @Test("the effect and the hazards that customers were made with come back")
  func recovery() throws {
    var random = CounterRandom(seed: 3)
    let n = 1500
    var periods: [Int] = []
    var events: [Bool] = []
    var x: [Double] = []
    let odds = [-2.0, -1.5, -1, -1.2]
    for _ in 0..<n {
      let value = random.normal()
      let watched = 1 + random.integer(below: 4)
      var period = 0
      var left = false
      while period < watched, !left {
        left = random.uniform() < 1 / (1 + exp(-(odds[period] + 0.8 * value)))
        period += 1
      }
      x.append(value)
      periods.append(period)
      events.append(left)
    }
    let model = try DiscreteTimeHazard()
      .fit(Self.features([x], ["x"], count: n), periods: periods, events: events)
    let term = try #require(model.featureTerms.first)
    let error = try #require(term.inference?.standardError)
    // Three standard errors: about one seed in 370 would miss, and this one does not.
    #expect(abs(term.coefficient - 0.8) < 3 * error)
    let survival = model.survival(for: Matrix(rows: [[-1], [0], [1]]))
    for row in 0..<3 {
      for period in 1..<4 { #expect(survival[row, period] <= survival[row, period - 1]) }
    }
    for period in 0..<4 { #expect(survival[0, period] > survival[2, period]) }
    let decoded = try JSONDecoder()
      .decode(DiscreteTimeHazard.Model.self, from: JSONEncoder().encode(model))
    #expect(decoded == model)
  }

  @Test("rows that say nothing about leaving are refused in words")
  func refusals() {
    func message(_ periods: [Int], _ events: [Bool], names: [String] = []) -> String {
      let columns = names.map { _ in periods.indices.map { Double($0) } }
      do {
        _ = try DiscreteTimeHazard()
          .fit(
            Self.features(columns, names, count: periods.count),
            periods: periods,
            events: events
          )
        return "no refusal"
      } catch { return error.description }
    }
    #expect(message([], []) == "there are no customers to fit a hazard to.")
    #expect(
      message([1, 0], [true, false])
        == "customer 2 was watched for 0 periods; leave out those that were watched for less "
        + "than one."
    )
    #expect(
      message([1, 2], [false, false])
        == "none of 2 customers left, so there is no hazard to fit; watch them for longer."
    )
    #expect(
      message([1, 1], [true, true], names: ["x"])
        == "in every period all or none of the customers left (2 in all), so no feature can say "
        + "who; use longer or shorter periods."
    )
    #expect(
      message([1, 1], [true])
        == "there are 2 durations and 1 outcomes for 2 customers; give one of each a customer."
    )
  }
}
