internal import Synchronization

/// The first message that any of several threads has left.
package final class FirstMessage: Sendable {
  private let stored = Mutex<String?>(nil)

  /// No message yet.
  package init() {}

  /// The message; nil if there is none.
  package var text: String? { stored.withLock { $0 } }

  /// Leaves a message, unless there is one.
  package func note(_ text: String) {
    stored.withLock { $0 = $0 ?? text }
  }
}
