import LodeMining
import Testing

@testable import LodeCustomer

@Suite("Satisfaction and loyalty")
struct SatisfactionZonesTests {
  /// 10 answers each of 1 to 5, of whom 1, 2, 3, 5 and 9 bought again.
  private static let scores = (1...5).flatMap { Array(repeating: Double($0), count: 10) }
  private static let bought = [1, 2, 3, 5, 9].flatMap { hits in (0..<10).map { $0 < hits } }

  @Test("zones hold the people of their answers, with rates and intervals")
  func zones() throws {
    let zones = try SatisfactionZones(
      scores: Self.scores,
      scale: 1...5,
      boughtAgain: Self.bought
    )
    #expect(zones.rows.map(\.people) == [30, 10, 10])
    #expect(zones.rows.map { $0.repurchase?.mean } == [0.2, 0.5, 0.9])
    let affection = try #require(zones.rows[2].repurchase)
    // scipy 1.17.1: beta.ppf([0.05, 0.95], 9.5, 1.5)
    #expect(abs(affection.lower - 0.669437196739865) < 1e-9)
    #expect(abs(affection.upper - 0.982108011944252) < 1e-9)
    #expect(zones.curve.calibrated([1, 2, 3, 4, 5]) == [0.1, 0.2, 0.3, 0.5, 0.9])
  }

  @Test("the four kinds are satisfaction by loyalty, and another scale says the same")
  func kinds() throws {
    let zones = try SatisfactionZones(
      scores: [0, 10, 2, 9],
      scale: 0...10,
      boughtAgain: [true, true, false, false]
    )
    #expect(zones.kinds == [.hostage, .apostle, .defector, .mercenary])
    #expect(zones.zones == [.defection, .affection, .defection, .affection])
    let same = try SatisfactionZones(
      scores: Self.scores.map { ($0 - 1) * 2.5 },
      scale: 0...10,
      boughtAgain: Self.bought
    )
    let five = try SatisfactionZones(scores: Self.scores, scale: 1...5, boughtAgain: Self.bought)
    #expect(same.rows == five.rows && same.kinds == five.kinds)
  }

  @Test("answers off the scale, nobody and crossing cuts are refused")
  func refused() {
    #expect(throws: EvaluationError.self) {
      try SatisfactionZones(scores: [6], scale: 1...5, boughtAgain: [true])
    }
    #expect(throws: EvaluationError.self) {
      try SatisfactionZones(scores: [], scale: 1...5, boughtAgain: [])
    }
    #expect(throws: EvaluationError.self) {
      try SatisfactionZones(
        scores: [1, 2],
        scale: 1...5,
        boughtAgain: [true, false],
        cuts: (4, 3)
      )
    }
  }
}
