internal import FoundationEssentials
internal import Glibc
internal import LodeFormats
internal import LodeRuntime

/// One run at a time on a warehouse: an advisory lock that dies with its process.
///
/// The truth is `flock`, which the system takes back when the process ends, however it ends. The
/// text in the file is for people: who holds the lock, since when, and who was killed with it.
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
      guard host == RunLock.host() else { return false }
      return boot != RunLock.boot() || started != TemporaryNames.startTime(of: process) ?? "0"
    }
  }

  /// The owner that ended without giving the lock back: it was killed, or the machine stopped.
  let killedOwner: String?
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Throws: a diagnostic of category `temporary` that names the holder.
  init(folder: String, runID: String) throws(Diagnostic) {
    try AtomicFile.makeFolder(folder)
    let path = "\(folder)/.lode-lock"
    // SAFETY: the descriptor is checked; the C string lives during the call.
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Diagnostic(
        .failure,
        at: folder,
        "this user may not write in the warehouse: \(unsafe String(cString: strerror(errno))).",
        fix: "give write permission, or choose another folder with --warehouse."
      )
    }
    let text = (try? FileBytes.read(path)) ?? []
    let owner = try? JSONDecoder().decode(Owner.self, from: Data(text))
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Self.refusal(folder, owner)
    }
    killedOwner = owner?.words
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
    // SAFETY: the buffer is read within its count. The text is only for people, so a failure to
    // write it does not matter.
    _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Gives the lock back.
  func release() {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func refusal(_ folder: String, _ owner: Owner?) -> Diagnostic {
    if let owner, owner.hasEnded {
      return Diagnostic(
        .temporary,
        at: folder,
        "\(owner.words), has ended, but a process that it started still holds the warehouse.",
        fix: "end that process (fuser \(folder)/.lode-lock shows it) and run again."
      )
    }
    return Diagnostic(
      .temporary,
      at: folder,
      "another run holds the warehouse: \(owner?.words ?? "unknown").",
      fix: "wait until it ends and run again."
    )
  }

  /// The name of this machine.
  private static func host() -> String { firstLine(of: "/proc/sys/kernel/hostname") }

  /// The identifier of this start of the machine.
  private static func boot() -> String { firstLine(of: "/proc/sys/kernel/random/boot_id") }

  /// The first line of a short file of the system; empty if it cannot be read.
  private static func firstLine(of path: String) -> String {
    let bytes = try? InputFile(opening: path).bytes(in: 0..<256)
    return String(decoding: (bytes ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
