import LodeRuntime
import Testing

@testable import LodeReports

@Suite("Ticks")
struct AxisTicksTests {
  @Test("0 to 97 gets steps of 20")
  func worked() {
    // rough step 97 / 5 = 19.4 = 1.94 · 10¹; 1.94 lies between 1.5 and 3.5, so 2 · 10¹.
    #expect(AxisTicks(low: 0, high: 97).values == [0, 20, 40, 60, 80, 100])
  }

  @Test("small steps have no rounding dust")
  func decimals() {
    #expect(AxisTicks(low: 0, high: 0.3).values == [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    #expect(
      AxisTicks(low: -0.1, high: 0.22).values == [-0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.25]
    )
  }

  @Test("a range of no length is widened")
  func flat() {
    #expect(AxisTicks(low: 0, high: 0).values.count > 2)
    let ticks = AxisTicks(low: 7, high: 7)
    #expect(ticks.low < 7 && ticks.high > 7)
  }

  @Test("ticks enclose the data and steps are 1, 2 or 5 times a power of ten", arguments: 0..<50)
  func laws(seed: Int) {
    var random = CounterRandom(seed: UInt64(seed))
    let low = random.normal() * 1000
    let high = low + random.exponential(rate: 0.0001) + 1e-3
    let ticks = AxisTicks(low: low, high: high)
    #expect(ticks.low <= low && ticks.high >= high)
    #expect((3...12).contains(ticks.values.count))
    var digit = ticks.step
    while digit >= 9.99 { digit /= 10 }
    while digit < 0.999 { digit *= 10 }
    #expect([1.0, 2, 5].contains { abs($0 - digit) < 1e-6 })
  }

  @Test("days, months and years are chosen by the length of the time")
  func dates() throws {
    let start = try #require(CivilDate("2026-01-01"))
    func labels(_ days: Int) -> [String] {
      DateTicks(from: start, to: start.advanced(byDays: days), count: 6).values.map(\.label)
    }
    #expect(labels(4) == ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan"])
    #expect(labels(28) == ["5 Jan", "12 Jan", "19 Jan", "26 Jan"])
    #expect(labels(150) == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "May 2026"])
    #expect(labels(365).count <= 7)
    #expect(labels(1800) == ["2026", "2027", "2028", "2029", "2030"])
  }
}
