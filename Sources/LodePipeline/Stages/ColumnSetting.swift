internal import LodeColumns
internal import LodeFormats
internal import LodeRuntime

/// A setting that names a column of an input table, with its place for messages.
struct ColumnSetting: Sendable {
  /// The key in the pipeline file.
  let key: String
  /// The column.
  let name: String
  /// Where the pipeline file says so, `file:line:column`.
  let place: String

  /// The setting of a key that must be there.
  ///
  /// - Throws: a diagnostic if it is absent or not a text.
  init(_ key: String, required reader: ConfigurationReader) throws(Diagnostic) {
    self.init(key, try reader.requiredString(key), reader)
  }

  /// The setting of a key; nil if it is absent.
  ///
  /// - Throws: a diagnostic if it is not a text.
  init?(_ key: String, _ reader: ConfigurationReader) throws(Diagnostic) {
    guard let name = try reader.string(key) else { return nil }
    self.init(key, name, reader)
  }

  /// The setting of a key, `name` where it is absent.
  ///
  /// - Throws: a diagnostic if it is not a text.
  init(_ key: String, _ reader: ConfigurationReader, or name: String) throws(Diagnostic) {
    self.init(key, try reader.string(key) ?? name, reader)
  }

  private init(_ key: String, _ name: String, _ reader: ConfigurationReader) {
    self.key = key
    self.name = name
    place = reader.place(of: reader.node(key) ?? reader.node)
  }

  /// The column in a table.
  ///
  /// - Throws: a diagnostic of category `usage` at the setting, with a suggestion.
  func column(of table: Table, _ tableName: String) throws(Diagnostic) -> Column {
    if let column = table.column(name) { return column }
    let names = table.schema.names.filter { !$0.hasPrefix("_") }
    throw problem(
      "the table \(tableName) has no column \"\(name)\"\(Suggestion.ending(for: name, in: names))",
      fix: "set \(key) to one of \(names.joined(separator: ", "))."
    )
  }

  /// The column as ids in text.
  ///
  /// - Throws: a diagnostic of category `usage` at the setting if there is none.
  func ids(of table: Table, _ tableName: String) throws(Diagnostic) -> Column {
    try column(of: table, tableName).asTexts()
  }

  /// The column as numbers, NaN where a cell is missing.
  ///
  /// - Throws: a diagnostic of category `usage` at the setting if there is none, or none of
  ///   numbers.
  func numbers(of table: Table, _ tableName: String) throws(Diagnostic) -> [Double] {
    let column = try column(of: table, tableName)
    switch column.type {
    case .integer, .decimal, .double: return column.numbers()
    case .boolean, .text, .date, .timestamp:
      throw wrongType(column.type, tableName, "decimal(18,2)")
    }
  }

  /// The column as points in time, microseconds since 1970; nil where a cell is missing.
  ///
  /// - Throws: a diagnostic of category `usage` at the setting if there is none, or none of times.
  func times(of table: Table, _ tableName: String) throws(Diagnostic) -> [Int64?] {
    let column = try column(of: table, tableName)
    guard column.type == .date || column.type == .timestamp else {
      throw wrongType(column.type, tableName, "timestamp")
    }
    let unit = column.type == .date ? Timestamp.microsecondsPerDay : 1
    return column.integers.enumerated()
      .map { row, time in column.isMissing(row) ? nil : time * unit }
  }

  /// A diagnostic at the setting.
  func problem(_ message: String, fix: String) -> Diagnostic {
    Diagnostic(.usage, at: place, message, fix: fix)
  }

  private func wrongType(_ type: ColumnType, _ tableName: String, _ wanted: String) -> Diagnostic {
    problem(
      "the column \"\(name)\" of the table \(tableName) is of type \(type), where \(wanted) is "
        + "needed.",
      fix: "declare it in the extract stage, types: { \"\(name)\": \"\(wanted)\" }, or set \(key) "
        + "to another column."
    )
  }
}

extension ConfigurationReader {
  /// A reader of the object at a key, of no keys at all if it is absent.
  ///
  /// - Throws: a diagnostic if it is not an object.
  func objectOrEmpty(_ key: String) throws(Diagnostic) -> ConfigurationReader {
    if let object = try object(key) { return object }
    return try ConfigurationReader(
      JSON5Node(position: node.position, kind: .object([])),
      file: file,
      subject: "\"\(key)\" of \(subject)"
    )
  }
}
