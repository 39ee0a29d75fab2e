import LodeColumns
import LodeRuntime
import Testing

@testable import LodePipeline

@Suite("What was said of the last weeks")
struct PastForecastsTests {
  private static let weeks = (0..<40).map { CivilDate(daysSinceEpoch: 20_003 + 7 * $0) }
  private static let values = (0..<40).map { 100 + Double($0 * 7 % 11) * 3 }

  private func past(_ values: [Double], _ count: Int = 40) throws -> PastForecasts {
    try PastForecasts(
      [("revenue", Array(values.prefix(count)))],
      weeks: Array(Self.weeks.prefix(count))
    )
  }

  @Test("eight weeks, each said from the weeks before it alone")
  func fromThePast() throws {
    let past = try past(Self.values)
    #expect(past.rows.map(\.week) == Array(Self.weeks.suffix(8)))
    #expect(past.rows.map(\.happened) == Array(Self.values.suffix(8)))
    var changed = Self.values
    changed[36] = 9_999
    let other = try self.past(changed)
    for (one, two) in zip(past.rows.prefix(5), other.rows) { #expect(one.said == two.said) }
    #expect(past.rows[5].said != other.rows[5].said)
    #expect(!other.rows[4].isInside)
  }

  @Test("the lines name the week, what was said, what happened, and how often it held")
  func lines() throws {
    let past = try past(Array(repeating: 50, count: 20), 20)
    #expect(past.rows.count == 4)
    let lines = past.lines(currency: "EUR")
    #expect(lines.count == 5)
    #expect(
      lines[0] == "week of \(Self.weeks[16]): revenue said 50 (50 to 50), happened 50 EUR"
    )
    #expect(lines[4] == "80 % intervals held what happened: revenue 4 of 4")
    #expect(past.table().rowCount == 4)
    let short = try self.past(Self.values, 10)
    #expect(short.rows.isEmpty && short.lines(currency: "EUR").isEmpty)
  }
}
