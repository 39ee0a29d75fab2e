import LodeRuntime
import Testing

@testable import LodeCustomer

@Suite("The order of numbers")
struct ValueOrderTests {
  @Test("by digits it is that by comparison, equal numbers in their order", arguments: 0..<4)
  func digits(_ kind: Int) {
    var random = CounterRandom(seed: UInt64(kind))
    var values = (0..<30_000)
      .map { _ -> Double in
        switch kind {
        case 0: Double(random.integer(below: 50))
        case 1: (random.uniform() - 0.5) * 1e300
        case 2: -random.uniform() * 1e-300
        default: 7
        }
      }
    values[3] = -0.0
    values[4] = 0
    values[5] = .infinity
    values[6] = -.infinity
    let expected = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    #expect(ValueOrder.ascending(values).map { Int($0) } == expected)
    let few = Array(values.prefix(100))
    #expect(
      ValueOrder.ascending(few).map { Int($0) }
        == few.indices.sorted { (few[$0], $0) < (few[$1], $1) }
    )
    #expect(ValueOrder.ascending([]).isEmpty)
  }
}
