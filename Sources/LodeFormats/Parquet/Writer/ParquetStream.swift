public import LodeColumns
internal import LodeRuntime

/// Writes a Parquet file piece by piece, so that only one row group is held at a time.
///
/// Each piece of bytes goes to the file in order: those of every ``append(_:)``, then those of
/// ``finish()``.
public struct ParquetStream: Sendable {
  private let schema: Schema
  private let options: ParquetOptions
  private var position = 0
  private var groups: [Int] = []
  private var chunks: [EncodedChunk] = []
  private var places: [ChunkPlaces] = []

  /// A file of the given schema.
  public init(_ schema: Schema, options: ParquetOptions = ParquetOptions()) {
    precondition(options.rowsPerGroup > 0, "\(options.rowsPerGroup) rows per group")
    self.schema = schema
    self.options = options
  }

  /// The bytes that hold more rows, in row groups of their own.
  ///
  /// - Parameter table: the cells.
  /// - Returns: what follows in the file.
  /// - Throws: ``CompressionError`` when a codec fails.
  /// - Precondition: the table has the schema of the file.
  public mutating func append(_ table: Table) throws(CompressionError) -> [UInt8] {
    precondition(table.schema == schema, "rows of another schema: \(table.schema.names)")
    var bytes: [UInt8] = position == 0 ? ParquetWriter.magic : []
    let fields = schema.fields
    let options = options
    for start in stride(from: 0, to: table.rowCount, by: options.rowsPerGroup) {
      let rows = start..<min(start + options.rowsPerGroup, table.rowCount)
      var encoded = try Parallel.map(fields.count) {
        (index: Int) throws(CompressionError) -> EncodedChunk in
        let isAsked = options.bloomFilterColumns.contains(fields[index].name)
        return try ChunkEncoder(
          table.columns[index],
          rows: rows,
          options: options,
          hasBloomFilter: isAsked && fields[index].type.takesBloomFilter
        )
        .encode()
      }
      for index in encoded.indices {
        places.append(ChunkPlaces(pages: position + bytes.count))
        bytes += encoded[index].bytes
        encoded[index].bytes = []
      }
      chunks += encoded
      groups.append(rows.count)
    }
    position += bytes.count
    return bytes
  }

  /// The last bytes of the file: Bloom filters, page index and footer.
  public mutating func finish() -> [UInt8] {
    var bytes: [UInt8] = position == 0 ? ParquetWriter.magic : []
    let start = position + bytes.count
    func appending(_ part: [UInt8]) -> Range<Int> {
      let start = position + bytes.count
      bytes += part
      return start..<(start + part.count)
    }
    for index in chunks.indices {
      places[index].bloomFilter = chunks[index].bloomFilter.map { appending($0) }
    }
    // With one page a chunk the bounds of the chunk say as much.
    if options.writesPageIndex, chunks.contains(where: { $0.pages.count > 1 }) {
      for index in chunks.indices {
        let type = schema.fields[index % schema.fields.count].type.physicalType
        places[index].columnIndex =
          PageIndex.columnIndex(chunks[index].pages, type).map { appending($0) }
      }
      for index in chunks.indices {
        places[index].offsetIndex = appending(
          PageIndex.offsetIndex(chunks[index].pages, chunkOffset: places[index].pages)
        )
      }
    }
    let area = Array(bytes[(start - position)...])
    let footer = FooterSeal.sealing(footer(indexAt: start, area))
    bytes += footer
    for place in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: footer.count >> (8 * place))) }
    bytes += ParquetWriter.magic
    position += bytes.count
    return bytes
  }

  /// What is known of each column so far, in schema order.
  public var columns: [ColumnSummary] {
    schema.fields.indices.map { index in
      var bounds = ValueBounds.none
      var missingCount = 0
      for task in stride(from: index, to: chunks.count, by: schema.fields.count) {
        bounds = bounds.merging(chunks[task].bounds)
        missingCount += chunks[task].missingCount
      }
      let cells = bounds.cells(of: schema.fields[index].type)
      return ColumnSummary(
        minimum: cells.minimum,
        maximum: cells.maximum,
        missingCount: missingCount
      )
    }
  }

  private func footer(indexAt start: Int, _ area: [UInt8]) -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { file in
      file.int32(1, 1)
      file.list(2, of: ThriftType.structure, count: schema.fields.count + 1)
      file.structure { root in
        root.text(4, "schema")
        root.int32(5, schema.fields.count)
      }
      for field in schema.fields { file.structure { field.writeSchema(to: &$0) } }
      file.int64(3, groups.reduce(0, +))
      file.list(4, of: ThriftType.structure, count: groups.count)
      for group in groups.indices { file.structure { writeGroup(group, to: &$0) } }
      var pairs = options.keyValues
      if options.createdBy.hasPrefix(FooterSeal.writer) {
        if !area.isEmpty { pairs.append(FooterSeal.indexPair(start: start, area)) }
        pairs.append((FooterSeal.key, FooterSeal.blank))
      }
      if !pairs.isEmpty { file.list(5, of: ThriftType.structure, count: pairs.count) }
      for (key, value) in pairs {
        file.structure { pair in
          pair.text(1, key)
          pair.text(2, value)
        }
      }
      file.text(6, options.createdBy)
      // Bounds are ordered as the types say: signed numbers, texts by unsigned bytes.
      file.list(7, of: ThriftType.structure, count: schema.fields.count)
      for _ in schema.fields { file.structure { order in order.structure(1) { _ in } } }
    }
    return writer.bytes
  }

  private func writeGroup(_ group: Int, to writer: inout ThriftWriter) {
    let count = schema.fields.count
    let tasks = (group * count)..<((group + 1) * count)
    writer.list(1, of: ThriftType.structure, count: count)
    for (field, task) in zip(schema.fields, tasks) {
      writer.structure {
        chunks[task].writeMetadata(to: &$0, field, places[task], options.codec)
      }
    }
    writer.int64(2, tasks.reduce(0) { $0 + chunks[$1].contentByteCount })
    writer.int64(3, groups[group])
    let sorting = options.sortingColumns.compactMap { sorting in
      schema.index(of: sorting.column).map { ($0, sorting) }
    }
    if !sorting.isEmpty {
      writer.list(4, of: ThriftType.structure, count: sorting.count)
      for (index, sorting) in sorting {
        writer.structure { inner in
          inner.int32(1, index)
          inner.boolean(2, sorting.isDescending)
          inner.boolean(3, sorting.hasMissingFirst)
        }
      }
    }
    writer.int64(5, tasks.isEmpty ? 4 : places[tasks.lowerBound].pages)
    writer.int64(6, tasks.reduce(0) { $0 + chunks[$1].byteCount })
  }
}

extension ColumnType {
  /// Whether Bloom filters are written for cells of this type.
  fileprivate var takesBloomFilter: Bool { self == .text || self == .integer }
}
