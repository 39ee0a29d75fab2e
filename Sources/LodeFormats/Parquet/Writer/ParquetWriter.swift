public import LodeColumns
internal import LodeRuntime

/// A table as a Parquet file.
public struct EncodedParquet: Sendable {
  /// The bytes of the file.
  public let bytes: [UInt8]
  /// What is known of each column, in schema order.
  public let columns: [ColumnSummary]
}

/// The bounds and the missing cells of a whole column.
public struct ColumnSummary: Sendable, Hashable {
  /// A value that no cell is below; missing if there is none.
  public let minimum: Cell
  /// A value that no cell is above; missing if there is none.
  public let maximum: Cell
  /// The number of missing cells.
  public let missingCount: Int
}

/// Writes flat tables as Parquet files that every reader takes.
///
/// Optional fields, data pages of version 1, dictionaries with a fall back to plain values, page
/// checksums, bounds in the footer.
///
/// - Determinism: equal cells and options give equal bytes, whatever the thread count and the
///   layout of text dictionaries.
/// - Source: Apache Parquet, "File Format" and "Encodings".
public enum ParquetWriter {
  /// The bytes of a file that holds the table.
  ///
  /// - Parameters:
  ///   - table: the cells.
  ///   - options: how to write them.
  /// - Returns: the file and what is known of its columns.
  /// - Throws: ``CompressionError`` when a codec fails.
  /// - Precondition: dates lie within 32 bits of days.
  public static func encode(
    _ table: Table,
    options: ParquetOptions = ParquetOptions()
  ) throws(CompressionError) -> EncodedParquet {
    precondition(options.rowsPerGroup > 0, "\(options.rowsPerGroup) rows per group")
    let columnCount = table.columns.count
    let groups = stride(from: 0, to: table.rowCount, by: options.rowsPerGroup)
      .map { $0..<min($0 + options.rowsPerGroup, table.rowCount) }
    let chunks = try Parallel.map(groups.count * columnCount) {
      (task: Int) throws(CompressionError) -> EncodedChunk in
      let column = table.columns[task % columnCount]
      return try ChunkEncoder(column, rows: groups[task / columnCount], options: options).encode()
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(chunks.reduce(4096) { $0 + $1.bytes.count })
    bytes += magic
    var offsets: [Int] = []
    for chunk in chunks {
      offsets.append(bytes.count)
      bytes += chunk.bytes
    }
    let footer = footer(table, options, groups: groups, chunks: chunks, offsets: offsets)
    bytes += footer
    for place in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: footer.count >> (8 * place))) }
    bytes += magic
    return EncodedParquet(bytes: bytes, columns: summaries(of: table, chunks))
  }

  /// The first and the last four bytes of a file.
  static let magic: [UInt8] = Array("PAR1".utf8)

  private static func summaries(of table: Table, _ chunks: [EncodedChunk]) -> [ColumnSummary] {
    table.schema.fields.indices.map { index in
      var bounds = ValueBounds.none
      var missingCount = 0
      for task in stride(from: index, to: chunks.count, by: table.columns.count) {
        bounds = bounds.merging(chunks[task].bounds)
        missingCount += chunks[task].missingCount
      }
      let type = table.schema.fields[index].type
      return ColumnSummary(
        minimum: bounds.cells(of: type).minimum,
        maximum: bounds.cells(of: type).maximum,
        missingCount: missingCount
      )
    }
  }

  private static func footer(
    _ table: Table,
    _ options: ParquetOptions,
    groups: [Range<Int>],
    chunks: [EncodedChunk],
    offsets: [Int]
  ) -> [UInt8] {
    let fields = table.schema.fields
    var writer = ThriftWriter()
    writer.structure { file in
      file.int32(1, 1)
      file.list(2, of: ThriftType.structure, count: fields.count + 1)
      file.structure { root in
        root.text(4, "schema")
        root.int32(5, fields.count)
      }
      for field in fields { file.structure { field.writeSchema(to: &$0) } }
      file.int64(3, table.rowCount)
      file.list(4, of: ThriftType.structure, count: groups.count)
      for (group, rows) in groups.enumerated() {
        let tasks = (group * fields.count)..<((group + 1) * fields.count)
        file.structure { inner in
          inner.list(1, of: ThriftType.structure, count: fields.count)
          for (field, task) in zip(fields, tasks) {
            inner.structure {
              chunks[task].writeMetadata(to: &$0, field, at: offsets[task], options)
            }
          }
          inner.int64(2, tasks.reduce(0) { $0 + chunks[$1].contentByteCount })
          inner.int64(3, rows.count)
          inner.int64(5, tasks.isEmpty ? 4 : offsets[tasks.lowerBound])
          inner.int64(6, tasks.reduce(0) { $0 + chunks[$1].bytes.count })
        }
      }
      if !options.keyValues.isEmpty {
        file.list(5, of: ThriftType.structure, count: options.keyValues.count)
        for (key, value) in options.keyValues {
          file.structure { pair in
            pair.text(1, key)
            pair.text(2, value)
          }
        }
      }
      file.text(6, options.createdBy)
      // Bounds are ordered as the types say: signed numbers, texts by unsigned bytes.
      file.list(7, of: ThriftType.structure, count: fields.count)
      for _ in fields { file.structure { order in order.structure(1) { _ in } } }
    }
    return writer.bytes
  }
}

