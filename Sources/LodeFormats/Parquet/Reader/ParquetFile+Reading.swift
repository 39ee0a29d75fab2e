public import LodeColumns
internal import LodeRuntime

/// The cells of a file and the columns left out.
public struct ParquetContents: Sendable {
  /// The cells of all columns that could be read.
  public let table: Table
  /// The columns that could not be read, and why; those of the schema and those of whose values
  /// lode can hold not every one.
  public let skippedColumns: [SkippedColumn]
}

extension ParquetFile {
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
    let selected = try selection(names)
    let groups = (groups ?? 0..<rowGroupCount).clamped(to: 0..<rowGroupCount)
    return try table(of: selected, in: Array(groups), verifiesChecksums)
  }

  /// The cells of every column that lode can hold; the others are named with the reason.
  ///
  /// Left out are columns in encodings that are not known and columns with a value that no cell
  /// can hold exactly: an unsigned number over 63 bits, a decimal of more than 18 digits, a time
  /// finer than a microsecond, a text that is not UTF-8.
  ///
  /// - Parameter verifiesChecksums: whether checksums of pages are checked where there are any.
  /// - Returns: the rows in file order.
  /// - Throws: ``ParquetError`` if the file is damaged or encrypted, or if no column is left.
  public func readContents(
    verifiesChecksums: Bool = true
  ) throws(ParquetError) -> ParquetContents {
    let count = columns.count
    let outcomes = Parallel.map(rowGroupCount * count) { task -> Result<Column, ParquetError> in
      do throws(ParquetError) {
        return .success(try read(columns[task % count], task / count, verifiesChecksums))
      } catch {
        return .failure(error)
      }
    }
    var skipped = skippedColumns
    var fields: [Field] = []
    var whole: [Column] = []
    var firstFailure: ParquetError?
    for (index, column) in columns.enumerated() {
      var parts: [Column] = []
      var failure: ParquetError?
      for task in stride(from: index, to: outcomes.count, by: count) where failure == nil {
        switch outcomes[task] {
        case .success(let part): parts.append(part)
        case .failure(let error): failure = error
        }
      }
      guard let failure else {
        fields.append(column.field)
        whole.append(
          parts.isEmpty
            ? ColumnBuilder(column.field.type).build() : Column.concatenating(parts)
        )
        continue
      }
      switch failure.reason {
      case .unrepresentable, .unsupported:
        skipped.append(SkippedColumn(path: column.field.name, reason: failure.words))
        firstFailure = firstFailure ?? failure
      default: throw failure
      }
    }
    if whole.isEmpty, let firstFailure { throw firstFailure }
    return ParquetContents(table: Table(Schema(fields), whole), skippedColumns: skipped)
  }

  /// The columns of the given names, all for nil.
  func selection(_ names: [String]?) throws(ParquetError) -> [ReadableColumn] {
    guard let names else { return columns }
    var wanted: [ReadableColumn] = []
    for name in names {
      guard let index = schema.index(of: name) else {
        throw ParquetError(.unknownColumn(name), file: self.name)
      }
      wanted.append(columns[index])
    }
    return wanted
  }

  /// The cells of some columns in some row groups.
  func table(
    of selected: [ReadableColumn],
    in groups: [Int],
    _ verifiesChecksums: Bool
  ) throws(ParquetError) -> Table {
    let parts = try Parallel.map(groups.count * selected.count) {
      (task: Int) throws(ParquetError) -> Column in
      let group = groups[task / selected.count]
      return try read(selected[task % selected.count], group, verifiesChecksums)
    }
    let schema = Schema(selected.map(\.field))
    guard !groups.isEmpty else { return Table(emptyWith: schema) }
    guard groups.count > 1 else { return Table(schema, parts) }
    let whole = Parallel.map(selected.count) { (index: Int) -> Column in
      Column.concatenating(
        stride(from: index, to: parts.count, by: selected.count).map { parts[$0] }
      )
    }
    return Table(schema, whole)
  }

  /// The cells of a column in a row group.
  ///
  /// - Parameters:
  ///   - column: the column.
  ///   - group: the row group.
  ///   - verifiesChecksums: whether checksums of pages are checked.
  ///   - pages: the data pages to decode; nil for all.
  ///   - first: where the first data page begins, if only some are decoded.
  /// - Returns: one cell a row of the pages.
  /// - Throws: ``ParquetError`` with row group, column and page.
  func read(
    _ column: ReadableColumn,
    _ group: Int,
    _ verifiesChecksums: Bool,
    pages: [PageEntry]? = nil,
    first: Int = 0
  ) throws(ParquetError) -> Column {
    let metadata = rowGroups[group].columns[column.leaf]
    var page: Int?
    do throws(ParquetError.Reason) {
      var decoder = try ChunkDecoder(
        column,
        metadata,
        rowCount: rowGroups[group].rowCount,
        pageRowCounts: pages?.map(\.rowCount),
        isOurs: createdBy?.hasPrefix(FooterSeal.writer) ?? false
      )
      let place = try metadata.place(in: source)
      var bytes: [UInt8] = []
      if let pages {
        // What lies before the first data page is the dictionary.
        bytes = try source.bytes(in: place.lowerBound..<max(first, place.lowerBound))
        for page in pages {
          bytes += try source.bytes(in: page.offset..<(page.offset + page.byteCount))
        }
      } else {
        bytes = try source.bytes(in: place)
      }
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
}

extension ColumnChunkMetadata {
  /// Some writers forgot the header of the dictionary page in the length of the chunk.
  private static let forgottenByteCount = 128

  /// Where the pages of the chunk lie; an offset of 0 for the dictionary means that there is none.
  func place(in source: ByteSource) throws(ParquetError.Reason) -> Range<Int> {
    var start = dataPageOffset
    if let offset = dictionaryPageOffset, offset > 0 { start = min(start, offset) }
    let length = compressedByteCount
    guard start >= 0, length >= 0, start <= source.byteCount, length <= source.byteCount - start
    else { throw .corrupt("a column at byte \(start) of \(length) bytes") }
    return start..<min(start + length + Self.forgottenByteCount, source.byteCount)
  }
}
