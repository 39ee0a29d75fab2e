public import LodeColumns
internal import LodeFormats

/// Rows to publish as a new version of a table.
public struct TableWrite: Sendable {
  /// What the new rows take the place of.
  public enum Replacement: Sendable, Hashable {
    /// All rows of the table.
    case everything
    /// The rows of these partitions; other partitions stay as they are.
    case partitions([String])
    /// No rows: the new ones are appended.
    case nothing
  }

  /// Rows of one partition.
  public struct Part: Sendable {
    /// The value of the partition column; nil in a table without one.
    public let partition: String?
    /// The rows, without the partition column.
    public let rows: Table

    /// Rows of a partition.
    public init(partition: String? = nil, rows: Table) {
      self.partition = partition
      self.rows = rows
    }
  }

  /// The table's name, words of `a-z`, `0-9` and `_` joined by dots.
  public let name: String
  /// The columns, without the partition column.
  public let schema: Schema
  /// The column that rows are stored apart by, for example `shard`; nil for none.
  public let partitionColumn: String?
  /// The rows, a data file each, or several if one would be too large.
  public let parts: [Part]
  /// What they take the place of.
  public let replaces: Replacement
  /// The operation as the table's history shows it, for example `clean`.
  public let operation: String
  /// The run that writes.
  public let runID: String
  /// Texts for the table's history.
  public let info: [String: String]

  /// Rows to publish.
  ///
  /// - Precondition: every part has the given schema.
  public init(
    name: String,
    schema: Schema,
    partitionColumn: String? = nil,
    parts: [Part],
    replaces: Replacement = .everything,
    operation: String,
    runID: String,
    info: [String: String] = [:]
  ) {
    for part in parts {
      precondition(
        part.rows.schema == schema,
        "a part with columns \(part.rows.schema.names) of a table with \(schema.names)"
      )
    }
    self.name = name
    self.schema = schema
    self.partitionColumn = partitionColumn
    self.parts = parts
    self.replaces = replaces
    self.operation = operation
    self.runID = runID
    self.info = info
  }
}

extension TableWrite {
  /// The same write with other parts.
  func holding(_ parts: [Part]) -> TableWrite {
    TableWrite(
      name: name,
      schema: schema,
      partitionColumn: partitionColumn,
      parts: parts,
      replaces: replaces,
      operation: operation,
      runID: runID,
      info: info
    )
  }
}

/// Data files that are written and on disk, but belong to no version yet.
public struct StagedWrite: Sendable {
  /// The table's name.
  public let name: String
  /// The number of rows in all files.
  public let rowCount: Int
  /// The bytes of all files.
  public let byteCount: Int

  let schema: Schema
  let partitionColumn: String?
  let replaces: TableWrite.Replacement
  let operation: String
  let runID: String
  let info: [String: String]
  let files: [StagedFile]
  /// The version that the write started from; nil if there was no such table.
  let base: Int?

  init(_ write: TableWrite, files: [StagedFile], base: Int?) {
    name = write.name
    rowCount = files.reduce(0) { $0 + $1.file.rowCount }
    byteCount = files.reduce(0) { $0 + $1.file.byteCount }
    schema = write.schema
    partitionColumn = write.partitionColumn
    replaces = write.replaces
    operation = write.operation
    runID = write.runID
    info = write.info
    self.files = files
    self.base = base
  }
}

/// A write whose rows come part by part; only files that were written are known of it.
public struct GradualWrite: Sendable {
  let write: TableWrite
  /// The version that the write started from; nil if there was no such table.
  let base: Int?
  var files: [StagedFile] = []

  /// The number of rows so far.
  public var rowCount: Int { files.reduce(0) { $0 + $1.file.rowCount } }

  var staged: StagedWrite { StagedWrite(write, files: files, base: base) }
}

/// One data file of a staged write.
struct StagedFile: Sendable {
  let file: DataFile
  let statistics: String
  let sums: String
  /// Whether the file was not there before.
  let isNew: Bool
  /// The same file on its way to disk.
  let settling: SettlingFile
}

/// A version of a table after a commit.
public struct TableVersion: Sendable, Hashable {
  /// The table's name.
  public let name: String
  /// The version.
  public let version: Int
  /// Whether the table held this content already, so that no new version was made.
  public let isUnchanged: Bool
  /// The number of rows of the whole table.
  public let rowCount: Int
  /// The hash of the whole table's content.
  public let contentHash: String
}
