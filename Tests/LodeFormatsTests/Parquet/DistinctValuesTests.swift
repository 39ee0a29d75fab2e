import LodeRuntime
import Testing

@testable import LodeFormats

@Suite("Distinct values of a chunk")
struct DistinctValuesTests {
  private func coded(_ numbers: [Int64], limit: Int) -> DistinctValues<Int64>? {
    DistinctValues(numbers, within: numbers.extent, limit: limit, mayPay: { _, _ in true })
  }

  /// The values behind the codes, and whether codes go by first occurrence.
  private func expand(_ numbers: [Int64], limit: Int = 1 << 19) throws -> [Int64] {
    let distinct = try #require(coded(numbers, limit: limit))
    var seen: UInt32 = 0
    for code in distinct.codes {
      #expect(code <= seen)
      seen = max(seen, code + 1)
    }
    #expect(Int(seen) == distinct.values.count)
    return distinct.codes.map { distinct.values[Int($0)] }
  }

  @Test("close and far numbers, and those at the ends of their range, come back from codes")
  func roundTrips() throws {
    var random = CounterRandom(seed: 3)
    let close = (0..<5000).map { _ in Int64(random.next() % 300) - 150 }
    let far = (0..<5000).map { _ in Int64(random.next() % 300) << 40 - 7 }
    let ends: [[Int64]] = [[.min, .max, 0, .max, .min], [.max, .max - 3], [7], []]
    for numbers in [close, far] + ends {
      #expect(try expand(numbers) == numbers)
    }
  }

  @Test("more than the limit, or mostly different numbers at the start, are not coded")
  func limits() {
    let wide = (0..<100).map { Int64($0) << 33 }
    #expect(coded(wide, limit: 100) != nil)
    #expect(coded(wide, limit: 99) == nil)
    let close = (0..<100).map { Int64($0) }
    #expect(coded(close, limit: 99) == nil)
    let all = (0..<70_000).map { Int64($0) << 20 }
    #expect(coded(all, limit: 1 << 19) == nil)
    let half = (0..<70_000).map { Int64($0 / 2) << 20 }
    #expect(coded(half, limit: 1 << 19) != nil)
  }
}
