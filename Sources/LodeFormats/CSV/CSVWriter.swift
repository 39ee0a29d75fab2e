public import LodeColumns

/// Writes tables as delimited text.
public struct CSVWriter: Sendable, Hashable {
  /// For whom the file is.
  public enum Profile: String, CaseIterable, Sendable, Codable {
    /// For programs: UTF-8, LF, RFC 4180, no escaping of formulas.
    case machine
    /// For spreadsheets: byte-order mark, CRLF, text that starts like a formula gets an apostrophe.
    case excel
  }

  /// For whom the file is.
  public var profile: Profile

  /// Whether numbers have a decimal comma; then a semicolon stands between fields, as
  /// spreadsheets of such countries want it.
  public var usesDecimalComma: Bool

  /// A writer for the given reader.
  ///
  /// - Parameters:
  ///   - profile: for whom the file is.
  ///   - usesDecimalComma: whether numbers have a decimal comma, and fields a semicolon between.
  public init(_ profile: Profile = .machine, usesDecimalComma: Bool = false) {
    self.profile = profile
    self.usesDecimalComma = usesDecimalComma
  }

  /// The bytes of the table with a header line; missing cells are empty, empty texts are `""`.
  ///
  /// A missing cell of a table of one column is `""` too, since a blank line is no row.
  ///
  /// - Complexity: O(cells).
  public func bytes(_ table: Table) -> [UInt8] {
    let newline: [UInt8] = profile == .excel ? [0x0D, 0x0A] : [0x0A]
    var out: [UInt8] = profile == .excel ? [0xEF, 0xBB, 0xBF] : []
    let separator = usesDecimalComma ? UInt8(ascii: ";") : UInt8(ascii: ",")
    let header = table.schema.names.map { text(.text($0)) }
      .joined(separator: usesDecimalComma ? ";" : ",")
    let missing = table.columns.count == 1 ? "\"\"" : ""
    out.append(contentsOf: header.utf8)
    out.append(contentsOf: newline)
    for row in 0..<table.rowCount {
      for (index, column) in table.columns.enumerated() {
        if index > 0 { out.append(separator) }
        out.append(contentsOf: (column.isMissing(row) ? missing : text(column[row])).utf8)
      }
      out.append(contentsOf: newline)
    }
    return out
  }

  private func text(_ cell: Cell) -> String {
    switch cell {
    case .missing: return ""
    case .text(let text):
      if text.isEmpty { return "\"\"" }
      let first = text.unicodeScalars.first
      let looksLikeFormula = first.map { "=+-@\t\r\0".unicodeScalars.contains($0) } ?? false
      return quotedIfNeeded(profile == .excel && looksLikeFormula ? "'" + text : text)
    case .decimal where usesDecimalComma, .double where usesDecimalComma:
      return cell.description.replacing(".", with: ",")
    default: return cell.description
    }
  }

  private func quotedIfNeeded(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
        || byte == UInt8(ascii: ";") || byte == 0x09 || byte == UInt8(ascii: "|")
    }
    guard needsQuotes else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
