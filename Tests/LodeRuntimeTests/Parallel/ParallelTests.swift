import LodeRuntime
import Testing

@Suite("Parallel work", .serialized)
struct ParallelTests {
  private struct Failure: Error, Equatable {
    let index: Int
  }

  private func onThreads<Result>(_ threads: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    Parallel.threadCount = threads
    return try body()
  }

  @Test("results come in index order", arguments: [1, 2, 8])
  func order(threads: Int) {
    let squares = onThreads(threads) { Parallel.map(100) { $0 * $0 } }
    #expect(squares == (0..<100).map { $0 * $0 })
  }

  @Test("no work gives no results")
  func nothing() {
    #expect(Parallel.map(0) { $0 }.isEmpty)
    #expect(Parallel.map(rows: 0, chunkSize: 4) { $0 }.isEmpty)
  }

  @Test("the error of the lowest failing index is thrown", arguments: [1, 2, 8])
  func errors(threads: Int) {
    #expect(throws: Failure(index: 13)) {
      try onThreads(threads) {
        try Parallel.map(64) { (index: Int) throws(Failure) -> Int in
          if index == 13 || index >= 40 { throw Failure(index: index) }
          return index
        }
      }
    }
  }

  @Test("chunk borders do not depend on the number of threads")
  func borders() {
    let answers = [1, 2, 8]
      .map { threads in
        onThreads(threads) { Parallel.map(rows: 10, chunkSize: 4) { $0 } }
      }
    #expect(answers[0] == [0..<4, 4..<8, 8..<10])
    #expect(answers[1] == answers[0] && answers[2] == answers[0])
  }
}
