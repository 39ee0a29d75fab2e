import Dispatch
import Synchronization
import Testing

@testable import LodeRuntime

@Suite("Lanes of work")
struct OrderedLanesTests {
  private struct Failure: Error {}

  @Test("two pieces run at a time, results are kept until they are asked for")
  func twoLanes() throws {
    let lanes = OrderedLanes<Int>(count: 2)
    let gate = DispatchSemaphore(value: 0)
    lanes.start(0) {
      gate.wait()
      return 10
    }
    #expect(lanes.hasRoom(ahead: true))
    lanes.start(1) { 11 }
    var second: Int?
    while second == nil {
      second = try lanes.take(1)?.get()
      lanes.wait()
    }
    #expect(second == 11 && lanes.take(1) == nil)
    #expect(lanes.take(0) == nil)
    gate.signal()
    #expect(lanes.finish() == [10])
  }

  @Test("with one lane a piece is done where it is started, and none ahead")
  func oneLane() throws {
    let lanes = OrderedLanes<Int>(count: 1)
    lanes.start(0) { 10 }
    #expect(try lanes.take(0)?.get() == 10)
    #expect(!lanes.hasRoom(ahead: true) && lanes.hasRoom(ahead: false))
  }

  @Test("where a piece has failed none is started ahead")
  func failure() {
    let lanes = OrderedLanes<Int>(count: 2)
    lanes.start(1) { throw Failure() }
    #expect(lanes.finish().isEmpty)
    #expect(!lanes.hasRoom(ahead: true) && lanes.hasRoom(ahead: false))
    #expect(throws: Failure.self) { try lanes.take(1)?.get() }
  }

  @Test("a value in the background is what computing it gives")
  func background() throws {
    #expect(BackgroundValue { 7 }.value() == 7)
    for lane in [BackgroundLane.processor, .disk] {
      let failing = BackgroundValue<Int, Failure>(on: lane) { () throws(Failure) in
        throw Failure()
      }
      #expect(throws: Failure.self) { try failing.value() }
    }
  }

  @Test("values that wait for one another's threads are computed by those who ask for them")
  func backgroundChain() throws {
    // Each asks for the one before it: with threads of the pool alone, waiting ones would fill it.
    let calls = Atomic<Int>(0)
    var last = BackgroundValue<Int, any Error> { 0 }
    for _ in 0..<200 {
      let before = last
      last = BackgroundValue {
        calls.add(1, ordering: .relaxed)
        return try before.value() + 1
      }
    }
    #expect(try last.value() == 200)
    #expect(calls.load(ordering: .relaxed) == 200)
  }
}
