internal import Glibc
internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// What the conformance scripts need: a file as JSON lines, and files of every kind.
///
/// - `parquet-dump FILE`: first an object of the schema, the skipped columns and the notes, then
///   an array a row.
/// - `parquet-copy FILE`: reads it, writes `FILE.lode`, prints processor seconds and sizes.
/// - `parquet-zoo DIR`: files written by lode with their rows beside them in the same form.
struct ParquetPeerTool {
  let arguments: [String]

  /// Runs the command; the exit code.
  func run() throws -> Int32 {
    guard arguments.count == 2 else {
      throw Diagnostic(
        .usage,
        "\(arguments[0]) needs one path.",
        fix: "write lode-bench \(arguments[0]) PATH."
      )
    }
    if arguments[0] == "parquet-zoo" { return try ParquetZoo(folder: arguments[1]).write() }
    if arguments[0] == "parquet-copy" { return try copy() }
    do throws(ParquetError) {
      let file = try ParquetFile(opening: arguments[1])
      let contents = try file.readContents()
      let text = TableLines.text(
        of: contents.table,
        skipped: contents.skippedColumns,
        notes: file.notes
      )
      print(text, terminator: "")
      return 0
    } catch {
      throw error.diagnostic
    }
  }

  private func copy() throws -> Int32 {
    let path = arguments[1]
    let start = clock()
    let table = try ParquetFile(opening: path).read()
    let read = clock()
    let bytes = try ParquetWriter.encode(table).bytes
    let written = clock()
    try AtomicFile.write(bytes, to: path + ".lode")
    let perSecond = Double(CLOCKS_PER_SEC)
    print(
      "rows \(table.rowCount), read \(Double(read - start) / perSecond) s,",
      "written \(Double(written - read) / perSecond) s, \(bytes.count) bytes"
    )
    return 0
  }
}

/// A table as lines of JSON, exact for every type.
enum TableLines {
  /// The header object and one array a row.
  static func text(
    of table: Table,
    skipped: [SkippedColumn] = [],
    notes: [ColumnNote] = []
  ) -> String {
    var text = "{\"columns\":["
    text += table.schema.fields.map { "[\(quoted($0.name)),\(quoted("\($0.type)"))]" }
      .joined(separator: ",")
    text += "],\"rows\":\(table.rowCount),\"skipped\":["
    text += skipped.map { "[\(quoted($0.path)),\(quoted($0.reason))]" }.joined(separator: ",")
    text += "],\"notes\":["
    text += notes.map { "[\(quoted($0.column)),\(quoted($0.words))]" }.joined(separator: ",")
    text += "]}\n"
    for row in 0..<table.rowCount {
      text += "[" + table.columns.map { cell($0[row]) }.joined(separator: ",") + "]\n"
    }
    return text
  }

  /// Numbers of integers and times; doubles, decimals, dates and texts as strings.
  private static func cell(_ cell: Cell) -> String {
    switch cell {
    case .missing: "null"
    case .integer(let number): String(number)
    case .decimal, .date, .text: quoted(cell.description)
    case .double(let number):
      number.isNaN
        ? "\"nan\"" : number.isInfinite ? (number < 0 ? "\"-inf\"" : "\"inf\"") : "\"\(number)\""
    case .boolean(let flag): flag ? "true" : "false"
    case .timestamp(let timestamp): String(timestamp.microseconds)
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
