import LodeColumns
import LodeFormats
import Testing

/// One document of the corpus with what must come out of it.
struct CSVCase: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  /// The columns with their types, for example `id text, amount decimal(18,2)`.
  let columns: String
  /// The cells as texts; nil is a missing cell.
  let rows: [[String?]]
  /// The line of each row, where the case says it.
  let lines: [Int]?
  /// The rejects as line and reasons, for example `3 ragged bad_utf8`.
  let rejects: [String]
  let options: @Sendable (inout CSVReader) -> Void

  init(
    _ name: String,
    _ text: String,
    columns: String,
    rows: [[String?]],
    lines: [Int]? = nil,
    rejects: [String] = [],
    options: @escaping @Sendable (inout CSVReader) -> Void = { _ in }
  ) {
    self.init(
      name,
      bytes: Array(text.utf8),
      columns: columns,
      rows: rows,
      lines: lines,
      rejects: rejects,
      options: options
    )
  }

  init(
    _ name: String,
    bytes: [UInt8],
    columns: String,
    rows: [[String?]],
    lines: [Int]? = nil,
    rejects: [String] = [],
    options: @escaping @Sendable (inout CSVReader) -> Void = { _ in }
  ) {
    self.name = name
    self.bytes = bytes
    self.columns = columns
    self.rows = rows
    self.lines = lines
    self.rejects = rejects
    self.options = options
  }

  var testDescription: String { name }
}

/// One document that is refused as a whole, with the full message.
struct CSVRefusal: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let message: String
  let options: @Sendable (inout CSVReader) -> Void

  init(
    _ name: String,
    bytes: [UInt8],
    _ message: String,
    options: @escaping @Sendable (inout CSVReader) -> Void = { _ in }
  ) {
    self.name = name
    self.bytes = bytes
    self.message = message
    self.options = options
  }

  init(
    _ name: String,
    _ text: String,
    _ message: String,
    options: @escaping @Sendable (inout CSVReader) -> Void = { _ in }
  ) {
    self.init(name, bytes: Array(text.utf8), message, options: options)
  }

  var testDescription: String { name }
}
