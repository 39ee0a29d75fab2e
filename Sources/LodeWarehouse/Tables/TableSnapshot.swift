public import LodeColumns
internal import LodeFormats
public import LodeRuntime

/// One data file of a table.
public struct DataFile: Sendable, Hashable {
  /// The path within the table's folder.
  public let path: String
  /// The path from the working folder or the root of the file system.
  public let absolutePath: String
  /// The value of the partition column; nil in a table without one.
  public let partition: String?
  /// The number of rows.
  public let rowCount: Int
  /// The number of bytes.
  public let byteCount: Int
  /// The SHA-256 digest of the bytes, as the log has it; nil for files of other writers.
  public let sha256: String?
}

/// A table at one version: complete, and the same whatever is committed later.
public struct TableSnapshot: Sendable {
  /// Rows of one data file.
  public typealias Part = TableWrite.Part

  /// The table's name.
  public let name: String
  /// The version.
  public let version: Int
  /// The columns, without the partition column.
  public let schema: Schema
  /// The column that rows are stored apart by; nil for none.
  public let partitionColumn: String?
  /// The number of rows.
  public let rowCount: Int
  /// The data files, in the order of partitions (numbers by value, else by bytes) and paths.
  public let files: [DataFile]
  /// The hash of schema, partitions and files: equal content has an equal hash, at any version.
  public let contentHash: String

  init(
    name: String,
    version: Int,
    schema: Schema,
    partitionColumn: String?,
    files: [DataFile]
  ) {
    self.name = name
    self.version = version
    self.schema = schema
    self.partitionColumn = partitionColumn
    self.files = Self.ordered(files)
    rowCount = files.reduce(0) { $0 + $1.rowCount }
    contentHash = Self.contentHash(schema, partitionColumn, self.files)
  }

  /// The partitions that have rows, in order.
  public var partitions: [String] {
    var partitions: [String] = []
    for file in files {
      guard let partition = file.partition, partition != partitions.last else { continue }
      partitions.append(partition)
    }
    return partitions
  }

  /// The rows of each data file, in the order of ``files``.
  ///
  /// - Parameters:
  ///   - columns: the columns in the wanted order; nil for all.
  ///   - partitions: the partitions to read; nil for all.
  /// - Returns: the rows of each file with its partition.
  /// - Throws: a diagnostic that names the column or the file.
  public func read(
    columns: [String]? = nil,
    partitions: [String]? = nil
  ) throws(Diagnostic) -> [Part] {
    let wanted = try wantedSchema(columns)
    let selected = files.filter { file in
      guard let partitions else { return true }
      return file.partition.map { partitions.contains($0) } ?? false
    }
    return try Parallel.map(selected.count) { (index: Int) throws(Diagnostic) -> Part in
      let file = selected[index]
      return Part(partition: file.partition, rows: try Self.rows(of: file, wanted))
    }
  }

  /// The rows of one data file.
  ///
  /// - Parameters:
  ///   - file: its place in ``files``.
  ///   - columns: the columns in the wanted order; nil for all.
  /// - Returns: the rows, without the partition column.
  /// - Throws: a diagnostic that names the column or the file.
  public func rows(ofFile file: Int, columns: [String]? = nil) throws(Diagnostic) -> Table {
    try Self.rows(of: files[file], try wantedSchema(columns))
  }

  /// The rows of all data files as one table, in the order of ``files``.
  ///
  /// - Parameters:
  ///   - columns: the columns in the wanted order; nil for all.
  ///   - partitions: the partitions to read; nil for all.
  /// - Returns: the rows, without the partition column.
  /// - Throws: a diagnostic that names the column or the file.
  public func table(
    columns: [String]? = nil,
    partitions: [String]? = nil
  ) throws(Diagnostic) -> Table {
    let parts = try read(columns: columns, partitions: partitions)
    guard !parts.isEmpty else { return Table(emptyWith: try wantedSchema(columns)) }
    return Table.concatenating(parts.map(\.rows))
  }

  private func wantedSchema(_ columns: [String]?) throws(Diagnostic) -> Schema {
    guard let columns else { return schema }
    var fields: [Field] = []
    for column in columns {
      guard let index = schema.index(of: column) else {
        throw Diagnostic(
          .failure,
          at: "table \(name)",
          "there is no column \"\(column)\""
            + "\(Suggestion.ending(for: column, in: schema.names)) "
            + "The columns are \(schema.names.joined(separator: ", ")).",
          fix: "name one of these columns."
        )
      }
      fields.append(schema.fields[index])
    }
    return Schema(fields)
  }

  /// The rows of a file under the table's schema; columns added later are missing in it.
  private static func rows(of file: DataFile, _ schema: Schema) throws(Diagnostic) -> Table {
    guard FileTree.byteCount(file.absolutePath) == file.byteCount else {
      throw Diagnostic(
        .failure,
        at: file.absolutePath,
        "the file is not there or does not have the \(file.byteCount) bytes that it was written "
          + "with.",
        fix: "restore it from a copy, or run the stage that writes this table again."
      )
    }
    do throws(ParquetError) {
      let parquet = try ParquetFile(opening: file.absolutePath)
      let present = schema.names.filter { parquet.schema.index(of: $0) != nil }
      let rows = try parquet.read(columns: present)
      guard parquet.rowCount == file.rowCount else {
        throw ParquetError(
          .corrupt("\(parquet.rowCount) rows where the log has \(file.rowCount)"),
          file: file.absolutePath
        )
      }
      return try under(schema, rows, rowCount: parquet.rowCount, file)
    } catch {
      throw error.diagnostic
    }
  }

  private static func under(
    _ schema: Schema,
    _ rows: Table,
    rowCount: Int,
    _ file: DataFile
  ) throws(ParquetError) -> Table {
    var columns: [Column] = []
    for field in schema.fields {
      guard let column = rows.column(field.name) else {
        var builder = ColumnBuilder(field.type)
        for _ in 0..<rowCount { builder.appendMissing() }
        columns.append(builder.build())
        continue
      }
      guard SchemaEvolution.wider(column.type, field.type) == field.type else {
        throw ParquetError(
          .unsupported("\(column.type) values in a \(field.type) column"),
          file: file.absolutePath,
          column: field.name
        )
      }
      let isWider = column.type != field.type
      columns.append(
        isWider
          ? Column(type: field.type, storage: column.storage, validity: column.validity) : column
      )
    }
    return Table(schema, columns)
  }

  private static func ordered(_ files: [DataFile]) -> [DataFile] {
    let areNumbers = files.allSatisfy { $0.partition.map { Int($0) != nil } ?? true }
    return files.sorted { left, right in
      let (a, b) = (left.partition ?? "", right.partition ?? "")
      if a != b {
        if areNumbers, let first = Int(a), let second = Int(b), first != second {
          return first < second
        }
        return precedes(a, b)
      }
      return precedes(left.path, right.path)
    }
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  private static func contentHash(
    _ schema: Schema,
    _ partitionColumn: String?,
    _ files: [DataFile]
  ) -> String {
    var text = DeltaSchemaText.encode(schema, partitionColumn: partitionColumn)
    for file in files {
      text += "\n\(file.partition ?? "")\t\(file.sha256 ?? "\(file.path):\(file.byteCount)")"
    }
    return SHA256.hexDigest(of: text)
  }
}
