public import LodeRuntime

/// A table at one point of its history, as users write it: `orders`, `orders@3`,
/// `orders@2026-01-05`, `orders@2026-01-05T06:00:00Z` or `orders@weekly-churn`.
public struct TableReference: Sendable, Hashable, CustomStringConvertible {
  /// Which version is meant.
  public enum Moment: Sendable, Hashable {
    /// The newest version that its pipeline has published.
    case published
    /// A version by its number.
    case version(Int)
    /// The last version made before a point in time.
    case before(Timestamp)
    /// The version that a tag names.
    case tag(String)
  }

  /// The table's name.
  public let name: String
  /// Which version is meant.
  public let moment: Moment
  /// The reference as the user wrote it.
  public let description: String

  /// Parses a reference.
  ///
  /// A date means the end of that day in UTC; a time means that second, itself included.
  ///
  /// - Throws: a diagnostic for an empty part or a table's name that cannot be.
  public init(_ text: String) throws(Diagnostic) {
    description = text
    guard let sign = text.firstIndex(of: "@") else {
      try TableName.require(text)
      name = text
      moment = .published
      return
    }
    name = String(text[..<sign])
    try TableName.require(name)
    let rest = String(text[text.index(after: sign)...])
    guard !rest.isEmpty else {
      throw Diagnostic(
        .usage,
        "\"\(text)\" names no version.",
        fix: "write \(name)@3, \(name)@2026-01-05 or \(name)@TAG; lode history \(name) lists them."
      )
    }
    moment = Self.moment(rest)
  }

  /// A table at a moment.
  ///
  /// - Parameters:
  ///   - name: the table.
  ///   - moment: which version is meant.
  public init(_ name: String, _ moment: Moment = .published) {
    self.name = name
    self.moment = moment
    switch moment {
    case .published: description = name
    case .version(let version): description = "\(name)@\(version)"
    case .before(let time): description = "\(name)@\(time)"
    case .tag(let tag): description = "\(name)@\(tag)"
    }
  }

  /// Whether a text can be the name of a tag: letters, digits, `_`, `-` and dots, and neither a
  /// number nor a date nor a time.
  public static func canBeTag(_ text: String) -> Bool {
    guard case .tag = moment(text) else { return false }
    return TableName.isPlain(text)
  }

  private static func moment(_ text: String) -> Moment {
    if let version = Int(text), version >= 0 { return .version(version) }
    if let date = CivilDate(text) { return .before(Timestamp(date.advanced(byDays: 1))) }
    if let second = second(text) {
      return .before(Timestamp(microseconds: second.microseconds + 1_000_000))
    }
    return .tag(text)
  }

  /// The point of `YYYY-MM-DDThh:mm:ssZ`; the `Z` may be left out.
  private static func second(_ text: String) -> Timestamp? {
    let parts = (text.last == "Z" ? text.dropLast() : text[...]).split(separator: "T")
    guard parts.count == 2, let date = CivilDate(String(parts[0])) else { return nil }
    let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, clock.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
    let numbers = clock.compactMap { Int64($0) }
    guard numbers.count == 3, (0..<24).contains(numbers[0]), (0..<60).contains(numbers[1]),
      (0..<60).contains(numbers[2])
    else { return nil }
    let seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
    return Timestamp(microseconds: Timestamp(date).microseconds + seconds * 1_000_000)
  }
}
