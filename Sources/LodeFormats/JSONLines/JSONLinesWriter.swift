public import LodeColumns

/// Writes tables as JSON Lines: one object a line, `null` for a missing cell.
public struct JSONLinesWriter: Sendable {
  /// A writer.
  public init() {}

  /// The bytes of the table; decimals and doubles are numbers, days and times are texts.
  ///
  /// - Complexity: O(cells).
  public func bytes(_ table: Table) -> [UInt8] {
    var out: [UInt8] = []
    let keys = table.schema.names.map { JSONText.quoted($0) }
    for row in 0..<table.rowCount {
      out.append(UInt8(ascii: "{"))
      for (index, column) in table.columns.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.append(contentsOf: keys[index].utf8)
        out.append(UInt8(ascii: ":"))
        out.append(contentsOf: (column.isMissing(row) ? "null" : Self.text(column[row])).utf8)
      }
      out.append(UInt8(ascii: "}"))
      out.append(0x0A)
    }
    return out
  }

  private static func text(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): return JSONText.quoted(text)
    case .date, .timestamp: return JSONText.quoted(cell.description)
    // JSON has no word for what is no number.
    case .double(let number): return number.isFinite ? cell.description : "null"
    default: return cell.description
    }
  }
}
