import Dispatch
import Synchronization

/// Deterministic parallel work: chunk borders never depend on the number of threads.
///
/// Results come back in chunk order, so a fold over them gives the same bytes on one thread and on
/// all cores.
public enum Parallel {
  /// How many threads the process may use; set once at start by the command line.
  ///
  /// - Note: Only the speed depends on it, never a result.
  public static var threadCount: Int {
    get { storedThreadCount.load(ordering: .relaxed) }
    set { storedThreadCount.store(max(1, newValue), ordering: .relaxed) }
  }

  private static let storedThreadCount = Atomic<Int>(2)

  /// Maps every index of `0..<count` by `body` and returns the results in index order.
  ///
  /// - Complexity: `count` calls of `body`, spread over `threadCount` threads.
  /// - Throws: the error of the lowest failing index.
  public static func map<Result: Sendable, Failure: Error>(
    _ count: Int,
    _ body: @Sendable (Int) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    let threads = min(threadCount, count)
    guard threads > 1 else {
      var results: [Result] = []
      results.reserveCapacity(count)
      for index in 0..<count { results.append(try body(index)) }
      return results
    }
    let slots = Mutex<[Swift.Result<Result, Failure>?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let outcome: Swift.Result<Result, Failure>
        do throws(Failure) {
          outcome = .success(try body(index))
        } catch {
          outcome = .failure(error)
        }
        slots.withLock { $0[index] = outcome }
      }
    }
    var results: [Result] = []
    results.reserveCapacity(count)
    for slot in slots.withLock({ $0 }) {
      guard let slot else { preconditionFailure("a chunk of parallel work left no result") }
      results.append(try slot.get())
    }
    return results
  }

  /// Maps fixed ranges of `chunkSize` rows and returns the results in row order.
  ///
  /// - Parameters:
  ///   - rowCount: the number of rows to cover.
  ///   - chunkSize: rows per chunk; the last chunk may be shorter.
  ///   - body: the work on one range.
  /// - Returns: one result a range.
  /// - Throws: the error of the first failing range.
  public static func map<Result: Sendable, Failure: Error>(
    rows rowCount: Int,
    chunkSize: Int,
    _ body: @Sendable (Range<Int>) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    precondition(chunkSize > 0, "chunk size \(chunkSize)")
    let chunkCount = (rowCount + chunkSize - 1) / chunkSize
    return try map(chunkCount) { (chunk: Int) throws(Failure) -> Result in
      let start = chunk * chunkSize
      return try body(start..<min(start + chunkSize, rowCount))
    }
  }
}
