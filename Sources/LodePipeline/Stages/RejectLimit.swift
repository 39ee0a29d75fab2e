internal import LodeFormats
internal import LodeRuntime

/// How many bad rows a stage may put in quarantine before it publishes nothing.
public enum RejectLimit: Sendable, Hashable {
  /// A share of all rows read, 0…1.
  case share(Double)
  /// A number of rows.
  case count(Int)

  /// The limit of a command line: `20` rows or a share such as `0.5%`; nil for other text.
  public init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
      self = .share(percent / 100)
    } else {
      guard let count = Int(text), count >= 0 else { return nil }
      self = .count(count)
    }
  }

  /// The limit of a pipeline file: `max_bad_share` or `max_bad_rows`, not both.
  ///
  /// - Returns: the limit, nil if neither is there.
  /// - Throws: a diagnostic of category `usage` with file, line and column.
  static func read(_ reader: ConfigurationReader) throws(Diagnostic) -> RejectLimit? {
    let share = try reader.number("max_bad_share", in: 0...1)
    guard let rows = try reader.integer("max_bad_rows", in: 0...Int.max) else {
      return share.map { .share($0) }
    }
    guard share == nil else {
      throw reader.problem(
        at: reader.node("max_bad_rows") ?? reader.node,
        "\(reader.subject) has both \"max_bad_share\" and \"max_bad_rows\".",
        fix: "keep one of them: a share of all rows, or a number of rows."
      )
    }
    return .count(rows)
  }

  /// Whether there are more bad rows than allowed.
  func isExceeded(by bad: Int, of rowCount: Int) -> Bool {
    switch self {
    case .share(let share): Double(bad) > share * Double(rowCount)
    case .count(let count): bad > count
    }
  }
}
