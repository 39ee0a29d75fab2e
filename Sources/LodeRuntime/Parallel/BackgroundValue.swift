import Dispatch
import Synchronization

/// A value that is computed while its owner does something else.
///
/// Where no thread was free for it until it is asked for, who asks computes it: else two threads
/// that wait for such values would wait for each other's.
package final class BackgroundValue<Value: Sendable>: Sendable {
  private enum State {
    case waiting(@Sendable () throws -> Value)
    case computing
    case ready(Result<Value, any Error>)
  }

  private let state: Mutex<State>
  private let isReady = DispatchGroup()

  /// Starts to compute a value; with one thread it is computed at once.
  package init(_ compute: @escaping @Sendable () throws -> Value) {
    state = Mutex(.waiting(compute))
    isReady.enter()
    if Parallel.threadCount > 1 {
      DispatchQueue.global().async { self.computeIfWaiting() }
    } else {
      computeIfWaiting()
    }
  }

  private func computeIfWaiting() {
    let compute = state.withLock { state in
      guard case .waiting(let compute) = state else {
        return nil as (@Sendable () throws -> Value)?
      }
      state = .computing
      return compute
    }
    guard let compute else { return }
    let made = Result { try compute() }
    state.withLock { $0 = .ready(made) }
    isReady.leave()
  }

  /// The value, waited for.
  ///
  /// - Returns: the value.
  /// - Throws: what computing it threw.
  package func value() throws -> Value {
    computeIfWaiting()
    isReady.wait()
    guard case .ready(let made) = state.withLock({ $0 }) else {
      preconditionFailure("a value without result")
    }
    return try made.get()
  }
}
