/// A problem that a user can act on: what happened, where, and how to fix it.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the scheduler should do, and the exit code that says so.
  public enum Category: Int32, Sendable, Hashable {
    /// A stage failed: unreadable file, model without solution, a bug.
    case failure = 1
    /// Wrong usage or a wrong pipeline file.
    case usage = 2
    /// A data contract or a gate did not hold; nothing was published.
    case contract = 3
    /// Temporary: lock held, disk full, input not there yet.
    case temporary = 75
  }

  /// The category, which sets the exit code.
  public let category: Category
  /// Where: `file:line:column`, a table, a stage; nil if there is no place.
  public let place: String?
  /// What happened, with the actual values.
  public let message: String
  /// How to fix it.
  public let fix: String?

  /// A diagnostic of the given category.
  public init(_ category: Category, at place: String? = nil, _ message: String, fix: String? = nil)
  {
    self.category = category
    self.place = place
    self.message = message
    self.fix = fix
  }

  /// `place: message`, then `  fix: …` on a line of its own.
  public var description: String {
    let head = place.map { "\($0): \(message)" } ?? message
    return fix.map { "\(head)\n  fix: \($0)" } ?? head
  }
}
