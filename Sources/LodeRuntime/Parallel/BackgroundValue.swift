import Dispatch
import Synchronization

/// A value that is computed while its owner does something else.
package final class BackgroundValue<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isReady = DispatchGroup()

  /// Starts to compute a value; with one thread it is computed at once.
  package init(_ compute: @escaping @Sendable () throws -> Value) {
    guard Parallel.threadCount > 1 else {
      let made = Result { try compute() }
      result.withLock { $0 = made }
      return
    }
    isReady.enter()
    DispatchQueue.global()
      .async { [self] in
        let made = Result { try compute() }
        result.withLock { $0 = made }
        isReady.leave()
      }
  }

  /// The value, waited for.
  ///
  /// - Returns: the value.
  /// - Throws: what computing it threw.
  package func value() throws -> Value {
    isReady.wait()
    guard let made = result.withLock({ $0 }) else { preconditionFailure("a value without result") }
    return try made.get()
  }
}
