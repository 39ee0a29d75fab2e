internal import LodeRuntime

/// The options that a command knows.
struct OptionTable {
  /// Options with a value, by name without dashes.
  let valued: [String]
  /// Options without a value.
  let flags: [String]
  /// Short forms.
  static let short: [Character: String] = [
    "C": "directory", "f": "file", "o": "output", "q": "quiet", "v": "verbose", "h": "help",
  ]
}

/// Parsed arguments of a command.
struct Arguments {
  /// The words that are no options.
  private(set) var words: [String] = []
  private var values: [(name: String, text: String)] = []
  private var flags: Set<String> = []

  /// Parses the arguments behind a command's name.
  ///
  /// - Throws: a diagnostic for an unknown option or a missing value.
  init(_ arguments: [String], options: OptionTable, command: String) throws(Diagnostic) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let (name, attached) = try Self.split(argument, command: command)
      if options.flags.contains(name) {
        flags.insert(name)
      } else if options.valued.contains(name) {
        guard let text = attached ?? rest.popFirst() else {
          throw Diagnostic(
            .usage,
            "the option \(argument) of lode \(command) needs a value.",
            fix: "write \(argument) VALUE; lode help \(command) shows the options."
          )
        }
        values.append((name, text))
      } else {
        let known = options.flags + options.valued
        let hint = Suggestion.closest(to: name, in: known).map { " – did you mean \"--\($0)\"?" }
        throw Diagnostic(
          .usage,
          "unknown option \"\(argument)\" of lode \(command)\(hint ?? ".")",
          fix: "lode help \(command) shows the options."
        )
      }
    }
  }

  private static func split(
    _ argument: String,
    command: String
  ) throws(Diagnostic) -> (name: String, value: String?) {
    if argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1)
      guard let name = parts.first else {
        throw Diagnostic(.usage, "\"--\" has no meaning here.", fix: "leave it out.")
      }
      return (String(name), parts.count == 2 ? String(parts[1]) : nil)
    }
    let letters = argument.dropFirst()
    guard let letter = letters.first, let name = OptionTable.short[letter] else {
      throw Diagnostic(
        .usage,
        "unknown option \"\(argument)\" of lode \(command).",
        fix: "lode help \(command) shows the options."
      )
    }
    return (name, letters.count > 1 ? String(letters.dropFirst()) : nil)
  }

  /// The last value of an option.
  func value(_ name: String) -> String? {
    values.last { $0.name == name }?.text
  }

  /// All values of an option that may stand more than once.
  func allValues(_ name: String) -> [String] {
    values.filter { $0.name == name }.map(\.text)
  }

  /// Whether a flag was given.
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The whole number of an option.
  ///
  /// - Throws: a diagnostic if the value is not a number in the range.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Diagnostic(
        .usage,
        "--\(name) is \"\(text)\".",
        fix: "write a whole number from \(range.lowerBound) to \(range.upperBound)."
      )
    }
    return number
  }
}
