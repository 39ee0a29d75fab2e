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
/// Optional fields, data pages of version 1, dictionaries, deltas or plain values, whichever is
/// smallest; page checksums and a checksum of the footer; bounds of chunks and pages.
///
/// - Determinism: equal cells and options give equal bytes, whatever the thread count and the
///   layout of text dictionaries.
/// - Source: Apache Parquet, "File Format", "Encodings" and "Page Index".
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
    var stream = ParquetStream(table.schema, options: options)
    var bytes = try stream.append(table)
    bytes += stream.finish()
    return EncodedParquet(bytes: bytes, columns: stream.columns)
  }

  /// The first and the last four bytes of a file.
  static let magic: [UInt8] = Array("PAR1".utf8)
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
