public import LodeColumns
internal import LodeRuntime

/// A Parquet file: its schema and, on demand, its columns.
///
/// Reads flat columns of files of any writer: data pages of both versions, plain values,
/// dictionaries, run-length booleans, four codecs. Nested columns and types without a counterpart
/// are reported in ``skippedColumns``. Damaged bytes are an error, never a wrong value where the
/// file has checksums.
public struct ParquetFile: Sendable {
  /// The path of the file, or the name given to its bytes.
  public let name: String
  /// The columns that can be read, none of them personal.
  public let schema: Schema
  /// The columns that cannot be read, and why.
  public let skippedColumns: [SkippedColumn]
  /// The number of rows.
  public let rowCount: Int
  /// The number of row groups.
  public let rowGroupCount: Int
  /// The pairs of the footer, in file order.
  public let keyValues: [(key: String, value: String)]
  /// The program that wrote the file, if it says so.
  public let createdBy: String?

  private let source: ByteSource
  private let columns: [ReadableColumn]
  private let rowGroups: [RowGroupMetadata]

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
      let metadata = try Self.footer(of: source)
      let tree = try ReadableColumn.columns(of: metadata.schema)
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
      rowGroupCount = metadata.rowGroups.count
      keyValues = metadata.keyValues
      createdBy = metadata.createdBy
      columns = tree.readable
      rowGroups = metadata.rowGroups
    } catch {
      throw ParquetError(error, file: name)
    }
  }

  /// The cells of some columns.
  ///
  /// Columns and row groups are decoded in parallel; only the bytes of the named columns are read.
  ///
  /// - Parameters:
  ///   - names: the columns in the wanted order; nil for all that can be read.
  ///   - groups: the row groups; nil for all.
  ///   - verifiesChecksums: whether checksums of pages are checked where there are any.
  /// - Returns: the rows in file order.
  /// - Throws: ``ParquetError`` with row group, column and page.
  public func read(
    columns names: [String]? = nil,
    rowGroups groups: Range<Int>? = nil,
    verifiesChecksums: Bool = true
  ) throws(ParquetError) -> Table {
    var wanted: [ReadableColumn] = columns
    if let names {
      wanted = []
      for name in names {
        guard let index = schema.index(of: name) else {
          throw ParquetError(.unknownColumn(name), file: self.name)
        }
        wanted.append(columns[index])
      }
    }
    let groups = (groups ?? 0..<rowGroupCount).clamped(to: 0..<rowGroupCount)
    let selected = wanted
    let parts = try Parallel.map(groups.count * selected.count) {
      (task: Int) throws(ParquetError) -> Column in
      let group = groups.lowerBound + task / selected.count
      return try read(selected[task % selected.count], group, verifiesChecksums)
    }
    let schema = Schema(selected.map(\.field))
    guard !groups.isEmpty else { return Table(emptyWith: schema) }
    let whole = Parallel.map(selected.count) { (index: Int) -> Column in
      Column.concatenating(
        stride(from: index, to: parts.count, by: selected.count).map { parts[$0] }
      )
    }
    return Table(schema, whole)
  }

  private func read(
    _ column: ReadableColumn,
    _ group: Int,
    _ verifiesChecksums: Bool
  ) throws(ParquetError) -> Column {
    let metadata = rowGroups[group].columns[column.leaf]
    var page: Int?
    do throws(ParquetError.Reason) {
      var decoder = try ChunkDecoder(column, metadata, rowCount: rowGroups[group].rowCount)
      let bytes = try source.bytes(in: try Self.place(of: metadata, in: source))
      defer { page = decoder.page }
      return try decoder.decode(bytes, verifiesChecksums: verifiesChecksums)
    } catch {
      throw ParquetError(
        error,
        file: name,
        rowGroup: group,
        column: column.field.name,
        page: page
      )
    }
  }

  /// Where the pages of a chunk lie; an offset of 0 for the dictionary means that there is none.
  private static func place(
    of chunk: ColumnChunkMetadata,
    in source: ByteSource
  ) throws(ParquetError.Reason) -> Range<Int> {
    var start = chunk.dataPageOffset
    if let offset = chunk.dictionaryPageOffset, offset > 0 { start = min(start, offset) }
    let length = chunk.compressedByteCount
    guard start >= 0, length >= 0, start <= source.byteCount,
      length <= source.byteCount - start
    else { throw .corrupt("a column at byte \(start) of \(length) bytes") }
    return start..<(start + length)
  }

  private static func footer(of source: ByteSource) throws(ParquetError.Reason) -> FileMetadata {
    let size = source.byteCount
    guard size >= 12 else { throw .notParquet }
    let head = try source.bytes(in: 0..<4)
    let tail = try source.bytes(in: (size - 8)..<size)
    if Array(tail[4...]) == Array("PARE".utf8) { throw .encrypted }
    guard head == ParquetWriter.magic else { throw .notParquet }
    guard Array(tail[4...]) == ParquetWriter.magic else { throw .truncated }
    var cursor = ByteCursor(tail)
    let length = Int(try cursor.littleEndian(byteCount: 4))
    guard length <= size - 12 else { throw .corrupt("a footer of \(length) bytes") }
    let bytes = try source.bytes(in: (size - 8 - length)..<(size - 8))
    var reader = ThriftReader(ByteCursor(bytes))
    let metadata = try FileMetadata(&reader)
    guard !metadata.isEncrypted else { throw .encrypted }
    return metadata
  }
}

/// Where the bytes of a file come from.
private enum ByteSource: Sendable {
  case file(InputFile)
  case memory([UInt8])

  var byteCount: Int {
    switch self {
    case .file(let file): file.byteCount
    case .memory(let bytes): bytes.count
    }
  }

  /// The bytes of a range that lies within the file.
  func bytes(in range: Range<Int>) throws(ParquetError.Reason) -> [UInt8] {
    switch self {
    case .memory(let bytes): return Array(bytes[range])
    case .file(let file):
      let bytes: [UInt8]
      do throws(InputFileError) {
        bytes = try file.bytes(in: range)
      } catch {
        throw .unreadable(error.words)
      }
      guard bytes.count == range.count else { throw .truncated }
      return bytes
    }
  }
}
