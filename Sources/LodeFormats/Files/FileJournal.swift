internal import Synchronization

/// One change of the file system, as ``DurableFiles`` made it.
package enum FileOperation: Sendable, Hashable {
  /// A new file got its name and its bytes, which need not be on disk yet.
  case create(path: String, bytes: [UInt8])
  /// The bytes of a file are on disk; the name need not be.
  case synchronizeFile(String)
  /// A file got another name, in place of the file of that name.
  case rename(path: String, target: String)
  /// A file got one more name.
  case link(path: String, target: String)
  /// A new folder got its name.
  case makeFolder(String)
  /// The names in a folder are on disk.
  case synchronizeFolder(String)
  /// A file lost a name.
  case remove(String)
  /// A folder is gone.
  case removeFolder(String)
}

/// A record of changes of the file system in their order, for tests of a loss of power.
///
/// While a journal is the current one of a task, every ``DurableFiles/standard()`` writes into it.
package final class FileJournal: Sendable {
  /// The journal of this task; nil for none, as always outside of tests.
  @TaskLocal package static var current: FileJournal?

  private let log = Mutex<[FileOperation]>([])

  /// An empty journal.
  package init() {}

  /// The changes so far.
  package var operations: [FileOperation] { log.withLock { $0 } }

  /// Adds a change that has been made.
  func note(_ operation: FileOperation) {
    log.withLock { $0.append(operation) }
  }
}
