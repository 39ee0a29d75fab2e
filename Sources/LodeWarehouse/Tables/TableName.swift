internal import LodeRuntime

/// The rules for names that become paths, so that no path leaves the warehouse.
enum TableName {
  /// Checks a table's name: words of `a-z`, `0-9` and `_`, each beginning with a letter.
  ///
  /// - Throws: a diagnostic of category `usage`.
  static func require(_ name: String) throws(Diagnostic) {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    let isFine =
      name.utf8.count <= 120
      && words.allSatisfy { word in
        guard let first = word.utf8.first, isLetter(first) else { return false }
        return word.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
      }
    guard isFine else {
      throw Diagnostic(
        .usage,
        "\"\(name)\" cannot be the name of a table.",
        fix: "use lower-case letters, digits and _, beginning with a letter; dots may join words."
      )
    }
  }

  /// Checks the value of a partition column, which becomes part of a folder's name.
  ///
  /// - Throws: a diagnostic of category `usage`.
  static func requirePartition(_ partition: String, table: String) throws(Diagnostic) {
    guard isPlain(partition) else {
      throw Diagnostic(
        .usage,
        at: "table \(table)",
        "\"\(partition)\" cannot be the value of a partition.",
        fix: "use letters of a-z, digits, _, - and dots, at most 120 of them."
      )
    }
  }

  /// Checks the name of a run, which becomes a file's name.
  ///
  /// - Throws: a diagnostic of category `usage`.
  static func requireRun(_ id: String) throws(Diagnostic) {
    guard isPlain(id), id.first != "." else {
      throw Diagnostic(
        .usage,
        "\"\(id)\" cannot be the name of a run.",
        fix: "use letters of a-z, digits, _, - and dots, at most 120 of them."
      )
    }
  }

  /// Whether a text has 1 to 120 letters of a-z and A-Z, digits, `_`, `-` and dots, no others.
  static func isPlain(_ text: String) -> Bool {
    (1...120).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        isLetter(byte | 0x20) && byte < 0x80 && byte >= 0x41 || isDigit(byte)
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
