internal import Glibc
internal import Synchronization

/// Whether the process was asked to stop: SIGINT or SIGTERM, seen between blocks of work.
public enum Interruption: Error, Hashable, Sendable {
  /// The process got this signal.
  case signal(Int32)

  private static let received = Atomic<Int32>(0)

  /// The exit code that says so: 128 + the number of the signal.
  public var exitCode: Int32 {
    switch self {
    case .signal(let number): 128 + number
    }
  }

  /// Makes SIGINT and SIGTERM be noticed instead of ending the process at once.
  ///
  /// A second signal of the same kind ends the process as usual. A mask that was inherited from the
  /// caller is lifted for the two.
  public static func watch() {
    // SAFETY: the set is filled before it is used and lives during the call.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      Glibc.signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        Glibc.signal(number, SIG_DFL)
      }
    }
  }

  /// Stops the work here if a signal has come.
  ///
  /// - Throws: ``Interruption/signal(_:)``.
  public static func check() throws(Interruption) {
    let number = received.load(ordering: .relaxed)
    if number != 0 { throw .signal(number) }
  }
}