extension EncodedChunk {
  /// Writes the column chunk's structure of the footer.
  func writeMetadata(
    to writer: inout ThriftWriter,
    _ field: Field,
    at offset: Int,
    _ options: ParquetOptions
  ) {
    let physicalType = field.type.physicalType
    let hasDictionary = dictionaryPageByteCount > 0
    var encodings = [PageEncoding.plain, .rle]
    if hasDictionary { encodings.append(.rleDictionary) }
    writer.int64(2, 0)
    writer.structure(3) { metadata in
      metadata.int32(1, physicalType.rawValue)
      metadata.list(2, of: ThriftType.int32, count: encodings.count)
      for encoding in encodings { metadata.element(encoding.rawValue) }
      metadata.list(3, of: ThriftType.binary, count: 1)
      metadata.element(Array(field.name.utf8))
      metadata.int32(4, PageCodec(options.compression).rawValue)
      metadata.int64(5, valueCount)
      metadata.int64(6, contentByteCount)
      metadata.int64(7, bytes.count)
      metadata.int64(9, offset + dictionaryPageByteCount)
      if hasDictionary { metadata.int64(11, offset) }
      metadata.structure(12) {
        bounds.statistics(missingCount: missingCount, physicalType: physicalType).write(to: &$0)
      }
    }
  }
}

extension ColumnType {
  /// The physical type that cells of this type are written as.
  var physicalType: PhysicalType {
    switch self {
    case .integer, .decimal, .timestamp: .int64
    case .double: .double
    case .boolean: .boolean
    case .text: .byteArray
    case .date: .int32
    }
  }
}

extension Field {
  /// Writes the field's node of the schema, with the converted type for old readers.
  func writeSchema(to writer: inout ThriftWriter) {
    writer.int32(1, type.physicalType.rawValue)
    writer.int32(3, 1)
    writer.text(4, name)
    switch type {
    case .integer, .double, .boolean: break
    case .text:
      writer.int32(6, 0)
      writer.structure(10) { union in union.structure(1) { _ in } }
    case .decimal(let precision, let scale):
      writer.int32(6, 5)
      writer.int32(7, scale)
      writer.int32(8, precision)
      writer.structure(10) { union in
        union.structure(5) { decimal in
          decimal.int32(1, scale)
          decimal.int32(2, precision)
        }
      }
    case .date:
      writer.int32(6, 6)
      writer.structure(10) { union in union.structure(6) { _ in } }
    case .timestamp:
      writer.int32(6, 10)
      writer.structure(10) { union in
        union.structure(8) { timestamp in
          timestamp.boolean(1, true)
          timestamp.structure(2) { unit in unit.structure(2) { _ in } }
        }
      }
    }
  }
}

extension ValueBounds {
  /// The bounds as cells of a type; texts cut to the length of bounds.
  func cells(of type: ColumnType) -> (minimum: Cell, maximum: Cell) {
    func cell(_ number: Int64) -> Cell {
      switch type {
      case .decimal(_, let scale): .decimal(number, scale: scale)
      case .date: .date(CivilDate(daysSinceEpoch: Int(number)))
      case .timestamp: .timestamp(Timestamp(microseconds: number))
      default: .integer(number)
      }
    }
    switch self {
    case .none: return (.missing, .missing)
    case .integers(let least, let greatest): return (cell(least), cell(greatest))
    case .doubles(let least, let greatest): return (.double(least), .double(greatest))
    case .booleans(let least, let greatest): return (.boolean(least), .boolean(greatest))
    case .texts(let least, let greatest):
      let maximum = TextBound.upper(greatest).map { Cell.text(String(decoding: $0, as: UTF8.self)) }
      return (.text(String(decoding: TextBound.lower(least), as: UTF8.self)), maximum ?? .missing)
    }
  }
}
