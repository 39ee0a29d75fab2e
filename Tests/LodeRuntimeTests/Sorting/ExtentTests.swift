import LodeRuntime
import Testing

@Suite("Least and largest numbers")
struct ExtentTests {
  @Test("the ends of the range are found wherever they stand, and none of nothing")
  func ends() {
    #expect([Int64]().extent == nil)
    #expect([7].extent == 7...7)
    #expect([3, -2, .max, 0, .min, 5].extent == .min ... .max)
    #expect((0..<1000).map { Int64(($0 * 37) % 1000) }.extent == 0...999)
  }
}
