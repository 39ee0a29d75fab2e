import Dispatch
import Synchronization

/// Pieces of work that run side by side and whose results are taken over in their order, so that
/// nothing but the time depends on the lanes.
package final class OrderedLanes<Value: Sendable>: Sendable {
  private struct State {
    var results: [Int: Result<Value, any Error>] = [:]
    var running = 0
    var hasFailed = false
  }

  private let count: Int
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)
  private let queue = DispatchQueue(label: "lode.lanes", attributes: .concurrent)

  /// Lanes for so many pieces at a time; with one, each is done where it is started.
  package init(count: Int) {
    precondition(count > 0, "\(count) lanes")
    self.count = count
  }

  /// Whether a piece may be started now.
  ///
  /// - Parameter ahead: whether a piece before it is not taken over.
  /// - Returns: never ahead with one lane, or where another has failed.
  package func hasRoom(ahead: Bool) -> Bool {
    state.withLock { $0.running < count && !(ahead && (count == 1 || $0.hasFailed)) }
  }

  /// Starts a piece.
  ///
  /// - Parameters:
  ///   - place: its place in the order.
  ///   - work: the piece.
  package func start(_ place: Int, _ work: @escaping @Sendable () throws -> Value) {
    @Sendable func run() {
      note(Result { try work() }, at: place)
      state.withLock { $0.running -= 1 }
      ended.signal()
    }
    state.withLock { $0.running += 1 }
    if count == 1 { run() } else { queue.async { run() } }
  }

  /// Notes a result that took no work.
  package func note(_ result: Result<Value, any Error>, at place: Int) {
    state.withLock { state in
      state.results[place] = result
      if case .failure = result { state.hasFailed = true }
    }
  }

  /// Takes the result of a piece over, so that it is held here no longer.
  ///
  /// - Parameter place: its place in the order.
  /// - Returns: the result, nil while the piece is worked on.
  package func take(_ place: Int) -> Result<Value, any Error>? {
    state.withLock { $0.results.removeValue(forKey: place) }
  }

  /// Waits until some piece has ended, or a fifth of a second, so that the caller sees signals.
  package func wait() {
    _ = ended.wait(timeout: .now() + .milliseconds(200))
  }

  /// Waits for every piece that was started.
  ///
  /// - Returns: what was made and not taken over, in no order.
  package func finish() -> [Value] {
    while state.withLock({ $0.running > 0 }) { wait() }
    return state.withLock { $0.results.values.compactMap { try? $0.get() } }
  }
}
