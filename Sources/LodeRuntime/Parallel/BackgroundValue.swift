import Dispatch
import Synchronization

/// Where values are computed in the background.
package enum BackgroundLane: Sendable {
  /// Work of the processor: each value gets a thread at once.
  case processor
  /// Work that waits for a disk: one after the other, on a thread that computes nothing else.
  case disk

  fileprivate var queue: DispatchQueue {
    switch self {
    case .processor: Self.processorQueue
    case .disk: Self.diskQueue
    }
  }

  // Queues of their own get threads also while those that cores allow for are all at work.
  private static let processorQueue = DispatchQueue(
    label: "lode.background",
    attributes: .concurrent
  )
  private static let diskQueue = DispatchQueue(label: "lode.disk")
}

/// A value that is computed while its owner does something else.
///
/// Where it was not begun before it is asked for, who asks computes it: else two threads that wait
/// for such values would wait for each other's.
package final class BackgroundValue<Value: Sendable, Failure: Error>: Sendable {
  private enum State {
    case waiting(@Sendable () throws(Failure) -> Value)
    case computing
    case ready(Result<Value, Failure>)
  }

  private let state: Mutex<State>
  private let isReady = DispatchGroup()

  /// Starts to compute a value; with one thread it is computed at once.
  ///
  /// - Parameters:
  ///   - lane: where.
  ///   - compute: how.
  package init(
    on lane: BackgroundLane = .processor,
    _ compute: @escaping @Sendable () throws(Failure) -> Value
  ) {
    state = Mutex(.waiting(compute))
    isReady.enter()
    if Parallel.threadCount > 1 {
      lane.queue.async { self.computeIfWaiting() }
    } else {
      computeIfWaiting()
    }
  }

  private func computeIfWaiting() {
    let compute = state.withLock { state in
      guard case .waiting(let compute) = state else {
        return nil as (@Sendable () throws(Failure) -> Value)?
      }
      state = .computing
      return compute
    }
    guard let compute else { return }
    let made = Result { () throws(Failure) in try compute() }
    state.withLock { $0 = .ready(made) }
    isReady.leave()
  }

  /// The value, waited for.
  ///
  /// - Returns: the value.
  /// - Throws: what computing it threw.
  package func value() throws(Failure) -> Value {
    computeIfWaiting()
    isReady.wait()
    guard case .ready(let made) = state.withLock({ $0 }) else {
      preconditionFailure("a value without result")
    }
    return try made.get()
  }
}
