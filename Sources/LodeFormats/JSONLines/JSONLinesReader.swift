public import LodeColumns
public import LodeRuntime

/// Reads JSON Lines: one flat object a line, keys are columns in order of first occurrence.
///
/// A missing key and `null` are missing cells. Types come from a declaration or from every cell of
/// the file. Lines that are no flat object or do not fit the types are returned as rejects.
public struct JSONLinesReader: Sendable {
  /// Types by column name; other columns get the narrowest type that fits all their cells: numbers
  /// integer, decimal or double; texts date, timestamp or text.
  public var types: [String: ColumnType] = [:]
  /// Columns about persons: their values are not shown in messages.
  public var personalColumns: Set<String> = []

  /// A reader that finds all types.
  public init() {}

  private struct Line {
    let number: Int
    let range: Range<Int>
    let members: [(key: String, value: JSONLineValue)]
  }

  /// Reads a whole source, plain, gzip or zstd.
  ///
  /// - Parameter source: the file.
  /// - Returns: the table, a line for each row, and the rejects.
  /// - Throws: a diagnostic when the source as a whole cannot be read, or a column holds cells of
  ///   two kinds and its type is not declared.
  public func read(_ source: SourceBytes) throws(Diagnostic) -> CSVDocument {
    let name = source.name
    let bytes = try TextStream(source, encoding: .utf8).rest()
    var rejects: [RejectedRecord] = []
    let lines = lines(bytes, &rejects)
    var names: [String] = []
    var places: [String: Int] = [:]
    for line in lines {
      for member in line.members where places[member.key] == nil {
        places[member.key] = names.count
        names.append(member.key)
      }
    }
    for declared in types.keys.sorted() where places[declared] == nil {
      guard lines.isEmpty else {
        throw Diagnostic(
          .failure,
          at: name,
          "no object has a key \"\(declared)\", whose type is declared"
            + "\(Suggestion.ending(for: declared, in: names))",
          fix: "correct the name in types; the keys are \(names.joined(separator: ", "))."
        )
      }
      places[declared] = names.count
      names.append(declared)
    }
    guard !names.isEmpty else {
      throw Diagnostic(
        .failure,
        at: name,
        rejects.first.map { "no line is a flat object; line \($0.line): \($0.message)." }
          ?? "the file holds no objects.",
        fix: "export one flat JSON object a line."
      )
    }
    var cells = [[JSONLineValue]](
      repeating: Array(repeating: .null, count: lines.count),
      count: names.count
    )
    for (row, line) in lines.enumerated() {
      for member in line.members { cells[places[member.key] ?? 0][row] = member.value }
    }
    return try document(names, cells, lines, bytes, rejects, name: name)
  }

  /// The objects of all lines; what is none goes to the rejects.
  private func lines(_ bytes: [UInt8], _ rejects: inout [RejectedRecord]) -> [Line] {
    var lines: [Line] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let range = start..<end
      number += 1
      start = end + 1
      let isBlank = bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      if isBlank { continue }
      let damage = UTF8Check.damage(bytes, range)
      if !damage.isEmpty {
        rejects.append(
          RejectedRecord(
            line: number,
            offset: range.lowerBound,
            reasons: damage.map(\.reason),
            column: nil,
            message: damage.map(\.words).joined(separator: "; "),
            raw: String(decoding: bytes[range], as: UTF8.self)
          )
        )
        continue
      }
      var parser = JSONLineParser(bytes, range)
      do throws(JSONLineProblem) {
        lines.append(Line(number: number, range: range, members: try parser.object()))
      } catch {
        rejects.append(
          RejectedRecord(
            line: number,
            offset: range.lowerBound,
            reasons: [error.reason],
            column: nil,
            message: error.words,
            raw: String(decoding: bytes[range], as: UTF8.self)
          )
        )
      }
    }
    return lines
  }

  private func document(
    _ names: [String],
    _ cells: [[JSONLineValue]],
    _ lines: [Line],
    _ bytes: [UInt8],
    _ malformed: [RejectedRecord],
    name: String
  ) throws(Diagnostic) -> CSVDocument {
    var columns: [Column] = []
    var columnTypes: [ColumnType] = []
    var bad: [Int: [Int]] = [:]
    for (index, column) in names.enumerated() {
      let type: ColumnType
      if let declared = types[column] {
        type = declared
      } else {
        type = try JSONLineTypes.type(of: cells[index], column: column, name: name) {
          lines[$0].number
        }
      }
      columnTypes.append(type)
      var builder = ColumnBuilder(type)
      var zones = (has: false, lacks: false)
      for row in cells[index].indices {
        let fits = JSONLineTypes.append(cells[index][row], to: &builder, &zones)
        if !fits { bad[row, default: []].append(index) }
      }
      guard !(zones.has && zones.lacks) else { throw JSONLineTypes.mixedZones(column, name) }
      columns.append(builder.build())
    }
    var table = Table(Schema(zip(names, columnTypes).map { Field($0, $1) }), columns)
    var numbers = lines.map(\.number)
    var rejects = malformed
    for row in bad.keys.sorted() {
      let wrong = bad[row] ?? []
      let words = wrong.map { index in
        let isPersonal = personalColumns.contains(names[index])
        let shown = isPersonal ? "a value" : JSONLineTypes.words(cells[index][row])
        return "column \"\(names[index])\" holds \(shown), which is not of type "
          + "\(columnTypes[index])"
      }
      rejects.append(
        RejectedRecord(
          line: lines[row].number,
          offset: lines[row].range.lowerBound,
          reasons: wrong.map { "bad_" + columnTypes[$0].description.prefix { $0 != "(" } },
          column: wrong.first.map { names[$0] },
          message: words.joined(separator: "; "),
          raw: String(decoding: bytes[lines[row].range], as: UTF8.self)
        )
      )
    }
    if !bad.isEmpty {
      let isKept = numbers.indices.map { bad[$0] == nil }
      table = table.filtered(isKept)
      numbers = numbers.indices.filter { isKept[$0] }.map { numbers[$0] }
    }
    rejects.sort { $0.offset < $1.offset }
    var places = LineNumbers()
    for number in numbers { places.append(from: number) }
    return CSVDocument(table: table, lines: places, rejects: rejects)
  }
}
