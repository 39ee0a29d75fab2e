internal import Glibc
package import LodeRuntime
internal import Synchronization

/// Writes that survive a crash: every byte is on disk before something refers to it.
///
/// All files that outlive a run are written through here, by all C calls that write files.
package struct DurableFiles: Sendable {
  /// Bytes that tests allow to be written in all, to act out a full disk; nil for no such limit.
  private let budget: ByteBudget?
  /// Where tests keep what was done; nil for nowhere.
  private let journal: FileJournal?

  /// Writes, perhaps with a limit in bytes.
  package init(budget: ByteBudget? = nil) {
    self.budget = budget
    journal = .current
  }

  /// Writes with the limit of `LODE_TEST_DISK_LIMIT`, a number of bytes for the whole process, if
  /// tests have set it.
  package static func standard() -> DurableFiles {
    DurableFiles(budget: standardBudget)
  }

  private static let standardBudget: ByteBudget? = {
    // SAFETY: the text is copied at once; the process does not change its environment in threads.
    let limit = unsafe getenv("LODE_TEST_DISK_LIMIT").flatMap { unsafe Int(String(cString: $0)) }
    return limit.map { ByteBudget($0) }
  }()

  /// Writes a file that no other name refers to yet, and its bytes to disk.
  ///
  /// A failed write leaves no file behind.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func write(
    _ bytes: [UInt8],
    toNew path: String,
    mode: UInt32 = 0o644
  ) throws(Diagnostic) {
    let descriptor = try create(path, bytes, mode: mode)
    do throws(Diagnostic) {
      try SettlingFile(path, descriptor, byteCount: bytes.count, journal).wait()
    } catch {
      remove(path)
      throw error
    }
  }

  /// Writes a file in place of the one that has its name; its bytes go to disk afterwards.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - path: where it goes.
  ///   - temporary: a name in the same file system that the file has while it is written.
  /// - Returns: the file, to wait for before anything refers to it.
  /// - Throws: a diagnostic with the path and the words of the system; the old file stays then.
  package func write(
    _ bytes: [UInt8],
    settling path: String,
    by temporary: String
  ) throws(Diagnostic) -> SettlingFile {
    let descriptor = try create(temporary, bytes, mode: 0o644)
    do throws(Diagnostic) {
      try rename(temporary, to: path)
    } catch {
      close(descriptor)
      remove(temporary)
      throw error
    }
    return SettlingFile(path, descriptor, byteCount: bytes.count, journal)
  }

  /// Brings a file to disk that is there already: who wrote it may have been killed before.
  ///
  /// - Returns: the file, to wait for before anything refers to it.
  /// - Throws: a diagnostic with the path and the words of the system if it cannot be opened.
  package func settling(_ path: String) throws(Diagnostic) -> SettlingFile {
    // SAFETY: the path is a terminated text for the time of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFailure(errno).diagnostic(.reading, path) }
    return SettlingFile(path, descriptor, byteCount: nil, journal)
  }

  /// A new file with bytes that need not be on disk yet; a failed write leaves none behind.
  ///
  /// - Returns: its descriptor.
  private func create(
    _ path: String,
    _ bytes: [UInt8],
    mode: UInt32
  ) throws(Diagnostic) -> Int32 {
    // SAFETY: the path is a terminated text for the time of the call.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SystemFailure(errno).diagnostic(.writing, path) }
    let failure = append(bytes, to: descriptor)
    journal?.note(.create(path: path, bytes: bytes))
    guard let failure else { return descriptor }
    close(descriptor)
    remove(path)
    throw failure.diagnostic(.writing, path, byteCount: bytes.count)
  }

  private func append(_ bytes: [UInt8], to descriptor: Int32) -> SystemFailure? {
    var allowed = bytes.count
    if let budget { allowed = budget.take(bytes.count) }
    // SAFETY: `write` reads `allowed - position` bytes behind `position`, all within the buffer.
    let failure: SystemFailure? = unsafe bytes.withUnsafeBytes { buffer in
      var position = 0
      while position < allowed {
        let source = unsafe buffer.baseAddress.map { unsafe $0 + position }
        let step = unsafe Glibc.write(descriptor, source, allowed - position)
        if step < 0 && errno == EINTR { continue }
        guard step >= 0 else { return SystemFailure(errno) }
        position += step
      }
      return nil
    }
    return failure ?? (allowed < bytes.count ? SystemFailure(ENOSPC) : nil)
  }

  /// Gives a finished file its name, in place of a file of that name.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func rename(_ path: String, to target: String) throws(Diagnostic) {
    // SAFETY: both paths are terminated texts for the time of the call.
    guard unsafe Glibc.rename(path, target) == 0 else {
      throw SystemFailure(errno).diagnostic(.writing, target)
    }
    journal?.note(.rename(path: path, target: target))
  }

  /// Gives a finished file its name unless there is a file of that name.
  ///
  /// - Returns: whether the file now has the name.
  /// - Throws: a diagnostic with the path and the words of the system.
  package func link(_ path: String, toNew target: String) throws(Diagnostic) -> Bool {
    // SAFETY: both paths are terminated texts for the time of the call.
    if unsafe Glibc.link(path, target) == 0 {
      journal?.note(.link(path: path, target: target))
      return true
    }
    if errno == EEXIST { return false }
    throw SystemFailure(errno).diagnostic(.writing, target)
  }

  /// Makes a folder and the ones above it, each name on disk before it is used.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func makeFolder(_ path: String) throws(Diagnostic) {
    try makeFolders([path])
  }

  /// Makes folders and the ones above them, each name on disk before it is used.
  ///
  /// The name of a folder that is there already is brought to disk too: who made it may have been
  /// killed before, or may be about to do so. Its parent needs no such care, for no folder gets a
  /// child before its own name is on disk.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func makeFolders(_ paths: [String]) throws(Diagnostic) {
    var parents: [String: Bool] = [:]
    for path in paths {
      guard let parent = FileTree.parent(of: path) else { continue }
      if FileTree.isFolder(path) {
        parents[parent] = parents[parent] ?? false
        continue
      }
      if parents[parent] == nil { try makeFolder(parent) }
      try makeUnconfirmedFolder(path)
      parents[parent] = true
    }
    for parent in parents.keys.sorted() {
      try synchronizeFolder(parent, mustBeReadable: parents[parent] ?? true)
    }
  }

  /// Makes a folder in one that is there, unless it is there too.
  ///
  /// Its name is on disk only after ``synchronizeFolder(_:)`` of the folder that it is in.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func makeUnconfirmedFolder(_ path: String) throws(Diagnostic) {
    if FileTree.isFolder(path) { return }
    // SAFETY: the path is a terminated text for the time of the call.
    if unsafe mkdir(path, 0o755) == 0 {
      journal?.note(.makeFolder(path))
      return
    }
    let failure = SystemFailure(errno)
    guard failure.code == EEXIST && FileTree.isFolder(path) else {
      throw failure.diagnostic(.making, path)
    }
  }

  /// Brings the names in a folder to disk.
  ///
  /// - Throws: a diagnostic with the path and the words of the system.
  package func synchronizeFolder(_ path: String) throws(Diagnostic) {
    try synchronizeFolder(path, mustBeReadable: true)
  }

  private func synchronizeFolder(_ path: String, mustBeReadable: Bool) throws(Diagnostic) {
    // SAFETY: the path is a terminated text for the time of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder of others that holds ours for long, such as /home, cannot always be opened.
    if descriptor < 0 && errno == EACCES && !mustBeReadable { return }
    guard descriptor >= 0 else { throw SystemFailure(errno).diagnostic(.writing, path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemFailure(errno).diagnostic(.writing, path) }
    journal?.note(.synchronizeFolder(path))
  }

  /// Removes a file; that it is not there is no problem.
  package func remove(_ path: String) {
    // SAFETY: the path is a terminated text for the time of the call.
    if unsafe unlink(path) == 0 { journal?.note(.remove(path)) }
  }

  /// Removes a folder that holds nothing; any other stays.
  package func removeEmptyFolder(_ path: String) {
    // SAFETY: the path is a terminated text for the time of the call.
    if unsafe rmdir(path) == 0 { journal?.note(.removeFolder(path)) }
  }

  /// Does some work while no other process or thread does work under the same lock file.
  ///
  /// - Throws: what the work throws, or a diagnostic if the lock file cannot be opened.
  package func locked<Result>(
    _ path: String,
    _ work: () throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    // SAFETY: the path is a terminated text for the time of the call.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemFailure(errno).diagnostic(.writing, path) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw SystemFailure(errno).diagnostic(.writing, path) }
    }
    return try work()
  }
}

/// A number of bytes that may still be written, shared by threads.
package final class ByteBudget: Sendable {
  private let left: Atomic<Int>

  /// A budget of some bytes.
  package init(_ count: Int) {
    left = Atomic(count)
  }

  /// Takes up to `count` bytes and returns how many there were.
  func take(_ count: Int) -> Int {
    let before = left.subtract(count, ordering: .relaxed).oldValue
    return max(0, min(before, count))
  }
}
