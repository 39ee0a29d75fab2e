internal import Glibc
package import LodeRuntime
internal import Synchronization

/// A file under its name whose bytes are on their way to disk.
///
/// The disk takes milliseconds for each file and none of the processor's time: a run over ten
/// million rows that waited for every file waited for a second in all. Until ``wait()`` has
/// returned, a loss of power may leave any part of the bytes under the name.
package struct SettlingFile: Sendable {
  /// So many files are on their way at most, each of which is open: the next one is waited for.
  private static let limit = 64
  private static let openCount = Atomic<Int>(0)

  private let settled: BackgroundValue<Void, Diagnostic>

  /// Begins to bring a file to disk.
  ///
  /// - Parameters:
  ///   - path: its name.
  ///   - descriptor: the open file, which is closed then.
  ///   - byteCount: the bytes just written, for messages; nil if there are none.
  ///   - journal: where it is noted; nil for nowhere.
  init(_ path: String, _ descriptor: Int32, byteCount: Int?, _ journal: FileJournal?) {
    let count = Self.openCount.add(1, ordering: .relaxed).newValue
    settled = BackgroundValue(on: .disk) { () throws(Diagnostic) in
      var failure = fsync(descriptor) == 0 ? nil : SystemFailure(errno)
      if failure == nil { journal?.note(.synchronizeFile(path)) }
      if close(descriptor) != 0, failure == nil { failure = SystemFailure(errno) }
      Self.openCount.subtract(1, ordering: .relaxed)
      if let failure { throw failure.diagnostic(.writing, path, byteCount: byteCount) }
    }
    if count > Self.limit { _ = try? wait() }
  }

  /// Waits until the bytes are on disk.
  ///
  /// - Throws: a diagnostic with the path and the words of the system if they are not.
  package func wait() throws(Diagnostic) { try settled.value() }
}
