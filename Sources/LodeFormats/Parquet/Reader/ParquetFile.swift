public import LodeColumns
internal import LodeRuntime

/// A Parquet file: its schema and, on demand, its columns.
///
/// Reads flat columns of files of any writer: data pages of both versions, every encoding of the
/// format's version 2.11 but ALP, every codec but LZO. Nested columns and types without a
/// counterpart are reported in ``skippedColumns``, what is read as another type in ``notes``.
/// Damaged bytes are an error, never a wrong value where the file has checksums.
///
/// - Source: Apache Parquet, "File Format", "Encodings", "Logical Types", "Compression".
public struct ParquetFile: Sendable {
  /// The path of the file, or the name given to its bytes.
  public let name: String
  /// The columns that can be read, none of them personal.
  public let schema: Schema
  /// The columns that cannot be read, and why.
  public let skippedColumns: [SkippedColumn]
  /// The columns that are read as something else than the file declares.
  public let notes: [ColumnNote]
  /// The number of rows.
  public let rowCount: Int
  /// The number of row groups.
  public let rowGroupCount: Int
  /// The pairs of the footer, in file order.
  public let keyValues: [(key: String, value: String)]
  /// The program that wrote the file, if it says so.
  public let createdBy: String?

  let source: ByteSource
  let columns: [ReadableColumn]
  let rowGroups: [RowGroupMetadata]
  let columnOrders: [Int]
  /// Place and checksum of Bloom filters and page index, if lode wrote the file.
  let indexSeal: String?

  /// Opens a file and reads its footer.
  ///
  /// - Throws: ``ParquetError`` for a file that cannot be opened or is not whole.
  public init(opening path: String) throws(ParquetError) {
    let file: InputFile
    do throws(InputFileError) {
      file = try InputFile(opening: path)
    } catch {
      throw ParquetError(.unreadable(error.words), file: path)
    }
    try self.init(.file(file), name: path)
  }

  /// Reads the footer of a file whose bytes are in memory.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of the file.
  ///   - name: what to call the file in messages.
  /// - Throws: ``ParquetError`` for bytes that are not a whole Parquet file.
  public init(bytes: [UInt8], name: String = "<memory>") throws(ParquetError) {
    try self.init(.memory(bytes), name: name)
  }

  private init(_ source: ByteSource, name: String) throws(ParquetError) {
    do throws(ParquetError.Reason) {
      let metadata = try source.footer()
      let tree = try SchemaTree(metadata.schema)
      var rowCount = 0
      for group in metadata.rowGroups {
        guard group.columns.count == tree.leafCount, group.rowCount >= 0 else {
          throw .corrupt("a row group of \(group.columns.count) columns, \(group.rowCount) rows")
        }
        let (sum, hasOverflowed) = rowCount.addingReportingOverflow(group.rowCount)
        guard !hasOverflowed else { throw .corrupt("too many rows") }
        rowCount = sum
      }
      guard rowCount == metadata.rowCount else {
        throw .corrupt("\(metadata.rowCount) rows declared, \(rowCount) in row groups")
      }
      self.name = name
      self.source = source
      self.rowCount = rowCount
      schema = Schema(tree.readable.map(\.field))
      skippedColumns = tree.skipped
      notes = tree.readable.compactMap { column in
        column.note.map { ColumnNote(column: column.field.name, words: $0) }
      }
      rowGroupCount = metadata.rowGroups.count
      keyValues = metadata.keyValues
        .filter { $0.key != FooterSeal.key && $0.key != FooterSeal.indexKey }
      let isOurs = metadata.createdBy?.hasPrefix(FooterSeal.writer) ?? false
      indexSeal =
        isOurs ? metadata.keyValues.first { $0.key == FooterSeal.indexKey }?.value : nil
      createdBy = metadata.createdBy
      columns = tree.readable
      rowGroups = metadata.rowGroups
      columnOrders = metadata.columnOrders
    } catch {
      throw ParquetError(error, file: name)
    }
  }
}
