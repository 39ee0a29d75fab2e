internal import FoundationEssentials
internal import Glibc
internal import LodeFormats
internal import LodeRuntime

/// One run at a time on a warehouse: an advisory lock that dies with its process.
///
/// The truth is `flock`, which the system takes back when the process ends, however it ends. The
/// text in the file names the holder, and who was killed with the lock. Whether an owner has ended
/// is told by machine, start of the machine, process and start of the process, never by age. Only
/// where other machines share the folder a free `flock` proves nothing about them: there a person
/// decides (`lode unlock --force`).
struct RunLock {
  /// Who wrote the text in the lock file.
  struct Owner: Codable, Hashable {
    var run: String
    var host: String
    /// The identifier of the machine's start: process numbers mean nothing across starts.
    var boot: String
    var process: Int
    /// When the process started, in ticks since the machine did.
    var started: String
    /// When the lock was taken.
    var since: String

    /// `run r1, process 5 on host, since 2026-01-05T10:00:00Z`.
    var words: String { "run \(run), process \(process) on \(host), since \(since)" }

    /// Whether the process has surely ended; never said of other machines.
    var hasEnded: Bool {
      if boot == RunLock.boot() {
        // Another host name in the same start of the machine is another container.
        return host == RunLock.host() && started != TemporaryNames.startTime(of: process) ?? "0"
      }
      return host == RunLock.host()
    }

    /// Whether it may run on a machine whose processes cannot be seen from here.
    var isElsewhere: Bool { boot != RunLock.boot() && host != RunLock.host() }
  }

  /// The owner that ended without giving the lock back: it was killed, or the machine stopped.
  let killedOwner: String?
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - folder: the warehouse.
  ///   - runID: who takes it.
  ///   - seconds: how long to wait for it.
  ///   - isShared: whether other machines may hold it; nil to ask the file system.
  ///   - observer: told once who is waited for.
  /// - Throws: a diagnostic of category `temporary` that names the holder, or an interruption.
  init(
    folder: String,
    runID: String,
    waitingSeconds seconds: Int = 0,
    isShared: Bool? = nil,
    observer: (String) -> Void = { _ in }
  ) throws {
    try AtomicFile.makeFolder(folder)
    let descriptor = try Self.open(folder)
    do {
      try Self.acquire(descriptor, folder, seconds, observer)
      let owner = Self.owner(folder)
      if let owner, owner.isElsewhere, isShared ?? Self.isShared(folder) {
        throw Self.refusal(elsewhere: owner, folder)
      }
      killedOwner = owner?.words
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    let present = Owner(
      run: runID,
      host: Self.host(),
      boot: Self.boot(),
      process: Int(getpid()),
      started: TemporaryNames.startTime(of: Int(getpid())) ?? "0",
      since: Timestamp(microseconds: Int64(PipelineRunner.now()) * 1_000_000).description
    )
    ftruncate(descriptor, 0)
    let bytes = Array((try? JSONEncoder().encode(present)) ?? Data())
    // SAFETY: the buffer is read within its count. A failure to write the text does not matter:
    // the lock is held all the same.
    _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Gives the lock back.
  func release() {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// Clears the text of an owner that has ended, and says what was found.
  ///
  /// - Parameters:
  ///   - folder: the warehouse.
  ///   - isForced: whether a person vouches that an owner on another machine has ended.
  ///   - isShared: whether other machines may hold it; nil to ask the file system.
  /// - Returns: a sentence.
  /// - Throws: a diagnostic of category `temporary` if the lock is held or may be.
  static func unlock(
    _ folder: String,
    isForced: Bool,
    isShared: Bool? = nil
  ) throws -> String {
    let descriptor = try open(folder)
    defer { close(descriptor) }
    try acquire(descriptor, folder, 0) { _ in }
    guard let owner = owner(folder) else { return "nobody holds the warehouse." }
    if owner.isElsewhere, !isForced, isShared ?? Self.isShared(folder) {
      throw refusal(elsewhere: owner, folder)
    }
    ftruncate(descriptor, 0)
    return "the lock of \(owner.words), is removed."
  }

  private static func open(_ folder: String) throws(Diagnostic) -> Int32 {
    // SAFETY: the descriptor is checked; the C string lives during the call.
    let descriptor = unsafe Glibc.open("\(folder)/.lode-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Diagnostic(
        .failure,
        at: folder,
        "this user may not write in the warehouse: \(unsafe String(cString: strerror(errno))).",
        fix: "give write permission, or choose another folder with --warehouse."
      )
    }
    return descriptor
  }

  /// Waits for the lock as long as it may, asking more and more rarely.
  private static func acquire(
    _ descriptor: Int32,
    _ folder: String,
    _ seconds: Int,
    _ observer: (String) -> Void
  ) throws {
    let start = PipelineRunner.monotonicNow()
    var pause = 0.05
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let left = start + Double(seconds) - PipelineRunner.monotonicNow()
      guard left > 0 else {
        throw refusal(folder, owner(folder), waited: seconds)
      }
      if pause == 0.05 { observer(owner(folder)?.words ?? "an unknown run") }
      usleep(UInt32(min(pause, left) * 1_000_000))
      try Interruption.check()
      pause = min(pause * 1.5, 1)
    }
  }

  private static func owner(_ folder: String) -> Owner? {
    let text = (try? FileBytes.read("\(folder)/.lode-lock")) ?? []
    return try? JSONDecoder().decode(Owner.self, from: Data(text))
  }

  private static func refusal(_ folder: String, _ owner: Owner?, waited: Int) -> Diagnostic {
    if let owner, owner.hasEnded {
      return Diagnostic(
        .temporary,
        at: folder,
        "\(owner.words), has ended, but a process that it started still holds the warehouse.",
        fix: "end that process (fuser \(folder)/.lode-lock shows it) and run again."
      )
    }
    let time = waited > 0 ? " (waited \(waited) s for it)" : ""
    return Diagnostic(
      .temporary,
      at: folder,
      "another run holds the warehouse: \(owner?.words ?? "unknown")\(time).",
      fix: "run again when it has ended; --wait-for-lock SECONDS waits for that."
    )
  }

  private static func refusal(elsewhere owner: Owner, _ folder: String) -> Diagnostic {
    Diagnostic(
      .temporary,
      at: folder,
      "\(owner.words), has not given back the warehouse, and whether it still runs cannot be seen "
        + "from this machine.",
      fix: "if it has surely ended, lode unlock --force removes its lock."
    )
  }

  /// Whether other machines may write in a folder: its file system is one of a network, or of the
  /// machine around this one.
  private static func isShared(_ folder: String) -> Bool {
    guard let type = FileTree.fileSystemType(of: folder) else { return false }
    let types = [
      "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "lustre", "gpfs", "afs", "gfs2", "ocfs2",
      "9p", "virtiofs", "vboxsf", "beegfs",
    ]
    return types.contains(type) || type.hasPrefix("fuse")
  }

  /// The name of this machine.
  static func host() -> String { firstLine(of: "/proc/sys/kernel/hostname") }

  /// The identifier of this start of the machine.
  static func boot() -> String { firstLine(of: "/proc/sys/kernel/random/boot_id") }

  /// The first line of a short file of the system; empty if it cannot be read.
  private static func firstLine(of path: String) -> String {
    let bytes = try? InputFile(opening: path).bytes(in: 0..<256)
    return String(decoding: (bytes ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
